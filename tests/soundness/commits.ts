import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Changes } from "./prove.ts";

/** The commits of a clone along its first parents, oldest first, each beside the one before it. */
export async function commitsOf(repository: string, { at, skip, most }: { at: string; skip: number; most: number }): Promise<Changes> {
  const args = ["-C", repository, "log", "--first-parent", "--format=%H %P", `--skip=${skip}`, `--max-count=${most}`, at];
  const { stdout } = await promisify(execFile)("git", args, { maxBuffer: 64 * 2 ** 20 });
  const lines = stdout.split("\n").filter((line) => line !== "");
  const list = lines.toReversed().flatMap((line) => {
    const [head = "", base] = line.split(" ");
    return base === undefined ? [] : [{ name: head.slice(0, 10), base, head }];
  });
  return { repository, list };
}
