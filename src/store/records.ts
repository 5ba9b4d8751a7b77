import type { Database } from "./database.ts";
import type { Executor } from "./executor.ts";
import { addAnswered, answeredComments } from "./statements/answers.ts";
import { explainedTip, landingsAt, saveExplainedTip, watchedBranches } from "./statements/branches.ts";
import { findChange, openChangesAt, openChangesInto, openChangesOf, saveDecision, setDue, takeDue } from "./statements/changes.ts";
import { findCheck, forgetChecks, saveCheck } from "./statements/checks.ts";
import { debtsOf, freezeRepository, frozenOf, oweReview, payReview, unfreezeRepository } from "./statements/debts.ts";
import { addDelivery, forgetOld } from "./statements/deliveries.ts";
import { endEffect, intendEffects } from "./statements/effects.ts";
import { changeOwnLabels, ownLabels } from "./statements/labels.ts";
import { findLanding, intendMerge, intendedMerge, lastMerge, refuseMerge, saveLanding } from "./statements/landings.ts";
import { appendEntries, entriesOf } from "./statements/ledger.ts";
import { addTrust, endWish, glassOf, saveGlass, saveWish, trustOf, wishOf } from "./statements/promises.ts";
import { addPush, pushedAt, pushersOf } from "./statements/pushes.ts";
import { addReceipt, bindReceipt, findCarry, receiptsOf, saveCarry } from "./statements/receipts.ts";
import { originOf, saveRepository } from "./statements/repositories.ts";
import { countTurns, dueTurns, nextTurn, postponeTurn, resumeTurns, settleTurn, wake } from "./statements/turns.ts";

const statements = {
  addAnswered,
  addDelivery,
  addPush,
  addReceipt,
  addTrust,
  answeredComments,
  appendEntries,
  bindReceipt,
  changeOwnLabels,
  countTurns,
  debtsOf,
  dueTurns,
  endEffect,
  endWish,
  entriesOf,
  explainedTip,
  findCarry,
  findChange,
  findCheck,
  findLanding,
  forgetChecks,
  forgetOld,
  freezeRepository,
  frozenOf,
  glassOf,
  intendEffects,
  intendMerge,
  intendedMerge,
  landingsAt,
  lastMerge,
  nextTurn,
  openChangesAt,
  openChangesInto,
  openChangesOf,
  originOf,
  oweReview,
  ownLabels,
  payReview,
  postponeTurn,
  pushedAt,
  pushersOf,
  receiptsOf,
  refuseMerge,
  resumeTurns,
  saveCarry,
  saveCheck,
  saveDecision,
  saveExplainedTip,
  saveGlass,
  saveLanding,
  saveRepository,
  saveWish,
  setDue,
  settleTurn,
  takeDue,
  trustOf,
  unfreezeRepository,
  wake,
  watchedBranches,
  wishOf,
};

type Statements = typeof statements;
type Bound<F> = F extends (executor: Executor, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** Every statement, bound to what it runs on. */
export type Records = { [Name in keyof Statements]: Bound<Statements[Name]> };

export interface Store {
  /** Each statement by itself. Never inside `transaction`: there the records it hands out are the only ones that answer. */
  records: Records;
  /** All or nothing. */
  transaction<T>(work: (records: Records) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createStore(database: Database): Store {
  return {
    records: bind(database),
    transaction: (work) => database.transaction((executor) => work(bind(executor))),
    close: () => database.close(),
  };
}

function bind(executor: Executor): Records {
  const bound = Object.entries(statements).map(([name, statement]) => [
    name,
    (...rest: unknown[]) => (statement as (executor: Executor, ...rest: unknown[]) => unknown)(executor, ...rest),
  ]);
  return Object.fromEntries(bound) as Records;
}
