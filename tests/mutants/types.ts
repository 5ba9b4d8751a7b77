import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./places.ts";
import { root, sourceOf } from "./sources.ts";
import { withMutant } from "./weave.ts";

/**
 * Which mutants the type checker refuses: nobody could deliver them, so they are not viable. It looks at many at once, one of each file. What one
 * breaks shows in its own file; but where it is in a file whose types others infer (a schema) it may show elsewhere, and then each is looked at alone.
 */
export async function refused(folder: string, mutants: readonly Mutant[], said: (text: string) => void): Promise<Set<number>> {
  const copy = join(folder, "types");
  // Whoever infers a type from a schema of the policy is in one of these.
  layOut(copy, [...new Set(["gate", ...mutants.map(({ file }) => file.split("/")[0] ?? "")])]);
  const wrongWith = async (batch: readonly Mutant[]): Promise<Set<string>> => {
    for (const mutant of batch) writeFileSync(join(copy, "src", mutant.file), withMutant(sourceOf(mutant.file), mutant));
    const wrong = await filesWithErrors(copy);
    for (const { file } of batch) writeFileSync(join(copy, "src", file), sourceOf(file));
    return wrong;
  };
  const bad = new Set<number>();
  const batches = inBatches(mutants);
  for (const [n, batch] of batches.entries()) {
    const wrong = await wrongWith(batch);
    const own = new Set(batch.map(({ file }) => file));
    const isElsewhere = [...wrong].some((file) => !own.has(file));
    for (const mutant of batch) {
      const isBad = wrong.has(mutant.file) || (isElsewhere && isSchema(mutant.file) && (await wrongWith([mutant])).size > 0);
      if (isBad) bad.add(mutant.id);
    }
    if (n % 20 === 0) said(`types: ${n} of ${batches.length}`);
  }
  return bad;
}

/** One mutant of each file in each. */
function inBatches(mutants: readonly Mutant[]): Mutant[][] {
  const byFile = [...Map.groupBy(mutants, ({ file }) => file).values()];
  const most = Math.max(0, ...byFile.map(({ length }) => length));
  return Array.from({ length: most }, (_, n) => byFile.flatMap((own) => own.slice(n, n + 1)));
}

const isSchema = (file: string): boolean => sourceOf(file).includes(`from "zod"`);

function layOut(copy: string, rooms: readonly string[]): void {
  mkdirSync(copy, { recursive: true });
  cpSync(join(root, "src"), join(copy, "src"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const settings = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as object;
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify({ ...settings, include: rooms.map((room) => `src/${room}`) }));
  writeFileSync(join(copy, "package.json"), readFileSync(join(root, "package.json")));
}

/** Below `src/`. */
function filesWithErrors(copy: string): Promise<Set<string>> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [tsc, "--noEmit", "--singleThreaded", "-p", copy], { cwd: copy, maxBuffer: 2 ** 26 }, (error, stdout) => {
      const files = new Set([...stdout.matchAll(/^src\/(?<file>[^(]+)\(\d+,\d+\): error/gmu)].map(({ groups }) => groups?.["file"] ?? ""));
      if (error !== null && files.size === 0) reject(new Error(`tsc failed and named no file: ${stdout.slice(0, 300)}`));
      else resolve(files);
    });
  });
}
