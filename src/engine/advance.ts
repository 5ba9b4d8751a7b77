import { decide } from "../gate/decide.ts";
import type { Origin } from "../gate/event.ts";
import type { Failure, Forge } from "./ports/forge.ts";
import type { HeldTurn } from "./ports/jobs.ts";
import type { Log } from "./ports/log.ts";
import type { Store } from "./ports/store.ts";
import { acknowledge } from "./acknowledge.ts";
import { carryOut } from "./carry-out.ts";
import { explainBranch } from "./explain-branch.ts";
import type { OpenMirror, Signature } from "./ports/mirror.ts";
import type { Checks } from "./judging.ts";
import { land } from "./land.ts";
import { lookAt, type Look } from "./look.ts";
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
  /** Seconds before each further try of a check that could not be done; the last is that of every later one. */
  checkDelays: readonly number[];
  openMirror: OpenMirror;
  /** Who makes the merge commits of an exact landing: the App. */
  committer: () => Promise<Signature>;
  /** Where GitHub's private e-mail addresses end: `users.noreply.github.com`. */
  noreply: string;
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
  // What was read of it before that is no longer so.
  if ((await explain(ports, look)).includes(turn.number)) return { settled: true };
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

/**
 * Accounts for what came into the base branch since it was looked at last; that this can't be done now holds up nobody. Gives the changes
 * of which a landing was found, which are woken.
 */
async function explain(ports: AdvancePorts, { origin, facts: { base } }: Look): Promise<readonly number[]> {
  return base.tip.known ? explainBranch(ports, origin, base.ref, base.tip.value) : [];
}

/** After a merge that was refused: everything is read once more, and the command gets its answer with the rules as they are now. */
async function sayRefusal(ports: AdvancePorts, origin: Origin, turn: HeldTurn, comment: number, text: string): Promise<Failure[]> {
  const { look } = await lookAt(ports, origin, turn);
  const memory = { ...look.memory, refusal: { comment, text } };
  return carryOut(ports, { ...look, memory }, decide(look.facts, memory));
}
