import { contributorsOf, contributorsReason } from "../../gate/contributors.ts";
import type { Origin } from "../../gate/event.ts";
import { unknown as notKnown, type Facts } from "../../gate/facts.ts";
import { type Known, known, unknown } from "../../policy/known.ts";
import type { LineStep } from "../../rollout/line.ts";
import type { Who } from "../../rollout/state.ts";
import type { Forge } from "../ports/forge.ts";
import type { RolloutRecords } from "../ports/rollout.ts";

export interface PartPorts {
  store: { records: Pick<RolloutRecords, "pushersOf" | "stepsOf"> };
  forge: Pick<Forge, "contributionsTo">;
}

/**
 * Whether somebody had a part in any of these commits of the base branch, by the gate's own rules: who opened a pull request, wrote, committed, co-wrote
 * or pushed what is in it. What can't be told of one of them can't be told at all.
 */
export async function partIn(
  { store: { records }, forge }: PartPorts,
  origin: Origin,
  who: Who,
  about: readonly Pick<LineStep, "sha" | "number">[],
): Promise<Known<boolean>> {
  if (who.id === null) return unknown("nobody knows your GitHub account: name it");
  const numbers = new Set<number>();
  for (const { sha, number } of about) {
    const of = number ?? (await records.stepsOf(origin.repository.id, [sha]))[0]?.number ?? null;
    // Neither its author nor its pusher is bound to anything that was reviewed.
    if (of === null)
      return unknown(
        `no pull request is known for ${sha.slice(0, 10)}, so that nobody can tell whose it is; a pull request that takes it back is let in`,
      );
    numbers.add(of);
  }
  for (const number of numbers) {
    const read = await forge.contributionsTo(origin, number);
    if (!read.known) return unknown(`who contributed to #${number} can't be told now: ${read.reason}`);
    const { head, commits } = read.value;
    const shas = commits.known ? commits.value.map(({ sha }) => sha) : [];
    const pushers = await records.pushersOf(origin.repository.id, [...new Set([head, ...shas])]);
    const [pusher] = await records.pushersOf(origin.repository.id, [head]);
    const headPusher: Facts["headPusher"] = pusher === undefined ? notKnown("no delivery told of its push", "nobody") : known(pusher);
    // No policy is asked whether who suggested something stays a peer: here nobody does.
    const facts = { ...read.value, pushers, headPusher, check: { state: "impossible" as const } };
    if (contributorsOf(facts).has(who.id)) return known(true);
    const { outcome, text } = contributorsReason(facts);
    if (outcome !== "pass") return unknown(`who contributed to #${number} is not known: ${text}`);
  }
  return known(false);
}
