import type { Origin } from "../gate/event.ts";
import { Problem } from "../problem.ts";
import { discover } from "./discover.ts";
import type { Eyes } from "./eyes.ts";
import type { Forge, OpenChange } from "./ports/forge.ts";
import type { Job } from "./ports/jobs.ts";
import type { JobEnd } from "./ports/store.ts";
import type { KnownChange } from "./ports/change-records.ts";
import type { Records } from "./ports/records.ts";
import type { Log } from "./ports/log.ts";
import { refuse } from "./receive.ts";

/** Between two sweeps: about as long as people wait before they ask where the gate is. Sixty requests an hour for each hundred open changes are a hundredth of what GitHub allows. */
const sweepSeconds = 60;
/** GitHub keeps deliveries for three days; older ones can't be asked for again. */
const deliveriesKept = 3 * 86_400;
/** Redeliveries asked for by one sweep. An outage may have failed thousands, each costs a request of the App's limit, and the next sweep goes on. */
const redeliveriesAtOnce = 50;
/** Changes woken in one transaction: it holds the lock on each of them until it ends, and deliveries wait for that. */
const wokenAtOnce = 50;
/** Repositories without open changes that one sweep looks at, in turn: an organisation may have hundreds, and an installation has five thousand requests an hour. */
const quietAtOnce = 20;

export interface SweepPorts {
  store: SweepStore;
  forge: Pick<Forge, "openChanges" | "failedDeliveries" | "redeliver" | "explain" | "installations" | "repositories" | "refuseMergeGroup">;
  /** Accounts for what came into the branches; `tips` are those of the branches that open changes go into. */
  explain: (origin: Origin, tips: ReadonlyMap<string, string>) => Promise<void>;
  /** Lets go of what this machine keeps for changes other than these. */
  prune: (origin: Origin, open: ReadonlySet<number>) => Promise<void>;
  /** Looks for organisations whose policy can't be seen. */
  sight: () => Promise<void>;
  /** Asks for nightly compiles that are due. */
  nights: () => Promise<void>;
  /** Keeps account of what could not be seen; missing: nobody does. */
  eyes?: Eyes;
  now: () => Date;
  log: Log;
}

type SweepRecords = Pick<
  Records,
  | "allOrigins"
  | "appendEntries"
  | "askDiscovery"
  | "askRedelivery"
  | "dropRepositories"
  | "endMergeGroup"
  | "knownDeliveries"
  | "mergeGroups"
  | "openChanges"
  | "saveRepository"
  | "saveSeen"
  | "takeDiscovery"
  | "takeDue"
  | "takeOrigins"
  | "unfinished"
  | "wakeAll"
>;
/** The part of the store that a sweep needs. */
export interface SweepStore {
  records: SweepRecords;
  transaction<T>(work: (records: SweepRecords) => Promise<T>): Promise<T>;
}

/** What a sweep found: numbers of changes and deliveries. */
export interface Swept {
  woken: number;
  redelivered: number;
}

/**
 * Finds what no webhook told of, after a start as in every minute: open changes that are not as they were decided on, others that are
 * not open any more, whatever was intended and not done, whatever only waited for its time, and deliveries that failed. It decides
 * nothing: it wakes. What can't be asked of one repository is said, and keeps nobody from the next.
 */
export async function sweep(ports: SweepPorts): Promise<Swept> {
  const { store, now } = ports;
  let woken = 0;
  await attempt(ports, null, async () => {
    await discover(ports);
    return 0;
  });
  for (const { origin, head } of await store.records.mergeGroups(now()))
    await attempt(ports, origin, async () => {
      await refuse(ports, origin, head);
      return 0;
    });
  const unheard: Date[] = [];
  for (const origin of await store.records.takeOrigins(quietAtOnce, now()))
    woken += await attempt(ports, origin, () => sweepRepository(ports, origin, unheard));
  await attempt(ports, null, async () => {
    await ports.nights();
    return 0;
  });
  const late = await wakeLate(ports);
  const redelivered = await attempt(ports, null, () => redeliverFailed(ports));
  const swept = { woken: woken + late, redelivered };
  await ports.eyes?.unheard(unheard.toSorted((one, other) => one.getTime() - other.getTime())[0] ?? null);
  await ports.eyes?.looked(`gave ${swept.woken} changes a turn, and had ${redelivered} webhooks sent again`);
  if (swept.woken > 0 || redelivered > 0) ports.log.info(swept, "the sweep found what no webhook had told of");
  return swept;
}

/** What waited for its time, and what was intended and not done. */
async function wakeLate({ store, now }: SweepPorts): Promise<number> {
  let woken = 0;
  for (let isMore = true; isMore;) {
    const due = await store.transaction(async (records) => {
      const changes = await records.takeDue(now(), wokenAtOnce);
      await records.wakeAll(changes);
      return changes.length;
    });
    woken += due;
    isMore = due === wokenAtOnce;
  }
  const unfinished = await store.records.unfinished();
  for (let at = 0; at < unfinished.length; at += wokenAtOnce)
    await store.transaction((records) => records.wakeAll(unfinished.slice(at, at + wokenAtOnce)));
  return woken + unfinished.length;
}

/** A sweep as a job: whatever becomes of it, the next one comes after its time. */
export async function sweepOnce(ports: SweepPorts, job: Job<object>): Promise<JobEnd> {
  try {
    await sweep(ports);
  } catch (error) {
    ports.log.error({ err: error }, "a sweep broke off");
  }
  return (records) => records.settleSweep(job, sweepSeconds);
}

/** Milliseconds that a webhook may take: GitHub sends it within seconds. */
const onItsWay = 60_000;

/** Gives how many changes have moved. Into `unheard` comes when those did of which a webhook should have told by now. */
async function sweepRepository({ store, forge, explain, prune, now, log }: SweepPorts, origin: Origin, unheard: Date[]): Promise<number> {
  const repository = origin.repository.id;
  // First what we know: a change that is decided on while the list is read is at worst woken once too often.
  const known = await store.records.openChanges(repository);
  const listed = await forge.openChanges(origin);
  const moved = movedChanges(known, listed);
  for (let at = 0; at < moved.length; at += wokenAtOnce) {
    await store.transaction(async (records) => {
      const some = moved.slice(at, at + wokenAtOnce);
      // Changes before jobs, as everybody locks them; one that nobody heard of is there only once it is woken.
      await records.saveSeen(repository, some);
      await records.wakeAll(some.map(({ number }) => ({ repository, number })));
    });
  }
  await explain(origin, new Map(listed.flatMap(({ base: { ref, tip } }) => (tip === null ? [] : [[ref, tip]]))));
  try {
    await prune(origin, new Set(listed.map(({ number }) => number)));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.warn({ repository: origin.repository }, `what is kept for closed changes stays until the next sweep: ${error.text}`);
  }
  const numbers = new Set(moved.map(({ number }) => number));
  for (const { number, updatedAt } of listed) {
    const at = new Date(updatedAt);
    if (numbers.has(number) && now().getTime() - at.getTime() > onItsWay) unheard.push(at);
  }
  return moved.length;
}

interface Moved {
  number: number;
  /** How it is now, to be kept; null for one that is not open any more. */
  seen: string | null;
}

/** Changes to look at again, in order. */
export function movedChanges(known: readonly KnownChange[], listed: readonly OpenChange[]): Moved[] {
  const before = new Map(known.map((change) => [change.number, change]));
  const moved = listed.flatMap((change): Moved[] => {
    const seen = JSON.stringify({ updatedAt: change.updatedAt, checks: change.checks });
    return hasMoved(before.get(change.number), change, seen) ? [{ number: change.number, seen }] : [];
  });
  const open = new Set(listed.map(({ number }) => number));
  const gone = known.filter(({ number }) => !open.has(number)).map(({ number }) => ({ number, seen: null }));
  return [...moved, ...gone].sort((one, other) => one.number - other.number);
}

function hasMoved(before: KnownChange | undefined, now: OpenChange, seen: string): boolean {
  if (before === undefined || before.pair === null) return true;
  return before.pair.head !== now.head || before.pair.base !== now.base.tip || before.baseRef !== now.base.ref || before.seen !== seen;
}

async function redeliverFailed({ store, forge, eyes, now }: SweepPorts): Promise<number> {
  const failed = await forge.failedDeliveries(new Date(now().getTime() - deliveriesKept * 1000));
  // One may have been kept although GitHub was not answered in time.
  const kept = await store.records.knownDeliveries(failed.map(({ guid }) => guid));
  // The oldest first: they are nearest to being forgotten.
  const lost = failed.filter(({ guid }) => !kept.has(guid)).reverse();
  const [oldest] = lost;
  if (oldest === undefined) await eyes?.sees(0, "deliveries", "each that failed was sent again, and every open change is looked at");
  else await eyes?.blind(0, "deliveries", "GitHub could not hand over webhooks", new Date(oldest.at));
  let asked = 0;
  for (const { id, guid } of lost) {
    if (asked === redeliveriesAtOnce) break;
    if (!(await store.records.askRedelivery(guid, now()))) continue;
    await forge.redeliver(id);
    asked += 1;
  }
  return asked;
}

async function attempt({ forge, eyes, log }: SweepPorts, origin: Origin | null, work: () => Promise<number>): Promise<number> {
  try {
    const done = await work();
    if (origin !== null) await eyes?.sees(origin.repository.id, "github", "every open change was looked at anew");
    return done;
  } catch (error) {
    const why = forge.explain(error);
    if (why !== null && origin !== null) await eyes?.blind(origin.repository.id, "github", why.text);
    const fields = origin === null ? {} : { repository: origin.repository };
    if (why === null) log.error({ ...fields, err: error }, "a sweep failed over a fault of the gate");
    else log.warn(fields, `not swept: ${why.text}`);
    return 0;
  }
}
