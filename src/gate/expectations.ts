import { findingsOf } from "../catalog/finding.ts";
import type { Finding } from "../catalog/effects.ts";
import type { Told } from "../catalog/expect/told.ts";
import type { PolicyProblem } from "../policy/problems.ts";
import type { Reason } from "./verdict.ts";

/** The words about expectations that every surface shares, and what they come to in a verdict. */

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** `on web01 and 3 more`; empty where no node is meant. */
function onNodes({ nodes, moreNodes = 0 }: Told["evidence"][number]): string {
  const [first] = nodes;
  if (first === undefined) return "";
  const others = nodes.length - 1 + moreNodes;
  return others === 0 ? ` on ${first}` : ` on ${first} and ${others} more`;
}

/** What was found, as a fragment: `File[/etc/motd] mode is "0666" on web01 and 3 more`. */
export function evidenceWords(evidence: Told["evidence"][number]): string {
  const { subject, attribute, value } = evidence;
  const on = onNodes(evidence);
  const what = attribute === null ? subject : `${subject} ${attribute}`;
  if (value === "missing") return `there is no ${what}${on}`;
  if (value === null) return `${attribute === null ? what : `${what} is not set`}${on}`;
  return `${what} is ${value}${on}`;
}

/** What became of one, in a few words. */
export function outcomeWords({ outcome, nodes, scope }: Told): string {
  const on = (n: number): string => (scope === "fleet" ? "" : ` on ${count(n, "node")}`);
  const words: Record<Told["outcome"], () => string> = {
    broken: () => `broken by this change${on(nodes.broken)}${nodes.already > 0 ? `, and before it${on(nodes.already)}` : ""}`,
    already: () => `broken${on(nodes.already)}, on base already`,
    unknown: () => `can't be told${on(nodes.unknown)}`,
    "unknown-already": () => `can't be told${on(nodes.unknown)} that the change does not reach`,
    nobody: () => "it asks about no node",
    holds: () => {
      if (nodes.mended > 0) return `holds again${on(nodes.mended)}`;
      const seen = nodes.asked - nodes.unseen;
      if (scope === "fleet" && seen > 0)
        return nodes.unseen === 0 ? "holds" : `holds, but for ${count(nodes.unseen, "node")} without a catalog`;
      if (nodes.unseen === 0) return scope === "fleet" ? "holds" : `holds on ${count(seen, "node")}`;
      return seen === 0
        ? `no catalog to look at${on(nodes.unseen)}`
        : `holds on ${count(seen, "node")}, and ${count(nodes.unseen, "has", "have")} no catalog`;
    },
  };
  return words[outcome]();
}

const originWords: Readonly<Record<Told["origin"], string>> = {
  base: "",
  new: " (new in this change)",
  changed: " (as this change writes it)",
};

const endWords = { removed: " (taken away by this change)", altered: " (altered by this change)" } as const;

export const titleOfTold = ({ name, origin, ends }: Told): string =>
  `${name}${ends === undefined ? originWords[origin] : endWords[ends.how]}`;

const askWords = ({ ask }: Told): string => `Ask ${ask.join(" or ")}.`;

const severities: Readonly<Record<Told["severity"], Finding["severity"]>> = { block: "error", approval: "warning", warn: "warning" };

const finding = findingsOf("expectations");

const mostFindings = 20;

/** What is found against expectations, each where its resource is declared. */
export function expectationFindings(told: readonly Told[]): Finding[] {
  return told.flatMap((each): Finding[] => {
    const title = titleOfTold(each);
    if (each.outcome === "broken") {
      const fresh = each.evidence.filter(({ old }) => old !== true);
      const shown = fresh.slice(0, mostFindings);
      const rest = fresh.length - shown.length + each.more;
      const findings = shown.map((one) =>
        finding(severities[each.severity], one, each.name, `${title}: ${evidenceWords(one)}. ${each.why} ${askWords(each)}`),
      );
      return rest === 0 ? findings : [...findings, finding("notice", each, each.name, `${title}: ${rest} more of these`)];
    }
    if (each.outcome === "already") {
      const [first] = each.evidence;
      const words = first === undefined ? "" : `: ${evidenceWords(first)}`;
      return [finding("notice", each, each.name, `${title}: ${outcomeWords(each)}${words}`)];
    }
    if (each.outcome === "unknown" || each.outcome === "unknown-already") {
      const [first] = each.unknown;
      const severity = each.outcome === "unknown" && each.severity === "block" ? "error" : "notice";
      return [finding(severity, each, each.name, `${title}: ${outcomeWords(each)}: ${first?.reason ?? "no reason was given"}`)];
    }
    return [];
  });
}

/** What was read of expectations, beside what they came to. */
export interface LookedExpectations {
  told: readonly Told[];
  findings: readonly Finding[];
  /** Files of base that nobody can read. */
  unread: readonly PolicyProblem[];
  /** Why none was evaluated though there are some; null where they were. */
  unlooked: string | null;
}

/** Their part of a verdict: none where there are none. Approvals are asked for one by one, in the words of `approvalRule`. */
export function judgeExpectations({ told, findings, unread, unlooked }: LookedExpectations): Reason[] {
  if (unlooked !== null) return [{ rule, outcome: "unknown", text: unlooked }];
  const [problem] = unread;
  const bad = findings.filter(({ severity }) => severity === "error");
  const broken = told.filter(({ outcome, severity }) => outcome === "broken" && severity === "block");
  const dark = told.filter(({ outcome, severity }) => outcome === "unknown" && severity !== "warn");
  const approvals = askedApprovals(told).map(approvalReason);
  const [first] = bad;
  if (first !== undefined) return [{ rule, outcome: "fail", text: `${placeOf(first)}${first.message}${more(bad)}` }, ...approvals];
  if (broken[0] !== undefined) return [{ rule, outcome: "fail", text: brokenText(broken[0]) + more(broken) }, ...approvals];
  if (problem !== undefined) {
    const text = `${placeOf(problem)}${problem.text} ${problem.hint} Base has it so: what it asks is not known until it is mended${more(unread)}`;
    return [{ rule, outcome: "unknown", text }, ...approvals];
  }
  if (dark[0] !== undefined) {
    const why = dark[0].unknown[0]?.reason ?? "no reason was given";
    return [{ rule, outcome: "unknown", text: `${titleOfTold(dark[0])}: ${outcomeWords(dark[0])}: ${why}${more(dark)}` }, ...approvals];
  }
  return told.length + findings.length === 0 ? [] : [{ rule, outcome: "pass", text: passText(told) }, ...approvals];
}

const rule = "expectations";
const more = (list: readonly unknown[]): string => (list.length > 1 ? ` (and ${list.length - 1} more)` : "");
const placeOf = ({ path, line }: { path: string | null; line: number | null }): string =>
  path === null ? "" : `${path}${line === null ? "" : `:${line}`}: `;

/** What is broken, where, why that matters, and whom to ask. */
export function brokenText(told: Told): string {
  const [first] = told.evidence;
  const place = first === undefined ? "" : placeOf(first);
  const words = first === undefined ? outcomeWords(told) : evidenceWords(first);
  return `${titleOfTold(told)}: ${place}${words}. ${told.why} ${askWords(told)}`;
}

/** Whether it holds for want of a catalog: that no node compiles is a reason of its own. */
const isBlind = ({ outcome, nodes }: Told): boolean => outcome === "holds" && nodes.asked > 0 && nodes.unseen === nodes.asked;

function passText(told: readonly Told[]): string {
  const has = (outcome: Told["outcome"]): number => told.filter((each) => each.outcome === outcome).length;
  const warned = told.filter(({ outcome, severity }) => outcome === "broken" && severity === "warn").length;
  const old = has("already") + has("unknown-already");
  const blind = told.filter(isBlind).length;
  const parts = [count(has("holds") - blind, "expectation holds", "expectations hold")];
  if (blind > 0) parts.push(`${blind} without a catalog to look at`);
  if (warned > 0) parts.push(`${warned} broken that only ${warned === 1 ? "warns" : "warn"}`);
  if (old > 0) parts.push(`${old} in trouble on base already`);
  if (has("nobody") > 0) parts.push(`${has("nobody")} that ${has("nobody") === 1 ? "asks" : "ask"} about no node`);
  return parts.join(", ");
}

/** What deserves to be shown one by one, the worst first, and a sentence about the rest. */
export function expectationsShown(told: readonly Told[]): { shown: Told[]; rest: string; summary: string } {
  const ranks: readonly Told["outcome"][] = ["broken", "unknown", "already", "unknown-already"];
  const shown = ranks.flatMap((outcome) => told.filter((each) => each.outcome === outcome));
  shown.push(
    ...told.filter((each) => !shown.includes(each) && (each.ends !== undefined || (each.outcome === "holds" && each.nodes.mended > 0))),
  );
  const quiet = told.filter((each) => !shown.includes(each));
  const blind = quiet.filter(isBlind).length;
  const holding = quiet.filter(({ outcome }) => outcome === "holds").length - blind;
  const rest = [
    ...(holding === 0 ? [] : [`${count(holding, "expectation holds", "expectations hold")}${shown.length === 0 ? "" : " besides"}.`]),
    ...(blind === 0 ? [] : [`${blind} had no catalog to look at.`]),
    ...(quiet.length === holding + blind ? [] : [`${quiet.length - holding - blind} ask about no node.`]),
  ].join(" ");
  const broken = told.filter(({ outcome }) => outcome === "broken").length;
  const summary = `Expectations: ${broken > 0 ? `${broken} of ${told.length} broken by this change` : `${told.length}, none broken by this change`}`;
  return { shown, rest, summary };
}

/** An approval that a change needs by an expectation. */
export interface AskedApproval {
  /** How its reason is called. */
  rule: string;
  /** One of these has to approve. */
  owners: readonly string[];
  /** Somebody with admin access may as well: whom a file names may have left, or be who changes it. */
  orAdmin: boolean;
  /** What it is about, as a sentence or more. */
  text: string;
}

/** What expectations ask people to approve: what breaks one that says so, and that one goes or is altered. */
export function askedApprovals(told: readonly Told[] | undefined): AskedApproval[] {
  return (told ?? []).flatMap((each): AskedApproval[] => {
    const name = `${rule} ${each.name}`;
    const broken =
      each.outcome === "broken" && each.severity === "approval"
        ? [{ rule: each.origin === "base" ? name : `${name} ${each.origin}`, owners: each.owners, orAdmin: false, text: brokenText(each) }]
        : [];
    const { ends } = each;
    if (ends === undefined) return broken;
    const text = `${each.name} (${each.path}) ${ends.how === "removed" ? "is taken away" : "is altered"}: whom it names has to agree. ${each.why}`;
    return [...broken, { rule: `${name} ${ends.how}`, owners: ends.from, orAdmin: true, text }];
  });
}

const approvalReason = (asked: AskedApproval): Reason => ({
  rule: asked.rule,
  outcome: "pending",
  text: `asked for on the pull request: an approval by ${asked.owners.join(" or ")}${asked.orAdmin ? ", or by somebody with admin access" : ""}. ${asked.text}`,
});
