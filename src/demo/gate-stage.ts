import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { startServer } from "../main.ts";
import { run } from "../process/run.ts";
import { statusLines } from "../rollout/status-words.ts";
import type { RolloutStatus } from "../rollout/status.ts";
import type { ControlRepo } from "./control-repo/make.ts";
import { sampleNodes } from "./control-repo/fleet.ts";
import { ownTree } from "./control-repo/sources.ts";
import { createGitHub, type GitHub } from "./github/github.ts";
import type { Repo } from "./github/state.ts";
import { declarationInSample } from "./declarations.ts";
import { type Agent, type Behaviour, runAgents } from "./rollout-agents.ts";
import { writeSiteFile } from "./site-file.ts";

/**
 * A GitHub with the sample control repo and its people, the gate behind it as `puppet-gate serve` starts it, two compilers, and a fleet of agents. The gate's
 * clock, the agents' and GitHub's can be put ahead, so that an hour of a rollout is a few seconds here.
 */
export interface GateStage {
  github: GitHub;
  repo: Repo;
  name: string;
  /** What agents do from now on. */
  behave(behaviour: Behaviour): void;
  /** Where its pages are. */
  url: string;
  /** The gate looks every four minutes, and every agent runs in each quarter of an hour, until something is so; gives the minutes that it took. */
  passUntil(
    isSo: (status: RolloutStatus) => boolean,
    options: { most: number; signal: AbortSignal; onMinutes?: (minutes: number) => void },
  ): Promise<number>;
  /** Where each release is. */
  status(): Promise<RolloutStatus>;
  /** How many machines each lane has, in the lanes' order. */
  machines: readonly { lane: string; environment: string; machines: number }[];
  /** Everything that was sent is delivered, and everything that follows from it is done. */
  quiet(): Promise<void>;
  /** What was recorded so far is signed. */
  signed(): Promise<void>;
  close(): Promise<void>;
}

const organization = "tonearm";
const name = `${organization}/control`;
/** The owners of services that the sample's policy names. */
const teams = ["playlist", "web", "search", "metadata", "storage", "operations", "ads"];
/** None of them needs write access to land a change, but an approval counts only from somebody who has it. */
const people = { dagny: "write", emeka: "write", farah: "write", greta: "admin" } as const;
/** What people merge into. Machines have the lanes' branches, of which the last is `production`. */
export const base = "main";
const minute = 60_000;
/** Minutes between two looks. After more than five of them the gate would say that it did not see what happened between. */
const step = 4;

export const policyPath = ".github/puppet-gate.yml";
/** The sample's policy, with lanes. */
export const policyText = (): string => `${ownTree().get(policyPath)?.content.toString() ?? ""}
# One machine of each service in London first, then a datacentre, then all that are left.
lanes:
  - { name: canary, members: { certnames: ["*1.lon.tonearm.example"] }, bake_minutes: 30, runs_per_node: 2 }
  - { name: ash, members: { datacentres: [ash] }, bake_minutes: 15, runs_per_node: 1 }
  - { name: rest, bake_minutes: 15, runs_per_node: 1 }
rollout: { run_minutes: 15 }
`;

const lanes = [
  { lane: "canary", environment: "production_canary" },
  { lane: "ash", environment: "production_ash" },
  { lane: "rest", environment: "production" },
];

const agents: readonly Agent[] = sampleNodes().map(({ certname, datacentre }) => ({
  certname,
  environment: certname.endsWith("1.lon.tonearm.example") ? "production_canary" : datacentre === "ash" ? "production_ash" : "production",
}));

/** The App as it is registered with GitHub: what `app.yml` asks for is what it gets here. */
const manifestSchema = z.object({
  name: z.string(),
  default_permissions: z.record(z.string(), z.enum(["read", "write"])),
  default_events: z.array(z.string()),
});

/** @param dataFolder where the gate keeps its database, and with it the ledger: it outlives the folder of everything else */
export async function openGateStage(folder: string, dataFolder: string, sample: ControlRepo): Promise<GateStage> {
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead);
  const github = await createGitHub({ folder: join(folder, "github"), now, tokenClock: () => new Date() });
  const { origin } = await github.listen();
  try {
    for (const login of Object.keys(people)) github.user(login, { emails: [`${login}@tonearm.example`] });
    github.organization(organization);
    for (const team of teams) github.team(`${organization}/${team}`, { members: ["dagny"] });
    const repo = await github.repository(name, { from: sample.folder, defaultBranch: sample.base });
    for (const [login, permission] of Object.entries(people)) github.collaborator(name, login, permission);
    await branchIntoLanes(github, repo, sample);
    const manifest = manifestSchema.parse(parse(await readFile(join(import.meta.dirname, "..", "..", "app.yml"), "utf8")));
    const webhookSecret = randomBytes(16).toString("hex");
    const app = github.app({
      name: manifest.name,
      owner: organization,
      permissions: manifest.default_permissions,
      events: manifest.default_events,
      webhookSecret,
    });
    github.install(app, { on: organization });
    const { token } = github.as("greta");
    const url = `${origin}/${name}.git`.replace("://", `://x-access-token:${token}@`);
    const site = await writeSiteFile(folder, { repository: name, url });
    for (const { environment } of lanes) await site.deploy(environment);
    let behaviour: Behaviour = () => ({ changed: [], failed: [] });
    const runAll = (): Promise<void> => runAgents(agents, { ...site, at: now(), behaviour, declaration: declarationInSample });
    await runAll();
    const server = await startServer(
      {
        app: { id: app.id, privateKey: app.privateKey },
        webhookSecret,
        host: "127.0.0.1",
        port: 0,
        dataFolder,
        pages: { kind: "local" },
        rollout: site.file,
        // What `serve` does unless it is told otherwise.
        cache: { kind: "folder", folder: join(folder, "compiles"), limit: 2 ** 31 },
        warm: { spares: 2, bases: 2, minutes: 30 },
        github: { api: `${origin}/api/v3`, html: origin },
        organisationPolicy: "auto",
        logLevel: "error",
      },
      // The stand-in is ours: nobody asks for a second between two writes.
      { throttled: false, now },
    );
    github.webhooks(app, `${server.url}/api/github/webhooks`);
    const quiet = async (): Promise<void> => {
      // What the gate writes causes deliveries of its own, so the second look is for those.
      for (let look = 0; look < 2; look += 1) {
        await github.settled();
        await server.settled();
      }
    };
    let passed = 0;
    const status = async (): Promise<RolloutStatus> => {
      const found = await server.rollout(repo.id);
      if (found === null) throw new Error("nothing was rolled out");
      return found;
    };
    return {
      github,
      repo,
      name,
      url: server.url,
      quiet,
      behave: (next) => {
        behaviour = next;
      },
      passUntil: async (isSo, { most, signal, onMinutes }) => {
        const from = passed;
        do {
          signal.throwIfAborted();
          if (passed - from >= most) throw new Error(`after ${most} minutes it is not so yet: ${statusLines(await status()).join("; ")}`);
          onMinutes?.(passed - from);
          if (passed % (4 * step) === 0) await runAll();
          await server.look();
          await quiet();
          passed += step;
          ahead += step * minute;
        } while (!isSo(await status()));
        // What it came to is told to people before anybody looks.
        await server.look();
        await quiet();
        return passed - from;
      },
      status,
      signed: () => server.sign(),
      machines: lanes.map((lane) => ({ ...lane, machines: agents.filter(({ environment }) => environment === lane.environment).length })),
      close: async () => {
        await server.close();
        await github.close();
      },
    };
  } catch (error) {
    await github.close();
    throw error;
  }
}

/** All lanes at one commit, as `puppet-gate init lanes` leaves them: no machine gets other code by it. */
async function branchIntoLanes(github: GitHub, repo: Repo, sample: ControlRepo): Promise<void> {
  const greta = github.as("greta");
  const begin = await greta.commit(name, { branch: sample.base, files: { [policyPath]: policyText() }, message: "Three lanes" });
  for (const branch of [base, ...lanes.map(({ environment }) => environment)]) await greta.moveBranch(name, branch, begin);
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: repo.folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const args = ["symbolic-ref", "HEAD", `refs/heads/${base}`];
  const { ok, stderr } = await run({ file: "git", args, cwd: repo.folder, env, seconds: 30, outputBytes: 1 << 20 });
  if (!ok) throw new Error(`git ${args.join(" ")} failed: ${stderr}`);
  repo.defaultBranch = base;
}
