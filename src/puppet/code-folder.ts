import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { temporaryFolder } from "../process/temporary.ts";

/** Where a Puppet server has its environments and modules, and where a sandbox sees the one tree that is its own. */
export const codeFolder = "/etc/puppetlabs/code";

/** A folder of this machine that one sandbox alone sees as its `codeFolder`. It may be filled after programs have begun to run there. */
export interface Code {
  path: string;
  remove(): Promise<void>;
}

export async function makeCode(): Promise<Code> {
  const { path, remove } = await temporaryFolder("tree");
  const code = join(path, "code");
  await mkdir(code, { mode: 0o755 });
  return { path: code, remove };
}

/** Where files go that the sandbox sees elsewhere than in its `codeFolder`. They are removed with it. */
export const besides = ({ path }: Code): string => join(dirname(path), "besides");
