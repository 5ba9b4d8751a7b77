import type { Origin } from "../gate/event.ts";
import type { CheckState, Snapshot, Unknown } from "../gate/facts.ts";
import { Problem, type ProblemText } from "../problem.ts";
import type { AdvancePorts } from "./advance.ts";
import { withMirror } from "./with-mirror.ts";
import type { ChangeKey, Pair } from "./ports/changes.ts";
import type { CheckResult } from "./ports/judge.ts";
import type { HeldTurn } from "./ports/jobs.ts";
import { groundsOf } from "./judging.ts";
import { policyOf, readPolicyText } from "./layers.ts";
import { soonSeconds, triedAgainAt } from "./retry.ts";
import type { TurnOutcome } from "./turns.ts";

/** Where the check of base's tip and the head stands; begins it where there is none, and again in its time after one that could not be done. */
export async function checkOf(
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
  const pair = { base: tip.value, head };
  const kept = await store.records.findCheck(change, pair);
  if (!organisation.known) {
    const [problem, final] = [policyUnknown(organisation), organisation.way !== undefined];
    // On grounds that are nobody's: a pair without any result would be taken by every sweep for one whose check was lost.
    const result = { ok: false, problem } as const;
    if (final && kept === null)
      await store.held(turn.lease, (records) => records.saveCheck(change, pair, { result, grounds: "" }, ports.now()));
    return { state: { state: "failed", problem, final }, outcome: null };
  }
  // By another policy of the organisation, or by other programs, it is no answer.
  const found = kept?.grounds === groundsOf(edition, organisation.value) ? kept : null;
  const again = found === null ? null : triedAgainAt(found, checkDelays);
  const seconds = again === null ? 0 : (again.getTime() - ports.now().getTime()) / 1000;
  // While it is tried again, what is known stays: a try in every quarter of an hour is nothing that people have to be shown.
  const stands = found === null ? null : standing(found.result, again);
  if (stands !== null && (again === null || seconds > 0)) return { state: stands, outcome: again === null ? null : soon(stands, seconds) };
  if (snapshot.fork && !(await isTrusted(ports, origin, change, snapshot, tip.value)))
    return { state: { state: "untrusted" }, outcome: null };
  await checks.start(change, {
    origin,
    number,
    base: { ref, sha: tip.value },
    head,
    organisation: organisation.value,
  });
  return { state: stands ?? { state: "running", previous }, outcome: null };
}

/** What was learnt by the last try. */
function standing(result: CheckResult, again: Date | null): CheckState {
  const at = again === null ? {} : { again: again.toISOString() };
  if (result.ok) return { state: "done", ...result.checked, ...at };
  return { state: "failed", problem: result.problem, final: again === null, ...at };
}

/** A try that comes soon is waited for; one that comes later is the sweep's to wake. */
function soon(stands: CheckState, seconds: number): TurnOutcome | null {
  if (seconds > soonSeconds) return null;
  const why = stands.state === "failed" ? `the check failed: ${stands.problem.text}` : "the check missed what may be there by now";
  return { settled: false, why, after: seconds };
}

const policyUnknown = ({ reason, way = "It is asked again by itself" }: Unknown): ProblemText => ({
  code: "organisation-policy",
  text: `Whether the organisation has a policy could not be learnt: ${reason}.`,
  hint: `${way.charAt(0).toUpperCase()}${way.slice(1)}.`,
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
