import { randomUUID } from "node:crypto";
import type { CacheShelf } from "../engine/ports/cache.ts";
import type { JobData, Queue, Job } from "../engine/ports/jobs.ts";
import type { Lease } from "../engine/ports/lease.ts";
import type { Problem } from "../problem.ts";
import type { Database } from "./database.ts";
import type { Executor } from "./executor.ts";
import { openJobs } from "./jobs.ts";
import { databaseShelf } from "./shelf.ts";
import { addAnswered, answeredComments } from "./statements/answers.ts";
import { beginBlind, endBlind, lastBeat, newestDelivery, saveBeat, tellBlind } from "./statements/blindness.ts";
import { laneMoves, laneWalk, saveLaneWalk } from "./statements/lane-walks.ts";
import { beginExplaining, explainedTip, landingsAt, saveExplainedTip, watchedBranches } from "./statements/branches.ts";
import {
  findChange,
  openChanges,
  openChangesAt,
  openChangesMoved,
  openChangesOf,
  saveDecision,
  saveSeen,
  setAllDue,
  setDue,
  standingOf,
  takeDue,
} from "./statements/changes.ts";
import { askCheck, dropChecks } from "./statements/check-jobs.ts";
import { findCheck, forgetChecks, lastCheckedOf, saveCheck } from "./statements/checks.ts";
import { addMergeGroup, endMergeGroup, mergeGroups, reactedTo, saveReacted } from "./statements/courtesies.ts";
import { debtsOf, freezeBranch, frozenOf, oweReview, payReview, unfreezeBranch } from "./statements/debts.ts";
import { addDelivery, askRedelivery, forgetOld, knownDeliveries } from "./statements/deliveries.ts";
import { addEdit, editsOf } from "./statements/edits.ts";
import { endEffect, intendEffects } from "./statements/effects.ts";
import { addReverts, expectationStats, saveDraftTold, toldDrafts, untoldReverts } from "./statements/expectations.ts";
import { ledgerRecords } from "./ledger-records.ts";
import type { JobExecutor } from "./statements/keys.ts";
import { forgetBuckets, keepBuckets, otherBuckets } from "./statements/buckets.ts";
import { changeOwnLabels, ownLabels, reachOfChanges } from "./statements/labels.ts";
import { addMeasures, entriesAbout, entriesBehind, measuredTo, measures } from "./statements/measures.ts";
import { intendMerge, landingsOf, refuseMerge, saveLanding } from "./statements/landings.ts";
import { checkLease, renewLeases } from "./statements/leases.ts";
import { appendEntries, entriesOf, nameActors } from "./statements/ledger.ts";
import { entriesOfAll, listEntries, logHead, loginsOf, nodesFrom, saltOf, showEntry } from "./statements/ledger-pages.ts";
import { addPageSession, endPageSessions, hasPageSession } from "./statements/page-sessions.ts";
import { lastOrders, listChanges, showChange } from "./statements/page-rows.ts";
import { addTrust, endGlass, endWish, glassOf, saveGlass, saveWish, trustOf, wishOf } from "./statements/promises.ts";
import { addProofs, allProofs } from "./statements/proofs.ts";
import { addPush, pushedAt, pushersOf } from "./statements/pushes.ts";
import { readings, type Readings } from "./statements/readings.ts";
import { addReceipt, bindReceipt, findCarry, receiptsOf, saveCarry, saveTold, toldOf } from "./statements/receipts.ts";
import {
  allOrigins,
  askDiscovery,
  dropInstallation,
  dropRepositories,
  originOf,
  saveRepository,
  takeDiscovery,
  takeOrigins,
} from "./statements/repositories.ts";
import { saveSteps, stepsOf } from "./statements/line-steps.ts";
import { addNews, askTells, keepPlaces, newsAfter, newsSince, placesBehind, saveToldTo, toldTo } from "./statements/news.ts";
import { askNights, isChecking, nextNight, saveNight } from "./statements/nights.ts";
import { addOrder, answerOrder, openOrders, orderAnswer, ordersOf, saveSight, sightOf } from "./statements/orders.ts";
import { dropOrganisationPolicy, organisationPolicyOf, saveOrganisationPolicy } from "./statements/organisation-policies.ts";
import { lineBehind, lineFrom, saveLine } from "./statements/rollout-line.ts";
import { forgetRollout } from "./statements/rollout-forgetting.ts";
import { saveShown, unsettledChanges } from "./statements/rollout-shown.ts";
import { askRolls, baselineOf, predictionOf, rolloutOf, saveBaseline, savePrediction, saveRollout } from "./statements/rollouts.ts";
import { askSweep, settleSweep } from "./statements/sweeps.ts";
import { again, LeaseBusy, takeBack, takeJob } from "./statements/taking.ts";
import { countJobs, countTurns, endJob, givenUp, outlook, postponeTurn, settleTurn, unfinished } from "./statements/turns.ts";
import { addTouch, wake, wakeAll } from "./statements/wakes.ts";
import { addUnnamedReverts, retryUnnamedRevert, unnamedReverts } from "./statements/unnamed-reverts.ts";

const statements = {
  beginBlind,
  endBlind,
  laneMoves,
  laneWalk,
  lastBeat,
  newestDelivery,
  saveBeat,
  saveLaneWalk,
  tellBlind,
  addAnswered,
  addReverts,
  addUnnamedReverts,
  addDelivery,
  addEdit,
  addMeasures,
  addMergeGroup,
  addPageSession,
  addNews,
  addOrder,
  addProofs,
  addPush,
  addReceipt,
  addTouch,
  addTrust,
  again,
  allOrigins,
  allProofs,
  answerOrder,
  answeredComments,
  appendEntries,
  askCheck,
  askDiscovery,
  askNights,
  askRedelivery,
  askRolls,
  askSweep,
  askTells,
  baselineOf,
  beginExplaining,
  bindReceipt,
  changeOwnLabels,
  countJobs,
  countTurns,
  debtsOf,
  dropChecks,
  dropInstallation,
  dropOrganisationPolicy,
  dropRepositories,
  editsOf,
  endEffect,
  endJob,
  endGlass,
  endMergeGroup,
  endPageSessions,
  endWish,
  entriesAbout,
  entriesBehind,
  entriesOf,
  entriesOfAll,
  expectationStats,
  explainedTip,
  findCarry,
  findChange,
  findCheck,
  forgetBuckets,
  forgetChecks,
  forgetOld,
  forgetRollout,
  freezeBranch,
  frozenOf,
  givenUp,
  glassOf,
  hasPageSession,
  intendEffects,
  intendMerge,
  isChecking,
  keepBuckets,
  keepPlaces,
  knownDeliveries,
  landingsAt,
  landingsOf,
  lineBehind,
  lineFrom,
  lastOrders,
  lastCheckedOf,
  listChanges,
  listEntries,
  logHead,
  loginsOf,
  measuredTo,
  measures,
  mergeGroups,
  nodesFrom,
  nameActors,
  newsAfter,
  newsSince,
  nextNight,
  openChanges,
  openChangesAt,
  openChangesMoved,
  openChangesOf,
  openOrders,
  orderAnswer,
  ordersOf,
  organisationPolicyOf,
  otherBuckets,
  originOf,
  outlook,
  oweReview,
  ownLabels,
  payReview,
  placesBehind,
  postponeTurn,
  predictionOf,
  pushedAt,
  pushersOf,
  reachOfChanges,
  reactedTo,
  receiptsOf,
  refuseMerge,
  rolloutOf,
  saltOf,
  saveBaseline,
  saveCarry,
  saveCheck,
  saveDecision,
  retryUnnamedRevert,
  saveDraftTold,
  saveExplainedTip,
  saveGlass,
  saveLanding,
  saveLine,
  saveNight,
  saveOrganisationPolicy,
  savePrediction,
  saveReacted,
  saveRepository,
  saveRollout,
  saveSeen,
  saveShown,
  saveSight,
  saveSteps,
  saveTold,
  saveToldTo,
  saveWish,
  setAllDue,
  setDue,
  settleSweep,
  settleTurn,
  sightOf,
  showChange,
  standingOf,
  showEntry,
  stepsOf,
  takeDiscovery,
  takeDue,
  takeOrigins,
  toldDrafts,
  toldOf,
  toldTo,
  trustOf,
  unfinished,
  unsettledChanges,
  unnamedReverts,
  untoldReverts,
  unfreezeBranch,
  wake,
  wakeAll,
  watchedBranches,
  wishOf,
};

type Statements = typeof statements;
type Bound<F> = F extends (executor: JobExecutor, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** Every statement, bound to what it runs on. */
export type Records = { [Name in keyof Statements]: Bound<Statements[Name]> };

export interface Store {
  /** Each statement by itself; those that send jobs are to be given a transaction. Never inside `transaction`: only what that hands out answers there. */
  records: Records;
  /** All or nothing. */
  transaction<T>(work: (records: Records) => Promise<T>): Promise<T>;
  /** The same on connections of its own, for deliveries: whatever turns are under way, none of these waits for them. */
  inbox: Pick<Store, "records" | "transaction">;
  /** A transaction that only the holder of this lease can make. Rejects with LeaseLost once it was taken over. */
  held<T>(lease: Lease, work: (records: Records) => Promise<T>): Promise<T>;
  /** Takes the next job that is due, under a lease of so many seconds. */
  take<Q extends Queue>(queue: Q, seconds: number): Promise<Job<JobData[Q]> | null>;
  /** Prolongs all leases of this process; gives the epochs of those that it still has. */
  renew(seconds: number): Promise<ReadonlySet<number>>;
  /** Gives back the jobs of processes that let their leases end. Tells how many. */
  takeBack(): Promise<number>;
  /** Calls back when a queue got a job, or may have got one. */
  onNews(hear: () => void): void;
  /** A place for compiles that are kept, of so many bytes. */
  shelf(limit: number): CacheShelf;
  /** Its log: the tree over its entries, and what was signed and published of it. */
  log: ReturnType<typeof ledgerRecords>;
  /** How things stand, in numbers. Rejects where that takes longer than a few seconds. */
  readings(): Promise<Readings>;
  /** Why this program may not use the database any more: another version of it changed the tables. Null where it may. */
  foreign(): Promise<Problem | null>;
  /** Calls back once, when that is found, in whatever call: each is refused from then on. */
  onForeign(hear: (why: Problem) => void): void;
  close(): Promise<void>;
}

/** Milliseconds that one statement of the readings may take: who asks for them asks again. */
const readingPatience = 3_000;

/** The store with its queues. `onError` hears what goes wrong beside any call, such as a lost connection. */
export async function createStore(database: Database, onError: (error: Error) => void): Promise<Store> {
  let hear: () => void = () => undefined;
  const jobs = await openJobs(database, { onNews: () => hear(), onError });
  const withBoss = (executor: Executor): JobExecutor => ({
    query: (sql, parameters) => executor.query(sql, parameters),
    exec: (sql) => executor.exec(sql),
    boss: jobs.boss,
  });
  const bound = (executor: Executor): Records => bind(withBoss(executor));
  const transactionOn =
    (on: Pick<Database, "transaction">): Store["transaction"] =>
    (work) =>
      on.transaction((executor) => work(bound(executor)));
  const held = <T>(lease: Lease, work: (records: Records) => Promise<T>): Promise<T> =>
    database.transaction(async (executor) => {
      await checkLease(executor, lease);
      return work(bound(executor));
    });
  const within = <T>(work: (executor: JobExecutor) => Promise<T>): Promise<T> =>
    database.transaction((executor) => work(withBoss(executor)));
  // A new one for each start: what an earlier process of this machine held is not ours.
  const holder = randomUUID();
  // Nobody else can be at work on an embedded database, so that whoever held a lease is gone.
  await within((executor) => takeBack(executor, database.kind === "embedded"));
  return {
    records: bound(database),
    transaction: transactionOn(database),
    inbox: { records: bound(database.inbox), transaction: transactionOn(database.inbox) },
    held,
    take: async (queue, seconds) => {
      try {
        return await within((executor) => takeJob(executor, queue, { holder, seconds }));
      } catch (error) {
        if (error instanceof LeaseBusy) return null;
        throw error;
      }
    },
    renew: (seconds) => renewLeases(database, holder, seconds),
    takeBack: () => within((executor) => takeBack(executor, false)),
    onNews: (listener) => {
      hear = listener;
    },
    shelf: (limit) => databaseShelf(database, limit),
    log: ledgerRecords(database),
    readings: () =>
      database.transaction(async (executor) => {
        await executor.exec(`set local statement_timeout = ${readingPatience}`);
        return readings(executor);
      }),
    foreign: () => database.foreign(),
    onForeign: (listener) => database.onForeign(listener),
    close: async () => {
      await jobs.stop();
      await database.close();
    },
  };
}

function bind(executor: JobExecutor): Records {
  const bound = Object.entries(statements).map(([name, statement]) => [
    name,
    (...rest: unknown[]) => (statement as (executor: JobExecutor, ...rest: unknown[]) => unknown)(executor, ...rest),
  ]);
  return Object.fromEntries(bound) as Records;
}
