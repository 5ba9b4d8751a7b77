import type { DraftTold } from "../catalog/expect/draft-told.ts";
import { draftOfHalt, keepDraftOfHalt, tellReverts, type TellDraftsPorts } from "../engine/expect/tell-drafts.ts";
import { nameReverts } from "../engine/expect/reverted.ts";
import type { Forge } from "../engine/ports/forge.ts";
import type { Store } from "../store/records.ts";
import type { Origin } from "../gate/event.ts";
import type { RevertPulls } from "../github/reverts.ts";
import type { Event } from "../rollout/effects.ts";
import { startEvaluator } from "./expectations.ts";

type Halted = Extract<Event, { kind: "halted" }>;

/** Expectations that are drafted after something went wrong. */
export interface Drafts {
  of: (origin: Origin, number: number, event: Halted) => Promise<DraftTold | null>;
  keep: (origin: Origin, number: number, told: { event: Halted; draft: DraftTold }) => Promise<void>;
  /** Of what was taken back since, with what GitHub did not tell of before. */
  tellReverts: (origin: Origin) => Promise<void>;
}

export function draftsOf(
  parts: Pick<TellDraftsPorts, "now" | "log"> & {
    store: Store;
    forge: Pick<Forge, "explain" | "pullsOf">;
    pulls: Pick<RevertPulls, "sayDrafted">;
  },
): Drafts {
  const { store, forge, now } = parts;
  const keepTold: TellDraftsPorts["keepTold"] = (change, told, entries) =>
    store.transaction(async (records) => {
      await records.saveDraftTold(change, told, now());
      if (entries.length > 0) await records.appendEntries(change.repository, entries, now());
    });
  const explain: TellDraftsPorts["explain"] = (error) => forge.explain(error);
  const ports: TellDraftsPorts = {
    ...parts,
    explain,
    records: store.records,
    keepTold,
    start: startEvaluator,
    say: (...told) => parts.pulls.sayDrafted(...told),
  };
  return {
    of: (...halt) => draftOfHalt(ports, ...halt),
    keep: (...told) => keepDraftOfHalt(ports, ...told),
    tellReverts: async (origin) => {
      await nameReverts(parts, origin);
      await tellReverts(ports, origin);
    },
  };
}
