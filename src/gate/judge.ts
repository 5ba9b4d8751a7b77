import type { Finding, NodeOutcome } from "../catalog/effects.ts";
import type { NodeDebt } from "../policy/requirement.ts";
import { modulesReason, type LookedModules } from "./modules-reason.ts";
import { debtWords, owedNodes, type OwedNode } from "./node-debt.ts";
import type { Reason, RuleOutcome } from "./verdict.ts";

/** What was looked at, besides what was found: a check that had nothing to look at says so. */
export interface Looked extends LookedModules {
  /** True when base and the merge result are one tree: then nothing was compiled. */
  sameTree: boolean;
  /** Changed manifests that were linted, and changed files that were parsed. */
  linted: number;
  parsed: number;
  /** Whether the nodes' facts are the shipped set, because the site gave none. */
  assumedFacts: boolean;
  /** Whether, besides, the main manifest has patterns or a `default` for nodes that nobody named, so that none of those was looked at. */
  unnamedNodes: boolean;
  /** Where nothing differs on any node that was compared: changed files that none of them is known to use. */
  unfelt?: readonly string[];
  /** What lanes ask of the repository: how much of it base lacks already; absent where nobody asks. */
  preconditions?: { debt: number };
  /** What the policy says of nodes that were in trouble before, and the day it is (`YYYY-MM-DD`, UTC). */
  debts: readonly NodeDebt[];
  today: string;
}

/** The checks' part of a verdict: one reason for each thing that was looked at, in the order a person would mend them. */
export function judgeChecks(findings: readonly Finding[], nodes: readonly NodeOutcome[], looked: Looked): Reason[] {
  return [
    mergeReason(findings),
    findingsReason("config", of(findings, "config"), "the configuration is valid"),
    findingsReason("syntax", of(findings, "syntax"), parsedText(looked.parsed), looked.parsed === 0),
    findingsReason("lint", of(findings, "lint"), lintedText(looked.linted), looked.linted === 0),
    ...preconditionsReason(of(findings, "preconditions"), looked),
    factsReason(findings, nodes, looked),
    modulesReason(looked),
    compileReason(nodes, of(findings, "compile"), looked),
    ...debtReasons(owedNodes(nodes, looked.debts, looked.today)),
  ];
}

/** The one reason of a change that can't be merged: nothing after the merge was looked at. */
export function judgeConflict(findings: readonly Finding[]): Reason[] {
  return [
    mergeReason(findings),
    ...["config", "syntax", "lint", "facts", "modules", "compile"].map((rule): Reason =>
      reason(rule, "skipped", "there is no merge result"),
    ),
  ];
}

const of = (findings: readonly Finding[], check: string): Finding[] => findings.filter((finding) => finding.check === check);
const reason = (rule: string, outcome: RuleOutcome, text: string): Reason => ({ rule, outcome, text });
const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

function mergeReason(findings: readonly Finding[]): Reason {
  const conflicts = of(findings, "merge");
  if (conflicts.length === 0) return reason("merge", "pass", "base and head merge cleanly");
  const paths = conflicts.map((finding) => finding.path).join(", ");
  return reason("merge", "fail", `base and head conflict in ${paths}: merge the base branch into yours and resolve it there`);
}

/** Notices inform; errors and warnings that base does not have block, because the debt of tomorrow is made of them. */
function findingsReason(rule: string, findings: readonly Finding[], clean: string, nothingToDo = false): Reason {
  const blocking = findings.filter((finding) => finding.severity !== "notice");
  const [first] = blocking;
  if (first === undefined) return reason(rule, nothingToDo ? "skipped" : "pass", clean);
  const more = blocking.length > 1 ? ` (and ${blocking.length - 1} more)` : "";
  return reason(rule, "fail", `${whereOf(first)}${first.message}${more}`);
}

/** `path:line: `, or nothing where a finding is about no file. */
export function whereOf(place: { path: string | null; line: number | null }): string {
  if (place.path === null) return "";
  return place.line === null ? `${place.path}: ` : `${place.path}:${place.line}: `;
}

function preconditionsReason(findings: readonly Finding[], { preconditions }: Looked): Reason[] {
  if (preconditions === undefined) return [];
  const { debt } = preconditions;
  const before = debt === 0 ? "" : `; base has ${count(debt, "place")} like that already, which ${debt === 1 ? "blocks" : "block"} nobody`;
  return [findingsReason("preconditions", findings, `nothing new that would not be the same in every lane${before}`)];
}

const lintedText = (linted: number): string =>
  linted === 0 ? "no manifest changes" : `${count(linted, "changed manifest")}, nothing that base does not have`;
const parsedText = (parsed: number): string =>
  parsed === 0 ? "no file changes that is parsed" : `${count(parsed, "changed file")} parsed`;

function factsReason(findings: readonly Finding[], nodes: readonly NodeOutcome[], looked: Looked): Reason {
  const unreadable = of(findings, "facts").filter((finding) => finding.severity === "error");
  const [first] = unreadable;
  if (first !== undefined) {
    const more = unreadable.length > 1 ? ` (and ${unreadable.length - 1} more)` : "";
    return reason("facts", "unknown", `${whereOf(first)}${first.message}${more}`);
  }
  if (nodes.length === 0) {
    const why = looked.unnamedNodes ? "there are no node facts, and the main manifest names no node literally" : "no node was looked at";
    return reason(
      "facts",
      "unknown",
      `${why}: give node facts with --facts or \`facts.folder\` in the configuration (docs/stand-ins.md: how to make the files). For a first look without any, \`puppet-gate check --nodes CERTNAME\` takes a shipped set`,
    );
  }
  if (looked.assumedFacts) {
    const others = looked.unnamedNodes ? ", and nodes that a pattern or `default` stands for were not looked at" : "";
    const text = `assumed-facts: ${count(nodes.length, "node")} compiled with a shipped set of facts, not their own${others}; give theirs with --facts or \`facts.folder\``;
    return reason("facts", "unknown", text);
  }
  return reason("facts", "pass", `${count(nodes.length, "node")} with facts of their own`);
}

function compileReason(nodes: readonly NodeOutcome[], findings: readonly Finding[], looked: Looked): Reason {
  if (looked.sameTree && nodes.length > 0)
    return reason("compile", "skipped", "base and the merge result are one tree: there is nothing to compile");
  const has = (outcome: NodeOutcome["outcome"]): NodeOutcome[] => nodes.filter((node) => node.outcome === outcome);
  const finding = findings.find(({ severity }) => severity === "error");
  const [broken] = has("broken");
  if (broken !== undefined)
    return reason(
      "compile",
      "fail",
      `${count(has("broken").length, "node")} would no longer compile, first ${broken.certname}: ${broken.reason ?? "no reason was given"}`,
    );
  if (finding !== undefined) return reason("compile", "fail", `${whereOf(finding)}${finding.message}`);
  const inDebt = new Set(owedNodes(nodes, looked.debts, looked.today).flatMap(({ node, debt }) => (debt === null ? [] : [node])));
  const notAnalysable = has("not-analysable").filter((node) => !inDebt.has(node));
  const [unanalysable] = notAnalysable;
  if (nodes.length === 0) return reason("compile", "unknown", "no node was compiled");
  if (unanalysable !== undefined) {
    return reason(
      "compile",
      "unknown",
      `${count(notAnalysable.length, "node")} can't be analysed, first ${unanalysable.certname}: ${unanalysable.reason ?? "no reason was given"}${wayOut(notAnalysable)}`,
    );
  }
  const before = has("pre-existing").length + has("not-analysable").length;
  if (before === nodes.length) {
    const why = nodes[0]?.reason ?? "no reason was given";
    return reason(
      "compile",
      "unknown",
      `no node compiles, on base neither, so nothing can be said of this change; ${nodes[0]?.certname}: ${why}${missingText(why)}`,
    );
  }
  const blind = has("pre-existing").filter((node) => !inDebt.has(node));
  const unfelt = looked.unfelt ?? [];
  if (blind.length > 0 && unfelt.length > 0) return reason("compile", "unknown", unfeltText(unfelt, nodes.length - before, blind));
  const fixed = has("fixed").length;
  const compiled = nodes.length - before;
  const parts = [count(compiled, "node compiles", "nodes compile")];
  if (fixed > 0) parts.push(`${fixed} of them not on base`);
  if (before > 0)
    parts.push(
      `${before} ${before === 1 ? "does" : "do"} not on base either, so what the change does to ${before === 1 ? "it" : "them"} can't be seen`,
    );
  return reason("compile", "pass", parts.join(", "));
}

/** In Puppet's words: a type, a class or a function that no module has; a key that no data has. */
const noModule =
  /Unknown resource type: |Resource type not found: |Could not find class |Could not find declared class |Unknown function: /u;
const noData = /did not find a value for the name /u;

/** What it usually is where nothing compiles at all: a first check is without what the site's server has. */
function missingText(why: string): string {
  if (noModule.test(why))
    return ". Where it is in a module, name that module's folder with --modulepath, or among `modulepath` under `compile` in the policy; `modules.sources` lets those of a Puppetfile be fetched (docs/modules.md)";
  if (noData.test(why))
    return ". Data that only the site's server has needs a stand-in, and so does a hiera.yaml that is the server's own (docs/stand-ins.md)";
  return "";
}

/** A change that shows nowhere may be one for the very nodes that nobody can look at. */
function unfeltText(paths: readonly string[], compiled: number, blind: readonly NodeOutcome[]): string {
  const few = (names: readonly string[]): string =>
    `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
  const names = few(blind.map(({ certname }) => certname));
  const [them, do_] = blind.length === 1 ? ["it", "does"] : ["them", "do"];
  return (
    `nothing differs on the ${count(compiled, "node")} that ${compiled === 1 ? "compiles" : "compile"}, and none is known to use ${few(paths)}: what ` +
    `that does to ${names}, which ${do_} not compile on base either, nobody can see. Mend ${them} on base first, or give ${them} an owner and a date under \`debt\` in the policy`
  );
}

/** Nothing but a policy can say that it is well to go on without nodes which nobody could look at. */
const wayOut = (nodes: readonly NodeOutcome[]): string =>
  nodes.every(({ old }) => old === true)
    ? "; base has the same trouble: mend it there, or give these nodes an owner and a date under `debt` in the policy"
    : "";

/** Debts are told while they last; one whose day is over blocks, so that it is paid or asked for again. */
function debtReasons(owed: readonly OwedNode[]): Reason[] {
  const due = owed.filter(({ isDue }) => isDue);
  const [first] = due;
  if (first !== undefined && first.debt !== null) {
    const more = due.length > 1 ? ` (and ${due.length - 1} more)` : "";
    const text = `${first.node.certname}${more} is in trouble on base already, and ${debtWords(first.debt)}: mend it, or have the policy give it another day`;
    return [reason("debt", "fail", text)];
  }
  const booked = owed.filter(({ debt }) => debt !== null);
  const debts = [...new Set(booked.flatMap(({ debt }) => (debt === null ? [] : [debtWords(debt)])))];
  if (booked.length === 0) return [];
  return [reason("debt", "pass", `${count(booked.length, "node")} in trouble on base already: ${debts.join("; ")}`)];
}
