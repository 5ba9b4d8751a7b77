import type { PlaceState } from "../engine/ports/ledger.ts";
import type { Draft, EntryKind } from "../ledger/entry.ts";
import type { TileName } from "../ledger/tiles.ts";
import type { Database } from "./database.ts";
import { type About, countEntries, entriesAbout, entriesOfKinds, subjectsOf, type Within } from "./statements/asking.ts";
import { beginLog, checkpoints, dailyCheckpoints, newestCheckpoint, places, saveCheckpoint, savePlace } from "./statements/checkpoints.ts";
import { expectationStats } from "./statements/expectations.ts";
import { blobsNaming, forgetPerson } from "./statements/forgetting.ts";
import { appendEntries } from "./statements/ledger.ts";
import { endPageSessions } from "./statements/page-sessions.ts";
import { ledgerReadings } from "./statements/readings.ts";
import { endSigning, takeSigning } from "./statements/signing.ts";
import { blobsOf, growTree, leavesFrom, logEntries, logSize, people, period, tilesOf } from "./statements/tree.ts";

/** The log of a database, without its queues: signing and asking need none. */
// oxlint-disable-next-line typescript/explicit-function-return-type, typescript/explicit-module-boundary-types -- the engine's own port says what it is to be; where they meet, the compiler compares
export const ledgerRecords = (database: Pick<Database, "query" | "exec" | "transaction">) => ({
  logSize: () => logSize(database),
  growTree: (most: number) => database.transaction((executor) => growTree(executor, most)),
  tilesOf: (names: readonly TileName[]) => tilesOf(database, names),
  leavesFrom: (first: number, most: number) => leavesFrom(database, first, most),
  logEntries: () => logEntries(database),
  blobsOf: (digests: readonly string[]) => blobsOf(database, digests),
  period: (from: Date | null, to: Date | null) => period(database, from, to),
  people: () => people(database),
  countEntries: () => countEntries(database),
  subjectsOf: (kinds: readonly EntryKind[], within: Within) => subjectsOf(database, kinds, within),
  entriesAbout: (about: readonly About[], kinds: readonly EntryKind[]) => entriesAbout(database, about, kinds),
  entriesOfKinds: (kinds: readonly EntryKind[], within: Within, page: { first: number; most: number }) =>
    entriesOfKinds(database, kinds, within, page),
  checkpoints: () => checkpoints(database),
  ledgerReadings: () => ledgerReadings(database),
  dailyCheckpoints: () => dailyCheckpoints(database),
  newestCheckpoint: () => newestCheckpoint(database),
  takeSigning: (holder: string, seconds: number) => takeSigning(database, holder, seconds),
  endSigning: (holder: string) => endSigning(database, holder),
  saveCheckpoint: (checkpoint: { size: number; note: string }, at: Date) => saveCheckpoint(database, checkpoint, at),
  places: () => places(database),
  savePlace: (state: PlaceState) => savePlace(database, state),
  blobsNaming: (words: readonly string[]) => blobsNaming(database, words),
  forgetPerson: (id: number, digests: readonly string[], draft: Draft, at: Date) =>
    database.transaction((executor) => forgetPerson(executor, id, digests, draft, at)),
  beginLog: (drafts: readonly Draft[], at: Date) => database.transaction((executor) => beginLog(executor, drafts, at)),
  // Beside the log, because commands ask for both in the same way: of a server that has the database, too.
  endPageSessions: () => endPageSessions(database, "all"),
  recordLog: (drafts: readonly Draft[], at: Date) => database.transaction((executor) => appendEntries(executor, 0, drafts, at)),
  /** Not of the ledger, and asked for by a command all the same. */
  expectationStats: (asked: { repository: number | null; since: Date | null }) => expectationStats(database, asked),
});
