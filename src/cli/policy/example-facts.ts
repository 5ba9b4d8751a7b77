import type { NodeOutcome } from "../../catalog/effects.ts";
import {
  known,
  unknown,
  type CheckFacts,
  type Checked,
  type Facts,
  type Known,
  type Permission,
  type Person,
  type ReviewFacts,
} from "../../gate/facts.ts";
import { judgeChecks } from "../../gate/judge.ts";
import type { Report } from "../../gate/report.ts";
import { teamsAsked } from "../../gate/teams.ts";
import { toVerdict } from "../../gate/verdict.ts";
import type { Policy } from "../../policy/schema.ts";
import { harmless, type Example } from "./examples.ts";

/** What the gate would know of a change that an example tells of. All that it does not tell is in order. */

const head = "e".repeat(40);
const older = "0".repeat(40);
const base = "b".repeat(40);
const tree = "7".repeat(40);
const digest = "d".repeat(64);

export function factsOf(example: Example, policy: Policy): Facts {
  const { change, approvals, objections } = example;
  const personOf = cast();
  const check = checkedOf(example, policy);
  const author = personOf(change.author);
  const permissions = new Map<number, Known<Permission>>();
  for (const { by, permission } of [...objections, ...approvals]) permissions.set(personOf(by).id, known(permission));
  const reviewed = minutesBefore(example.now, Math.min(5, change.minutes_since_push));
  const review = (by: string, stance: ReviewFacts["stance"], commit: string, at: number): ReviewFacts => ({
    id: at + 1,
    submittedAt: reviewed,
    dismissal: null,
    reviewer: personOf(by),
    stance,
    commit,
  });
  return {
    ...inOrder(example),
    opener: author,
    commits: known([
      {
        sha: head,
        contributions: [
          { role: "author", person: author, as: change.author },
          ...change.contributors.map((login) => ({ role: "co-author" as const, person: personOf(login), as: login })),
        ],
      },
    ]),
    headPusher: known(author),
    reviews: known([
      ...objections.map(({ by }, at) => review(by, "changes-requested", head, at)),
      ...approvals.map(({ by, of }, at) => review(by, "approved", of === "head" ? head : older, objections.length + at)),
    ]),
    permissions,
    teams: teamsOf(example, check, personOf),
    check: { state: "done", ...check },
  };
}

const checkedOf = (example: Example, policy: Policy): Checked => ({
  report: reportOf(example, policy),
  policy,
  policyDigest: digest,
  policyChange: example.change.policy,
  paths: example.change.paths,
  links: example.change.links,
  codeowners: known(example.codeowners === undefined ? null : { path: "CODEOWNERS", text: example.codeowners }),
  patch: null,
  digest,
});

/**
 * The same of a report from a person's clone, which nobody has reviewed yet. It has no labels and no links, and where the policy's own file is
 * among the paths, it is taken to loosen it.
 */
export function factsOfReport(report: Report, policy: Policy, change: { paths: readonly string[]; author: string }): Facts {
  const { author, paths } = change;
  const facts = factsOf({ ...harmless, change: { ...harmless.change, paths: [...paths], author } }, policy);
  if (facts.check.state !== "done") return facts;
  const shown = { ...report, base: { ...report.base, sha: base }, head: { ...report.head, sha: head } };
  const policyChange = change.paths.includes(".github/puppet-gate.yml") ? "loosens" : "same";
  return { ...facts, check: { ...facts.check, report: shown, policyChange, codeowners: unknown("a report does not hold it") } };
}

type Cast = (login: string) => Person;

/** One person for each login, whatever the case of its letters. */
function cast(): Cast {
  const people = new Map<string, Person>();
  return (login) => {
    const key = login.toLowerCase();
    const person = people.get(key) ?? { id: people.size + 1, login, bot: login.endsWith("[bot]") };
    people.set(key, person);
    return person;
  };
}

const minutesBefore = (now: string, minutes: number): string => new Date(Date.parse(now) - minutes * 60_000).toISOString();

type Told = "opener" | "commits" | "headPusher" | "reviews" | "permissions" | "teams" | "check";

function inOrder({ change, checks, now }: Example): Omit<Facts, Told> {
  const pushed = minutesBefore(now, change.minutes_since_push);
  return {
    number: 1,
    state: "open",
    draft: change.draft,
    fork: change.fork,
    changedFiles: change.paths.length,
    head,
    base: { ref: change.base, tip: known(base) },
    updatedAt: now,
    openedAt: pushed,
    title: "An example",
    body: "",
    checks: known(checks.map((check) => toCheck(check, pushed))),
    history: known({ retargetedAt: null, forcePushedAt: null }),
    organisation: known(null),
    comments: known([]),
    hasOwnComment: true,
    labels: change.labels,
    mergeMethods: known(["merge", "squash", "rebase"]),
    merged: null,
    now: new Date(now).toISOString(),
    pushers: [],
    headSince: pushed,
    baseSince: known(null),
    receipts: [],
    trusted: null,
    wish: null,
    glass: null,
    debts: [],
    frozen: null,
  };
}

const toCheck = ({ name, app_id, conclusion, workflow }: Example["checks"][number], startedAt: string): CheckFacts => ({
  name,
  app: app_id,
  state: conclusion === "running" ? "running" : "completed",
  conclusion: conclusion === "running" ? null : conclusion,
  startedAt,
  workflow: known(workflow),
});

/** Every team that may be asked about, with those approvers in it whom the example puts there. */
function teamsOf({ approvals }: Example, check: Checked, personOf: Cast): Facts["teams"] {
  const isIn = (teams: readonly string[], team: string): boolean => teams.some((each) => each.replace(/^@/u, "").toLowerCase() === team);
  return new Map(
    teamsAsked(check).map((team) => {
      const members = approvals.filter(({ teams }) => isIn(teams, team));
      return [team, known(new Set(members.map(({ by }) => personOf(by).id)))];
    }),
  );
}

function reportOf({ radius, groups, findings, now, change }: Example, policy: Policy): Report {
  const node = (at: number, outcome: NodeOutcome["outcome"]): NodeOutcome => ({
    certname: `node${at + 1}.example.org`,
    outcome,
    reason: null,
    services: radius.services,
    datacentre: radius.datacentres[0] ?? null,
    cached: false,
  });
  const nodes = radius.nodes === 0 ? [node(0, "unchanged")] : Array.from({ length: radius.nodes }, (_, at) => node(at, "changed"));
  const found = findings.map((finding) => ({ ...finding, line: null, column: null }));
  const reasons = judgeChecks(found, nodes, {
    sameTree: false,
    linted: 1,
    parsed: 1,
    assumedFacts: false,
    unnamedNodes: false,
    missingModules: [],
    puppetfileChanged: false,
    debts: policy.debt,
    today: now.slice(0, 10),
  });
  return {
    schema: "puppet-gate/report@1",
    base: { ref: change.base, sha: base },
    head: { ref: "example", sha: head },
    tree,
    verdict: {
      outcome: toVerdict(reasons, "ignored").outcome,
      reasons: reasons.map(({ rule, outcome, text }) => ({ rule, outcome, text })),
    },
    findings: found,
    debt: { lint: 0 },
    nodes,
    groups: groups.map(({ path, concerns, ...group }) => ({
      ...group,
      ...(concerns === undefined ? {} : { concerns }),
      before: null,
      after: null,
      source: path === null ? null : { path, line: null },
    })),
    radius,
    timing: { total: 0 },
  };
}
