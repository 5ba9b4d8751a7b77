import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";

import { Problem } from "../problem.ts";
import { besides, type Code, codeFolder } from "./code-folder.ts";
import type { Mount } from "./sandbox.ts";

/** What the sandbox itself is made of: nothing stands in for it, or for a part of it. */
const reserved = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/dev", "/proc", "/sys", "/tmp", "/run", "/gate"];
const reservedInside = [
  "/etc/passwd",
  "/etc/group",
  "/etc/os-release",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/opt/puppetlabs/puppet",
  "/var/lib/gems",
  `${codeFolder}/environments`,
];

/**
 * Writes files by the absolute paths that a server has them at. Those below the code folder go into it; for the others, gives the mounts that
 * show them there: the topmost folders that hold nothing else of the sandbox. Throws a Problem for a path that is the sandbox's or the
 * tree's own.
 */
export async function writeStandIns(
  code: Code,
  files: ReadonlyArray<{ path: string; content: Buffer }>,
  taken: readonly string[],
): Promise<{ folders: string[]; mounts: Mount[] }> {
  const own = [...reserved, ...reservedInside, ...taken];
  const tops = new Set<string>();
  for (const { path, content } of files) {
    const clash = own.find((each) => path === each || path.startsWith(`${each}/`));
    if (clash !== undefined || posix.normalize(path) !== path || !path.startsWith("/")) throw notThere(path, clash ?? path);
    tops.add(topOf(path, own));
    const file = placeOf(code, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const folders = [...tops].sort();
  return { folders, mounts: folders.filter((at) => !isCode(at)).map((at) => ({ folder: placeOf(code, at), at })) };
}

const isCode = (path: string): boolean => path.startsWith(`${codeFolder}/`);

const placeOf = (code: Code, path: string): string =>
  isCode(path) ? join(code.path, path.slice(codeFolder.length)) : join(besides(code), path);

/** The first part of a path that nothing of the sandbox lies below. */
function topOf(path: string, own: readonly string[]): string {
  const names = path.split("/").slice(1);
  let top = "";
  for (const name of names) {
    top = `${top}/${name}`;
    if (!own.some((each) => each.startsWith(`${top}/`))) break;
  }
  return top;
}

const notThere = (path: string, own: string): Problem =>
  new Problem({
    code: "stand-in-not-there",
    text: `A stand-in for ${path} can't be put there: ${own} belongs to the sandbox or to the tree itself.`,
    hint: "Take it out of the folder of stand-ins; what lies in the tree needs none.",
  });
