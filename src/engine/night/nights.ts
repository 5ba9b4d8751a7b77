import { Problem } from "../../problem.ts";
import type { Origin } from "../../gate/event.ts";
import type { Forge } from "../ports/forge.ts";
import type { Job } from "../ports/jobs.ts";
import type { JobEnd } from "../ports/store.ts";
import type { Log } from "../ports/log.ts";
import type { Records } from "../ports/records.ts";
import type { NightJob, NightJudge, NightProven } from "../ports/night.ts";
import { nightOf } from "./when.ts";
import { recordWrong } from "./wrong.ts";

/** Base's tips, compiled anew once a day for each repository and compared with what is kept of them: jobs of their own, after all others. */
export interface Nights {
  /** Asks for the nights that have begun and are not through. */
  ask(): Promise<void>;
  perform(job: Job<NightJob>, signal: AbortSignal): Promise<JobEnd>;
}

export interface NightsPorts {
  /** Null: there are no nights. `start` is the minute of UTC's day at which they begin. */
  night: { judge: NightJudge; start: number } | null;
  store: {
    records: Pick<Records, "allOrigins" | "isChecking" | "nextNight" | "originOf">;
    transaction<T>(work: (records: Pick<Records, "askNights">) => Promise<T>): Promise<T>;
  };
  forge: Pick<Forge, "explain" | "organisationPolicy">;
  now: () => Date;
  log: Log;
}

/** Minutes of one turn: whatever it did is kept by then, and the next one sees whether base has moved. */
const turnMinutes = 5;
/** Minutes until what could not be done is tried again. */
const patience = 15;

export function createNights(ports: NightsPorts): Nights {
  const { night, store, now } = ports;
  return {
    ask: async () => {
      if (night === null) return;
      const origins = await store.records.allOrigins();
      const begun = origins.map(({ repository: { id } }) => ({ repository: id, night: nightOf(now(), night.start, id) }));
      await store.transaction((records) => records.askNights(begun, now()));
    },
    perform: async (job, signal) => {
      const { repository } = job.data;
      const [next, origin] = [await store.records.nextNight(repository), await store.records.originOf(repository)];
      // Those that were asked for before nights were turned off end here.
      if (night === null || next === null || origin === null) return (records) => records.endJob(job);
      const until = now().getTime() + turnMinutes * 60_000;
      const mayGoOn = async (): Promise<boolean> => now().getTime() < until && !(await store.records.isChecking());
      const proven = await attempt(ports, night.judge, { origin, ...next, mayGoOn, signal });
      if (signal.aborted) return (records) => records.again(job);
      return ended(ports, job, next, proven);
    },
  };
}

interface Turn {
  origin: Origin;
  branch: string;
  after: string | null;
  mayGoOn: () => Promise<boolean>;
  signal: AbortSignal;
}

/** Null where nothing could be compiled; why is said. */
async function attempt(
  { forge, log }: NightsPorts,
  judge: NightJudge,
  { origin, branch, after, ...on }: Turn,
): Promise<NightProven | null> {
  const fields = { repository: origin.repository, branch };
  try {
    const organisation = await forge.organisationPolicy(origin);
    if (organisation.known) return await judge({ origin, branch, after, organisation: organisation.value }, on);
    log.warn(fields, `the nightly compile waits: whether the organisation has a policy can't be told now: ${organisation.reason}`);
  } catch (error) {
    if (on.signal.aborted) return null;
    const why = error instanceof Problem ? error.text : forge.explain(error)?.text;
    if (why === undefined) log.error({ ...fields, err: error }, "the nightly compile failed over a fault of the gate");
    else log.warn(fields, `the nightly compile waits: ${why}`);
  }
  return null;
}

function ended(
  ports: NightsPorts,
  job: Job<NightJob>,
  { branch, after }: { branch: string; after: string | null },
  proven: NightProven | null,
): JobEnd {
  const { now, log } = ports;
  const { repository } = job.data;
  if (proven === null) {
    const notBefore = new Date(now().getTime() + patience * 60_000);
    return async (records) => {
      await records.saveNight(repository, branch, { after, isThrough: false, notBefore });
      await records.endJob(job);
    };
  }
  const { sha, verdicts, missed } = proven;
  for (const { certname, differs } of missed)
    log.error(
      { repository, branch, sha, node: certname, differs },
      "base compiles to another catalog than was kept: a fault of puppet-gate",
    );
  return async (records) => {
    await records.saveNight(repository, branch, { after: proven.after, isThrough: proven.after === null, notBefore: null });
    await records.addProofs(repository, { source: "night", verdicts, missed: missed.length }, now());
    await records.endJob(job);
    if (missed.length === 0) return;
    await recordWrong(records, repository, { subject: `branch/${branch}`, commits: [sha], missed }, { except: null, at: now() });
  };
}
