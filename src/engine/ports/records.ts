import type { BranchRecords } from "./branch-records.ts";
import type { ChangeRecords, DecidedChange, IntendedMerge } from "./change-records.ts";
import type { ChangeKey, Pair } from "./changes.ts";
import type { InboxRecords } from "./inbox-records.ts";
import type { Job, Turn } from "./jobs.ts";
import type { CheckResult } from "./judge.ts";
import type { Proofs } from "./night.ts";
import type { OrderRecords } from "./orders.ts";
import type { OriginRecords } from "./origin-records.ts";
import type { QueueRecords } from "./queue-records.ts";
import type { Effect } from "../../gate/decide.ts";
import type { Person } from "../../gate/facts.ts";
import type { Draft, Entry } from "../../ledger/entry.ts";
import type { RevertRecords } from "../expect/reverted.ts";

/** What the gate remembers. Inside a transaction only the records it hands out may be used. */
export interface Records extends InboxRecords, OriginRecords, QueueRecords, ChangeRecords, BranchRecords, OrderRecords, RevertRecords {
  /** Appends to the ledger; the last thing to do in a transaction, and never outside one. */
  appendEntries(repository: number, drafts: readonly Draft[], at: Date): Promise<void>;
  /** Keeps what people are called now, to be shown; of those alone whom the ledger knows by then. */
  nameActors(people: readonly Person[]): Promise<void>;
  entriesOf(repository: number, subject: string): Promise<{ seq: number; entry: Entry }[]>;
}

/** What only the holder of a lease may write: the ends of jobs, decisions and what follows from them. */
export interface HeldRecords extends Records {
  saveDecision(change: ChangeKey, decided: DecidedChange, at: Date): Promise<void>;
  saveCheck(change: ChangeKey, pair: Pair, made: { result: CheckResult; grounds: string }, at: Date): Promise<void>;
  changeOwnLabels(change: ChangeKey, labels: { add: readonly string[]; remove: readonly string[] }): Promise<void>;
  intendEffects(change: ChangeKey, effects: readonly Effect[], at: Date): Promise<number[]>;
  endEffect(id: number, error: string | null, at: Date): Promise<void>;
  intendMerge(change: ChangeKey, merge: IntendedMerge, at: Date): Promise<void>;
  /** Of the intended merge, where there is one. */
  refuseMerge(change: ChangeKey, why: string, at: Date): Promise<void>;

  settleTurn(job: Job<Turn>): Promise<void>;
  /** `seconds` null gives the turn up until the next wake. */
  postponeTurn(job: Job<Turn>, error: string, seconds: number | null): Promise<void>;
  /** Ends the sweep, and asks for the next one in so many seconds. */
  settleSweep(job: Job<object>, seconds: number): Promise<void>;
  /** How far a branch's night has come; `notBefore`: when it may go on. */
  saveNight(repository: number, branch: string, come: { after: string | null; isThrough: boolean; notBefore: Date | null }): Promise<void>;
  /** Counts what a sample or a night proved, by UTC's day. */
  addProofs(repository: number, proofs: Proofs, at: Date): Promise<void>;
  endJob(job: Job<object>): Promise<void>;
  /** Puts a job back, to be taken anew. */
  again(job: Job<object>): Promise<void>;
}
