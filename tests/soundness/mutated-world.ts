import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Edit, mutationsOf } from "./mutations.ts";
import type { Changes } from "./prove.ts";

const world = fileURLToPath(new URL("world", import.meta.url));

/** A repository of the small world in a folder, with a commit for each of so many mutations (0: all), taken evenly from all kinds. */
export async function mutatedWorld(folder: string, most: number): Promise<Changes> {
  const files = await readWorld();
  const all = mutationsOf(files);
  const step = most === 0 || most >= all.length ? 1 : all.length / most;
  const chosen = Array.from({ length: Math.floor(all.length / step) }, (_, at) => all[Math.floor(at * step)]).filter(
    (each) => each !== undefined,
  );
  const repository = join(folder, "world");
  await promisify(execFile)("git", ["init", "-q", "--bare", "-b", "main", repository]);
  const base = [...files].map(([path, text]): [string, Edit] => [path, { text }]);
  const stream = [commit("main", null, base), ...chosen.map(({ edits }, at) => commit(`m${at}`, "refs/heads/main", [...edits]))];
  const git = spawn("git", ["-C", repository, "fast-import", "--quiet"], { stdio: ["pipe", "ignore", "inherit"] });
  git.stdin.end(stream.join(""));
  const [code] = (await once(git, "close")) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  return { repository, list: chosen.map(({ name }, at) => ({ name, base: "main", head: `m${at}` })) };
}

async function readWorld(): Promise<Map<string, string>> {
  const entries = (await readdir(world, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(world, join(entry.parentPath, entry.name))).sort();
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(world, path), "utf8")] as const)));
}

/** In the words of git's fast-import. */
function commit(branch: string, from: string | null, edits: ReadonlyArray<[string, Edit]>): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const changes = edits.map(([path, edit]) =>
    edit === null ? `D ${path}\n` : `M ${edit.link === true ? "120000" : "100644"} inline ${path}\n${data(edit.text)}`,
  );
  const lines = [`commit refs/heads/${branch}\n`, "committer Soundness <soundness@example.com> 1700000000 +0000\n", data(branch)];
  return [...lines, ...(from === null ? [] : [`from ${from}\n`]), ...changes, "\n"].join("");
}
