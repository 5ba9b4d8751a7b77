import type { CommitFacts, Contribution, Facts, Person } from "./facts.ts";
import type { Reason } from "./verdict.ts";
import { askedAgain, askNow, list, short, unlearnt } from "./phrases.ts";

/** What tells whose a change is. */
export type ContributionFacts = Pick<Facts, "opener" | "commits" | "pushers" | "headPusher" | "check">;

/** A person, and the first thing they did that makes this change theirs: `opened this pull request`. */
export interface Contributor {
  person: Person;
  did: string;
}

/**
 * Everybody whose own change this is: opener, author, committer and co-author of every commit, and who pushed one as far as deliveries
 * told. All commits that GitHub lists count, so those of a branch merged into this one too. Keyed by user id.
 */
export function contributorsOf(facts: ContributionFacts): ReadonlyMap<number, Contributor> {
  const found = new Map<number, Contributor>();
  const add = (person: Person | null, did: string): void => {
    if (person !== null && !found.has(person.id)) found.set(person.id, { person, did });
  };
  add(facts.opener, "opened this pull request");
  if (facts.commits.known) {
    for (const commit of facts.commits.value)
      for (const { person, role } of counted(commit, facts)) add(person, `is ${role} of ${short(commit.sha)}`);
  }
  for (const person of facts.pushers) add(person, "pushed to this change");
  if (facts.headPusher.known) add(facts.headPusher.value, "pushed to this change");
  return found;
}

/**
 * Who suggested what somebody else applied in the browser stays a peer where the policy says so. Only of commits that GitHub signed: a
 * trailer in any other says nothing about how it came there.
 */
function counted({ contributions, web }: CommitFacts, { check }: ContributionFacts): readonly Contribution[] {
  const stay = web === true && check.state === "done" && check.policy.suggestions === "stay-eligible";
  return stay ? contributions.filter(({ role }) => role !== "co-author") : contributions;
}

/**
 * Whether everybody who contributed is known. A part that belongs to no account blocks, and so does a head that nobody is known to have
 * pushed: the person behind it could approve their own work under another name.
 */
export function contributorsReason(facts: ContributionFacts & Pick<Facts, "head">): Reason {
  const blocking = (text: string, unblock: string): Reason => ({ rule: "contributors", outcome: "unknown", text, unblock });
  if (!facts.commits.known) {
    const { text, unblock } = unlearnt(facts.commits);
    return blocking(`who contributed could not be learnt: ${text}`, unblock);
  }
  const author = facts.opener?.login ?? "its author";
  const strangers = facts.commits.value.flatMap(({ sha, contributions }) =>
    contributions.filter(({ person }) => person === null).map(({ role, as }) => ({ sha, role, as })),
  );
  const [first] = strangers;
  if (first !== undefined) {
    const more = strangers.length > 1 ? ` (and ${strangers.length - 1} more)` : "";
    return blocking(
      `${first.as}, ${first.role} of ${short(first.sha)}, belongs to no GitHub account${more}: add that e-mail address to the account it belongs to, ` +
        `or rewrite the commit with one that has an account (git rebase, git commit --amend --reset-author) and push`,
      `${author}: give ${short(first.sha)} an author and a committer with an account, and push`,
    );
  }
  if (facts.opener === null)
    return blocking(
      "the account that opened this pull request is deleted: open it again from an account that exists",
      "anybody: open it again from a person's account",
    );
  if (!facts.headPusher.known) {
    const { reason, way } = facts.headPusher;
    const again = `${author} can push again (git commit --amend --no-edit, git push --force-with-lease)`;
    return way === undefined
      ? blocking(`who pushed ${short(facts.head)} is not known now: ${reason}; ${askedAgain}, or ${again}`, askNow)
      : blocking(
          `who pushed ${short(facts.head)} is unknown: ${reason}; ${again}; ` +
            `if its delivery failed, an owner of the App can redeliver it (the App's settings, Advanced)`,
          way.replace(/^its author\b/u, author),
        );
  }
  const people = [...contributorsOf(facts).values()].map(({ person }) => person.login);
  return { rule: "contributors", outcome: "pass", text: `contributed by ${list(people)}` };
}
