import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../problem.ts";
import { gitEnvironment } from "./environment.ts";
import { git, type Place } from "./git.ts";
import { pushCommit } from "./land.ts";
import { isRefName } from "./ref-name.ts";
import { type Credentials, checkUrl, remoteEnvironment, remoteFailure, secretsOf } from "./remote.ts";
import { makeRepository } from "./scratch.ts";

export interface CheckpointBranch {
  /** `https://HOST/OWNER/NAME.git`, without user and password. */
  url: string;
  branch: string;
  /** A folder of its own. */
  folder: string;
  credentials: Credentials;
}

/** As `--force-with-lease` has a branch that is not there. */
const nowhere = "0".repeat(40);

/**
 * A branch of another repository with the log's newest checkpoint in the file `checkpoint`: each is a commit on top of the one before, and the branch is moved from
 * there alone, so that its history has all of them. Throws a Problem where the remote can't be reached, or moved it meanwhile.
 */
export function checkpointBranch({ url, branch, folder, credentials }: CheckpointBranch): {
  name: string;
  read(): Promise<string | null>;
  publish(publication: { note: string; size: number }): Promise<void>;
} {
  checkUrl(url);
  const ref = `refs/heads/${branch}`;
  if (!isRefName(ref)) throw new TypeError(`${JSON.stringify(branch)} is no branch`);
  const place: Place = { env: { ...gitEnvironment(), GIT_DIR: folder }, cwd: folder };
  const ask = async (args: readonly string[]): Promise<string> => {
    const token = await credentials();
    const result = await git({ ...place, env: remoteEnvironment({ url, gitDir: folder, token }) }, args, {
      seconds: 120,
      answers: [0, 1, 128],
      secrets: secretsOf(token),
    });
    if (result.exitCode === 0) return result.stdout.toString();
    throw remoteFailure(url, result.stderr) ?? unclear(url, branch, `git ended with ${result.exitCode}`);
  };
  const run = async (args: readonly string[], input = "", env = place.env): Promise<string> =>
    (await git({ ...place, env }, args, { input })).stdout.toString().trim();
  const tipOf = async (): Promise<string | null> => {
    if (!existsSync(join(folder, "HEAD"))) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await makeRepository(folder, "sha1");
    }
    const [, tip = null] = /^([0-9a-f]{40})\t/u.exec(await ask(["ls-remote", "--end-of-options", url, ref])) ?? [];
    if (tip !== null)
      await ask(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--end-of-options", url, `+${tip}:refs/kept/tip`]);
    return tip;
  };
  return {
    name: `${url}#${branch}`,
    read: async () => {
      const tip = await tipOf();
      if (tip === null || (await run(["ls-tree", tip, "checkpoint"])) === "") return null;
      return (await git(place, ["cat-file", "blob", `${tip}:checkpoint`])).stdout.toString();
    },
    publish: async ({ note, size }) => {
      const tip = await tipOf();
      const blob = await run(["hash-object", "-w", "--stdin"], note);
      const tree = await run(["mktree"], `100644 blob ${blob}\tcheckpoint\n`);
      const who = { NAME: "puppet-gate", EMAIL: "puppet-gate@localhost" };
      const env = {
        ...place.env,
        ...Object.fromEntries(
          Object.entries(who).flatMap(([name, value]) => [
            [`GIT_AUTHOR_${name}`, value],
            [`GIT_COMMITTER_${name}`, value],
          ]),
        ),
      };
      const parents = tip === null ? [] : ["-p", tip];
      const commit = await run(["commit-tree", ...parents, "-F", "-", tree], `The ledger at ${size} entries\n`, env);
      const token = await credentials();
      const sender = { ...place, env: remoteEnvironment({ url, gitDir: folder, token }) };
      const pushed = await pushCommit(sender, { url, ref, expected: tip ?? nowhere, commit, secrets: secretsOf(token) });
      if (pushed.kind !== "merged") throw unclear(url, branch, pushed.text);
    },
  };
}

const unclear = (url: string, branch: string, why: string): Problem =>
  new Problem({
    code: "ledger-place",
    text: `The branch ${branch} of ${url} did not take the checkpoint: ${why}.`,
    hint: "See that the gate may write to that branch, and that nobody else does.",
  });
