import type { Origin } from "../gate/event.ts";
import { known, unknown, type Carry, type CheckState, type Facts, type Known, type Receipt, type Snapshot } from "../gate/facts.ts";
import { teamsAsked } from "../gate/teams.ts";
import { Problem } from "../problem.ts";
import { withMirror } from "./with-mirror.ts";
import type { OpenMirror } from "./ports/mirror.ts";
import type { ChangeKey, Pair } from "./ports/changes.ts";
import type { Forge } from "./ports/forge.ts";
import type { Store } from "./ports/store.ts";

export interface MemoryPorts {
  store: Store;
  forge: Forge;
  openMirror: OpenMirror;
  now: () => Date;
}

/** What the gate itself remembers of a change and its repository, and who is in the teams that its rules name. */
export async function remembered(
  ports: MemoryPorts,
  origin: Origin,
  change: ChangeKey,
  snapshot: Snapshot,
  check: CheckState,
): Promise<Pick<Facts, "receipts" | "teams" | "trusted" | "wish" | "glass" | "debts" | "frozen">> {
  const { records } = ports.store;
  const { ref } = snapshot.base;
  return {
    receipts: await receiptsOf(ports, origin, change, snapshot, check),
    teams: await teamsOf(ports, origin, check),
    trusted: await records.trustOf(change, snapshot.head),
    wish: await records.wishOf(change),
    glass: await records.glassOf(change),
    debts: await records.debtsOf(change, ref),
    frozen: await records.frozenOf(change.repository, ref),
  };
}

/** The approvals as they came in, each with what git says of what moved since. */
async function receiptsOf(
  ports: MemoryPorts,
  origin: Origin,
  change: ChangeKey,
  { head, base: { tip } }: Snapshot,
  check: CheckState,
): Promise<Receipt[]> {
  const kept = await ports.store.records.receiptsOf(change);
  const receipts: Receipt[] = [];
  for (const receipt of kept) {
    const { commit, bound } = receipt;
    if (commit === head) receipts.push({ ...receipt, carry: null });
    else if (bound === null)
      receipts.push({ ...receipt, carry: known({ kind: "changed", why: "the head moved on before what was approved was checked" }) });
    // Nothing of a head is fetched that nobody has let run; this is compared once somebody has.
    else if (check.state === "untrusted") receipts.push({ ...receipt, carry: known({ kind: "changed", why: untrusted }) });
    else if (!tip.known) receipts.push({ ...receipt, carry: unknown(tip.reason, tip.way) });
    else {
      const pairs = { from: { base: bound.base, head: commit }, to: { base: tip.value, head } };
      receipts.push({ ...receipt, carry: await carryOf(ports, origin, change, pairs) });
    }
  }
  return receipts;
}

/** For each of four commits, while every other change of the repository waits: a check fetches the same beside them, and has more time. */
const secondsToFetch = 20;

/** Asked once for two pairs: both are commits. */
async function carryOf(
  { store, openMirror, now }: MemoryPorts,
  origin: Origin,
  change: ChangeKey,
  { from, to }: { from: Pair; to: Pair },
): Promise<Known<Carry>> {
  const before = await store.records.findCarry(change.repository, from, to);
  if (before !== null) return known(before);
  try {
    const carry = await withMirror(openMirror, origin, async (mirror) => {
      const gone = await mirror.keep(change.number, [from.base, from.head, to.base, to.head], secondsToFetch);
      if (gone.includes(to.base) || gone.includes(to.head)) throw movedMeanwhile;
      return mirror.compare(from, to);
    });
    await store.records.saveCarry(change.repository, { from, to, carry }, now());
    return known(carry);
  } catch (error) {
    if (error instanceof Problem) return unknown(error.text);
    throw error;
  }
}

const untrusted = "the new head comes from a fork, and is looked at once somebody with write access says /ok-to-test";

const movedMeanwhile = new Problem({
  code: "moved",
  text: "The change moved while it was looked at.",
  hint: "It is looked at again by itself.",
});

/** The members of every team that the rules may ask about. */
async function teamsOf({ forge }: MemoryPorts, origin: Origin, check: CheckState): Promise<Facts["teams"]> {
  if (check.state !== "done") return new Map();
  return new Map(await Promise.all(teamsAsked(check).map(async (name) => [name, await forge.teamMembers(origin, name)] as const)));
}
