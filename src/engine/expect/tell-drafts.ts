import type { DraftTold } from "../../catalog/expect/draft-told.ts";
import type { Origin } from "../../gate/event.ts";
import type { Draft as Entry } from "../../ledger/entry.ts";
import type { Event } from "../../rollout/effects.ts";
import type { ChangeKey } from "../ports/changes.ts";
import type { Failure } from "../ports/forge.ts";
import type { Log } from "../ports/log.ts";
import type { LandedRevert } from "./reverted.ts";
import { draftFor, type DraftingPorts } from "./drafting.ts";

interface Kept {
  key: string;
  cause: "halt" | "revert";
  name: string | null;
}

export interface TellDraftsPorts extends DraftingPorts {
  records: DraftingPorts["records"] & {
    untoldReverts(repository: number, since: Date, most: number): Promise<(LandedRevert & { key: string; isRevert: boolean })[]>;
    toldDrafts(change: ChangeKey): Promise<Kept[]>;
  };
  /** Keeps that it was told, and the entry of what was drafted, both or nothing. */
  keepTold: (change: ChangeKey, told: Kept, entries: readonly Entry[]) => Promise<void>;
  /** Says it in the pull request that was taken back; any number of times is the same as once. */
  say: (origin: Origin, revert: LandedRevert, draft: Extract<DraftTold, { kind: "drafted" }>) => Promise<void>;
  /** The forge's own failure; null for any other error. */
  explain: (error: unknown) => Failure | null;
  now: () => Date;
  log: Log;
}

/** Reverts of one sweep: each may be a comment, and an import of history has thousands. */
const mostReverts = 10;
/** Milliseconds after which it is given up: the pull request is locked, or gone. */
const longest = 24 * 60 * 60_000;
/** Of one sweep: GitHub is down. */
const mostFailures = 3;

/**
 * Drafts the expectation that would have caught what was taken back since, and says so in its pull request. Where a halt drafted one of the same change, that is it. Of what no
 * catalog shows nothing is said: a comment for each revert of a typing error is noise.
 */
export async function tellReverts(ports: TellDraftsPorts, origin: Origin): Promise<void> {
  const { records, log, now } = ports;
  const repository = origin.repository.id;
  const since = new Date(now().getTime() - longest);
  let failures = 0;
  for (const { key, isRevert, ...revert } of await records.untoldReverts(repository, since, mostReverts)) {
    const change = { repository, number: revert.number };
    const earlier = (await records.toldDrafts(change)).find(({ cause }) => cause === "halt");
    const draft =
      isRevert || earlier !== undefined
        ? null
        : await draftFor(ports, origin, revert.number, { cause: "revert", by: revert.by, commit: revert.commit });
    const name = draft?.kind === "drafted" ? draft.name : (earlier?.name ?? null);
    try {
      if (draft?.kind === "drafted") await ports.say(origin, revert, draft);
    } catch (error) {
      const why = ports.explain(error);
      if (why === null) throw error;
      log.warn({ ...change }, `the expectation that was drafted of a revert can't be told now: ${why.text}`);
      // One that can't be told holds up no other.
      failures += 1;
      if (failures >= mostFailures) return;
      continue;
    }
    await ports.keepTold(
      change,
      { key, cause: "revert", name },
      entryOf(revert.number, key, draft, { commit: revert.commit, by: revert.by }),
    );
    log.info({ ...change, commit: revert.commit, name, ...(draft?.kind === "none" && { why: draft.why }) }, "a change was taken back");
  }
}

type Halted = Extract<Event, { kind: "halted" }>;

const keyOf = ({ lane, release }: Halted): string => `halt:${lane}:${release ?? ""}`;

/** What is drafted in the pull request of a change that a halt points to; null where it was told already, or the fleet did not say that anything is wrong. */
export async function draftOfHalt(
  ports: DraftingPorts & { records: Pick<TellDraftsPorts["records"], "toldDrafts"> },
  origin: Origin,
  number: number,
  event: Halted,
): Promise<DraftTold | null> {
  if (event.halt.why.kind !== "verdict" || event.halt.why.verdict.kind !== "failed") return null;
  const draft = await draftFor(ports, origin, number, { cause: "halt", event });
  const earlier = await ports.records.toldDrafts({ repository: origin.repository.id, number });
  const isTold = earlier.some(({ key, name }) => key !== keyOf(event) && draft.kind === "drafted" && name === draft.name);
  return isTold ? null : draft;
}

/** Keeps that it was told. */
export const keepDraftOfHalt = (
  { keepTold }: Pick<TellDraftsPorts, "keepTold">,
  origin: Origin,
  number: number,
  { event, draft }: { event: Halted; draft: DraftTold },
): Promise<void> =>
  keepTold(
    { repository: origin.repository.id, number },
    { key: keyOf(event), cause: "halt", name: draft.kind === "drafted" ? draft.name : null },
    entryOf(number, keyOf(event), draft, { lane: event.lane, release: event.release }),
  );

/** The ledger has what was drafted, of what and why; that nothing could be is no event. */
function entryOf(number: number, key: string, draft: DraftTold | null, wrong: object): Entry[] {
  if (draft?.kind !== "drafted") return [];
  const { name, path, resource, severity, text } = draft;
  const about = { name, path, resource, severity, ...wrong };
  return [
    {
      kind: "expectation-drafted",
      subject: `pull/${number}`,
      actor: null,
      evidence: [JSON.stringify(about), JSON.stringify({ text })],
      key: `expectation-drafted:pull/${number}:${key}`,
    },
  ];
}
