import { createHash } from "node:crypto";
import { isQuestion, parseCommands } from "./command.ts";
import { asOpener } from "./commands/standing.ts";
import type { Facts, Wish } from "./facts.ts";
import { short } from "./phrases.ts";

/** Title and description as one digest: what a wish to land is bound to. */
export const messageDigest = ({ title, body }: Pick<Facts, "title" | "body">): string =>
  createHash("sha256")
    .update(JSON.stringify([title, body]), "utf8")
    .digest("hex");

/** How a wish stands. `filled` is what it is to be kept as, once the policy it is bound to is known. */
export type WishState = { is: "none" } | { is: "ended"; why: string } | { is: "stands"; filled: Wish | null; mayLand: boolean };

/**
 * `/merge when ready` holds for the head, the policy and the message that its author saw, as long as they stand by what they wrote. What can't
 * be read now ends nothing, and lands nothing.
 */
export function wishState({ wish, ...facts }: Facts): WishState {
  if (wish === null) return { is: "none" };
  const ended = (why: string): WishState => ({ is: "ended", why });
  if (facts.state !== "open") return ended(`the pull request is ${facts.state}`);
  if (wish.head !== facts.head) return ended(`${short(facts.head)} was pushed since`);
  if (wish.baseRef !== facts.base.ref) return ended(`the base branch is ${facts.base.ref} since`);
  const comment = commentState(wish.comment, facts);
  if (comment.is === "gone") return ended(comment.why);
  if (wish.message !== messageDigest(facts)) return ended("title or description were edited since");
  const isChecked = facts.check.state === "done";
  const policyDigest = facts.check.state === "done" ? facts.check.policyDigest : "";
  if (isChecked && wish.policyDigest !== "" && wish.policyDigest !== policyDigest) return ended("the policy changed since");
  const objection = asOpener(wish.by, { ...facts, wish });
  if (objection !== null && !objection.unclear) return ended(objection.why);
  const filled = isChecked && wish.policyDigest === "" ? { ...wish, policyDigest } : null;
  return { is: "stands", filled, mayLand: objection === null && comment.is === "there" };
}

/** Whether somebody still says what they said. */
export function commentState(id: number, { comments }: Pick<Facts, "comments">): { is: "there" | "unknown" } | { is: "gone"; why: string } {
  if (!comments.known) return { is: "unknown" };
  const comment = comments.value.find((one) => one.id === id);
  if (comment === undefined) return { is: "gone", why: "the comment that asked for it was deleted" };
  const gone = { is: "gone", why: "the comment that asked for it was edited" } as const;
  // Without a command nobody asks GitHub whether it was edited: it was.
  if (parseCommands(comment.body).every(isQuestion)) return gone;
  const { edited } = comment;
  // What asking again would not tell ends it: it would stand for ever, and nobody would be told why nothing lands.
  if (!edited.known && edited.way !== undefined)
    return { is: "gone", why: `whether the comment that asked for it was edited can't be told (${edited.reason}); say it again` };
  if (!edited.known) return { is: "unknown" };
  return edited.value === null ? { is: "there" } : gone;
}
