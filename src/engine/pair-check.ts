import type { Origin } from "../gate/event.ts";
import type { CheckState, Snapshot, Unknown } from "../gate/facts.ts";
import { Problem, type ProblemText } from "../problem.ts";
import type { AdvancePorts } from "./advance.ts";
import { withMirror } from "./gate-mirror.ts";
import type { ChangeKey, HeldTurn, Pair } from "./gate-ports.ts";
import { groundsOf } from "./judging.ts";
import { policyOf, readPolicyText } from "./layers.ts";
import type { TurnOutcome } from "./turns.ts";

/** Where the check of base's tip and the head stands; begins it where there is none, and again after one that could not be done. */
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
