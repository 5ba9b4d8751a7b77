import { askedApprovals } from "./expectations.ts";
import type { Facts } from "./facts.ts";
import { askNow, askedAgain, short, unlearnt } from "./phrases.ts";
import type { Reason } from "./verdict.ts";
import { wayOf } from "./way.ts";

/** The checks' own reasons; what they leave to the policy's rules is answered by those, and anything else pending stays in the way. */
export function checkReasons(facts: Facts): Reason[] {
  const { check, base, head } = facts;
  const reason = (outcome: Reason["outcome"], text: string, unblock: string): Reason => ({ rule: "checks", outcome, text, unblock });
  const recheck = "anybody with write access: say /recheck";
  if (check.state === "running") return [reason("pending", runningText(facts), "wait for the check run to complete")];
  if (check.state === "failed") {
    const text = `the check could not be done: ${check.problem.text} ${check.problem.hint}`;
    const way = facts.organisation.known ? recheck : unlearnt(facts.organisation).unblock;
    return [check.final ? reason("unknown", text, way) : reason("unknown", `${text.replace(/\.$/u, "")}; ${byItself}`, recheck)];
  }
  if (!base.tip.known) {
    const { text, unblock } = unlearnt(base.tip);
    return [reason("unknown", `the tip of ${base.ref} could not be read: ${text}`, unblock)];
  }
  if (check.state === "impossible") return [reason("unknown", `no check was begun; ${askedAgain}`, askNow)];
  if (check.state === "untrusted")
    return [
      {
        ...reason("pending", untrustedText(head), `somebody with write access: read it, and say /ok-to-test ${short(head)}`),
        brief: { says: "Waiting for /ok-to-test" },
      },
    ];
  const {
    report,
    policy: { rules },
  } = check;
  if (report.base.sha !== base.tip.value || report.head.sha !== head)
    return [reason("unknown", "the check that is stored is of other commits: it is run again", recheck)];
  const approvals = new Set(askedApprovals(report.expectations).map(({ rule }) => rule));
  const reasons = report.verdict.reasons.filter(
    ({ rule, outcome }) => !asked.has(outcome) || (!rules.some(({ name }) => name === rule) && !approvals.has(rule)),
  );
  const looked = reasons.some(({ outcome }) => outcome !== "skipped");
  const shown = reasons.map((one): Reason => {
    const unblock = one.outcome === "pass" || one.outcome === "skipped" ? null : wayOf(one, facts, report);
    const text = one.passing === true ? `${one.text}; ${byItself}` : one.text;
    return unblock === null ? one : { ...one, text, unblock };
  });
  const text = "no check looked at anything: nothing says that this is safe; say /recheck, and it is checked anew";
  return looked ? shown : [...shown, reason("unknown", text, recheck)];
}

const byItself = "it is tried again by itself";

const asked: ReadonlySet<string> = new Set(["pending", "skipped"]);

const untrustedText = (head: string): string =>
  `this comes from a fork, and nothing of it was run: somebody with write access has to read it and say /ok-to-test ${short(head)}`;

/** That only base moved since the check, and what is done about it; null where that is not so. */
export function baseMove({ check, base: { ref, tip }, head }: Facts): string | null {
  const previous = check.state === "running" ? check.previous : null;
  if (previous === null || previous.head !== head || !tip.known || previous.base === tip.value) return null;
  return `${ref} moved from ${short(previous.base)} to ${short(tip.value)}, so the merge result is being checked again`;
}

function runningText(facts: Facts): string {
  const {
    head,
    base: { ref, tip },
  } = facts;
  const wait = "wait for the check run to complete";
  const moved = baseMove(facts);
  if (moved !== null) return `${moved}: ${wait}`;
  return `the merge result of ${short(head)} and ${tip.known ? short(tip.value) : ref} is being checked: ${wait}`;
}
