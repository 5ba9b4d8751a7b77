import type { Reason } from "./verdict.ts";

/** Reasons in the few words of a title. */

const pending: Readonly<Record<string, string>> = {
  checks: "Waiting for the check",
  review: "Waiting for review",
};

const failed: Readonly<Record<string, string>> = {
  merge: "conflicts with the base branch",
  config: "invalid configuration",
  syntax: "does not parse",
  lint: "linter's findings",
  compile: "does not compile",
  debt: "a node debt is due",
  expectations: "an expectation is broken",
  objections: "changes requested",
  rules: "no rule applies",
  unowned: "paths without an owner",
};

const unknown: Readonly<Record<string, string>> = {
  contributors: "contributors unknown",
  facts: "node facts unknown",
  modules: "modules unknown",
  compile: "nodes can't be compiled",
  expectations: "an expectation can't be told",
  checks: "could not be checked",
  review: "reviews unknown",
  objections: "reviews unknown",
  policy: "organisation's policy unknown",
};

const most = 8;

/** A title of at most eight words: what these reasons say, those that say the same in one. `Waiting for review: peer, sensitive +1`. */
export function titleOf(reasons: readonly Reason[]): string {
  const [first, ...others] = [...Map.groupBy(reasons, says)];
  if (first === undefined) return "Blocked";
  const [phrase, same] = first;
  const names = [...new Set(same.flatMap(({ brief }) => brief?.of ?? []))];
  const of = names.length === 0 ? "" : `: ${names.length > 2 ? `${names[0]} and ${names.length - 1} more` : names.join(", ")}`;
  const title = `${phrase}${of}`;
  // "+2" is one word, where "and 2 more" would be three.
  const more = others.length === 0 ? "" : ` +${others.length}`;
  const words = `${title}${more}`.split(" ");
  return words.length <= most ? words.join(" ") : `${words.slice(0, most).join(" ")}…`;
}

function says({ rule, outcome, brief }: Reason): string {
  if (outcome === "pending") {
    if (brief === undefined) return pending[rule] ?? `Waiting for ${rule}`;
    return brief.of === undefined ? brief.says : `Waiting for ${brief.says}`;
  }
  if (brief?.of !== undefined) return `Blocked: ${brief.says} ${outcome === "fail" ? (failing[brief.says] ?? "failed") : "unknown"}`;
  const known = outcome === "fail" ? failed : unknown;
  return `Blocked: ${brief?.says ?? known[rule] ?? rule}`;
}

const failing: Readonly<Record<string, string>> = { rule: "not met", review: "not possible" };
