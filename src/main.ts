import { setTimeout } from "node:timers/promises";
import { readConfig, type Config } from "./config.ts";
import { advance } from "./engine/advance.ts";
import type { HeldTurn } from "./engine/ports/jobs.ts";
import type { Judge } from "./engine/ports/judge.ts";
import type { Log } from "./engine/ports/log.ts";
import type { NightJudge } from "./engine/ports/night.ts";
import { explainBranches } from "./engine/explain-branch.ts";
import { explainLanes } from "./engine/explain-lanes.ts";
import { createEyes } from "./engine/eyes.ts";
import type { Origin } from "./gate/event.ts";
import { createChecks } from "./engine/judging.ts";
import { createPolicySight } from "./engine/policy-sight.ts";
import { keepMeasuring } from "./engine/measure.ts";
import { createReceiver } from "./engine/receive.ts";
import { sweepOnce } from "./engine/sweep.ts";
import { takeTurn } from "./engine/turns.ts";
import { keepTrees } from "./engine/kept-trees.ts";
import { createNights } from "./engine/night/nights.ts";
import type { RolloutJudge, RolloutSite } from "./engine/ports/rollout.ts";
import type { Place } from "./engine/ports/news.ts";
import { keptStatus } from "./engine/rollout/kept-status.ts";
import { createRolls, isServed } from "./engine/rollout/rolls.ts";
import { createTells } from "./engine/rollout/tell.ts";
import { watchLog, watchSigned } from "./engine/ledger/watch.ts";
import { inLogContext } from "./engine/log-context.ts";
import { createWorker } from "./engine/worker.ts";
import { pruneMirror } from "./git/prune.ts";
import { requireGit } from "./git/version.ts";
import { authenticateBy, createApp, identify } from "./github/app.ts";
import { createForge } from "./github/forge.ts";
import { createRevertPulls } from "./github/reverts.ts";
import { defaultPolicy } from "./policy/schema.ts";
import type { RolloutStatus } from "./rollout/status.ts";
import { createPuppet } from "./puppet/puppet.ts";
import { makeDataFolder } from "./store/data-folder.ts";
import { listenForCommands } from "./wiring/control.ts";
import { draftsOf } from "./wiring/drafts.ts";
import { editionOf, judgesOf, mirrorFolder, mirrorsOf, rolloutMirrorsOf, tokensOf } from "./wiring/judging.ts";
import { channelsOf } from "./wiring/channels.ts";
import { cacheOf } from "./wiring/kept-compiles.ts";
import { signatureOf, whoWeAre } from "./wiring/identity.ts";
import { keyFor } from "./wiring/keys.ts";
import { listen } from "./wiring/listen.ts";
import { createLog, secretsOf } from "./wiring/log.ts";
import { observed } from "./wiring/operations.ts";
import { toldFetch, toldJudge, toldPuppet } from "./wiring/told-parts.ts";
import { toldStore } from "./wiring/told-store.ts";
import { logOf } from "./wiring/ledger.ts";
import { ledgerDefaults, readLedger } from "./wiring/ledger-settings.ts";
import { placesOf } from "./wiring/places.ts";
import { eyedSite, rolloutSiteOf } from "./wiring/rollout-site.ts";
import { measureRecordsOf, siteOf } from "./wiring/site.ts";
import { openStore, policiesOf, resume, stopOverForeign } from "./wiring/store.ts";

/** Wires the server: every room meets here, and the compiler checks that they fit. */

export interface GateServer {
  /** Where it listens, without a slash at the end. */
  url: string;
  /** Where operators ask it, where the environment names an address for that. */
  operations: string | null;
  /** Resolves when nothing is left to do, nor waits for its time: every delivery so far has been dealt with. */
  settled(): Promise<void>;
  /** Has rollouts looked at now, and not at the next minute. */
  look(): Promise<void>;
  /** Signs and publishes what is new in the ledger now, and not at the next minute; where another process signs, nothing. Troubles are in the log. */
  sign(): Promise<void>;
  /** Where each release of a repository is, by GitHub's id of it; null where nothing is rolled out. */
  rollout(repository: number): Promise<RolloutStatus | null>;
  /** Ends in order. What was under way is taken up again by the next start. */
  close(): Promise<void>;
}

/** What a test or a trial puts in place of the world. */
export interface ServerParts {
  fetch?: typeof fetch;
  /** Judges changes, instead of mirrors, sandboxes and Puppet. */
  judge?: Judge;
  /** Does the nightly compiles, instead of the same. */
  night?: NightJudge;
  /** Where lanes are deployed and watched, instead of what the site's file says; and what tells their nodes and what to expect of them. */
  rollout?: { site: RolloutSite; judge?: RolloutJudge; places?: readonly Place[] };
  /** The versions of what checks, in one text. Without it the programs are asked. */
  edition?: string;
  /** False sends writes to GitHub as fast as they come. */
  throttled?: boolean;
  /** Seconds to wait after each turn that came to nothing; after the last it is given up until the next event. */
  delays?: readonly number[];
  /** Seconds before each further try of a check that could not be done; the last is that of every later one. */
  checkDelays?: readonly number[];
  /** The present. Without it the machine's clock. */
  now?: () => Date;
  /** Seconds after which the work of a process that does not answer any more is another's. */
  leaseSeconds?: number;
  /** Where lines of the log go, instead of standard output. */
  log?: { write(line: string): void };
}

/** Two hours in all, in which GitHub's rate limits are lifted twice: longer troubles end with an event, a restart or a hand. */
const defaultDelays = [2, 10, 30, 120, 300, 900, 1_800, 3_600];
/** Longer than any pause of a healthy process, and short beside the minutes that people wait for a review. */
const defaultLeaseSeconds = 30;
/** What can't be had for hours is asked for in each quarter of one by each change that is open. */
const defaultCheckDelays = [15, 60, 300, 900];
/** Repositories that are advanced side by side, each one change at a time. */
const repositoriesAtOnce = 4;
/** One check uses all processors; a second one beside it keeps a change that takes long from holding up everybody. */
const checksAtOnce = 2;
/** A deploy of one repository waits for its compilers, not for this machine. */
const rolloutsAtOnce = 4;
/** Days that deliveries and performed effects are kept, for looking into what happened. */
const keptDays = 30;

/** `puppet-gate serve`: runs until it is told to stop; `cwd` is where the person stands who started it. Throws a Problem where it must not start. */
export async function serve(environment: Readonly<Record<string, string | undefined>>, cwd: string): Promise<void> {
  const config = readConfig(environment, cwd);
  const server = await startServer({ ...config, ledger: readLedger(environment, cwd, config.dataFolder) });
  await toldToStop();
  await server.close();
}

/** Resolves at the first SIGINT or SIGTERM; at the second the process ends at once. */
async function toldToStop(): Promise<void> {
  await new Promise<void>((resolve) => {
    let told = false;
    const stop = (): void => {
      if (told) process.exit(1);
      told = true;
      resolve();
    };
    // Not `once`: a listener that is gone when the signal arrives leaves execa's own, which ends this process on the spot while any sandbox runs.
    process.on("SIGINT", stop).on("SIGTERM", stop);
  });
}

export async function startServer(config: Config, parts: ServerParts = {}): Promise<GateServer> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    return await start(config, parts, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  config: Config,
  parts: ServerParts,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<GateServer> {
  // Without them nothing could be judged or landed, and nobody would be told before the first pull request.
  await requireGit();
  makeDataFolder(config.dataFolder);
  const channels = await channelsOf(config);
  closers.push(() => channels.close());
  const now = parts.now ?? ((): Date => new Date());
  /** What repositories are called, by GitHub's number. */
  const names = new Map<number, string>();
  const lines = createLog(config.logLevel, secretsOf(config, channels.secrets), names, parts.log);
  const log: Log = lines;
  const seen = await observed(config, now, log);
  closers.push(() => seen.close());
  const probot = await createApp({
    ...appSettings(config),
    logLevel: config.logLevel,
    log: lines,
    fetch: toldFetch(parts.fetch ?? fetch, seen.tell),
    throttled: parts.throttled ?? true,
  });
  const app = await whoWeAre(probot, log);
  const store = toldStore(await openStore(config, log), seen.tell, names);
  closers.push(() => store.close());
  const authenticate = authenticateBy(probot);
  const identity = { id: config.app.id, slug: app, api: () => probot.auth() };
  const forge = createForge(authenticate, identity, policiesOf(config, store, now));
  const openRepository = mirrorsOf(config, authenticate);
  const noreply = `users.noreply.${new URL(config.github.html).hostname}`;
  const { spares, bases, minutes } = config.warm ?? { spares: 0, bases: 0, minutes: 0 };
  const { puppet, count: sandboxes } = toldPuppet(createPuppet({ secretKey: keyFor(config, "digests of secrets"), spares }));
  closers.push(() => puppet.close());
  const keptTrees = keepTrees({ most: bases, idleSeconds: minutes * 60, freeMemory: () => process.availableMemory() });
  closers.push(() => keptTrees.close());
  const cache = cacheOf(config, store, log, (message) => probot.log.debug(message));
  if (cache !== null) closers.push(() => cache.close());
  const edition = parts.edition ?? (await editionOf(parts.judge === undefined ? puppet : null, log));
  const judges = judgesOf(config, {
    puppet,
    cache,
    keptTrees,
    authenticate,
    openRepository,
    otherBuckets: (...asked) => store.records.otherBuckets(...asked),
  });
  const checks = createChecks({
    judge: toldJudge(parts.judge ?? judges.change, seen.tell),
    edition,
    store,
    now,
    log,
    onAsked: () => worker.nudge(),
  });
  const checkDelays = parts.checkDelays ?? defaultCheckDelays;
  const landing = { openMirror: openRepository, committer: () => signatureOf(app, noreply), noreply };
  const turns = {
    advance: (turn: HeldTurn) => advance({ ...landing, store, forge, checks, edition, now, log, checkDelays }, turn),
    explain: (error: unknown) => forge.explain(error),
    log,
    delays: parts.delays ?? defaultDelays,
  };
  const eyes = createEyes({ store, now });
  const pulls = createRevertPulls({ authenticate, app: identity, noreply });
  const drafts = draftsOf({ store, forge, pulls, now, log });
  const explain = async (origin: Origin, tips: ReadonlyMap<string, string>): Promise<void> => {
    await explainBranches({ store, forge, openMirror: openRepository, now, log }, origin, tips);
    await drafts.tellReverts(origin);
    await explainLanes({ store, forge, now, log }, origin);
  };
  const prune = async (origin: Origin, open: ReadonlySet<number>): Promise<void> => {
    await pruneMirror(mirrorFolder(config, origin), open);
  };
  const sight = createPolicySight({ forge, mode: config.organisationPolicy, log });
  const atNight = parts.night ?? judges.night;
  const night = config.night === undefined || atNight === null ? null : { start: config.night, judge: atNight };
  const nights = createNights({ night, store, forge, now, log });
  const given = parts.rollout?.site ?? (await rolloutSiteOf(config, now));
  const site = given === null ? null : eyedSite(given, eyes);
  const rolls = createRolls({
    site,
    judge: parts.rollout?.judge ?? judges.rollout,
    store,
    forge,
    openMirror: rolloutMirrorsOf(config, authenticate),
    now,
    log,
  });
  if (config.announce !== undefined && site === null)
    log.warn(
      {},
      "PUPPET_GATE_ANNOUNCE names channels, and nothing is rolled out here that could be announced: set PUPPET_GATE_ROLLOUT, too",
    );
  const rolloutJudge = parts.rollout?.judge ?? judges.rollout;
  const github = { authenticate, app: identity, pulls, drafts };
  const tells = createTells({
    places:
      parts.rollout?.places ??
      (site === null ? [] : placesOf({ ...github, config, site, judge: rolloutJudge, receivers: channels.all, store, forge, now, log })),
    isServed: (origin) => site !== null && isServed(site, origin),
    store,
    forge,
    now,
    log,
  });
  const askTimed = async (): Promise<void> => {
    await nights.ask();
    if (site === null) return;
    await rolls.ask();
    await tells.ask();
  };
  const worker = createWorker({
    store,
    work: {
      advance: (job) => takeTurn(turns, job),
      check: (job, signal) => checks.perform(job, signal),
      night: (job, signal) => nights.perform(job, signal),
      roll: (job, signal) => rolls.perform(job, signal),
      sweep: (job) => sweepOnce({ store, forge, explain, prune, sight, nights: askTimed, eyes, now, log }, job),
      tell: (job, signal) => tells.perform(job, signal),
    },
    atOnce: { advance: repositoriesAtOnce, check: checksAtOnce, night: 1, roll: rolloutsAtOnce, sweep: 1, tell: rolloutsAtOnce },
    leaseSeconds: parts.leaseSeconds ?? defaultLeaseSeconds,
    log,
    tell: seen.tell,
  });
  closers.push(() => worker.stop());
  stopOverForeign(store, log, () => void worker.stop());
  const ledger = config.ledger ?? ledgerDefaults(config.dataFolder);
  const tokenFor = tokensOf(config, authenticate, () => store.records.allOrigins());
  const signer = { records: store.log, now, log, dataFolder: config.dataFolder, tokenFor };
  const signing = ledger.sign === "here" ? watchLog(logOf(ledger, signer), log) : null;
  closers.push(async () => signing?.close());
  if (config.pages !== undefined) {
    const measuring = keepMeasuring(measureRecordsOf(store), log);
    closers.push(() => measuring.close());
  }
  const signed = watchSigned(store.log, log);
  closers.push(() => signed.close());
  const receiver = createReceiver({ store, forge, now, log, onNews: () => worker.nudge() });
  closers.push(() => receiver.settled());
  await resume(store, new Date(now().getTime() - keptDays * 86_400_000));
  const url = await listen(probot, config, closers, {
    appId: config.app.id,
    receive: (delivery) => receiver.receive(delivery),
    operations: (request, response) => seen.public(request, response),
    within: (delivery, work) => inLogContext(delivery === "" ? {} : { delivery }, work),
    tell: seen.tell,
    pages: siteOf(config, { store, forge, nudge: () => worker.nudge(), now, log, fetch: parts.fetch ?? fetch }),
  });
  closers.push(
    await listenForCommands(config.dataFolder, {
      store: { records: store.records, transaction: (work) => store.transaction(work) },
      forge,
      origin: async () => (site === null ? null : ((await store.records.allOrigins()).find((origin) => isServed(site, origin)) ?? null)),
      nudge: () => worker.nudge(),
      ledger: store.log,
      now,
      log,
    }),
  );
  worker.nudge();
  seen.show({ store, cache, sandboxes });
  seen.health.begin({
    store,
    worker,
    leaseSeconds: parts.leaseSeconds ?? defaultLeaseSeconds,
    identify: () => identify(probot),
  });
  const settled = async (): Promise<void> => {
    await receiver.settled();
    await worker.settled();
  };
  // Where it checks itself, the first check finds sandboxes that wait.
  if (parts.judge === undefined) puppet.expect(spares, defaultPolicy.compile.limits);
  log.info({ url, operations: seen.url, dataFolder: config.dataFolder }, "puppet-gate is listening");
  const look = async (): Promise<void> => {
    await rolls.ask();
    await tells.ask();
    worker.nudge();
  };
  const rollout = (repository: number): Promise<RolloutStatus | null> => keptStatus(store.records, repository, now());
  const end = async (): Promise<void> => {
    seen.health.drain();
    await setTimeout((config.drainSeconds ?? 0) * 1000);
    // First, while deliveries are still kept and whoever asks is told that it is not ready: what is under way may take a while to end.
    await worker.stop();
    await close();
  };
  return { url, operations: seen.url, settled, look, sign: async () => signing?.now(), rollout, close: end };
}

const appSettings = ({ app, webhookSecret, github }: Config) => ({
  id: app.id,
  privateKey: app.privateKey,
  webhookSecret,
  api: github.api,
});
