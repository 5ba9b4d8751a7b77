import { git } from "./git.ts";
import { findSource } from "./source.ts";
import { requireGit } from "./version.ts";

/** The address of a clone's remote `origin`, as its configuration has it; null where it has none. Throws a Problem where there is no clone. */
export async function originOf(folder: string): Promise<string | null> {
  await requireGit();
  const source = await findSource(folder);
  const { exitCode, stdout } = await git(source, ["config", "--get", "remote.origin.url"], { answers: [0, 1] });
  return exitCode === 0 ? stdout.toString().trim() : null;
}

/**
 * `OWNER/NAME` of a remote's address at a forge whose pages are at `html`: `https://HOST/OWNER/NAME.git`, `ssh://git@HOST/OWNER/NAME.git` or
 * `git@HOST:OWNER/NAME.git`. Null for any other.
 */
export function repositoryAt(address: string, html: string): string | null {
  const { host, hostname } = new URL(html);
  const short = /^(?:[^@/]+@)?([^:/]+):(?!\/)(.+)$/u.exec(address);
  const url = short === null && URL.canParse(address) ? new URL(address) : null;
  const at = short === null ? url?.host : short[1];
  const isThere = at === host || (url?.protocol === "ssh:" && url.hostname === hostname);
  const [, owner, name] = /^\/?([\w-]+)\/([\w.-]+?)(?:\.git)?\/?$/u.exec(short?.[2] ?? url?.pathname ?? "") ?? [];
  return isThere && owner !== undefined && name !== undefined ? `${owner}/${name}` : null;
}
