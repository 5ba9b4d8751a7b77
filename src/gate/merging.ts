import type { Merge } from "./decide.ts";
import { parseCommands } from "./command.ts";
import { asOpener } from "./commands/standing.ts";
import { judge } from "./evaluate.ts";
import type { Facts, MergeMethod, Person } from "./facts.ts";
import { commentState, messageDigest } from "./wish.ts";

/** Who asked for a landing, and how. */
export interface Wanted {
  comment: number;
  by: Person;
  method: MergeMethod | null;
}

/**
 * The merge of a change that passes. A break-glass goes with it only where it is needed: what passes without it owes nothing. Null where
 * something that a pass rests on is missing, which can't be: a verdict passes only with a report of this very pair.
 */
export function mergeOf(facts: Facts, { comment, by, method }: Wanted): Merge | null {
  const [preferred] = facts.mergeMethods.known ? facts.mergeMethods.value : [];
  if (facts.check.state !== "done" || preferred === undefined) return null;
  const { report, policy } = facts.check;
  const { base, head, tree } = report;
  if (base.sha === null || head.sha === null || tree === null) return null;
  const needsGlass = facts.glass !== null && judge({ ...facts, glass: null }).outcome !== "pass";
  return {
    comment,
    by: by.login,
    head: head.sha,
    base: base.sha,
    baseRef: facts.base.ref,
    landing: policy.landing,
    message: { title: facts.title, body: facts.body },
    author: facts.opener,
    tree,
    method: policy.landing === "exact" ? "merge" : (method ?? preferred),
    glass: needsGlass ? facts.glass : null,
    seen: needsGlass && facts.reviews.known ? facts.reviews.value.map(({ id }) => id) : [],
  };
}

/**
 * Asked right before a merge is performed, with everything read again: why it must not be any more, or null. `facts.glass` need not have the
 * merge's: it goes with the merge. `heard`: ids of the comments that were there when it was decided to merge.
 */
export function mergeObjection(merge: Merge, facts: Facts, heard: ReadonlySet<number>): string | null {
  if (facts.state !== "open") return `the pull request is ${facts.state} by now`;
  if (facts.head !== merge.head) return "the head moved in between";
  const asked = commentState(merge.comment, facts);
  if (asked.is !== "there") return asked.is === "gone" ? asked.why : "whether its author still asks for it can't be told";
  if (isCalledOff(facts, heard)) return "somebody said /cancel in between";
  if (facts.base.ref !== merge.baseRef) return "the base branch was changed in between";
  if (!facts.base.tip.known) return facts.base.tip.reason;
  if (facts.base.tip.value !== merge.base) return "the base branch moved in between";
  const stranger = facts.ofGate === true ? speakerObjection(merge, facts) : null;
  if (stranger !== null) return stranger;
  if (messageDigest(facts) !== messageDigest(merge.message)) return "title or description were edited in between";
  if (facts.check.state !== "done" || facts.check.report.tree !== merge.tree) return "the merge result was checked again in between";
  return judge({ ...facts, glass: merge.glass }).outcome === "pass" ? null : "what the verdict rests on changed in between";
}

/** Of a pull request of the gate's own: why whoever asked for the merge may not, or not any more. */
function speakerObjection({ comment }: Merge, facts: Facts): string | null {
  const speaker = facts.comments.known ? facts.comments.value.find(({ id }) => id === comment)?.author : undefined;
  if (speaker === undefined || speaker === null) return "who asked for it can't be told any more";
  return asOpener(speaker, facts)?.why ?? null;
}

/** Whether it may be called off by what nobody heard yet; by whom, and whether they may, is for the next turn to say. */
const isCalledOff = ({ comments }: Facts, heard: ReadonlySet<number>): boolean =>
  comments.known &&
  comments.value.some(
    ({ id, author, body }) => author?.bot === false && !heard.has(id) && parseCommands(body).some(({ name }) => name === "/cancel"),
  );
