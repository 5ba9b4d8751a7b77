import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Known, known, unknown } from "../policy/known.ts";
import { run } from "../process/run.ts";
import { type Deployed, deployFiles, largestDeployFile, readDeployFile } from "./deploy-file.ts";
import { endedBadly, lastWords } from "./ended-badly.ts";
import { reasonOf } from "./folder.ts";
import { g10kModules } from "./g10k-modules.ts";
import { type Compiler, forEnvironment } from "./site-schema.ts";

/** What one compiler's deploy files say of an environment. Unknown where it does not answer. */
export const deployedOn = (compiler: Compiler, environment: string): Promise<Known<Deployed>> =>
  compiler.served.kind === "folder"
    ? deployedIn(forEnvironment(compiler.served.folder, environment))
    : deployedBy(
        compiler,
        compiler.served.command.map((each) => forEnvironment(each, environment)),
      );

async function deployedIn(folder: string): Promise<Known<Deployed>> {
  const said: Array<{ file: string; deployed: Deployed }> = [];
  for (const file of deployFiles) {
    const content = await contentOf(join(folder, file));
    if (!content.known) return content;
    if (content.value !== null) said.push({ file, deployed: readDeployFile(content.value) });
  }
  const [first, second] = said;
  if (first === undefined) return known(readDeployFile(""));
  if (second !== undefined && (first.deployed.commit === null || first.deployed.commit !== second.deployed.commit)) {
    const each = said.map(({ file, deployed: { commit, why } }) => `${file} says ${commit ?? why ?? ""}`);
    return known({ commit: null, why: `${each.join(", and ")}; remove the one whose tool is not used`, modules: null });
  }
  const { deployed } = first;
  return deployed.modules === null ? known({ ...deployed, modules: await g10kModules(join(folder, "modules")) }) : known(deployed);
}

/** Null where there is none. What is no regular file is not read: a pipe would be waited for. */
async function contentOf(path: string): Promise<Known<string | null>> {
  try {
    // oxlint-disable-next-line no-bitwise -- flags of open(2)
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stats = await file.stat();
      // Another text than any tool writes is told as such.
      if (!stats.isFile() || stats.size > largestDeployFile) return known("no deploy file");
      return known(await file.readFile("utf8"));
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return known(null);
    if (code === "ELOOP") return known("no deploy file");
    return unknown(`${path} can't be read: ${reasonOf(error)}`);
  }
}

/** It is asked every minute: who takes longer does not answer. */
const seconds = 50;

/** As `cat` ends, also at the other end of ssh, where there is no such file. */
const none = 1;

async function deployedBy({ variables }: Compiler, [file = "", ...args]: readonly string[]): Promise<Known<Deployed>> {
  const result = await run({ file, args, env: variables, cwd: "/", seconds, outputBytes: largestDeployFile });
  if (result.exitCode === none) return known({ commit: null, why: `there is no deploy file${lastWords(result.stderr)}`, modules: null });
  const failed = endedBadly(basename(file), result, seconds);
  return failed === null ? known(readDeployFile(result.stdout.toString())) : unknown(failed);
}
