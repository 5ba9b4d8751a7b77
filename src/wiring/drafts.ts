import type { DraftTold } from "../catalog/expect/draft-told.ts";
import { draftOfHalt, keepDraftOfHalt, tellReverts, type TellDraftsPorts } from "../engine/expect/tell-drafts.ts";
import type { Origin } from "../gate/event.ts";
import type { RevertPulls } from "../github/reverts.ts";
import type { Event } from "../rollout/effects.ts";
import { startEvaluator } from "./expectations.ts";

type Halted = Extract<Event, { kind: "halted" }>;

/** Expectations that are drafted after something went wrong. */
export interface Drafts {
  of: (origin: Origin, number: number, event: Halted) => Promise<DraftTold | null>;
  keep: (origin: Origin, number: number, told: { event: Halted; draft: DraftTold }) => Promise<void>;
  tellReverts: (origin: Origin) => Promise<void>;
}

export function draftsOf(
  parts: Pick<TellDraftsPorts, "records" | "explain" | "now" | "log"> & { pulls: Pick<RevertPulls, "sayDrafted"> },
): Drafts {
  const ports: TellDraftsPorts = { ...parts, start: startEvaluator, say: (...told) => parts.pulls.sayDrafted(...told) };
  return {
    of: (...halt) => draftOfHalt(ports, ...halt),
    keep: (...told) => keepDraftOfHalt(ports, ...told),
    tellReverts: (origin) => tellReverts(ports, origin),
  };
}
