import type { Draft } from "../ledger/entry.ts";

/** What the gate sees by, and may not see by for a while. */
export type Sense =
  /** It ran. */
  | "gate"
  /** GitHub could hand over webhooks. */
  | "deliveries"
  /** Webhooks tell of what happens. */
  | "webhooks"
  /** GitHub answers. */
  | "github"
  /** PuppetDB, or wherever the runs of agents are told. */
  | "puppetdb"
  /** The App may read the repository. */
  | "app";

interface Blind {
  since: Date;
  why: string;
  /** Whether the ledger knows that it began. */
  told: boolean;
}

export interface EyesRecords {
  /** Since when and why stay as they were noted first. */
  beginBlind(repository: number, about: { what: string; since: Date; why: string }): Promise<Blind>;
  /** False where it was told before. */
  tellBlind(repository: number, what: string): Promise<boolean>;
  /** Null where it was seen all the time, or is not since a time after `before`. */
  endBlind(repository: number, what: string, before: Date): Promise<Blind | null>;
  lastBeat(): Promise<Date | null>;
  saveBeat(at: Date): Promise<void>;
  newestDelivery(): Promise<Date | null>;
  appendEntries(repository: number, drafts: readonly Draft[], at: Date): Promise<void>;
}

export interface EyesPorts {
  store: { records: EyesRecords; transaction<T>(work: (records: EyesRecords) => Promise<T>): Promise<T> };
  now: () => Date;
}

/** Keeps account of when the gate could not see. Repository 0 is the installation. */
export interface Eyes {
  blind(repository: number, what: Sense, why: string, since?: Date): Promise<void>;
  /** Sees again what it did not since a time before `since`; `reconciled`: how what it missed is made up for, as a sentence. */
  sees(repository: number, what: Sense, reconciled: string, since?: Date): Promise<void>;
  /** Something happened at this time, of which no webhook told by now: at the earliest of what the look found. Null for nothing. */
  unheard(earliest: Date | null): Promise<void>;
  /** Ends a look: where none was made for long before it, that is recorded. */
  looked(found: string): Promise<void>;
}

/** Milliseconds: restarts, upgrades and hiccups are over by then, and looked at again they say nothing. */
const patience = 600_000;

export function createEyes({ store, now }: EyesPorts): Eyes {
  const sees: Eyes["sees"] = async (repository, what, reconciled, since = now()) =>
    store.transaction(async (records) => {
      const was = await records.endBlind(repository, what, since);
      const at = now();
      if (was === null || (!was.told && at.getTime() - was.since.getTime() < patience)) return;
      await records.appendEntries(repository, [blindDraft(what, { from: was.since, to: at, why: was.why, reconciled })], at);
    });
  const blind: Eyes["blind"] = async (repository, what, why, since = now()) =>
    store.transaction(async (records) => {
      const is = await records.beginBlind(repository, { what, since, why });
      const at = now();
      if (is.told || at.getTime() - is.since.getTime() < patience || !(await records.tellBlind(repository, what))) return;
      await records.appendEntries(repository, [blindDraft(what, { from: is.since, to: null, why: is.why, reconciled: null })], at);
    });
  return {
    blind,
    sees,
    unheard: async (earliest) => {
      const newest = await store.records.newestDelivery();
      if (earliest !== null && (newest === null || newest < earliest))
        await blind(0, "webhooks", "changes had moved of which no webhook told, nor of anything since", earliest);
      else if (newest !== null) await sees(0, "webhooks", "each look finds what no webhook told of, and gives it a turn", newest);
    },
    looked: async (found) =>
      store.transaction(async (records) => {
        const before = await records.lastBeat();
        const at = now();
        await records.saveBeat(at);
        if (before === null || at.getTime() - before.getTime() < patience) return;
        const why = "the gate did not run, or did not come to look";
        const reconciled = `the first look after it ${found}`;
        await records.appendEntries(0, [blindDraft("gate", { from: before, to: at, why, reconciled })], at);
      }),
  };
}

/** What the ledger is told of a time without sight. `to` null: it is not over. */
function blindDraft(
  what: Sense,
  { from, to, why, reconciled }: { from: Date; to: Date | null; why: string; reconciled: string | null },
  repository: number | null = null,
): Draft {
  const times = { from: from.toISOString(), to: to?.toISOString() ?? null };
  const evidence = JSON.stringify({ what, ...times, why, reconciled, ...(repository !== null && { repository }) });
  const of = repository === null ? what : `${what}/${repository}`;
  const key = `blind:${of}:${times.from}:${to === null ? "began" : "over"}`;
  return { kind: "blind", subject: `sight/${of}`, actor: null, evidence: [evidence], key };
}

const suspended = "the App was suspended, or taken from the repository";

/** Of repositories that the App lost. They are told together, as of the installation: whoever appends does so once, at the end of a transaction. */
export const lostDrafts = (ids: readonly number[], at: Date): Draft[] =>
  ids.map((id) => blindDraft("app", { from: at, to: null, why: suspended, reconciled: null }, id));

/** Of those that it has again. */
export const backDrafts = (back: readonly { id: number; since: Date }[], at: Date): Draft[] =>
  back.map(({ id, since }) => blindDraft("app", { from: since, to: at, why: suspended, reconciled: caughtUp }, id));

const caughtUp = "every open change gets a turn, and the next look explains each commit that came to the branches meanwhile";
