import { expect, it } from "vitest";
import { judge } from "../../src/gate/evaluate.ts";
import { known, unknown, type Facts } from "../../src/gate/facts.ts";
import type { Report } from "../../src/gate/report.ts";
import { approvals, bob, checkRun, commit, by, done, facts, head, older, receipt, binding, required, review, rule } from "./world.ts";

const blocked = (name: string, more: Partial<Report>, outcome: "fail" | "unknown" = "fail"): Partial<Facts> => ({
  check: done({ verdict: { outcome: "blocked", reasons: [{ rule: name, outcome, text: "it is so" }] }, ...more }),
});
const finding = (check: Report["findings"][number]["check"]): Report["findings"][number] => ({
  check,
  severity: "error",
  path: "manifests/web.pp",
  line: 20,
  column: 1,
  code: "c",
  message: "m",
  onChangedLine: true,
});
const broken = (reason: string): Report["nodes"] => [
  { certname: "web1.example", outcome: "broken", reason, services: [], datacentre: null, cached: false },
];
const askAgain = "anybody: say /why, which asks again at once";
const let403 = "an administrator: let it";
const split = "its author: split it";
const mend = "alice: mend manifests/web.pp:20 and push";

const cases: [string, Partial<Facts>, string, string][] = [
  ["a draft", { draft: true }, "change", "alice: mark it ready for review"],
  ["no file", { changedFiles: 0 }, "change", "alice: push what it is to change, or close it"],
  ["a closed one", { state: "closed" }, "change", "alice: reopen it"],
  [
    "a conflict",
    blocked("merge", { findings: [finding("merge")] }),
    "merge",
    "alice: merge main into the branch, resolve the conflict in manifests/web.pp and push",
  ],
  ["lint", blocked("lint", { findings: [finding("lint")] }), "lint", mend],
  ["syntax", blocked("syntax", { findings: [finding("syntax")] }), "syntax", mend],
  [
    "a node that breaks",
    blocked("compile", { nodes: broken("no such class (file: manifests/web.pp, line: 20, column: 1) on node web1") }),
    "compile",
    mend,
  ],
  [
    "a node that breaks somewhere",
    blocked("compile", { nodes: broken("no node statement matches it") }),
    "compile",
    "alice: mend web1.example and push",
  ],
  [
    "a class without a value, on two nodes",
    blocked("compile", {
      nodes: [
        ...broken("Evaluation Error: Class[Profile::Web]: expects a value for parameter 'port' (manifests/web.pp:20)"),
        ...broken("Evaluation Error: Class[Profile::Web]: expects a value for parameter 'port' (manifests/web.pp:20)"),
      ],
    }),
    "compile",
    "alice: give profile::web::port a value for web1.example and 1 more (in the data, or a default in the class) and push",
  ],
  [
    "a key without a value",
    blocked("compile", { nodes: broken("Function lookup() did not find a value for the name 'token' (manifests/web.pp:20)") }),
    "compile",
    "alice: give token a value for web1.example (in the data) and push",
  ],
  [
    "an approval of what is yet to be pushed",
    { ...blocked("lint", { findings: [finding("lint")] }), reviews: known([]) },
    "peer",
    "one person with write access who contributed nothing to it (not alice): approve the commit that is pushed then",
  ],
  ["missing facts", blocked("facts", {}, "unknown"), "facts", "an owner of the policy: give the nodes' facts by `facts.folder`"],
  [
    "missing modules",
    blocked("modules", {}, "unknown"),
    "modules",
    "an administrator: install the modules where the gate runs, then say /recheck",
  ],
  ["base's tip", { base: { ref: "main", tip: unknown("GitHub answered 500") } }, "checks", askAgain],
  ["reviews", { reviews: unknown("GitHub answered 500") }, "objections", askAgain],
  ["reviews that the App may not read", { reviews: unknown("GitHub answered 403", let403) }, "objections", let403],
  ["reviews that nobody counts", { reviews: unknown("GitHub answered 403", let403) }, "peer", let403],
  ["too many commits", { commits: unknown("GitHub lists 250 of 312", split) }, "contributors", split],
  ["checks that the App may not read", { ...required({}, []), checks: unknown("no", let403) }, "ci", let403],
  ["ways to merge that the App may not read", { mergeMethods: unknown("no", let403) }, "change", let403],
  [
    "a policy of the organisation that is no file",
    { organisation: unknown("no file", let403), check: { state: "failed", problem: { code: "x", text: "T.", hint: "H." }, final: true } },
    "checks",
    let403,
  ],
  [
    "a team that is not there, before anybody approved",
    {
      reviews: known([]),
      teams: new Map([["acme/sre", unknown("GitHub shows the App no team acme/sre", "an owner: make it")]]),
      check: done({}, [rule("sre", approvals(1, { teams: ["acme/sre"] }))]),
    },
    "sre",
    "one person of @acme/sre with write access who contributed nothing to it (not alice): approve commit bbbbbbbbbb; or an owner: make it",
  ],
  [
    "a stranger's commit",
    { commits: known([commit([by("author", null)])]) },
    "contributors",
    "alice: give bbbbbbbbbb an author and a committer with an account, and push",
  ],
  ["an unknown pusher", { headPusher: unknown("no delivery told", "its author: push again") }, "contributors", "alice: push again"],
  ["a pusher that GitHub would not tell for once", { headPusher: unknown("GitHub answered 502") }, "contributors", askAgain],
  ["a red check", required({}, [checkRun({ conclusion: "failure" })]), "ci", "alice: see the log of check ci, mend it and push"],
  [
    "a condition",
    { check: done({}, [rule("small", { condition: "radius.nodes < 2" })]) },
    "small",
    "alice: change what it is about, or ask the policy's owners",
  ],
];

it.each(cases)("says who can do what about %s", (_name, more, name, unblock) => {
  const reason = judge(facts(more)).reasons.find((one) => one.rule === name);
  expect(reason?.unblock).toBe(unblock);
});

it("asks nobody while approvals that may be enough wait for the check", () => {
  const given = review(bob, "approved", older);
  const carried = receipt(given, { commit: older, bound: binding(), carry: known({ kind: "MESSAGE_ONLY" }) });
  const { reasons } = judge(facts({ reviews: known([given]), receipts: [carried], check: { state: "running", previous: null } }));
  expect(reasons.find(({ rule: name }) => name === "review")).toMatchObject({
    outcome: "pending",
    text: `bob approved, and whether ${head.slice(0, 10)} does the same to the catalogs as what was approved is known once the check is done`,
  });
});
