import type { PolicyText } from "../../../src/gate/facts.ts";
import type { OrdersPorts } from "../../../src/engine/rollout/orders.ts";
import { roll, type Rolled, type RollPorts } from "../../../src/engine/rollout/roll.ts";
import type { PlacedCommit } from "../../../src/engine/rollout/waited.ts";
import type { RolloutMirror } from "../../../src/engine/rollout/branches.ts";
import type { HeldRollouts, Prediction, RolloutRecords, RolloutStore, Served, LearntStep } from "../../../src/engine/ports/rollout.ts";
import type { PushOutcome } from "../../../src/engine/ports/mirror.ts";
import type { Forge } from "../../../src/engine/ports/forge.ts";
import type { KeptOrder } from "../../../src/rollout/orders.ts";
import type { Sight } from "../../../src/rollout/sight.ts";
import type { Person } from "../../../src/gate/facts.ts";
import type { Lease } from "../../../src/engine/ports/lease.ts";
import type { Origin } from "../../../src/gate/event.ts";
import type { Draft } from "../../../src/ledger/entry.ts";
import { type Known, known, unknown } from "../../../src/policy/known.ts";
import { defaultPolicy, type Policy } from "../../../src/policy/schema.ts";
import type { Event } from "../../../src/rollout/effects.ts";
import type { Member } from "../../../src/rollout/members.ts";
import type { Before, Run } from "../../../src/rollout/runs.ts";
import type { LaneState, Rollout, Stage } from "../../../src/rollout/state.ts";
import { lanesNamed, minute } from "../../rollout/world.ts";
import { memoryLog, origin } from "../stand-ins/world.ts";

export { minute, origin };

/** Whoever has it may write. */
export const lease = { name: "rollout 5", epoch: 1 } as Lease;
export const start = new Date("2026-11-22T12:00:00.000Z");
export const lanes = lanesNamed("canary", "rest");

export const member = (certname: string): Member => ({
  certname,
  trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
  enc: null,
  classes: null,
  assumed: false,
  datacentre: known(null),
  services: known([]),
});

/** A run of a node as nothing is special about it: an hour and a minute after `start`, unless said otherwise. */
export const runOf = (certname: string, more: Partial<Run> = {}): Run => ({
  certname,
  id: `${certname}@${more.producedAt ?? 0}`,
  environment: "production_canary",
  status: "unchanged",
  version: "c1",
  cached: "not_used",
  noop: false,
  noopPending: false,
  producer: "puppet1",
  producedAt: start.getTime() + minute,
  took: 1000,
  failed: [],
  changed: [],
  ...more,
});

export const stageOf = (more: Partial<Stage> = {}): Stage => ({
  before: "c0",
  release: "c1",
  way: "forward",
  phase: "watched",
  policy: "digest",
  terms: { policy: defaultPolicy.rollout, bakeMinutes: 10, runsPerNode: 1 },
  intendedAt: start.getTime() - 2 * minute,
  readyAt: start.getTime(),
  observedMinutes: 0,
  observedAt: null,
  baseline: "taken",
  seenSince: null,
  ...more,
});

export const stateOf = (stage: Stage | null, more: Partial<LaneState> = {}): LaneState => ({
  lane: "canary",
  environment: "production_canary",
  verified: "c0",
  stage,
  halt: null,
  let: null,
  ...more,
});

/** A rollout of both lanes at c0, whose first has this stage. */
export const rolloutOf = (stage: Stage | null, more: Partial<LaneState> = {}): Rollout => ({
  lanes: [stateOf(stage, more), stateOf(null, { lane: "rest", environment: "production" })],
  quarantined: [],
  paused: null,
});

export const classed: Prediction = { classes: [{ name: "class", certnames: ["canary1", "web1"], touched: ["Service[nginx]"] }] };

export interface Step {
  sha: string;
  parents: string[];
  /** What it says that it takes back. */
  reverts: string[];
}

export const stepOf = (sha: string, ...reverts: string[]): Step => ({ sha, parents: [], reverts });

/** Git, a store, a fleet and its compilers, all of tables, that note what is asked of them. */
export class RollWorld {
  /** The base branch's own line. */
  line: Step[] = [stepOf("c0"), stepOf("c1")];
  tips = new Map<string, string>([
    ["production_canary", "c0"],
    ["production", "c0"],
  ]);
  /** Merged pull requests, by the commit that each landed as, with their labels; unknown where GitHub would not say. */
  pulls = new Map<string, Known<{ number: number; labels: readonly string[] }>>();
  orders: KeptOrder[] = [];
  sight: Sight | null = null;
  woken: number[] = [];
  pushers = new Map<string, Person[]>();
  contributions = new Map<number, Awaited<ReturnType<Forge["contributionsTo"]>>>();
  landings: { number: number; sha: string; landed: boolean }[] = [];
  learnt = new Map<string, LearntStep & { learntAt: Date }>();
  /** Requests to GitHub about pull requests. */
  told: string[] = [];
  /** Lines of files, each with the commit of the release that wrote it. */
  blamed = new Map<string, [text: string, commit: string | null][]>();
  changed: { commit: string; paths: string[] }[] = [];
  /** What a commit does, where another one does the same; else its own name. */
  patches = new Map<string, string>();
  /** What asking git comes to where it gives no answer. */
  failing: Error | null = null;
  /** What a push comes to where it is not done. */
  outcome: PushOutcome | null = null;
  asked: string[] = [];
  opened = 0;
  closed = 0;
  at = start;

  kept: { rollout: Rollout } | null = null;
  baselines = new Map<string, Record<string, Before>>();
  predictions = new Map<string, object>();
  entries: Draft[] = [];
  news: Event[] = [];
  savedLine: string[] = [];
  /** What earlier looks kept: the base branch's own line, and what happened. */
  seenLine: PlacedCommit[] = [];
  happened: { at: Date; event: Event }[] = [];
  /** Of nodes, as they were seen first. */
  buckets = new Map<string, number>();
  /** What was older, and what stayed all the same. */
  forgotten: string[][] = [];
  tells: number[][] = [];
  jobs: number[][] = [];
  origins: Origin[] = [origin];

  policy: Policy = { ...defaultPolicy, lanes, rollout: { ...defaultPolicy.rollout, runMinutes: 5 } };
  members: Member[] = ["canary1", "web1"].map(member);
  organisation: Known<PolicyText | null> = known(null);
  surveyed: object[] = [];
  predicted: object[] = [];
  prediction: () => Promise<Prediction> = async () => classed;

  troubles: string[] = [];
  deployed: string[] = [];
  /** What compilers serve, by environment; what its branch has where there is none. */
  served = new Map<string, Known<readonly Served[]>>();
  runs: Run[] = [];
  reports: Known<{ active: ReadonlySet<string> | null; unread: ReadonlyMap<string, string> }> = known({ active: null, unread: new Map() });
  sinces: { environment: string; since: number }[] = [];
  assigned: unknown[] = [];
  log = memoryLog();

  async look(signal = new AbortController().signal): Promise<Rolled> {
    return roll(this.ports(), origin, lease, signal);
  }

  ports(): RollPorts & OrdersPorts {
    return {
      store: this.store(),
      openMirror: async () => {
        this.opened += 1;
        return this.mirror();
      },
      judge: {
        survey: async ({ origin: of, ...asked }) => {
          this.surveyed.push({ repository: of.repository.id, ...asked });
          return { policy: this.policy, policyDigest: "digest", members: this.members };
        },
        predict: async ({ origin: of, ...asked }) => {
          this.predicted.push({ repository: of.repository.id, ...asked });
          this.asked.push("predict");
          return this.prediction();
        },
      },
      site: {
        repository: "acme/control",
        assign: async (seated) => void this.assigned.push(seated.map(({ lane, certnames }) => [lane.name, certnames])),
        compilers: {
          deploy: async (environment) => {
            this.asked.push(`deploy ${environment}`);
            this.deployed.push(environment);
            return this.troubles;
          },
          served: async (environment) => {
            this.asked.push(`served ${environment}`);
            const commit = this.tips.get(environment) ?? null;
            return this.served.get(environment) ?? known([{ compiler: "puppet1", commit, why: null, modules: [] }]);
          },
        },
        reports: {
          since: async (environment, since) => {
            this.asked.push(`since ${environment}`);
            this.sinces.push({ environment, since });
            const { reports, at } = this;
            if (!reports.known) return reports;
            const runs = this.runs.filter((run) => run.environment === environment && run.producedAt > since);
            return known({ ...reports.value, runs, now: at.getTime() });
          },
        },
      },
      forge: {
        contributionsTo: async (_, number) => {
          this.told.push(`contributionsTo ${number}`);
          return this.contributions.get(number) ?? unknown(`there is no #${number}`);
        },
        pullsOf: async (_, sha) => {
          this.told.push(`pullsOf ${sha}`);
          const pull = this.pulls.get(sha) ?? known(null);
          return pull.known ? known(pull.value === null ? [] : [{ number: pull.value.number, merged: true, base: "main" }]) : pull;
        },
        labelsOf: async (_, number) => {
          this.told.push(`labelsOf ${number}`);
          const all = [...this.pulls.values()];
          const away = all.find((pull) => !pull.known);
          if (away?.known === false) return away;
          return known(all.flatMap((pull) => (pull.known && pull.value.number === number ? pull.value.labels : [])));
        },
      },
      organisationPolicy: async () => this.organisation,
      now: () => this.at,
      log: this.log.log,
    };
  }

  mirror(): RolloutMirror {
    return {
      heads: async (names) => ({
        defaultBranch: "refs/heads/main",
        tip: this.line.at(-1)?.sha ?? "",
        tips: new Map(names.map((each) => [each, this.tips.get(each) ?? null])),
      }),
      tipOf: async () => this.line.at(-1)?.sha ?? "",
      lineOf: async (branch, after) => {
        this.asked.push(`lineOf ${branch} ${after}`);
        const from = this.line.findIndex(({ sha }) => sha === after);
        return { tip: this.line.at(-1)?.sha ?? "", steps: from < 0 ? null : this.line.slice(from + 1) };
      },
      revertsOf: async ({ sha }) => this.line.find((one) => one.sha === sha)?.reverts ?? [],
      blame: async ({ after, to }, path) => {
        this.asked.push(`blame ${after}..${to} ${path}`);
        if (this.failing !== null) throw this.failing;
        const lines = this.blamed.get(path) ?? null;
        return lines === null ? null : lines.map(([text, commit]) => ({ text, commit }));
      },
      changedIn: async () => this.changed,
      fingerprint: async (sha) => {
        const whole = this.patches.get(sha) ?? sha;
        return { tree: `tree of ${sha}`, whole, parts: [] };
      },
      push: async ({ branch, expected, commit }) => {
        this.asked.push(`push ${branch} ${expected}..${commit}`);
        if (this.outcome !== null) return this.outcome;
        if (this.tips.get(branch) !== expected) return { kind: "refused", reason: "base-moved", text: "it is elsewhere" };
        this.tips.set(branch, commit);
        return { kind: "merged", sha: commit };
      },
      close: async () => {
        this.closed += 1;
      },
    };
  }

  store(): RolloutStore {
    const unused = (): never => {
      throw new Error("not part of this test");
    };
    const records: RolloutRecords = {
      allOrigins: async () => this.origins,
      originOf: async (id) => this.origins.find(({ repository }) => repository.id === id) ?? null,
      landingsAt: async (_, shas) => this.landings.filter(({ sha }) => shas.includes(sha)),
      stepsOf: async (_, shas) => shas.flatMap((sha) => this.learnt.get(sha) ?? []),
      pushersOf: async (_, shas) => shas.flatMap((sha) => this.pushers.get(sha) ?? []),
      openOrders: async () => this.orders.filter(({ answer }) => answer === null).map(({ order }) => order),
      sightOf: async () => (this.sight === null ? null : { sight: this.sight, at: this.at }),
      saveSight: async (_, sight) => {
        this.sight = sight;
      },
      saveSteps: async (_, steps, learntAt) => {
        for (const step of steps) {
          const kept = this.learnt.get(step.sha);
          if ((kept?.number ?? null) === null) this.learnt.set(step.sha, { ...step, learntAt: kept?.learntAt ?? learntAt });
        }
      },
      askRolls: unused,
      askTells: unused,
      placesBehind: async () => [],
      lineFrom: unused,
      otherBuckets: async (_, now) => new Map([...this.buckets].filter(([certname, bucket]) => (now.get(certname) ?? bucket) !== bucket)),
      lineBehind: async () => this.seenLine,
      newsSince: async () => this.happened,
      reachOfChanges: async () => new Map([[1, { services: ["playlist"], teams: [] }]]),
      rolloutOf: async () => this.kept,
      baselineOf: async (_, { lane, name }) => this.baselines.get(`${lane} ${name}`) ?? null,
      predictionOf: async (_, { before, release }) => this.predictions.get(`${before}..${release}`) ?? null,
      savePrediction: async (_, { before, release, prediction }) => {
        this.asked.push("savePrediction");
        this.predictions.set(`${before}..${release}`, prediction);
      },
    };
    const held: HeldRollouts = {
      saveRollout: async (_, kept) => {
        this.asked.push("saveRollout");
        this.kept = structuredClone(kept);
      },
      saveSight: async (_, sight) => {
        this.sight = sight;
      },
      wake: async ({ number }) => void this.woken.push(number),
      answerOrder: async (_, key, answer) => {
        const open = this.orders.find((one) => one.order.key === key && one.answer === null);
        if (open !== undefined) open.answer = answer;
        return open !== undefined;
      },
      saveBaseline: async (_, { lane, name, before }) => {
        this.asked.push("saveBaseline");
        this.baselines.set(`${lane} ${name}`, before);
      },
      keepBuckets: async (_, now) => {
        for (const [certname, bucket] of now) if (!this.buckets.has(certname)) this.buckets.set(certname, bucket);
      },
      forgetRollout: async (_, before, { commits, baselines }) =>
        void this.forgotten.push([before.toISOString(), commits.join(" "), baselines.join(" ")]),
      forgetBuckets: async (_, days, baselines) => void this.forgotten.push([`buckets of ${days} days`, baselines.join(" ")]),
      saveLine: async (_, line) => {
        this.savedLine = line.map(({ sha }) => sha);
      },
      addNews: async (_, events) => {
        if (events.length === 0) throw new Error("there are no news");
        this.news.push(...events);
      },
      appendEntries: async (_, drafts) => {
        if (drafts.length === 0) throw new Error("the ledger was told nothing");
        this.entries.push(...drafts);
      },
    };
    return {
      records,
      transaction: (work) =>
        work({ askRolls: async (ids) => void this.jobs.push([...ids]), askTells: async (ids) => void this.tells.push([...ids]) }),
      held: async (given, work) => {
        if (given !== lease) throw new Error("somebody else's lease");
        return work(held);
      },
    };
  }
}
