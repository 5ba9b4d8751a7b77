import type { Policy } from "../policy/schema.ts";
import { evaluateWhen, type ChangeInput } from "../policy/when.ts";
import { counted } from "./explain.ts";
import { comparable, radiusOf, unplacedOf } from "./input.ts";
import { known, unknown } from "./facts.ts";
import type { Report } from "./report.ts";
import type { Reason } from "./verdict.ts";

/** What a check knows of a change, before anybody opened a pull request of it. */
export interface Proposed {
  paths: readonly string[];
  links: readonly string[];
  report: Pick<Report, "nodes" | "radius" | "groups" | "findings">;
}

/**
 * The review rules of a check, where nobody is asked: they wait, and don't count. One that does not apply is told so; what only a pull request
 * knows (its author, its labels) leaves a rule waiting. `change` is null where nothing is known, because the two don't merge.
 */
export function pendingRules({ rules }: Policy, change: Proposed | null): Reason[] {
  const input = change === null ? null : inputOf(change);
  return rules.map(({ name, when, require }) => {
    const applies = input === null ? null : evaluateWhen(when, input);
    if (applies?.known === true && !applies.value) return { rule: name, outcome: "skipped", text: "does not apply here" };
    const who =
      "approvals" in require ? `: ${counted(require.approvals.count, "approval")} by somebody who did not contribute to the change` : "";
    return { rule: name, outcome: "pending", text: `asked for on the pull request${who}` };
  });
}

function inputOf({ paths, links, report }: Proposed): ChangeInput {
  const later = unknown("only a pull request knows it");
  return {
    change: {
      author: later,
      labels: later,
      fork: later,
      policy: later,
      // A check's base may be called `origin/production`, or be a commit.
      base: later,
      paths: paths.length === 0 ? unknown("the merge result changes no file") : comparable(paths),
      links: comparable(links),
    },
    radius: radiusOf(report),
    unplaced: unplacedOf(report),
    groups: known(report.groups),
    findings: known(report.findings),
  };
}
