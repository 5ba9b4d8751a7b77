import { createHash } from "node:crypto";
import { type Place, git, requireObjectId } from "./git.ts";

/**
 * SHA-256 of the patch between two commits, with three lines of context and without the places and object ids in it: equal for one patch
 * on two bases. Null where nothing differs. It is not `git patch-id`, which passes over blanks: in YAML and Python they mean something.
 */
export async function patchId(place: Place, from: string, to: string): Promise<string | null> {
  const what = ["-r", "-p", "-U3", "--inter-hunk-context=0", "--text", "--full-index", "--no-renames", "--submodule=short"];
  const safety = ["--no-color", "--no-ext-diff", "--no-textconv", "--diff-algorithm=default", "--src-prefix=a/", "--dst-prefix=b/"];
  const ends = [requireObjectId(from), requireObjectId(to)];
  const { stdout } = await git(place, ["diff-tree", ...what, ...safety, "--end-of-options", ...ends]);
  if (stdout.length === 0) return null;
  const hash = createHash("sha256");
  for (let at = 0; at < stdout.length;) {
    const newline = stdout.indexOf(NEWLINE, at);
    const end = newline === -1 ? stdout.length : newline + 1;
    // Lines of content begin with a blank, plus, minus or backslash, so that none can pass for one of these.
    const isHunk = stdout[at] === AT;
    const isIndex = stdout[at] === LETTER_I && stdout.subarray(at, at + 6).equals(INDEX);
    if (isHunk) hash.update("@@\n");
    else if (!isIndex) hash.update(stdout.subarray(at, end));
    at = end;
  }
  return hash.digest("hex");
}

const NEWLINE = 10;
const AT = 64;
const LETTER_I = 105;
const INDEX = Buffer.from("index ");
