import { describe, expect, it } from "vitest";
import { reportSchema, type Report } from "../../src/gate/report.ts";

const sha = "1".repeat(40);
const suggestion = { path: "manifests/site.pp", line: 1, endLine: 1, text: "x" };
const module = {
  name: "stdlib",
  before: "9.0.0",
  after: "9.1.0",
  line: 3,
  commits: { ahead: 0, behind: 0, subjects: [] },
  files: [{ path: "a", status: "added" }],
  moreFiles: 0,
};
const whole: Report = {
  schema: "puppet-gate/report@1",
  base: { ref: "main", sha },
  head: { ref: "topic", sha },
  tree: sha,
  verdict: { outcome: "pass", reasons: [] },
  findings: [],
  debt: { lint: 0 },
  nodes: [],
  groups: [],
  radius: { nodes: 0, share: 0, services: [], datacentres: [], restarts: [], size: "none" },
  timing: { total: 0 },
};
const of = (more: object): object => ({ ...whole, ...more });
const reason = (outcome: string): object => of({ verdict: { outcome: "unknown", reasons: [{ rule: "r", outcome, text: "t" }] } });
const withModule = (more: object): object => of({ modules: [{ ...module, ...more }] });

describe("the report's contract", () => {
  it.each<[string, object]>([
    ["the smallest", whole],
    ["a worktree, which has no commit", of({ head: { ref: "worktree", sha: null } })],
    ["no merge result", of({ tree: null })],
    ...["pass", "blocked", "unknown"].map((outcome): [string, object] => [
      `the verdict ${outcome}`,
      of({ verdict: { outcome, reasons: [] } }),
    ]),
    ...["pass", "fail", "pending", "unknown", "skipped"].map((outcome): [string, object] => [`the reason ${outcome}`, reason(outcome)]),
    ...["folder", "puppetdb", "tree", "assumed"].map((from): [string, object] => [`facts from ${from}`, of({ facts: { from, id: "x" } })]),
    ["stand-ins", of({ facts: { from: "tree", id: "x", standIns: "y" } })],
    ["a suggestion", of({ suggestions: [suggestion] })],
    ["a module", withModule({})],
    ["a module that comes", withModule({ before: null })],
    ["a module that goes, and that no line names", withModule({ after: null, line: null, commits: null })],
    ["a module that can't be seen", withModule({ unseen: "nobody answers" })],
    ...["added", "modified", "removed"].map((status): [string, object] => [
      `a file ${status}`,
      withModule({ files: [{ path: "a", status }] }),
    ]),
  ])("takes %s", (_, report) => {
    expect(reportSchema.safeParse(report).error?.issues).toBeUndefined();
  });

  it.each<[string, object]>([
    ["another verdict", of({ verdict: { outcome: "fine", reasons: [] } })],
    ["another reason", reason("fine")],
    ["facts from elsewhere", of({ facts: { from: "elsewhere", id: "x" } })],
    ["a suggestion on no line", of({ suggestions: [{ ...suggestion, line: 0 }] })],
    ["a suggestion that ends on no line", of({ suggestions: [{ ...suggestion, endLine: 0 }] })],
    ["less than no debt", of({ debt: { lint: -1 } })],
    ["time that ran back", of({ timing: { total: -1 } })],
    ["a module on no line", withModule({ line: 0 })],
    ["commits fewer than none", withModule({ commits: { ...module.commits, ahead: -1 } })],
    ["commits behind that are fewer than none", withModule({ commits: { ...module.commits, behind: -1 } })],
    ["fewer files than none", withModule({ moreFiles: -1 })],
    ["a file of another kind", withModule({ files: [{ path: "a", status: "moved" }] })],
    ["what it does not know", of({ more: true })],
  ])("refuses %s", (_, report) => {
    expect(reportSchema.safeParse(report).success).toBe(false);
  });
});
