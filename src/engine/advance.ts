import { draftsOf } from "../gate/entries.ts";
import { decide, type Decision, type Effect, type Memory } from "../gate/decide.ts";
import type { Origin } from "../gate/event.ts";
import { parseCommands } from "../gate/command.ts";
import type { CheckState, Facts, Snapshot } from "../gate/facts.ts";
import type { Report } from "../gate/report.ts";
import type { Landing } from "../gate/view.ts";
import { Problem, type ProblemText } from "../problem.ts";
import type { ChangeKey, Failure, Forge, HeldRecords, HeldTurn, Log, Pair, Store } from "./gate-ports.ts";
import { bindingOf } from "./binding-of.ts";
import { groundsOf, type Checks } from "./judging.ts";
import { pushesOf } from "./pushes.ts";
import { explainBranch } from "./explain-branch.ts";
import { withMirror, type OpenMirror, type Signature } from "./gate-mirror.ts";
import { keepNotes } from "./keep-notes.ts";
import { policyOf, readPolicyText } from "./layers.ts";
import { remembered } from "./remembered.ts";
import type { Lease } from "./ports.ts";
import { land, settleLanding } from "./land.ts";
import type { TurnOutcome } from "./turns.ts";
import { unsettledBy } from "./unsettled.ts";

export interface AdvancePorts {
  store: Store;
  forge: Forge;
  checks: Checks;
  /** Of this gate and the programs that it checks with, by their versions. */
  edition: string;
  now: () => Date;
  log: Log;
  /** How often a check that can't be done is tried, and the seconds before each further try. */
  checkDelays: readonly number[];
  openMirror: OpenMirror;
  /** Who makes the merge commits of an exact landing: the App. */
  committer: () => Promise<Signature>;
  /** Where GitHub's private e-mail addresses end: `users.noreply.github.com`. */
  noreply: string;
}

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

/**
 * One change's turn: everything is read again from its source, decided on as one value, and what follows is kept before it is done.
 * Killed at any line, the next turn comes to the same: it reads what is true by then, and every effect can be performed again.
 */
export async function advance(ports: AdvancePorts, turn: HeldTurn): Promise<TurnOutcome> {
  const origin = await ports.store.records.originOf(turn.repository);
  // The App lost the repository; once it is back, its open changes get their turn.
  if (origin === null) return { settled: true };
  const { look, check } = await lookAt(ports, origin, turn);
  await explain(ports, look);
  const decision = decide(look.facts, look.memory);
  const failures = [...(await acknowledge(ports, look)), ...(await carryOut(ports, look, decision))];
  if (decision.land !== null) {
    const landing = await land(ports, look, decision.land, turn);
    if (landing.kind === "again") return { settled: false, why: landing.why, after: landing.after };
    if (landing.kind === "refused") failures.push(...(await sayRefusal(ports, origin, turn, decision.land.comment, landing.text)));
  }
  if (failures.length > 0)
    return { settled: false, why: failures.map(({ text }) => text).join("; "), after: Math.max(...failures.map(({ after }) => after)) };
  return check ?? unsettledBy(look.facts, look.memory, turn);
}

/** Reads the change from the forge and from memory. `check` says what the turn has to come back for when the check failed. */
async function lookAt(ports: AdvancePorts, origin: Origin, turn: HeldTurn): Promise<{ look: Look; check: TurnOutcome | null }> {
  const { records } = ports.store;
  const change = { repository: turn.repository, number: turn.number };
  const snapshot = await ports.forge.snapshot(origin, turn.number);
  const record = await records.findChange(change);
  if (snapshot.state !== "open") await ports.checks.end(change);
  if (snapshot.state === "closed") await records.forgetChecks(change); // reopened, it is checked anew
  const landing = snapshot.state === "merged" ? await settleLanding(ports, turn.lease, origin, change, snapshot) : null;
  const previous = record?.pair ?? null;
  const shown = await shownOf(ports, change, snapshot, record);
  const { state, outcome } = await checkOf(ports, origin, turn, snapshot, previous);
  const pushes = await pushesOf(ports, origin, snapshot);
  const facts: Facts = {
    ...snapshot,
    ...pushes,
    shown,
    now: ports.now().toISOString(),
    check: state,
    ...(await remembered(ports, origin, change, snapshot, state)),
  };
  const memory = await remember(ports, change, snapshot.head, record, landing);
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

async function remember({ store }: AdvancePorts, change: ChangeKey, head: string, record: Kept, landing: Landing | null): Promise<Memory> {
  const { records } = store;
  const sameHead = await records.openChangesAt(change.repository, head);
  return {
    answered: await records.answeredComments(change),
    answers: record?.answers ?? [],
    labels: await records.ownLabels(change),
    siblings: sameHead.filter(({ number }) => number !== change.number),
    landing,
    previous: record?.pair ?? null,
    told: await records.toldOf(change),
    verdict: record?.verdict ?? null,
    refusal: null,
  };
}

/** Where the check of base's tip and the head stands; begins it where there is none, and again after one that could not be done. */
async function checkOf(
  ports: AdvancePorts,
  origin: Origin,
  turn: HeldTurn,
  snapshot: Snapshot,
  previous: Pair | null,
): Promise<{ state: CheckState; outcome: TurnOutcome | null }> {
  const { store, checks, checkDelays, edition } = ports;
  const { number, state, head, organisation } = snapshot;
  const { ref, tip } = snapshot.base;
  const change = { repository: turn.repository, number };
  if (!tip.known || state !== "open") return { state: { state: "impossible" }, outcome: null };
  if (!organisation.known) return { state: { state: "failed", problem: policyUnknown(organisation.reason), final: false }, outcome: null };
  const kept = await store.records.findCheck(change, { base: tip.value, head });
  // By another policy of the organisation, or by other programs, it is no answer.
  const found = kept?.grounds === groundsOf(edition, organisation.value) ? kept : null;
  if (found?.result.ok === true) return { state: { state: "done", ...found.result.checked }, outcome: null };
  if (snapshot.fork && !(await isTrusted(ports, origin, change, snapshot, tip.value)))
    return { state: { state: "untrusted" }, outcome: null };
  const delay = found === null ? undefined : checkDelays[found.attempts - 1];
  if (found !== null && !found.result.ok && (delay === undefined || turn.attempts === 0)) {
    const { problem } = found.result;
    const failed: CheckState = { state: "failed", problem, final: delay === undefined };
    return {
      state: failed,
      outcome: delay === undefined ? null : { settled: false, why: `the check failed: ${problem.text}`, after: delay },
    };
  }
  await checks.start(change, {
    origin,
    number,
    base: { ref, sha: tip.value },
    head,
    organisation: organisation.value,
  });
  return { state: { state: "running", previous }, outcome: null };
}

const policyUnknown = (reason: string): ProblemText => ({
  code: "organisation-policy",
  text: `Whether the organisation has a policy could not be learnt: ${reason}.`,
  hint: "It is asked again by itself.",
});

/** Whether a fork's head may be run: somebody with write access said so, or base's policy asks nobody. A policy that can't be read asks. */
async function isTrusted(
  { store, openMirror }: AdvancePorts,
  origin: Origin,
  change: ChangeKey,
  { head, organisation }: Snapshot,
  base: string,
): Promise<boolean> {
  if ((await store.records.trustOf(change, head)) !== null) return true;
  try {
    return await withMirror(openMirror, origin, async (mirror) => {
      const gone = await mirror.keep(change.number, [base]);
      if (gone.length > 0 || !organisation.known) return false;
      const text = await readPolicyText(mirror, await mirror.treeOf(await mirror.resolve(base)));
      return policyOf(organisation.value, text).forks === "run";
    });
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** Accounts for what came into the base branch since it was looked at last; that this can't be done now holds up nobody. */
async function explain(ports: AdvancePorts, { origin, facts }: Look): Promise<void> {
  if (facts.base.tip.known) await explainBranch(ports, origin, facts.base.ref, facts.base.tip.value);
}

/** A command was acknowledged when it came in; where that failed, or its delivery was lost, it is before its answer is known. */
async function acknowledge({ store, forge, now, log }: AdvancePorts, { origin, change, facts, memory }: Look): Promise<Failure[]> {
  const comments = facts.comments.known ? facts.comments.value : [];
  const heard = comments.filter(
    ({ id, author, body }) => author?.bot === false && !memory.answered.has(id) && parseCommands(body).length > 0,
  );
  const failures: Failure[] = [];
  const done = await store.records.reactedTo(
    change.repository,
    heard.map(({ id }) => id),
  );
  for (const { id } of heard) {
    if (done.has(id)) continue;
    try {
      await forge.react(origin, id);
      await store.records.saveReacted(change.repository, id, now());
    } catch (error) {
      const why = forge.explain(error);
      if (why === null) throw error;
      log.warn({ ...change, comment: id }, why.text);
      failures.push(why);
    }
  }
  return failures;
}

/** Keeps a decision with everything that is to follow from it in one transaction, then does it. Gives what could not be done. */
async function carryOut(ports: AdvancePorts, look: Look, decision: Decision): Promise<Failure[]> {
  const { change } = look;
  const { land: merge, effects } = decision;
  const at = ports.now();
  const siblings = await siblingsToWake(ports, look, decision);
  const ids = await ports.store.held(look.lease, async (records) => {
    await records.saveDecision(change, decided(look, decision), at);
    // The merge's own comment is answered by its landing: until then a restart finds it unanswered.
    const unanswered = new Set([merge?.comment, ...decision.answers.filter(({ later }) => later === true).map(({ comment }) => comment)]);
    const answered = decision.answers.filter(({ comment }) => !unanswered.has(comment)).map(({ comment }) => comment);
    await records.addAnswered(change, answered, at);
    const intended = await records.intendedMerge(change);
    if (merge !== null) await records.intendMerge(change, { ...merge, commit: null }, at);
    else if (intended !== null) await records.refuseMerge(change, "it was decided on again and refused", at);
    for (const effect of effects) if (effect.kind === "labels") await records.changeOwnLabels(change, { add: effect.add, remove: [] });
    await keepNotes(records, change, look.facts, decision.notes, at);
    await records.setDue(change, decision.due === null ? null : new Date(decision.due));
    const intentions = await records.intendEffects(change, effects, at);
    const others = [...siblings, ...(await repositoryToWake(records, change, decision))];
    const woken = [...(decision.again ? [change.number] : []), ...others];
    await records.wakeAll(woken.map((number) => ({ repository: change.repository, number })));
    await records.appendEntries(change.repository, draftsOf(look.facts, look.memory, decision), at);
    return intentions;
  });
  return performAll(ports, look, effects, ids);
}

/** Once a change is not open any more, base's tip says nothing about it: the pair that was judged stays. */
function decided({ facts, memory }: Look, { verdict, standing, answers }: Decision): Parameters<HeldRecords["saveDecision"]>[1] {
  const tip = facts.base.tip.known ? facts.base.tip.value : null;
  const base = facts.state === "open" ? tip : (memory.previous?.base ?? null);
  const shown = answers.length > 0 ? answers : memory.answers;
  return { state: facts.state, baseRef: facts.base.ref, base, head: facts.head, verdict, standing, answers: shown };
}

/** Open changes with the same head share its check run, so that each has to hear when this one stands otherwise than before. */
async function siblingsToWake({ store }: AdvancePorts, { change, facts, memory }: Look, { standing }: Decision): Promise<number[]> {
  if (memory.siblings.length === 0) return [];
  const before = (await store.records.openChangesAt(change.repository, facts.head)).find(({ number }) => number === change.number);
  return before?.standing === standing && facts.state === "open" ? [] : memory.siblings.map(({ number }) => number);
}

/** What is frozen or owed is shown in every open change of the repository, and so is that it no longer is. */
async function repositoryToWake(records: HeldRecords, { repository, number }: ChangeKey, { notes }: Decision): Promise<number[]> {
  if (!notes.some(({ kind }) => kind === "unfreeze" || kind === "pay")) return [];
  return (await records.openChangesOf(repository)).filter((other) => other !== number);
}

/** Each effect on its own: that one can't be performed is no reason to keep the others from people. */
async function performAll(
  { store, forge, now, log }: AdvancePorts,
  { lease, origin, change, report }: Look,
  effects: readonly Effect[],
  ids: readonly number[],
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const [at, effect] of effects.entries()) {
    const id = ids[at];
    if (id === undefined) throw new Error("an effect was not intended before it was to be performed");
    // Whoever lost the lease meanwhile would show an old decision over a newer one's.
    await store.held(lease, async () => undefined);
    try {
      await forge.perform(origin, change.number, effect, report);
      await store.held(lease, async (records) => {
        await records.endEffect(id, null, now());
        if (effect.kind === "labels") await records.changeOwnLabels(change, { add: [], remove: effect.remove });
      });
    } catch (error) {
      const why = forge.explain(error);
      if (why === null) throw error;
      log.warn({ ...change, effect: effect.kind }, why.text);
      await store.held(lease, (records) => records.endEffect(id, why.text, now()));
      failures.push({ text: `${effect.kind}: ${why.text}`, after: why.after });
    }
  }
  return failures;
}

/** After a merge that was refused: everything is read once more, and the command gets its answer with the rules as they are now. */
async function sayRefusal(ports: AdvancePorts, origin: Origin, turn: HeldTurn, comment: number, text: string): Promise<Failure[]> {
  const { look } = await lookAt(ports, origin, turn);
  const memory = { ...look.memory, refusal: { comment, text } };
  return carryOut(ports, { ...look, memory }, decide(look.facts, memory));
}
