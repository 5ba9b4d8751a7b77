import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Job } from "../../../src/engine/ports/jobs.ts";
import type { Log } from "../../../src/engine/ports/log.ts";
import { createRolls, type Rolls } from "../../../src/engine/rollout/rolls.ts";
import type { RollJob, NodeCatalogs, RolloutJudge, RunReports } from "../../../src/engine/ports/rollout.ts";
import { createCompilers } from "../../../src/fleet/compilers.ts";
import { readSite } from "../../../src/fleet/site.ts";
import { openMirror } from "../../../src/git/mirror.ts";
import type { Origin } from "../../../src/gate/event.ts";
import { known, unknown } from "../../../src/policy/known.ts";
import type { LaneState, Rollout } from "../../../src/rollout/state.ts";
import type { Store } from "../../../src/store/records.ts";
import { type Agent, type Behaviour, compiledFor, Machines, servedFrom } from "./agents.ts";
import { type Commits, environmentOf, git } from "./control.ts";

/** A call of the engine's to what is outside of it, at which its process dies: before it is made, or once it was answered. */
export interface Death {
  at: "push" | "deploy" | "watch" | "verdict";
  after: boolean;
}

export interface PlayOptions {
  name: string;
  members?: readonly Agent[];
  behaviour?: Behaviour;
  death?: Death;
  /** Resources that real catalogs have with the release, and the ones that the gate compiled have not. */
  hides?: readonly string[];
  /** Files for the folder of a compiler, as `deploy.sh` looks for them. */
  files?: Readonly<Record<string, string>>;
}

/** What all plays share. */
export interface World {
  folder: string;
  /** Of git, over HTTP. */
  url: string;
  commits: Commits;
  store: Store;
  judge: RolloutJudge;
  now: () => number;
  /** A source of its own, as a process that was just started has one. */
  openReports: () => RunReports;
  openCatalogs: () => NodeCatalogs;
  agents: readonly Agent[];
}

const run = promisify(execFile);

class Killed extends Error {}
const compilers = ["puppet1", "puppet2"] as const;

/** One repository with its lanes, its two compilers and its machines, under the real engine. PuppetDB knows its environments by a name of their own. */
export class Play {
  readonly origin: Origin;
  readonly name: string;
  readonly folder: string;
  readonly bare: string;
  readonly agents: readonly Agent[];
  readonly machines = new Machines();
  readonly said: string[] = [];
  behaviour: Behaviour;
  died = false;
  /** What its base branch has now. */
  merged: string | null = null;
  #isDead = false;
  #rolls: Rolls | null = null;
  readonly #world: World;
  readonly #options: PlayOptions;

  constructor(id: number, world: World, options: PlayOptions) {
    this.#world = world;
    this.#options = options;
    this.name = options.name;
    this.behaviour = options.behaviour ?? (() => null);
    this.agents = options.members ?? world.agents;
    this.origin = { installation: 1, repository: { id, owner: "acme", name: options.name } };
    this.folder = join(world.folder, options.name);
    this.bare = join(world.folder, "git", "acme", `${options.name}.git`);
    mkdirSync(join(world.folder, "git", "acme"), { recursive: true });
    git(world.folder, "clone", "-q", "--bare", world.commits.folder, this.bare);
    git(this.bare, "config", "http.receivepack", "true");
    for (const branch of ["main", "production_canary", "production_lon", "production"])
      git(this.bare, "update-ref", `refs/heads/${branch}`, world.commits.begin);
    for (const compiler of compilers) {
      mkdirSync(join(this.folder, compiler), { recursive: true });
      writeFileSync(join(this.folder, compiler, "modules"), "1.0.0");
    }
  }

  /** What lies on the compilers in the beginning, and the site's file. */
  async begin(): Promise<void> {
    const script = join(this.#world.folder, "deploy.sh");
    writeFileSync(script, deployScript, { mode: 0o700 });
    for (const compiler of compilers)
      for (const lane of ["canary", "lon", "rest"])
        await run("/bin/sh", [script, join(this.folder, compiler), environmentOf(lane), this.bare]);
    for (const [file, content] of Object.entries(this.#options.files ?? {})) writeFileSync(join(this.folder, file), content);
    const entries = compilers.map((compiler) => {
      const path = join(this.folder, compiler);
      const deploy = ["/bin/sh", script, path, "{environment}", this.bare];
      const flush = ["/bin/sh", script, path, "flush"];
      return `  - ${JSON.stringify({ name: compiler, deploy, flush, served: { folder: join(path, "{environment}") } })}\n`;
    });
    const file = join(this.folder, "rollout.yaml");
    const repository = `acme/${this.name}`;
    writeFileSync(file, `version: 1\nrepository: ${repository}\nreports: { puppetdb: true }\ncompilers:\n${entries.join("")}`);
    chmodSync(file, 0o600);
    await this.#world.store.records.saveRepository(this.origin);
    await this.start();
  }

  /** A process that knows nothing but what is kept. */
  async start(): Promise<void> {
    const { url, store, judge, now, openReports } = this.#world;
    this.#isDead = false;
    const site = await readSite(join(this.folder, "rollout.yaml"));
    const real = createCompilers(site, join(this.folder, "deploys"));
    const reports = openReports();
    const members = new Set(this.agents.map(({ certname }) => certname));
    const repository = `${url}/acme/${this.name}.git`;
    const mirror = join(this.folder, "mirror.git");
    const note = (...said: unknown[]): void =>
      void this.said.push(said.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(" "));
    const log = { debug: () => undefined, info: note, warn: note, error: note } as unknown as Log;
    this.#rolls = createRolls({
      site: {
        repository: `acme/${this.name}`,
        assign: null,
        catalogs: this.#options.hides === undefined ? null : this.#catalogs(),
        compilers: { ...real, deploy: (environment, signal) => this.#step("deploy", () => real.deploy(environment, signal)) },
        reports: {
          since: async (environment, since) => {
            const isWatched = (await this.rollout())?.lanes[0]?.stage?.phase === "watched";
            const ask = () => reports.since(this.environment(environment), since);
            return isWatched ? this.#step("watch", ask) : ask();
          },
        },
      },
      judge: {
        ...judge,
        survey: async (asked, signal) => {
          const surveyed = await judge.survey(asked, signal);
          return { ...surveyed, members: surveyed.members.filter(({ certname }) => members.has(certname)) };
        },
      },
      store: {
        ...store,
        held: async (lease, work) => {
          if (this.#isDead) throw new Killed();
          const before = (await this.rollout())?.lanes[0]?.verified;
          const result = await store.held(lease, work);
          const verified = (await this.rollout())?.lanes[0]?.verified;
          return before !== undefined && before !== verified ? this.#step("verdict", async () => result) : result;
        },
      },
      forge: {
        explain: () => null,
        organisationPolicy: async () => known(null),
        pullsOf: async () => known([]),
        labelsOf: async () => known([]),
        contributionsTo: async () => unknown("nobody asks"),
      },
      openMirror: async () => {
        const opened = await openMirror({ url: repository, folder: mirror, credentials: async () => null });
        return { ...opened, push: (move) => this.#step("push", () => opened.push(move)) };
      },
      now: () => new Date(now()),
      log,
    });
  }

  #catalogs(): NodeCatalogs {
    const real = this.#world.openCatalogs();
    return {
      of: async (certnames) => {
        const asked = await real.of(certnames.map((certname) => `${this.name}.${certname}`));
        return asked.known
          ? known(new Map([...asked.value].map(([certname, each]) => [certname.slice(this.name.length + 1), each])))
          : asked;
      },
    };
  }

  async #step<T>(at: Death["at"], work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Killed();
    const { death } = this.#options;
    const isNow = !this.died && death?.at === at;
    const result = isNow && !death.after ? null : await work();
    if (!isNow) return result as T;
    this.died = true;
    this.#isDead = true;
    throw new Killed();
  }

  get rolls(): Rolls {
    if (this.#rolls === null) throw new Error("the play has not begun");
    return this.#rolls;
  }

  /** One job, as a worker does it; whoever died in it is started again. */
  async perform(job: Job<RollJob>): Promise<void> {
    const end = await this.rolls.perform(job, AbortSignal.timeout(600_000));
    await this.#world.store.held(job.lease, end);
    if (this.#isDead) await this.start();
  }

  environment(of: string): string {
    return `${this.name.replaceAll("-", "_")}_${of}`;
  }

  /** What every node sends of a run now. */
  run(): ReturnType<Machines["run"]>[] {
    return this.agents.map((agent, index) => {
      const producer = compilers[index % 2] ?? "puppet1";
      const served = servedFrom(join(this.folder, producer, environmentOf(agent.lane)), agent);
      const environment = this.environment(environmentOf(agent.lane));
      return this.machines.run(agent, served, this.behaviour(agent, served.commit), { producer: `${producer}.example.com`, environment });
    });
  }

  /** What the compilers gave the first lane's nodes of it, by names of this play alone: PuppetDB has one catalog of a node. */
  compiled(): ReturnType<typeof compiledFor>[] {
    const { hides } = this.#options;
    if (hides === undefined) return [];
    return this.agents
      .filter(({ lane }) => lane === "canary")
      .map((agent, index) => {
        const producer = compilers[index % 2] ?? "puppet1";
        const served = servedFrom(join(this.folder, producer, environmentOf(agent.lane)), agent);
        const by = { producer: `${producer}.example.com`, environment: this.environment(environmentOf(agent.lane)) };
        const more = served.commit === this.#world.commits.begin ? [] : hides;
        const [catalog, facts] = compiledFor(agent, served, by, more);
        const certname = `${this.name}.${agent.certname}`;
        return [
          { ...catalog, certname },
          { ...facts, certname },
        ];
      });
  }

  merge(commit: string): void {
    this.merged = commit;
    git(this.bare, "update-ref", "refs/heads/main", commit);
  }

  /** Where the lanes' branches are. */
  tips(): string[] {
    return ["canary", "lon", "rest"].map((lane) => git(this.bare, "rev-parse", `refs/heads/${environmentOf(lane)}`));
  }

  /** What compilers say that they were flushed of. */
  flushes(): number {
    return compilers.reduce((sum, compiler) => sum + readFileSync(join(this.folder, compiler, "flushed"), "utf8").length, 0);
  }

  async rollout(): Promise<Rollout | null> {
    return (await this.#world.store.records.rolloutOf(this.origin.repository.id))?.rollout ?? null;
  }

  async lane(name: string): Promise<LaneState> {
    const found = (await this.rollout())?.lanes.find(({ lane }) => lane === name);
    if (found === undefined) throw new Error(`there is no lane ${name}: ${this.said.join("\n")}`);
    return found;
  }
}

/**
 * Deploys as r10k does: the deploy file comes last. A file `half` beside the environments breaks it off in the middle, and `unflushed` the flush after it,
 * once each. `modules` has the version that the Puppetfile's branch leads to, and `modules.ENVIRONMENT` where it has moved by then.
 */
const deployScript = `set -eu
cd "$1"
if [ "$2" = flush ]; then
  if [ -e unflushed ]; then rm unflushed; exit 1; fi
  printf x >> flushed
  exit 0
fi
commit=$(git --git-dir "$3" rev-parse "refs/heads/$2")
rm -rf "$2.new"
mkdir "$2.new"
git --git-dir "$3" archive "$commit" | tar -x -C "$2.new"
if [ -e half ]; then rm half; cp -R "$2.new/." "$2/"; exit 1; fi
printf '{"name":"%s","signature":"%s","deploy_success":true,"module_deploys":[{"name":"stdlib","version":"%s","sha":null}]}' \\
  "$2" "$commit" "$(cat "modules.$2" 2>/dev/null || cat modules)" > "$2.new/.r10k-deploy.json"
rm -rf "$2"
mv "$2.new" "$2"
`;
