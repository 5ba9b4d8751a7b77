import type { EntryKind } from "../../ledger/entry.ts";
import type { Standing } from "../../gate/view.ts";

/** Words that several pages share. */

export const standingWords: Readonly<Record<Standing, string>> = {
  pass: "ready",
  observed: "observed only",
  waiting: "waits for people",
  checking: "being checked",
  blocked: "blocked",
  unknown: "blocked by something unknown",
};

export const isStanding = (text: string): text is Standing => Object.hasOwn(standingWords, text);

const entryWords: Readonly<Partial<Record<EntryKind, string>>> = {
  "approval-received": "an approval came in",
  "approval-bound": "an approval was bound to what it was given on",
  "approval-kept": "an approval still counts",
  "approval-dropped": "an approval does not count any more",
  verdict: "judged otherwise than before",
  trusted: "somebody let this head be tested",
  wish: "its author wishes to have it merged when it is ready",
  "policy-in-force": "a policy was judged by",
  "wish-ended": "that wish ended",
  "break-glass": "somebody broke the glass",
  "break-glass-ended": "that ended",
  "debt-owed": "a review is owed for it",
  "debt-paid": "that review was given",
  "merge-intended": "about to be merged",
  "merge-refused": "the merge was refused",
  landed: "landed",
  "landed-outside": "merged around the gate",
  "tree-differs": "what landed is not what was checked",
  frozen: "merging was stopped over it",
  unfrozen: "merging goes on",
  "check-forged": "somebody else reported a check under the gate's name",
  "command-forged": "somebody wrote a command into another's comment",
  contributed: "somebody had a part in what was merged",
  "direct-push": "pushed around the gate",
  reverted: "another change took it back",
  "history-rewritten": "the branch's history was rewritten",
  "expectation-drafted": "an expectation that would have caught it was drafted",
  "kept-compile-wrong": "a kept compile was found wrong",
  blind: "the gate could not see",
  forgotten: "somebody was forgotten",
  "log-began": "the ledger began",
  "log-key-rotated": "the ledger's key was changed",
  "log-succeeded": "the ledger goes on another",
  "lane-entered": "a release entered the lane",
  "lane-moved": "the lane's branch was moved",
  "lane-moved-outside": "somebody else moved the lane's branch",
  "lane-nodes": "what the lane's nodes did with the release",
  "lane-ready": "all compilers serve the release",
  "lane-passed": "the lane found the release good",
  "lane-halted": "the lane stands still",
  "lane-superseded": "a newer release took its place",
  "lane-promoted": "somebody let the release through",
  "lane-let-in": "somebody let the release in",
  "lane-resumed": "the lane goes on",
  "lane-returning": "the release is taken back",
  "lane-returned": "the lane is back at what was good",
  "lane-quarantined": "commits were shut out",
  "commit-unquarantined": "a commit may come in again",
  "rollout-paused": "somebody paused the rollout",
  "rollout-resumed": "the rollout goes on",
  "rollout-ordered": "somebody told the rollout something",
  "rollout-refused": "what somebody told the rollout was refused",
  "rollout-done": "a release is everywhere",
};

/** Kinds that a list is chosen by, in this order. */
export const entryKinds = Object.keys(entryWords) as readonly EntryKind[];

export const entryText = (kind: EntryKind): string => entryWords[kind] ?? kind.replaceAll("-", " ");

/** `2026-11-23 09:00 UTC`. */
export const momentOf = (at: Date | string | number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** How long since, in one unit: `3 hours`. */
export const since = (at: Date | string | number, now: Date): string => spanOf(now.getTime() - new Date(at).getTime());

/** `3 hours ago`, `in 2 days`, `just now`. */
export function ago(at: Date | string | number, now: Date): string {
  const ms = now.getTime() - new Date(at).getTime();
  if (Math.abs(ms) < 60_000) return "just now";
  return ms > 0 ? `${spanOf(ms)} ago` : `in ${spanOf(-ms)}`;
}

function spanOf(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes === 0) return "less than a minute";
  const [count, unit] =
    minutes < 100 ? [minutes, "minute"] : minutes < 2 * 1440 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
