import type { Memory } from "../gate/decide.ts";
import type { Origin } from "../gate/event.ts";
import type { Facts, Snapshot } from "../gate/facts.ts";
import type { Report } from "../gate/report.ts";
import type { Landing } from "../gate/view.ts";
import type { AdvancePorts } from "./advance.ts";
import { bindingOf } from "./binding-of.ts";
import { snapshotOf } from "./edits.ts";
import type { ChangeKey, Pair } from "./ports/changes.ts";
import type { HeldTurn } from "./ports/jobs.ts";
import type { Store } from "./ports/store.ts";
import { checkOf } from "./pair-check.ts";
import type { Lease } from "./ports/lease.ts";
import { pushesOf } from "./pushes.ts";
import { remembered } from "./remembered.ts";
import { settleLandings } from "./settle-landing.ts";
import type { TurnOutcome } from "./turns.ts";

/** Everything that one look at a change gives. */
export interface Look {
  /** Of the change's repository: what is decided is written under it. */
  lease: Lease;
  origin: Origin;
  change: ChangeKey;
  facts: Facts;
  memory: Memory;
  /** What the comment shows of the change: the report of its pair, and once it is merged that of the pair that landed. */
  report: Report | null;
}

/** Reads the change from the forge and from memory. `check` says what the turn has to come back for when the check failed. */
export async function lookAt(ports: AdvancePorts, origin: Origin, turn: HeldTurn): Promise<{ look: Look; check: TurnOutcome | null }> {
  const { records } = ports.store;
  const change = { repository: turn.repository, number: turn.number };
  const snapshot = await snapshotOf(ports, origin, turn.number);
  const record = await records.findChange(change);
  if (snapshot.state !== "open") await ports.checks.end(change);
  if (snapshot.state === "closed") await records.forgetChecks(change); // reopened, it is checked anew
  const landing = await settleLandings(ports, turn.lease, origin, change, snapshot);
  const previous = record?.pair ?? null;
  const shown = await shownOf(ports, change, snapshot, record);
  const { state, outcome } = await checkOf(ports, origin, turn, snapshot, previous);
  const known = await remembered(ports, origin, change, snapshot, state);
  const pushes = await pushesOf(ports, origin, snapshot, known.receipts);
  const facts: Facts = {
    ...snapshot,
    ...pushes,
    shown,
    now: ports.now().toISOString(),
    check: state,
    ...known,
  };
  const memory = await remember(ports, change, snapshot, record, landing);
  const report = state.state === "done" ? state.report : await landedReport(ports, change, snapshot, previous);
  return { look: { lease: turn.lease, origin, change, facts, memory, report }, check: outcome };
}

/** What was shown of this head until now, where that was another base: an approval that nobody told of was given for it. */
async function shownOf(
  { store }: AdvancePorts,
  change: ChangeKey,
  { head, base }: Snapshot,
  record: Kept,
): Promise<Exclude<Facts["shown"], undefined>> {
  const { pair = null, baseRef = null } = record ?? {};
  if (pair === null || baseRef === null || pair.head !== head) return null;
  if (baseRef === base.ref && base.tip.known && base.tip.value === pair.base) return null;
  return { base: pair.base, baseRef, binding: await bindingOf(store.records, change, pair, baseRef) };
}

async function landedReport({ store }: AdvancePorts, change: ChangeKey, { state }: Snapshot, pair: Pair | null): Promise<Report | null> {
  if (state !== "merged" || pair === null) return null;
  const found = await store.records.findCheck(change, pair);
  return found?.result.ok === true ? found.result.checked.report : null;
}

type Kept = Awaited<ReturnType<Store["records"]["findChange"]>>;

async function remember(
  { store }: AdvancePorts,
  change: ChangeKey,
  { head, state }: Snapshot,
  record: Kept,
  landing: Landing | null,
): Promise<Memory> {
  const { records } = store;
  const sameHead = await records.openChangesAt(change.repository, head);
  const landings = state === "open" ? await records.landingsOf(change) : [];
  return {
    answered: await records.answeredComments(change),
    answers: record?.answers ?? [],
    labels: await records.ownLabels(change),
    siblings: sameHead.filter(({ number }) => number !== change.number),
    landing,
    earlier: landings.flatMap((one) =>
      one.state === "landed" && one.merge !== null && one.merge.head !== head
        ? [{ comment: one.merge.comment, head: one.merge.head, sha: one.landing?.sha ?? null }]
        : [],
    ),
    previous: record?.pair ?? null,
    told: await records.toldOf(change),
    verdict: record?.verdict ?? null,
    refusal: null,
    orders: new Map((await records.ordersOf(change)).map(({ order, answer }) => [order.key, { answer }])),
  };
}
