import { draftsOf } from "../gate/entries.ts";
import type { Decision, Effect } from "../gate/decide.ts";
import type { Person } from "../gate/facts.ts";
import { owningTeams } from "../gate/owners.ts";
import type { Policy } from "../policy/schema.ts";
import type { AdvancePorts } from "./advance.ts";
import type { ChangeReach } from "./ports/changes.ts";
import type { Failure } from "./ports/forge.ts";
import type { HeldRecords } from "./ports/records.ts";
import { keepNotes } from "./keep-notes.ts";
import type { Look } from "./look.ts";

/** Keeps a decision with everything that is to follow from it in one transaction, then does it. Gives what could not be done. */
export async function carryOut(ports: AdvancePorts, look: Look, decision: Decision): Promise<Failure[]> {
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
    if (merge !== null) await records.intendMerge(change, { ...merge, commit: null }, at);
    else await records.refuseMerge(change, "it was decided on again and refused", at);
    for (const effect of effects) if (effect.kind === "labels") await records.changeOwnLabels(change, { add: effect.add, remove: [] });
    await keepNotes(records, change, look.facts, decision.notes, at);
    await records.setDue(change, decision.due === null ? null : new Date(decision.due));
    const intentions = await records.intendEffects(change, effects, at);
    const others = [...siblings, ...(await branchesToWake(records, look, decision))];
    const woken = [...(decision.again ? [change.number] : []), ...others];
    await records.wakeAll(woken.map((number) => ({ repository: change.repository, number })));
    await records.nameActors(peopleIn(look.facts));
    await records.appendEntries(change.repository, draftsOf(look.facts, look.memory, decision), at);
    return intentions;
  });
  // Not within: a look that is under way could end without having seen what is not committed. Killed before it, the next minute's look hears it.
  if (decision.notes.some(({ kind }) => kind === "order"))
    await ports.store.transaction((records) => records.askRolls([change.repository]));
  return performAll(ports, look, effects, ids);
}

/** Whoever had a part in it, each once. */
function peopleIn({ opener, reviews, wish, glass, merged, pushers }: Look["facts"]): Person[] {
  const reviewers = reviews.known ? reviews.value.map(({ reviewer }) => reviewer) : [];
  const people = [opener, ...reviewers, wish?.by, glass?.by, merged?.by, ...pushers].filter((one) => one !== null && one !== undefined);
  return [...new Map(people.map((person) => [person.id, person])).values()];
}

/** Once a change is not open any more, base's tip says nothing about it: the pair that was judged stays. */
function decided({ facts, memory }: Look, { verdict, standing, answers }: Decision): Parameters<HeldRecords["saveDecision"]>[1] {
  const tip = facts.base.tip.known ? facts.base.tip.value : null;
  const base = facts.state === "open" ? tip : (memory.previous?.base ?? null);
  const shown = answers.length > 0 ? answers : memory.answers;
  const about = { title: facts.title, opener: facts.opener?.login ?? null, openedAt: facts.openedAt, reach: reachOf(facts) };
  return { state: facts.state, baseRef: facts.base.ref, base, head: facts.head, verdict, standing, answers: shown, about };
}

/** Whom it reaches by its check, for lists and measures, and who may see what of nodes; null where no check says so now, and what was said before stays. */
function reachOf({ check }: Look["facts"]): ChangeReach | null {
  if (check.state !== "done") return null;
  const { report, policy } = check;
  const services = [...report.radius.services];
  const teams = owningTeams(policy.services, services);
  // A check that was kept by an older version knows nothing of pages.
  return { services, teams, nodes: (policy.pages as Policy["pages"] | undefined)?.nodes ?? "admin" };
}

/** Open changes with the same head share its check run, so that each has to hear when this one stands otherwise than before. */
async function siblingsToWake({ store }: AdvancePorts, { change, facts, memory }: Look, { standing }: Decision): Promise<number[]> {
  if (memory.siblings.length === 0) return [];
  const before = (await store.records.openChangesAt(change.repository, facts.head)).find(({ number }) => number === change.number);
  return before?.standing === standing && facts.state === "open" ? [] : memory.siblings.map(({ number }) => number);
}

/** What is frozen or owed is shown in every open change into that branch, and so is that it no longer is. */
async function branchesToWake(records: HeldRecords, { change, facts }: Look, { notes }: Decision): Promise<number[]> {
  const lifted = notes.flatMap((note) => (note.kind === "unfreeze" ? [facts.base.ref] : note.kind === "pay" ? [note.debt.baseRef] : []));
  const woken: number[] = [];
  for (const branch of new Set(lifted)) woken.push(...(await records.openChangesOf(change.repository, branch)));
  return woken.filter((number) => number !== change.number);
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
