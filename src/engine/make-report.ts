import type { Cause, Coverage, Finding } from "../catalog/effects.ts";
import { judgeConflict } from "../gate/judge.ts";
import { pendingRules } from "../gate/pending.ts";
import type { Report } from "../gate/report.ts";
import { toVerdict, type Reason } from "../gate/verdict.ts";
import type { Impact } from "./impact.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Subject } from "./subject.ts";

/** Of a head that can't be merged: nothing else is said of it. */
export function conflictReport(subject: Subject, conflicts: readonly string[], clock: Stopwatch): Report {
  const findings = conflicts.map((path): Finding => ({
    check: "merge",
    severity: "error",
    path,
    line: null,
    column: null,
    code: "conflict",
    message: "base and head conflict here",
    onChangedLine: true,
  }));
  const radius: Impact["radius"] = { nodes: 0, share: 0, services: [], datacentres: [], restarts: [], size: "none" };
  clock.lap("read");
  const reasons = [...judgeConflict(findings), ...pendingRules(subject.policy, null)];
  return makeReport(subject, null, reasons, { nodes: [], groups: [], radius, findings }, 0, clock);
}

/** The report of a check that came to its end. */
export function makeReport(
  { base, head }: Subject,
  tree: string | null,
  reasons: Reason[],
  impact: Omit<Impact, "taints" | "servedOids" | "above" | "coverage" | "unfelt"> & { coverage?: Coverage; causes?: Cause[] },
  lintDebt: number,
  clock: Stopwatch,
): Report {
  const verdict = toVerdict(reasons, "ignored");
  return {
    schema: "puppet-gate/report@1",
    base: { ref: base.ref, sha: base.sha },
    head: { ref: head.ref, sha: head.sha },
    tree,
    verdict: { outcome: verdict.outcome, reasons },
    findings: impact.findings,
    debt: { lint: lintDebt },
    nodes: impact.nodes,
    groups: impact.groups,
    ...(impact.causes === undefined || impact.causes.length === 0 ? {} : { causes: impact.causes }),
    radius: impact.radius,
    ...(impact.coverage === undefined ? {} : { coverage: impact.coverage }),
    timing: clock.read(),
  };
}
