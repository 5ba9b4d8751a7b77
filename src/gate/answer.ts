import { mayWrite, permissionOf } from "./approval.ts";
import { commandTable } from "./command.ts";
import type { Command } from "./command.ts";
import { contributorsOf } from "./contributors.ts";
import type { CommentFacts, Facts, Person } from "./facts.ts";
import { short } from "./phrases.ts";
import type { Verdict } from "./verdict.ts";
import type { Answer } from "./view.ts";

interface Asked {
  comment: CommentFacts;
  author: Person;
  facts: Facts;
  verdict: Verdict;
  refusal: { comment: number; text: string } | null;
}

/** What the gate says to one command. `asks` tells a merge from everything that only wants words. */
export function answer(command: Command, asked: Asked): { asks: "merge" | "words"; answer: Answer } {
  const { comment, author, facts, verdict } = asked;
  const say = (accepted: boolean, text: string, lines: readonly string[] = []): Answer => ({
    comment: comment.id,
    by: author.login,
    command: command.name === "misspoken" ? command.line : command.name,
    accepted,
    text,
    lines,
  });
  if (command.name === "/merge") {
    const refused = refusalOf(asked);
    if (refused !== null) return { asks: "merge", answer: say(false, refused) };
    if (verdict.outcome === "pass") return { asks: "merge", answer: say(true, `everything is in order for ${short(facts.head)}`) };
    return { asks: "merge", answer: say(false, "refused, because of these rules; say it again once they are settled", inTheWay(verdict)) };
  }
  if (command.name === "/why") {
    return verdict.outcome === "pass"
      ? { asks: "words", answer: say(true, `nothing is in the way: ${facts.opener?.login ?? "the author"} can say /merge`) }
      : { asks: "words", answer: say(true, "these rules are in the way", inTheWay(verdict)) };
  }
  if (command.name === "/help") return { asks: "words", answer: say(true, "a command stands on a line of its own", helpLines()) };
  const text = "this is no command here; a command stands on a line of its own, with nothing behind it";
  return { asks: "words", answer: say(false, text, helpLines()) };
}

export const helpLines = (): string[] => commandTable.map(({ name, does }) => `${name}: ${does}`);

/** Every rule that keeps a change from landing, with what it says. */
export const inTheWay = ({ reasons }: Verdict): string[] =>
  reasons
    .filter(({ outcome }) => outcome !== "pass" && outcome !== "skipped")
    .map(({ rule, outcome, text }) => `${rule} (${outcome}): ${text}`);

/** Why this person, with this comment, can't ask for a merge; null when they can. */
function refusalOf({ comment, author, facts, refusal }: Asked): string | null {
  if (refusal !== null && refusal.comment === comment.id) return refusal.text;
  if (author.id !== facts.opener?.id) return notTheAuthor(facts.opener);
  if (comment.edited) return "refused: a comment that was edited doesn't count; write a new one";
  if (comment.createdAt < facts.headSince)
    return `refused: it was written before ${short(facts.head)} was pushed; say it again if you mean the change as it is now`;
  const standing = ownStanding(author, facts);
  if (standing !== null) return standing;
  return null;
}

function notTheAuthor(opener: Person | null): string {
  const way = "open it anew from a person's account, or have somebody merge it by hand";
  if (opener === null) return `refused: only its author can land this pull request, and that account is deleted; ${way}`;
  return opener.bot
    ? `refused: only its author can land this pull request, and ${opener.login} is a bot; ${way}`
    : `refused: only ${opener.login} can land this pull request`;
}

/**
 * An author needs no write access, but a part in the change: whoever may only read could otherwise open a pull request from somebody
 * else's branch and land that person's unfinished work.
 */
function ownStanding(author: Person, facts: Facts): string | null {
  if (!facts.commits.known) return null; // the rule `contributors` says so, and blocks
  const wrote = facts.commits.value.some(({ contributions }) => contributions.some(({ person }) => person?.id === author.id));
  if (wrote || facts.pushers.some(({ id }) => id === author.id)) return null;
  const permission = permissionOf(author, facts);
  if (!permission.known)
    return `refused: whether ${author.login} may write here could not be learnt (${permission.reason}); say it again later`;
  if (mayWrite(permission.value)) return null;
  const others = [...contributorsOf(facts).values()].map(({ person }) => person.login).filter((login) => login !== author.login);
  return `refused: ${author.login} wrote no commit of this change and has no write access; one of its writers (${others.join(", ")}) has to open the pull request`;
}
