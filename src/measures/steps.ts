import { changeOf, part, text, type Told } from "../ledger/questions/trail.ts";

/** What one entry of the ledger adds to what is measured. Times are ISO 8601; `own` null: nobody can tell whose change it was to whoever asked. */
export type Step =
  | { kind: "reviewed"; repository: number; number: number; at: string }
  | { kind: "landed"; repository: number; number: number; at: string; own: boolean | null; glass: boolean; hotfix: boolean }
  | { kind: "outside"; repository: number; number: number; at: string }
  | { kind: "reverted"; repository: number; number: number; at: string }
  | { kind: "entered"; repository: number; release: string; before: string; at: string }
  | { kind: "failed"; repository: number; release: string; lane: string; at: string }
  | { kind: "well"; repository: number; lane: string; at: string }
  | { kind: "done"; repository: number; release: string; at: string };

/** Kinds of entries that add anything. */
export const measuredKinds = [
  "approval-received",
  "approval-bound",
  "landed",
  "landed-outside",
  "reverted",
  "lane-entered",
  "lane-halted",
  "lane-returning",
  "lane-passed",
  "lane-promoted",
  "lane-returned",
  "rollout-done",
] as const;

/** Kinds of entries that what landed is looked up in: who asked for it, and who had contributed. */
export const landingKinds = ["merge-intended", "contributed"] as const;

/**
 * What these entries add, in their order.
 * @param behind entries of `landingKinds` about the same changes, whenever they were recorded
 */
export function stepsOf(told: readonly Told[], behind: readonly Told[]): Step[] {
  const byChange = Map.groupBy(behind, changeOf);
  return told.flatMap((one): Step[] => {
    const { kind, repo: repository, at, subject } = one.entry;
    const number = numberOf(subject);
    const release = text(one.about["release"]);
    const lane = subject.startsWith("lane/") ? subject.slice("lane/".length) : null;
    // One that came while nobody listened was only bound.
    if ((kind === "approval-received" || kind === "approval-bound") && number !== null)
      return [{ kind: "reviewed", repository, number, at: momentIn(one.about["submittedAt"], at) }];
    if (kind === "landed" && number !== null) {
      return [{ kind: "landed", repository, number, at, ...askedFor(one, byChange.get(changeOf(one)) ?? []) }];
    }
    if (kind === "reverted" && number !== null) return [{ kind: "reverted", repository, number, at }];
    if (kind === "landed-outside" && number !== null) return [{ kind: "outside", repository, number, at }];
    if (kind === "lane-entered" && release !== null)
      return [{ kind: "entered", repository, release, before: text(one.about["before"]) ?? "", at }];
    if (lane !== null && release !== null && (kind === "lane-returning" || (kind === "lane-halted" && isOfFleet(one))))
      return [{ kind: "failed", repository, release, lane, at }];
    if (lane !== null && (kind === "lane-passed" || kind === "lane-promoted" || kind === "lane-returned"))
      return [{ kind: "well", repository, lane, at }];
    if (kind === "rollout-done" && release !== null) return [{ kind: "done", repository, release, at }];
    return [];
  });
}

/** Whether whoever asked for a landing had contributed to it, and whether it was by break-glass or a hotfix: by the intention that it carried out. */
function askedFor(landed: Told, behind: readonly Told[]): { own: boolean | null; glass: boolean; hotfix: boolean } {
  const earlier = behind.filter(({ index, about }) => index < landed.index && about["head"] === landed.about["head"]);
  const intention = earlier.findLast(({ entry }) => entry.kind === "merge-intended");
  const contributors = earlier.filter(({ entry }) => entry.kind === "contributed");
  const actor = intention?.entry.actor ?? null;
  // Landings from before contributors were recorded have none: that is not known, and not no.
  const own = actor === null || contributors.length === 0 ? null : contributors.some(({ entry }) => entry.actor === actor);
  const glass = (intention?.about["glass"] ?? null) !== null;
  return { own, glass, hotfix: glass || intention?.about["hotfix"] === true };
}

/** Whether a lane stands over what its nodes said of the release, and not over a branch that somebody moved, or a word. */
const isOfFleet = ({ about }: Told): boolean => part(part(about["halt"], "why"), "kind") === "verdict";

const numberOf = (subject: string): number | null => (/^pull\/[1-9]\d{0,8}$/u.test(subject) ? Number(subject.slice("pull/".length)) : null);

/** GitHub's own time of it, where that is one, as of whoever was read late. */
function momentIn(value: unknown, otherwise: string): string {
  const at = typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/u.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? otherwise : new Date(at).toISOString();
}
