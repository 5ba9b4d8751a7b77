import { LeaseLost, Problem } from "../../problem.ts";
import type { Origin } from "../../gate/event.ts";
import type { Forge } from "../ports/forge.ts";
import type { Job } from "../ports/jobs.ts";
import type { JobEnd } from "../ports/store.ts";
import type { Log } from "../ports/log.ts";
import type { News, NewsStore, Place, PlaceProgress, TellJob, Heard } from "../ports/news.ts";

/** Tells what happened to releases, at every place in its order: a job of its own, so that no rollout waits for whoever is told. */
export interface Tells {
  /** Asks for what is not told yet: news come with a job of their own, which a process that was killed may not have asked for. */
  ask(): Promise<void>;
  perform(job: Job<TellJob>, signal: AbortSignal): Promise<JobEnd>;
}

export interface TellsPorts {
  places: readonly Place[];
  /** Whether this server rolls out what is in a repository. */
  isServed: (origin: Origin) => boolean;
  store: NewsStore;
  forge: Pick<Forge, "explain">;
  now: () => Date;
  log: Log;
  /** Of one telling, after which it counts as failed. */
  seconds?: number;
}

const minute = 60_000;
/** Minutes before each further try; the last is that of every later one. */
const waits = [1, 2, 5, 10, 20, 30];
/** What could not be told for so long is given up on: who it was for has seen by now, or never looks there. */
const longest = 24 * 60 * minute;
/** What a place lost is shown for so long after the last: somebody has to see it, and it can't be made good. */
const shownLost = 7 * 24 * 60 * minute;
export const lostSince = (now: Date): Date => new Date(now.getTime() - shownLost);
/** Of one telling: longer than GitHub's slowest answers. */
const longestSeconds = 120;
/** Read at once. */
const most = 100;

export function createTells(ports: TellsPorts): Tells {
  const { places, isServed, store } = ports;
  const names = places.map(({ name }) => name);
  /** Repositories whose places were looked at since the start: they are the same until its end. */
  const kept = new Set<number>();
  const keepPlaces = async ({ repository: { id } }: Origin, { lease }: Job<TellJob>): Promise<void> => {
    if (kept.has(id)) return;
    await store.held(lease, (records) => records.keepPlaces(id, names));
    kept.add(id);
  };
  return {
    ask: async () => {
      if (places.length === 0) return;
      const origins = (await store.records.allOrigins()).filter(isServed);
      if (origins.length > 0) await store.transaction((records) => records.askTells(origins.map(({ repository: { id } }) => id)));
    },
    perform: async (job, signal) => {
      const origin = await store.records.originOf(job.data.repository);
      if (origin !== null && isServed(origin)) {
        // One place that does not answer, or answers late, holds up no other.
        const ended = await Promise.allSettled([
          keepPlaces(origin, job),
          ...places.map((place) => serve(ports, place, { origin, job, signal })),
        ]);
        const failed = ended.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
        const cause = failed.find((reason) => !(reason instanceof LeaseLost));
        if (cause !== undefined) throw new Error("what was told could not be kept", { cause });
      }
      return (records) => (signal.aborted ? records.again(job) : records.endJob(job));
    },
  };
}

interface Around {
  origin: Origin;
  job: Job<TellJob>;
  signal: AbortSignal;
}

async function serve(ports: TellsPorts, place: Place, around: Around): Promise<void> {
  await tellAt(ports, place, around);
  await keepAt(ports, place, around);
}

/** All that a place has not heard, until one can't be told. */
async function tellAt(ports: TellsPorts, place: Place, around: Around): Promise<void> {
  const { store, now } = ports;
  const { origin, job, signal } = around;
  const { id } = origin.repository;
  let told = await store.records.toldTo(id, place.name, new Date(now().getTime() - longest));
  if (told.nextAt !== null && now() < told.nextAt) return;
  for (let isMore = true; isMore;) {
    const news = await store.records.newsAfter(id, told.seq, most);
    for (let waiting = news; waiting.length > 0; waiting = waiting.filter(({ seq }) => seq > told.seq)) {
      const progress = await attempt(ports, place, waiting, around);
      if (signal.aborted) return;
      told = progressed(ports, place, { told, waiting, progress, origin });
      await store.held(job.lease, (records) => records.saveToldTo(id, place.name, told));
      if (progress.rest !== null) return;
      if (progress.upTo === null) throw new Error(`${place.name} came no further, and did not say why`);
    }
    isMore = news.length === most;
  }
}

function progressed(
  ports: TellsPorts,
  place: Place,
  { told, waiting, progress, origin }: { told: Heard; waiting: readonly News[]; progress: PlaceProgress; origin: Origin },
): Heard {
  const { upTo, rest } = progress;
  const come = upTo === null ? told : { ...told, seq: upTo, attempts: 0, nextAt: null, why: null };
  const one = waiting.find(({ seq }) => seq > come.seq);
  if (rest === null || one === undefined) return come;
  if (rest.hasFailed) return after(ports, place, { told: come, one, failure: { text: rest.text, after: rest.seconds }, origin });
  return { ...come, nextAt: new Date(ports.now().getTime() + rest.seconds * 1000), why: rest.text };
}

interface Failed {
  text: string;
  /** Seconds to wait at least. */
  after: number;
}

async function attempt(ports: TellsPorts, place: Place, waiting: readonly News[], { origin, signal }: Around): Promise<PlaceProgress> {
  const tried = await withinTime(ports, place, signal, (within) => hear(place, origin, waiting, within));
  return tried.ok ? tried.value : { upTo: null, rest: { hasFailed: true, text: tried.failed.text, seconds: tried.failed.after } };
}

/** What a place shows of how things are. That it can't now is no news for anybody. */
async function keepAt(ports: TellsPorts, place: Place, { origin, signal }: Around): Promise<void> {
  if (place.keep === undefined || signal.aborted) return;
  const tried = await withinTime(ports, place, signal, async (within) => place.keep?.(origin, within));
  if (tried.ok || signal.aborted) return;
  const fields = { repository: origin.repository, place: place.name };
  ports.log.warn(fields, `${place.name} may not show where releases are now: ${tried.failed.text}`);
}

async function withinTime<T>(
  { forge, log, seconds = longestSeconds }: TellsPorts,
  place: Place,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; failed: Failed }> {
  const failed = ({ text, after: least }: Failed): { ok: false; failed: Failed } => ({ ok: false, failed: { text, after: least } });
  const signal = AbortSignal.any([outer, AbortSignal.timeout(seconds * 1000)]);
  try {
    return { ok: true, value: await Promise.race([work(signal), ended(signal)]) };
  } catch (error) {
    if (signal.aborted) return failed({ text: `it took longer than ${seconds} seconds`, after: 0 });
    if (error instanceof Problem) return failed({ text: error.message, after: 0 });
    const why = forge.explain(error);
    if (why !== null) return failed(why);
    log.error({ place: place.name, err: error }, "news could not be told over a fault of the gate");
    return failed({ text: `a fault of the gate: ${error instanceof Error ? error.message : String(error)}`, after: 0 });
  }
}

async function hear(place: Place, origin: Origin, waiting: readonly News[], signal: AbortSignal): Promise<PlaceProgress> {
  if (place.tellSome !== undefined) return place.tellSome(origin, waiting, signal);
  const [first] = waiting;
  if (first === undefined) throw new Error("a place was to be told nothing");
  await place.tell(origin, first, signal);
  return { upTo: first.seq, rest: null };
}

/** For a place that does not hear its signal. */
const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new Error("told to end"));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });

/** The same again after a while, or the next one where this one is too old by now. */
function after(
  { now, log }: TellsPorts,
  { name }: Place,
  { told, one, failure, origin }: { told: Heard; one: News; failure: Failed; origin: Origin },
): Heard {
  const attempts = told.attempts + 1;
  const wait = Math.max((waits[Math.min(attempts, waits.length) - 1] ?? 0) * minute, failure.after * 1000);
  const nextAt = new Date(now().getTime() + wait);
  const fields = { repository: origin.repository, place: name, event: one.event.kind, happenedAt: one.at, attempts };
  if (now().getTime() - one.at.getTime() < longest) {
    log.warn({ ...fields, nextAt }, `${name} could not be told what happened to a release: ${failure.text}`);
    return { ...told, attempts, nextAt, why: failure.text };
  }
  log.error(fields, `${name} is never told what happened to a release a day ago: ${failure.text}`);
  // The next one waits, too: it would fail for the same reason.
  const lost = told.lostAt !== null && told.lostAt > lostSince(now()) ? told.lost : 0;
  return { seq: one.seq, attempts, nextAt, why: failure.text, lost: lost + 1, lostAt: now() };
}
