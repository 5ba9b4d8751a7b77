import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Config } from "../../src/config.ts";
import type { Judge } from "../../src/engine/ports/judge.ts";
import type { Prediction, RolloutJudge, RolloutSite } from "../../src/engine/ports/rollout.ts";
import { startServer } from "../../src/main.ts";
import { known } from "../../src/policy/known.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import type { Run } from "../../src/rollout/runs.ts";
import { member } from "../engine/rollout/world.ts";
import { checked } from "../gate/world.ts";
import { lanesNamed } from "../rollout/world.ts";

/** What agents told, and at what the process is to be killed: a file, for whoever is started next finds it as it was. */
export interface Told {
  /** Milliseconds that the gate's clock is ahead. */
  ahead: number;
  runs: Run[];
  /** `seen`: while it learns what agents told; `kept`: once the decision is kept, and nothing was told. */
  dies: "seen" | "kept" | null;
}
export const certnames = ["canary1", "web1"];
export const lanes = lanesNamed("canary", "rest").map((lane) => ({ ...lane, bakeMinutes: 0 }));

/** A whole server in a process of its own, with lanes, to be killed. Says its address; each line that it gets asks to be told when nothing is left to do. */
async function main(argument: string): Promise<void> {
  const { config, folder, file, repository } = JSON.parse(argument) as { config: Config; folder: string; file: string; repository: string };
  const git = async (...args: string[]): Promise<string> => (await promisify(execFile)("git", ["-C", folder, ...args])).stdout.trim();
  const told = (): Told => JSON.parse(readFileSync(file, "utf8")) as Told;
  const now = (): Date => new Date(Date.now() + told().ahead);
  const die = (at: Told["dies"]): void => {
    if (told().dies === at) process.kill(process.pid, "SIGKILL");
  };
  const judge: Judge = async ({ base, head }) => {
    const tree = await git("merge-tree", "--write-tree", base.sha, head);
    return { ...checked({ base: { ref: base.ref, sha: base.sha }, head: { ref: "head", sha: head }, tree }), paths: [] };
  };
  const site: RolloutSite = {
    repository,
    assign: null,
    compilers: {
      deploy: async () => [],
      served: async (environment) =>
        known([{ compiler: "puppet1", commit: await git("rev-parse", `refs/heads/${environment}`), why: null, modules: [] }]),
    },
    reports: {
      since: async (environment, since) => {
        die("seen");
        const runs = told().runs.filter((run) => run.environment === environment && run.producedAt > since);
        return known({ runs, active: new Set(certnames), now: now().getTime(), unread: new Map() });
      },
    },
  };
  const prediction: Prediction = { classes: [{ name: "class", certnames, touched: ["Service[nginx]"] }] };
  const policy = { ...defaultPolicy, lanes, rollout: { ...defaultPolicy.rollout, runMinutes: 5 } };
  const rolls: RolloutJudge = {
    survey: async () => ({ policy, policyDigest: "digest", members: certnames.map(member) }),
    predict: async () => prediction,
  };
  const server = await startServer(config, {
    judge,
    rollout: { site, judge: rolls },
    throttled: false,
    delays: [0.1, 0.1, 0.1, 0.1, 0.1],
    leaseSeconds: 1,
    now,
    log: { write: (line) => (line.includes('"rollout: halted"') ? die("kept") : undefined) },
  });
  process.stdout.write(`${server.url}\n`);
  for await (const chunk of process.stdin) {
    if (!String(chunk).includes("\n")) continue;
    await server.settled();
    process.stdout.write("\n");
  }
  await server.close();
}

if (process.argv[1] === import.meta.filename) await main(process.argv[2] ?? "");
