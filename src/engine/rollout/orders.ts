import type { Origin } from "../../gate/event.ts";
import type { Draft } from "../../ledger/entry.ts";
import { type Known, known } from "../../policy/known.ts";
import type { Line } from "../../rollout/line.ts";
import { obey } from "../../rollout/obey.ts";
import { previewLines } from "../../rollout/going-back-words.ts";
import type { Order, OrderAnswer } from "../../rollout/orders.ts";
import { obeyedText } from "../../rollout/said.ts";
import type { Rollout } from "../../rollout/state.ts";
import { statusOf } from "../../rollout/status.ts";
import { statusLines } from "../../rollout/status-words.ts";
import { LeaseLost } from "../../problem.ts";
import { understand, type Verb } from "../../rollout/word.ts";
import type { Forge } from "../ports/forge.ts";
import type { Lease } from "../ports/lease.ts";
import { type GoingBack, goingBackOf } from "./halting.ts";
import { keep } from "./keep.ts";
import { asKnown } from "./observe.ts";
import { keptBranches } from "./order.ts";
import { partIn } from "./part.ts";
import type { RollPorts } from "./roll.ts";
import type { HeldRollouts } from "../ports/rollout.ts";
import { lostSince } from "./tell.ts";
import { waitedFor } from "./waited.ts";

export interface OrdersPorts extends Pick<RollPorts, "store" | "openMirror" | "now" | "log"> {
  forge: RollPorts["forge"] & Pick<Forge, "contributionsTo">;
}

/**
 * Does what people said and nobody did yet, one after the other. Each is read and obeyed with what is so now, and its answer is kept in the transaction of
 * what it changed: killed anywhere, it is done once, by this look or the next. Under the lease of the rollout, and never while a look decides. Tells
 * whether anything was done, and notes in `tried` what was heard: one that waits for git is not asked for at once again.
 */
export async function hearOrders(ports: OrdersPorts, origin: Origin, lease: Lease, tried = new Set<string>()): Promise<boolean> {
  let isNews = false;
  for (const order of await ports.store.records.openOrders(origin.repository.id)) {
    tried.add(order.key);
    isNews = (await attempt(ports, origin, lease, order)) || isNews;
  }
  return isNews;
}

/** What waits for git waits. One that the gate fails over is answered, too: else every look from now on would end with it. */
async function attempt(ports: OrdersPorts, origin: Origin, lease: Lease, order: Order): Promise<boolean> {
  const fields = { repository: origin.repository, order: order.key };
  try {
    const heard = await asKnown(() => hear(ports, origin, lease, order));
    if (heard.known) return heard.value;
    ports.log.warn(fields, `an order waits: ${heard.reason}`);
    return false;
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    ports.log.error({ ...fields, err: error }, "an order failed over a fault of the gate");
    await answer(ports, origin.repository.id, lease, order, {
      text: "it failed over a fault of the gate",
      hint: "Its log has it. `status` says whether anything was done.",
    });
    return true;
  }
}

/** Answers what nobody here can do. */
export async function refuseOrders(ports: Pick<OrdersPorts, "store" | "now">, repository: number, lease: Lease): Promise<void> {
  for (const order of await ports.store.records.openOrders(repository)) await answer(ports, repository, lease, order, nothingHere);
}

const nothingHere: Refusal = {
  text: "nothing is rolled out here",
  hint: "Name `lanes` in the policy, and PUPPET_GATE_ROLLOUT for the server.",
};

/** Who stops something means it whenever it is heard. What goes wider was said of what was to be seen then. */
const longestWait = 60 * 60_000;
const stops: ReadonlySet<Verb> = new Set(["status", "pause", "abort"]);

/** Whether the rollout is another by it. */
async function hear(ports: OrdersPorts, origin: Origin, lease: Lease, order: Order): Promise<boolean> {
  const { store, now } = ports;
  const { id } = origin.repository;
  const refuse = async (why: Refusal): Promise<false> => {
    await answer(ports, id, lease, order, why);
    return false;
  };
  const kept = await store.records.rolloutOf(id);
  if (kept === null || kept.rollout.lanes.length === 0) return refuse(nothingHere);
  const said = Date.parse(order.at);
  if (!stops.has(order.verb) && now().getTime() - said > longestWait)
    return refuse({
      text: "it was said more than an hour ago, and could not be heard until now",
      hint: "Look again, and say it again if you still mean it.",
    });
  if (order.verb === "status") {
    await answer(ports, id, lease, order, await statusNow(ports, origin, kept.rollout));
    return false;
  }
  // One word has to be enough to stop everything, also while git can't be asked.
  const line = order.verb === "pause" || order.verb === "abort" ? known([]) : await lineOf(ports, origin, kept.rollout);
  if (!line.known) return refuse({ text: line.reason, hint: "Mend that first." });
  const spoken = { rollout: kept.rollout, line: line.value, now: said };
  const understood = understand(order.verb, order.text, spoken);
  if (!understood.ok) return refuse(understood);
  const { command, about } = understood;
  const contributed = about.length === 0 ? known(false) : await partIn(ports, origin, order.who, about);
  const at = now();
  const obeyed = obey(kept.rollout, command, { who: order.who, contributed }, spoken.line, at.getTime());
  if (!obeyed.ok) return refuse(obeyed);
  const lines = command.kind === "return" ? await leftBy(ports, id, { rollout: kept.rollout, lane: command.lane, line: spoken.line }) : [];
  const done: OrderAnswer = { ok: true, text: obeyedText(command, obeyed.events), lines };
  await keep(
    store,
    { origin, lease, at },
    {
      ...obeyed,
      also: async (records) => void (await close(records, id, order, done, at)),
      drafts: [orderDraft("rollout-ordered", order, done)],
    },
  );
  ports.log.info({ repository: origin.repository, order }, `rollout: ${order.who.name} said ${order.verb}`);
  return true;
}

/** What going back will not undo: who says the word has to know what is left to do by hand. */
async function leftBy({ store }: OrdersPorts, repository: number, of: Omit<GoingBack, "certnamesOf">): Promise<string[]> {
  const stays = await goingBackOf(store.records, repository, { ...of, certnamesOf: null });
  return stays.known ? previewLines(stays.value) : [`What going back will not undo is not known: ${stays.reason}`];
}

/** What can't be read now is said, and the rest is told without it. */
async function statusNow(ports: OrdersPorts, origin: Origin, rollout: Rollout): Promise<OrderAnswer> {
  const read = await asKnown(() => lineOf(ports, origin, rollout));
  const line = read.known ? read.value : read;
  const seen = await ports.store.records.sightOf(origin.repository.id);
  const now = ports.now();
  const untold = await ports.store.records.placesBehind(origin.repository.id, lostSince(now));
  const waited = await waitedFor(ports.store.records, origin.repository.id, { now });
  const status = statusOf(rollout, seen, { line: line.known ? line.value : [], now: now.getTime(), untold, waited });
  const away = line.known ? [] : [`The base branch can't be read: ${line.reason}`];
  return { ok: true, text: "where each release is", lines: [...away, ...statusLines(status)], status };
}

async function lineOf(ports: OrdersPorts, origin: Origin, rollout: Rollout): Promise<Known<Line>> {
  const mirror = await ports.openMirror(origin);
  try {
    const branches = await keptBranches(ports, origin, mirror, rollout);
    return branches.known ? known(branches.value.line) : branches;
  } finally {
    await mirror.close();
  }
}

/** Whether it was open until now. */
async function close(records: HeldRollouts, repository: number, order: Order, done: OrderAnswer, at: Date): Promise<boolean> {
  if (order.number !== null) await records.wake({ repository, number: order.number });
  return records.answerOrder(repository, order.key, done, at);
}

interface Refusal {
  text: string;
  hint: string;
}

/** What changes nothing; what was refused is told the ledger, too: who tried, and what was said to it. */
async function answer(
  { store, now }: Pick<OrdersPorts, "store" | "now">,
  repository: number,
  lease: Lease,
  order: Order,
  what: Refusal | OrderAnswer,
): Promise<void> {
  const said: OrderAnswer = "hint" in what ? { ok: false, text: `refused: ${what.text}`, lines: [what.hint] } : what;
  const at = now();
  await store.held(lease, async (records) => {
    const isOpen = await close(records, repository, order, said, at);
    if (isOpen && !said.ok) await records.appendEntries(repository, [orderDraft("rollout-refused", order, said)], at);
  });
}

/** Who said it, where, in which words, and what was answered. */
const orderDraft = (kind: "rollout-ordered" | "rollout-refused", order: Order, { ok, text, lines }: OrderAnswer): Draft => ({
  kind,
  subject: order.number === null ? "rollout" : `pull/${order.number}`,
  actor: order.who.id,
  evidence: [JSON.stringify({ order, answer: { ok, text, lines } })],
  key: `${kind}:${order.key}`,
});
