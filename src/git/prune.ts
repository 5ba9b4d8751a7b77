import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { gitEnvironment } from "./environment.ts";
import { git, type Place } from "./git.ts";
import { oneAtATime } from "./mirror.ts";

/**
 * Lets go of what a mirror keeps for changes that are not open any more: their refs, each a line that every fetch reads. The commits stay
 * as long as something else has them, so that whoever works with one still finds it. Gives how many refs went; 0 where there is no mirror.
 */
export async function pruneMirror(folder: string, open: ReadonlySet<number>): Promise<number> {
  const gitDir = resolve(folder);
  if (!existsSync(join(gitDir, "HEAD"))) return 0;
  const place: Place = { env: { ...gitEnvironment(), GIT_DIR: gitDir }, cwd: gitDir };
  return oneAtATime(gitDir, async () => {
    const { stdout } = await git(place, ["for-each-ref", "--format=%(refname)", "refs/puppet-gate/"]);
    const gone = stdout
      .toString()
      .split("\n")
      .filter((ref) => ref !== "" && !open.has(Number(ref.split("/")[2])));
    if (gone.length > 0) await git(place, ["update-ref", "--stdin"], { input: gone.map((ref) => `delete ${ref}\n`).join("") });
    return gone.length;
  });
}
