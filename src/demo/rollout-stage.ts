import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { memoryCache } from "../engine/memory-cache.ts";
import { order } from "../engine/rollout/order.ts";
import { rolloutJudge } from "../engine/rollout/rollout-judge.ts";
import { expectedOf } from "../engine/rollout/prediction.ts";
import type { Prediction } from "../engine/rollout/rollout-ports.ts";
import { createRolls } from "../engine/rollout/rolls.ts";
import { createSlots } from "../engine/slots.ts";
import { createCompilers } from "../fleet/compilers.ts";
import { inventory } from "../fleet/inventory.ts";
import { readSite } from "../fleet/site.ts";
import { createStoredReports } from "../fleet/stored-reports.ts";
import { openMirror } from "../git/mirror.ts";
import { createModuleResolver } from "../git/modules/resolver.ts";
import { known, unknown } from "../policy/known.ts";
import { run } from "../process/run.ts";
import { createPuppet } from "../puppet/puppet.ts";
import type { RolloutCommand, Sayer } from "../rollout/obey.ts";
import type { Obeyed } from "../rollout/obeyed.ts";
import type { Rollout } from "../rollout/state.ts";
import { openDatabase } from "../store/database.ts";
import { createStore } from "../store/records.ts";
import type { ControlRepo } from "./control-repo/make.ts";
import { sampleNodes } from "./control-repo/fleet.ts";
import { ownTree } from "./control-repo/sources.ts";
import { createGitHub, type GitHub } from "./github/github.ts";
import type { Repo } from "./github/state.ts";
import { type Agent, type Behaviour, runAgents } from "./rollout-agents.ts";

/** The sample control repo with three lanes, two compilers, and a clock that runs ahead: an hour of a rollout is a few seconds here. */
export interface RolloutStage {
  github: GitHub;
  repo: Repo;
  name: string;
  /** What agents do from now on. */
  behave(behaviour: Behaviour): void;
  /** Looks every five minutes, and every agent runs in each quarter of an hour. */
  pass(minutes: number, signal: AbortSignal): Promise<void>;
  order(command: RolloutCommand, sayer: Sayer): Promise<Obeyed>;
  rollout(): Promise<Rollout>;
  /** What the release in the first lane is expected to change on a machine. */
  expected(certname: string): Promise<readonly string[]>;
  /** How many machines each lane has, in the lanes' order. */
  machines: readonly { lane: string; environment: string; machines: number }[];
  close(): Promise<void>;
}

export const lanes = ["canary", "ash", "rest"] as const;
const name = "tonearm/control";
const policyPath = ".github/puppet-gate.yml";
const minute = 60_000;

const lanesText = `
# One machine of each service in London first, then a datacentre, then all that are left.
lanes:
  - { name: canary, members: { certnames: ["*1.lon.tonearm.example"] }, bake_minutes: 30, runs_per_node: 2 }
  - { name: ash, members: { datacentres: [ash] }, bake_minutes: 30, runs_per_node: 2 }
  - { name: rest, bake_minutes: 30, runs_per_node: 1 }
rollout: { run_minutes: 15 }
`;

const agents: readonly Agent[] = sampleNodes().map(({ certname, datacentre }) => ({
  certname,
  environment: certname.endsWith("1.lon.tonearm.example") ? "production_canary" : datacentre === "ash" ? "production_ash" : "production",
}));

export async function openRolloutStage(folder: string, sample: ControlRepo): Promise<RolloutStage> {
  let at = new Date("2026-11-23T08:00:00Z");
  const github = await createGitHub({ folder: join(folder, "rollout-github"), now: () => at });
  const { origin: url } = await github.listen();
  for (const login of ["emeka", "greta"]) github.user(login, { emails: [`${login}@tonearm.example`] });
  github.organization("tonearm");
  const repo = await github.repository(name, { from: sample.folder, defaultBranch: sample.base });
  github.collaborator(name, "emeka", "write");
  github.collaborator(name, "greta", "admin");
  const greta = github.as("greta");
  const policy = `${ownTree().get(policyPath)?.content.toString() ?? ""}${lanesText}`;
  const begin = await greta.commit(name, { branch: sample.base, files: { [policyPath]: policy }, message: "Three lanes" });
  for (const branch of ["main", "production_canary", "production_ash"]) await greta.moveBranch(name, branch, begin);
  await git(repo.folder, ["symbolic-ref", "HEAD", "refs/heads/main"]);
  repo.defaultBranch = "main";

  const site = await readSite(await writeSite(folder, `${url}/${name}.git`, greta.token));
  const reports = join(folder, "reports");
  const compilers = createCompilers(site, join(folder, "deploys"));
  const puppet = createPuppet({ secretKey: randomBytes(32) });
  const store = await createStore(await openDatabase(join(folder, "rollout-data")), (error) => {
    throw error;
  });
  const openRepository = (): ReturnType<typeof openMirror> =>
    openMirror({ url: `${url}/${name}.git`, folder: join(folder, "rollout-mirror.git"), credentials: async () => greta.token });
  const judge = rolloutJudge({
    inventory,
    puppet,
    puppetDb: null,
    slots: createSlots(availableParallelism()),
    now: () => performance.now(),
    today: () => at.toISOString().slice(0, 10),
    cores: availableParallelism(),
    cache: memoryCache(sample.nodes * 4 * 2 ** 20),
    openMirror: openRepository,
    openModules: () => createModuleResolver({ cache: join(folder, "modules"), credentials: async () => null, allowed: [] }),
  });
  const origin = { installation: 1, repository: { id: repo.id, owner: "tonearm", name: "control" } };
  await store.records.saveRepository(origin);
  const troubles: string[] = [];
  const note = (...said: unknown[]): void =>
    void troubles.push(said.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(" "));
  const nothing = (): void => undefined;
  const ports = {
    site: { repository: name, assign: null, compilers, reports: createStoredReports(reports, undefined, () => at.getTime()) },
    judge,
    store,
    forge: {
      explain: () => null,
      organisationPolicy: async () => known(null),
      pullsOf: async () => known([]),
      labelsOf: async () => known([]),
      contributionsTo: async () => unknown("nobody is asked here"),
    },
    openMirror: openRepository,
    now: () => at,
    log: { debug: nothing, info: nothing, warn: note, error: note },
  };
  const rolls = createRolls(ports);
  let behaviour: Behaviour = () => ({ changed: [], failed: [] });
  const runAll = (): Promise<void> => runAgents(agents, { reports, code: join(folder, "puppet1"), at, behaviour });
  const held = async <T>(work: (job: NonNullable<Awaited<ReturnType<typeof store.take<"roll">>>>) => Promise<T>): Promise<T> => {
    await rolls.ask();
    const job = await store.take("roll", 600);
    if (job === null) throw new Error("nobody asked for a look at the rollout");
    return work(job);
  };
  const pass = async (minutes: number, signal: AbortSignal): Promise<void> => {
    for (let passed = 0; passed < minutes; passed += 5) {
      await held(async (job) => store.held(job.lease, await rolls.perform(job, signal)));
      signal.throwIfAborted();
      at = new Date(at.getTime() + 5 * minute);
      if (passed % 15 === 10) await runAll();
    }
  };
  for (const environment of new Set(agents.map((agent) => agent.environment))) {
    const [failed] = await compilers.deploy(environment, AbortSignal.timeout(60_000));
    if (failed !== undefined) throw new Error(failed);
  }
  await runAll();
  at = new Date(at.getTime() + minute);
  const rollout = async (): Promise<Rollout> => {
    const kept = await store.records.rolloutOf(repo.id);
    if (kept === null) throw new Error(`nothing was rolled out: ${troubles.join("; ")}`);
    return kept.rollout;
  };
  return {
    github,
    repo,
    name,
    behave: (next) => {
      behaviour = next;
    },
    pass,
    order: (command, sayer) =>
      held(async (job) => {
        const obeyed = await order(ports, origin, job.lease, { command, sayer });
        await store.held(job.lease, (records) => records.endJob(job));
        return obeyed;
      }),
    rollout,
    expected: async (certname) => {
      const stage = (await rollout()).lanes[0]?.stage;
      if (stage === null || stage === undefined) throw new Error(`nothing is in the first lane: ${troubles.join("; ")}`);
      const { before, release } = stage;
      const prediction = (await store.records.predictionOf(repo.id, { before, release })) as Prediction | null;
      if (prediction === null) throw new Error(`nothing is expected of ${release}: ${troubles.join("; ")}`);
      return [...expectedOf(prediction)(certname).touched];
    },
    machines: lanes.map((lane) => {
      const environment = lane === "rest" ? "production" : `production_${lane}`;
      return { lane, environment, machines: agents.filter((agent) => agent.environment === environment).length };
    }),
    close: async () => {
      await store.close();
      await puppet.close();
      await github.close();
    },
  };
}

/** The site's own file: two compilers in folders of their own, each deployed by a script as r10k would do it. */
async function writeSite(folder: string, url: string, token: string): Promise<string> {
  const script = join(folder, "deploy.sh");
  const withToken = url.replace("://", `://x-access-token:${token}@`);
  await writeFile(
    script,
    `set -eu
mkdir -p "$1"
rm -rf "$1/$2.new"
git clone --quiet --depth 1 --branch "$2" '${withToken}' "$1/$2.new"
commit=$(git -C "$1/$2.new" rev-parse HEAD)
rm -rf "$1/$2"
mv "$1/$2.new" "$1/$2"
printf '{"name":"%s","signature":"%s","deploy_success":true,"module_deploys":[]}' "$2" "$commit" > "$1/$2/.r10k-deploy.json"
`,
    { mode: 0o700 },
  );
  await mkdir(join(folder, "reports"));
  const compilers = ["puppet1", "puppet2"].map(
    (compiler) =>
      `  - { name: ${compiler}, deploy: [/bin/sh, ${JSON.stringify(script)}, ${JSON.stringify(join(folder, compiler))}, "{environment}"], ` +
      `served: { folder: ${JSON.stringify(join(folder, compiler, "{environment}"))} } }\n`,
  );
  const file = join(folder, "rollout.yaml");
  await writeFile(
    file,
    `version: 1\nrepository: ${name}\nreports: { folder: ${JSON.stringify(join(folder, "reports"))} }\ncompilers:\n${compilers.join("")}`,
  );
  await chmod(file, 0o600);
  return file;
}

async function git(folder: string, args: readonly string[]): Promise<void> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const { ok, stderr } = await run({ file: "git", args: [...args], cwd: folder, env, seconds: 30, outputBytes: 1 << 20 });
  if (!ok) throw new Error(`git ${args.join(" ")} failed: ${stderr}`);
}
