import type { Facts } from "./facts.ts";
import { unlearnt } from "./phrases.ts";
import type { Reason } from "./verdict.ts";

/** Whether the pull request as such can be merged. */
export function changeReason(facts: Facts): Reason {
  const reason = (outcome: Reason["outcome"], says: string, text: string, unblock: string): Reason => ({
    rule: "change",
    outcome,
    text,
    brief: { says },
    unblock,
  });
  const author = facts.opener?.login ?? "its author";
  if (facts.state === "merged")
    return { rule: "change", outcome: "fail", text: "this pull request is merged already", brief: { says: "merged already" } };
  if (facts.state === "closed")
    return reason("fail", "closed", "this pull request is closed: reopen it, and it is checked anew", `${author}: reopen it`);
  if (facts.draft)
    return reason(
      "pending",
      "Draft",
      "this pull request is a draft: mark it ready for review first",
      `${author}: mark it ready for review`,
    );
  if (facts.changedFiles === 0)
    return reason(
      "fail",
      "changes no file",
      "this pull request changes no file: there is nothing to review or to land",
      `${author}: push what it is to change, or close it`,
    );
  if (!facts.mergeMethods.known) {
    const { text, unblock } = unlearnt(facts.mergeMethods);
    return reason("unknown", "merge methods unknown", `how pull requests may be merged here could not be learnt: ${text}`, unblock);
  }
  const methods = facts.mergeMethods.value;
  if (methods.length === 0)
    return reason(
      "unknown",
      "no way to merge allowed",
      "GitHub names no way to merge pull requests here: an administrator has to allow one in the repository's settings",
      "an administrator: allow a way to merge in the repository's settings",
    );
  const isExact = facts.check.state === "done" && facts.check.policy.landing === "exact";
  if (isExact && !methods.includes("merge"))
    return reason(
      "fail",
      "merge commits not allowed",
      `the policy lands by merge commits (landing: exact), and this repository allows ${methods.join(" and ")} alone: an administrator has to allow merge commits in its settings, or the policy has to say landing: api`,
      "an administrator: allow merge commits in the repository's settings",
    );
  return { rule: "change", outcome: "pass", text: "this pull request is open and ready for review" };
}

/** While nobody can read what is said here, no command is heard: whoever waits for an answer has to see why none comes. */
export function unheardReasons({ comments }: Facts): Reason[] {
  if (comments.known) return [];
  const { text, unblock } = unlearnt(comments);
  const told = `the comments could not be read, so no command is heard: ${text}`;
  return [{ rule: "comments", outcome: "unknown", text: told, brief: { says: "comments unknown" }, unblock }];
}

/** Merging into this branch is stopped for everybody: what landed once was not what was checked. */
export function frozenReasons({ frozen, base }: Facts): Reason[] {
  if (frozen === null) return [];
  const text = `merging into ${base.ref} is stopped since ${frozen.since.slice(0, 10)}, because of pull request ${frozen.number}: ${frozen.why}. Somebody with admin access has to look into it and say /unfreeze with what they found`;
  return [
    {
      rule: "frozen",
      outcome: "fail",
      text,
      brief: { says: "merging is stopped" },
      unblock: "somebody with admin access: look into it and say /unfreeze",
    },
  ];
}
