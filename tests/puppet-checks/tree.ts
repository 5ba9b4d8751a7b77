import type { Unplaced } from "../../src/catalog/finding.ts";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../src/process/run.ts";
import { openSandbox } from "../../src/puppet/sandbox.ts";
import { environmentFolder } from "../../src/puppet/tree.ts";
import { type ExportedTree, pathBytes } from "../../src/puppet/tree-files.ts";

/** A file's content; `link` makes a symlink, as `Repository.export` writes one. */
export type Content = string | Buffer | { link: string };

/** Writes files, by their paths as git quotes them, into a folder, and opens a sandbox over it as a check does with an exported tree. */
export async function withFiles<T>(files: Record<string, Content>, use: (tree: ExportedTree) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-checks-"));
  try {
    for (const [path, content] of Object.entries(files)) await write(folder, path, content);
    const root = environmentFolder("production");
    const sandbox = await openSandbox([{ folder, at: root }]);
    return await use({ sandbox, root, folder, layout: { name: "production", modulepath: [], manifest: "manifests" } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(folder: string, path: string, content: Content): Promise<void> {
  const bytes = pathBytes(path);
  if (bytes === null) throw new Error(`${path} is not quoted as git does`);
  await mkdir(join(folder, ...path.replace(/^"/, "").split("/").slice(0, -1)), { recursive: true });
  const target = Buffer.concat([Buffer.from(`${folder}/`), bytes]);
  if (typeof content === "object" && "link" in content) await symlink(content.link, target);
  else await writeFile(target, content);
}

/** A finding in one line: `error 3:1 CODE message`. */
export const line = ({ severity, line: at, column, code, message }: Unplaced): string =>
  `${severity} ${at ?? "-"}:${column ?? "-"} ${code} ${message}`;

/** What Ruby prints, run on this machine without a sandbox: for what is ours, and for what must do no harm even so. */
export async function ruby(args: readonly string[], input: string): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8" };
  const result = await run({ file: "ruby", args, input, env, cwd: tmpdir(), seconds: 60, outputBytes: 1024 * 1024 });
  if (!result.ok) throw new Error(`ruby failed: ${result.stderr}`);
  return result.stdout.toString("utf8");
}
