import type { Origin } from "../../gate/event.ts";
import { type Known, known } from "../../policy/known.ts";
import type { Forge } from "../ports/forge.ts";
import type { LearntStep, RolloutRecords } from "../ports/rollout.ts";

/** A pull request that has it when its landing is seen first is alone in its release, where that can be. GitHub compares labels without regard to case. */
export const soloLabel = "rollout/solo";

/** What is known of commits, by their id. */
export interface Learnt {
  of: ReadonlyMap<string, Pick<LearntStep, "number" | "solo">>;
  /** Why some are missing; null where none are. */
  why: string | null;
}

export interface LearnPorts {
  store: { records: Pick<RolloutRecords, "landingsAt" | "stepsOf" | "saveSteps"> };
  forge: Pick<Forge, "pullsOf" | "labelsOf">;
  now: () => Date;
}

/** Commits of one look, each a request or two: the next look goes on. */
const mostAtOnce = 20;
/** GitHub tells of a pull request some time after its commit is there: one without is asked for again for so long. */
const settled = 10 * 60_000;

/**
 * Which pull request each commit of a branch landed, and whether it asked to be alone: by what this gate landed, else by what GitHub says, each asked once
 * and kept. What GitHub does not say now is missing, from that commit on.
 */
export function learner({ store, forge, now }: LearnPorts, origin: Origin, base: string): (shas: readonly string[]) => Promise<Learnt> {
  const { records } = store;
  const { id } = origin.repository;
  return async (shas) => {
    const kept = await records.stepsOf(id, shas);
    const of = new Map<string, Pick<LearntStep, "number" | "solo">>(kept.map((step) => [step.sha, step]));
    const young = new Set(
      kept.filter(({ number, learntAt }) => number === null && now().getTime() - learntAt.getTime() < settled).map(({ sha }) => sha),
    );
    const open = shas.filter((sha) => !of.has(sha) || young.has(sha));
    const asked = open.slice(0, mostAtOnce);
    if (asked.length === 0) return { of, why: null };
    const landed = new Map((await records.landingsAt(id, asked)).map(({ sha, number }) => [sha, number]));
    const fresh: LearntStep[] = [];
    let why =
      open.length > asked.length ? `what landed in ${open.length - asked.length} commits is asked of GitHub with the next looks` : null;
    for (const sha of asked) {
      const step = await learnStep(forge, origin, { sha, base, number: landed.get(sha) ?? null });
      if (step.known) {
        of.set(sha, step.value);
        fresh.push(step.value);
        continue;
      }
      // What was learnt of it before is no worse for that.
      if (of.has(sha)) continue;
      why = `whether ${sha} is to be alone in its release can't be told now, so that no release reaches it: ${step.reason}`;
      break;
    }
    if (fresh.length > 0) await records.saveSteps(id, fresh, now());
    return { of, why };
  };
}

async function learnStep(
  forge: LearnPorts["forge"],
  origin: Origin,
  { sha, base, number }: { sha: string; base: string; number: number | null },
): Promise<Known<LearntStep>> {
  const found = number === null ? await pullOf(forge, origin, { sha, base }) : known(number);
  if (!found.known) return found;
  if (found.value === null) return known({ sha, number: null, solo: false });
  const labels = await forge.labelsOf(origin, found.value);
  if (!labels.known) return labels;
  return known({ sha, number: found.value, solo: labels.value.some((label) => label.toLowerCase() === soloLabel) });
}

/** The pull request whose merge into this branch brought a commit; null for none. */
async function pullOf(
  forge: LearnPorts["forge"],
  origin: Origin,
  { sha, base }: { sha: string; base: string },
): Promise<Known<number | null>> {
  const pulls = await forge.pullsOf(origin, sha);
  if (!pulls.known) return pulls;
  return known(pulls.value.find((pull) => pull.merged && pull.base === base)?.number ?? null);
}
