import { known } from "../../../src/gate/facts.ts";
import { alice, bob, comment, done, doneWith, head, older, review, wish } from "../world.ts";
import { nobodyElse, type Case } from "./case.ts";

/** What stands between a decision and what lands. */

const wished = comment(alice, "/merge when ready", { id: 90 });

export const merge: Case[] = [
  {
    case: 60,
    title: "a report of another head",
    given: { check: done({ head: { ref: "change", sha: older } }) },
    verdict: "unknown",
    rule: "checks",
    outcome: "unknown",
    says: "the check that is stored is of other commits: it is run again",
  },
  {
    case: 61,
    title: "base moved since the check",
    given: { check: { state: "running", previous: { base: older, head } } },
    verdict: "blocked",
    rule: "checks",
    outcome: "pending",
    says: "main moved from cccccccccc to aaaaaaaaaa, so the merge result is being checked again: wait for the check run to complete",
  },
  {
    case: 66,
    title: "the approval is withdrawn while a wish waits for the rest",
    given: { wish: wish(), comments: known([wished]), reviews: known([review(bob), review(bob, "dismissed")]) },
    remembered: { answered: new Set([wished.id]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: nobodyElse,
    answers: [],
  },
  {
    case: 66,
    title: "and is given again: it lands by itself",
    given: { wish: wish(), comments: known([wished]) },
    remembered: { answered: new Set([wished.id]) },
    verdict: "pass",
    rule: "peer",
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
    answers: [],
    lands: true,
  },
  {
    case: 67,
    title: "the policy lands by merge commits, and the repository allows none",
    given: { mergeMethods: known(["squash", "rebase"]), check: doneWith({ landing: "exact" }) },
    verdict: "blocked",
    rule: "change",
    outcome: "fail",
    says: "the policy lands by merge commits (landing: exact), and this repository allows squash and rebase alone: an administrator has to allow merge commits in its settings, or the policy has to say landing: api",
  },
  {
    case: 67,
    title: "a method that the repository does not allow is not replaced by another",
    given: { mergeMethods: known(["merge"]), check: doneWith({ landing: "api" }), comments: known([comment(alice, "/merge squash")]) },
    verdict: "pass",
    rule: "peer",
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
    answers: ["refused: this repository does not allow squash; it allows merge"],
  },
  {
    case: 69,
    title: "a revert goes by the same rule: a peer, and its checks",
    given: { title: 'Revert "Raise the limit"', reviews: known([]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: nobodyElse,
  },
];
