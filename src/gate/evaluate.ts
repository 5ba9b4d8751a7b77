import { approvalReason, objectionReason } from "./approval.ts";
import { contributorsReason } from "./contributors.ts";
import { defaultPolicy } from "../policy/schema.ts";
import { evaluateWhen, type ChangeInput } from "../policy/when.ts";
import { known, unknown } from "./facts.ts";
import type { Checked, Facts, Known } from "./facts.ts";
import { short } from "./phrases.ts";
import { toVerdict } from "./verdict.ts";
import type { Reason, Verdict } from "./verdict.ts";

/** Every rule's reason, in the order in which a person would mend them. Nothing is asked here, and nothing is left out. */
export function evaluate(facts: Facts): Reason[] {
  return [changeReason(facts), ...checkReasons(facts), contributorsReason(facts), ...reviewReasons(facts), objectionReason(facts)];
}

/** People are asked for here, so what waits for them blocks. */
export const judge = (facts: Facts): Verdict => toVerdict(evaluate(facts), "blocks");

/**
 * The policy's rules. Before the check told which they are, the default one shows how the reviews stand; nothing can land then. A rule
 * whose condition reads something unknown applies.
 */
function reviewReasons(facts: Facts): Reason[] {
  if (facts.check.state !== "done") return defaultPolicy.rules.map((rule) => approvalReason(rule, facts));
  const { check } = facts;
  const reasons = check.policy.rules.map((rule): Reason => {
    const applies = evaluateWhen(rule.when, inputOf(facts, check));
    if (applies.known && !applies.value) return { rule: rule.name, outcome: "skipped", text: `does not apply here: ${rule.when} is false` };
    return approvalReason(rule, facts);
  });
  const somebodyIsAsked = reasons.some(({ outcome }) => outcome !== "skipped");
  const text = "no rule of the policy applies to this change, so nobody would be asked: the policy needs one that does";
  return somebodyIsAsked ? reasons : [...reasons, { rule: "rules", outcome: "fail", text }];
}

const inputOf = ({ opener, labels, base, fork }: Facts, { report, policyChange, paths, links }: Checked): ChangeInput => ({
  change: {
    author: opener === null ? unknown("the account that opened this pull request is deleted") : known(opener.login),
    labels: known(labels),
    paths: comparable(paths),
    base: known(base.ref),
    fork: known(fork),
    policy: known(policyChange),
    links: comparable(links),
  },
  // Whose node it is, base's classes say: a node that base does not compile may belong to any service.
  radius: report.nodes.some(({ outcome }) => outcome === "fixed")
    ? unknown("the services of nodes that base does not compile are not known")
    : known(report.radius),
  groups: known(report.groups),
  findings: known(report.findings),
});

/** A quoted path stands for bytes that no condition can be written for. */
const comparable = (paths: readonly string[]): Known<readonly string[]> =>
  paths.some((path) => path.startsWith('"')) ? unknown("a changed path has a name that conditions can't be compared with") : known(paths);

/** Whether the pull request as such can be merged. */
function changeReason(facts: Facts): Reason {
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule: "change", outcome, text });
  if (facts.state === "merged") return reason("fail", "this pull request is merged already");
  if (facts.state === "closed") return reason("fail", "this pull request is closed: reopen it, and it is checked anew");
  if (facts.draft) return reason("pending", "this pull request is a draft: mark it ready for review first");
  if (facts.changedFiles === 0) return reason("fail", "this pull request changes no file: there is nothing to review or to land");
  if (!facts.mergeMethods.known)
    return reason("unknown", `how pull requests may be merged here could not be learnt: ${facts.mergeMethods.reason}`);
  if (facts.mergeMethods.value.length === 0)
    return reason(
      "unknown",
      "GitHub names no way to merge pull requests here: an administrator has to allow one in the repository's settings",
    );
  return reason("pass", "this pull request is open and ready for review");
}

/** The checks' own reasons; what they leave pending for the policy's rules is answered by those, and anything else pending stays in the way. */
function checkReasons({ check, base, head }: Facts): Reason[] {
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule: "checks", outcome, text });
  if (check.state === "running") return [reason("pending", runningText(check.previous, base, head))];
  if (check.state === "failed") {
    const next = check.final ? "" : "; it is tried again by itself";
    return [reason("unknown", `the check could not be done: ${check.problem.text} ${check.problem.hint}${next}`)];
  }
  if (!base.tip.known) return [reason("unknown", `the tip of ${base.ref} could not be read: ${base.tip.reason}`)];
  if (check.state === "impossible") return [reason("unknown", "no check was begun")];
  if (check.state === "untrusted") return [reason("pending", untrustedText(head))];
  const {
    report,
    policy: { rules },
  } = check;
  if (report.base.sha !== base.tip.value || report.head.sha !== head)
    return [reason("unknown", "the check that is stored is of other commits: it is run again")];
  const reasons = report.verdict.reasons.filter(({ rule, outcome }) => outcome !== "pending" || !rules.some(({ name }) => name === rule));
  const looked = reasons.some(({ outcome }) => outcome !== "skipped");
  return looked ? reasons : [...reasons, reason("unknown", "no check looked at anything: nothing says that this is safe")];
}

const untrustedText = (head: string): string =>
  `this comes from a fork, and nothing of it was run: somebody with write access has to read it and say /ok-to-test ${short(head)}`;

function runningText(previous: { base: string; head: string } | null, { ref, tip }: Facts["base"], head: string): string {
  const wait = "wait for the check run to complete";
  if (previous !== null && previous.head === head && tip.known && previous.base !== tip.value)
    return `${ref} moved from ${short(previous.base)} to ${short(tip.value)}, so the merge result is being checked again: ${wait}`;
  return `the merge result of ${short(head)} and ${tip.known ? short(tip.value) : ref} is being checked: ${wait}`;
}
