import type { RequiredCheck } from "../policy/requirement.ts";
import type { CheckFacts, Facts, Unknown } from "./facts.ts";
import { minutesBetween, shownInstant } from "./instants.ts";
import { list, short, unlearnt } from "./phrases.ts";
import type { Reason } from "./verdict.ts";

/** The name of the gate's own check run. */
export const ownCheckName = "puppet-gate";

/**
 * A check that somebody else reports on the head. It counts for the App that the policy names, and for the workflow file where it names one:
 * any App can report any name. Only what is reported now counts: one that runs again is not done, and one that turned red is red.
 */
export function requiredCheckReason(rule: string, required: RequiredCheck, facts: Facts): Reason {
  const { name } = required;
  const brief = { says: "checks", of: name };
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule, outcome, text, brief });
  const unread = (what: string, why: Unknown): Reason => {
    const { text, unblock } = unlearnt(why);
    return { ...reason("unknown", `${what}: ${text}`), unblock };
  };
  const author = facts.opener?.login ?? "its author";
  const at = short(facts.head);
  if (!facts.checks.known) return unread(`the checks of ${at} could not be read`, facts.checks);
  const named = facts.checks.value.filter((check) => check.name === name);
  const ofApp = named.filter(({ app }) => app === required.appId);
  const unclear = required.workflow === null ? undefined : ofApp.find(({ workflow }) => !workflow.known);
  if (unclear !== undefined && !unclear.workflow.known)
    return unread(`which workflow file check ${name} is of could not be learnt`, unclear.workflow);
  const own = ofApp.filter(({ workflow }) => required.workflow === null || (workflow.known && workflow.value === required.workflow));
  const running = own.find(({ state }) => state === "running");
  if (running !== undefined) {
    const since = running.startedAt === null ? "" : ` since ${shownInstant(running.startedAt)}`;
    return {
      ...reason("pending", `check ${name} of ${at} has been running${since}: wait for it to complete`),
      unblock: `wait for check ${name} to complete`,
    };
  }
  const refused = own.find(({ conclusion }) => !accepts(required, conclusion));
  if (refused !== undefined)
    return {
      ...reason(
        "fail",
        `check ${name} of ${at} ended as ${refused.conclusion ?? "nothing"}, and ${acceptedBy(required)}: see its log, mend it and push`,
      ),
      unblock: `${author}: see the log of check ${name}, mend it and push`,
    };
  if (own.length > 0)
    return reason("pass", `check ${name} of ${at} is ${list([...new Set(own.map(({ conclusion }) => conclusion ?? ""))])}`);
  return missingReason(rule, required, foreign(required, named), facts);
}

const accepts = ({ accept }: RequiredCheck, conclusion: string | null): boolean => accept.some((each) => each === conclusion);

const acceptedBy = ({ accept }: RequiredCheck): string => `the policy takes ${list(accept)} alone`;

/** Checks of that name which somebody else reported, as words. */
function foreign({ name, appId, workflow }: RequiredCheck, named: readonly CheckFacts[]): string {
  const [other] = named;
  if (other === undefined) return "";
  if (other.app !== appId) {
    const by = other.app === null ? "no app" : `app ${other.app}`;
    return `; a check ${name} of ${by} doesn't count, because the policy asks for that of app ${appId}`;
  }
  return `; a check ${name} of ${other.workflow.known ? (other.workflow.value ?? "no workflow file") : "another file"} doesn't count, because the policy asks for that of ${workflow}`;
}

/** Nobody reported it yet. That is waited for, and after a while said to be wrong: it may never come. */
function missingReason(
  rule: string,
  { name, timeoutMinutes, workflow }: RequiredCheck,
  others: string,
  { now, headSince, head, opener }: Facts,
): Reason {
  const waited = minutesBetween(headSince, now);
  const brief = { says: "checks", of: name };
  const what = `check ${name} was not reported on ${short(head)}`;
  if (waited < timeoutMinutes)
    return {
      rule,
      outcome: "pending",
      text: `${what} yet, which was pushed at ${shownInstant(headSince)}: wait for it${others}`,
      unblock: `wait for check ${name} to complete`,
      brief,
    };
  const start = workflow === null ? "start it or push again" : `see whether ${workflow} runs for this change, or push again`;
  return {
    rule,
    outcome: "fail",
    text: `${what} within ${timeoutMinutes} minutes: ${start}; if it was renamed, the policy on the base branch has to name the new one${others}`,
    unblock: `${opener?.login ?? "its author"}: ${workflow === null ? `start check ${name} or push again` : "push again"}`,
    brief,
  };
}

/** Checks under the gate's own name that the gate did not report; their words for people. */
export const forgedChecks = ({ checks }: Facts): CheckFacts[] =>
  checks.known ? checks.value.filter(({ name }) => name.toLowerCase() === ownCheckName) : [];

export const forgedText = ({ name, app }: CheckFacts): string =>
  `${app === null ? "somebody" : `app ${app}`} reported a check ${name} that is not this gate's: it counts for nothing here. Find out who did it, and have branch protection ask for the check of this App alone`;
