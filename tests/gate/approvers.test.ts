import { describe, expect, it } from "vitest";
import { isOneOf, peopleOf } from "../../src/gate/access.ts";
import { approvalsOf } from "../../src/gate/approval.ts";
import { askedReason, type Asked } from "../../src/gate/approvers.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts } from "../../src/gate/facts.ts";
import { access } from "./cases/case.ts";
import { alice, binding, bob, by, carol, commit, dave, done, facts, older, receipt, renovate, review } from "./world.ts";

/** Who is asked, who approved, and what it comes to, each time with the one thing that makes the difference. */
interface Row {
  name: string;
  asked?: Partial<Asked>;
  given?: Partial<Facts>;
  outcome: string;
  says: string;
  unblock?: string | null;
}

const team = { users: [], teams: ["acme/SRE"] };
const ofTeam = (
  members: Parameters<Map<string, Facts["teams"] extends ReadonlyMap<string, infer V> ? V : never>["set"]>[1],
): Partial<Facts> => ({
  teams: new Map([["acme/sre", members]]),
});
const who = (what: string, not = "alice"): string => `${what} who contributed nothing to it (not ${not})`;
const anybody = who("one person with write access");
const commitNow = "approve commit bbbbbbbbbb";
const bobs = review(bob);
/** Bob approved before base moved, and the check that will tell is not done. */
const waiting: Partial<Facts> = {
  check: { state: "running", previous: null },
  reviews: known([bobs]),
  receipts: [receipt(bobs, { bound: binding({ base: older }) })],
};
const waits = "bob approved, and whether bbbbbbbbbb does the same to the catalogs as what was approved is known once the check is done";
const failing = (rule: string): Partial<Facts> => ({
  reviews: known([]),
  check: done({ verdict: { outcome: "blocked", reasons: [{ rule, outcome: "fail", text: "x" }] } }),
});
const pushedThen = (rule: string): Row => ({
  name: `nobody, and ${rule} fails, which only a push mends`,
  given: failing(rule),
  outcome: "pending",
  says: `${anybody} must approve the commit that is pushed then`,
  unblock: `${anybody}: approve the commit that is pushed then`,
});

const rows: readonly Row[] = [
  { name: "one", outcome: "pass", says: "bob approved bbbbbbbbbb", unblock: null },
  {
    name: "two",
    given: { reviews: known([review(bob), review(carol)]) },
    asked: { count: 2 },
    outcome: "pass",
    says: "bob and carol approved bbbbbbbbbb",
  },
  {
    name: "one of two",
    asked: { count: 2 },
    outcome: "pending",
    says: `bob approved bbbbbbbbbb; ${who("one more person with write access")} must ${commitNow}`,
    unblock: `${who("one more person with write access")}: ${commitNow}`,
  },
  {
    name: "one of three",
    asked: { count: 3 },
    outcome: "pending",
    says: `bob approved bbbbbbbbbb; ${who("2 more people with write access")} must ${commitNow}`,
  },
  {
    name: "nobody of two",
    asked: { count: 2 },
    given: { reviews: known([]) },
    outcome: "pending",
    says: `${who("2 people with write access")} must ${commitNow}`,
  },
  ...["merge", "config", "syntax", "lint", "compile"].map(pushedThen),
  { name: "nobody, and what fails needs no push", given: failing("debt"), outcome: "pending", says: `${anybody} must ${commitNow}` },
  {
    name: "nobody, and what would need a push passes",
    given: { reviews: known([]), check: done({ verdict: { outcome: "pass", reasons: [{ rule: "lint", outcome: "pass", text: "x" }] } }) },
    outcome: "pending",
    says: `${anybody} must ${commitNow}`,
  },
  {
    name: "an account that is gone",
    given: { reviews: known([review(null)]) },
    outcome: "pending",
    says: `the approval of a deleted account doesn't count; ${anybody} must ${commitNow}`,
  },
  {
    name: "a word of an account that is gone",
    given: { reviews: known([review(null, "commented")]) },
    outcome: "pending",
    says: `${anybody} must ${commitNow}`,
  },
  {
    name: "a word after the approval",
    given: { reviews: known([bobs, review(bob, "commented")]) },
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "an objection after the approval",
    given: { reviews: known([bobs, review(bob, "changes-requested")]) },
    outcome: "pending",
    says: `${anybody} must ${commitNow}`,
  },
  {
    name: "an earlier approval of what is back",
    given: {
      reviews: known([bobs, review(bob, "approved", older)]),
      receipts: [receipt(bobs)],
    },
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "an approval of another head",
    given: { reviews: known([review(bob, "approved", older)]) },
    outcome: "pending",
    says: `bob's approval was dropped because it was given for cccccccccc, and the head is now bbbbbbbbbb; bob can approve again after looking at what is new; ${anybody} must ${commitNow}`,
  },
  {
    name: "a bot",
    given: { reviews: known([review(renovate)]) },
    outcome: "pending",
    says: `renovate[bot]'s approval doesn't count: a bot can't be a peer; ${anybody} must ${commitNow}`,
  },
  {
    name: "one who may only read",
    given: { permissions: access([[bob.id, known("read")]]) },
    outcome: "pending",
    says: `bob's approval doesn't count: bob has read access, and write is needed; ${anybody} must ${commitNow}`,
  },
  {
    name: "one who may nothing",
    given: { permissions: access([[bob.id, known("none")]]) },
    outcome: "pending",
    says: `bob's approval doesn't count: bob has no access, and write is needed; ${anybody} must ${commitNow}`,
  },
  {
    name: "one of whom nobody knows what they may",
    given: { permissions: access([[bob.id, unknown("GitHub answered 502")]]) },
    outcome: "unknown",
    says: `bob's approval doesn't count: the access of bob could not be learnt (GitHub answered 502); it is asked again by itself; /why asks at once; ${anybody} must ${commitNow}`,
    unblock: `${anybody}: ${commitNow}`,
  },
  {
    name: "one of whom nobody will know what they may",
    given: { permissions: access([[bob.id, unknown("there are too many", "bob: approve again")]]) },
    outcome: "unknown",
    says: `bob's approval doesn't count: the access of bob could not be learnt (there are too many); ${anybody} must ${commitNow}`,
    unblock: `${anybody}: ${commitNow}; or bob: approve again`,
  },
  { name: "one that waits for the check", given: waiting, outcome: "pending", says: waits, unblock: "wait for the check run to complete" },
  {
    name: "one that waits, of two",
    asked: { count: 2 },
    given: waiting,
    outcome: "pending",
    says: `${waits}; ${who("one more person with write access")} must ${commitNow}`,
  },
  {
    name: "one that waits and one that counts, of three",
    asked: { count: 3 },
    given: { ...waiting, reviews: known([bobs, review(carol)]) },
    outcome: "pending",
    says: `carol approved bbbbbbbbbb; ${waits}; ${who("one more person with write access")} must ${commitNow}`,
  },
  {
    name: "one that waits, and one that is unclear",
    given: {
      ...waiting,
      reviews: known([bobs, review(carol)]),
      permissions: access([
        [bob.id, known("write")],
        [carol.id, unknown("GitHub answered 502")],
      ]),
    },
    outcome: "unknown",
    says: `${waits}; carol's approval doesn't count: the access of carol could not be learnt (GitHub answered 502); it is asked again by itself; /why asks at once; ${anybody.replace("one person", "one more person")} must ${commitNow}`,
  },
  {
    name: "one that waits and is none of the team",
    asked: { people: team },
    given: { ...waiting, ...ofTeam(known(new Set([carol.id]))) },
    outcome: "pending",
    says: `${waits}; ${who("one person of @acme/SRE with write access")} must ${commitNow}`,
  },
  {
    name: "one that waits and is of the team",
    asked: { people: team },
    given: { ...waiting, ...ofTeam(known(new Set([bob.id]))) },
    outcome: "pending",
    says: waits,
  },
  {
    name: "one that waits and is no admin",
    asked: { permission: "admin" },
    given: waiting,
    outcome: "pending",
    says: `${waits}; ${who("one person with admin access")} must ${commitNow}`,
  },
  {
    name: "one that waits and is an admin",
    asked: { permission: "admin" },
    given: { ...waiting, permissions: access([[bob.id, known("admin")]]) },
    outcome: "pending",
    says: waits,
  },
  {
    name: "no admin",
    asked: { permission: "admin", about: " for service playlist" },
    outcome: "pending",
    says: `bob's approval doesn't count for service playlist: bob has write access, and admin is needed; ${who("one person with admin access")} must ${commitNow} for service playlist`,
  },
  {
    name: "an admin",
    asked: { permission: "admin" },
    given: { permissions: access([[bob.id, known("admin")]]) },
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "none of the team",
    asked: { people: team },
    given: ofTeam(known(new Set([carol.id]))),
    outcome: "pending",
    says: `bob's approval doesn't count here: bob is none of @acme/SRE; ${who("one person of @acme/SRE with write access")} must ${commitNow}`,
  },
  {
    name: "one of the team",
    asked: { people: team },
    given: ofTeam(known(new Set([bob.id]))),
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "one by name, whatever its case",
    asked: { people: { users: ["BOB"], teams: [] } },
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "a team that can't be read",
    asked: { people: team },
    given: ofTeam(unknown("GitHub answered 502")),
    outcome: "unknown",
    says: `bob's approval doesn't count here: who is in @acme/SRE could not be learnt: GitHub answered 502; it is asked again by itself; /why asks at once; ${who("one person of @acme/SRE with write access")} must ${commitNow}`,
  },
  {
    name: "a team that nobody can read",
    asked: { people: team },
    given: { ...ofTeam(unknown("the App may not read it", "an owner: let the App read teams")), reviews: known([]) },
    outcome: "pending",
    says: `who is in @acme/SRE could not be learnt: the App may not read it; ${who("one person of @acme/SRE with write access")} must ${commitNow}`,
    unblock: `${who("one person of @acme/SRE with write access")}: ${commitNow}; or an owner: let the App read teams`,
  },
  {
    name: "a team that can't be read now, and nobody approved",
    asked: { people: team },
    given: { ...ofTeam(unknown("GitHub answered 502")), reviews: known([]) },
    outcome: "pending",
    says: `${who("one person of @acme/SRE with write access")} must ${commitNow}`,
  },
  {
    name: "owners by address alone",
    asked: { people: { users: [], teams: [] }, unresolved: ["x@acme.example"] },
    outcome: "pending",
    says: `bob's approval doesn't count here: bob is none of its owners; x@acme.example is an owner by e-mail address, which is no account: name the account; ${who("one person of its owners with write access")} must ${commitNow}`,
  },
  {
    name: "owners by address and by name",
    asked: { people: { users: ["carol"], teams: [] }, unresolved: ["x@acme.example"] },
    outcome: "pending",
    says: `bob's approval doesn't count here: bob is none of @carol; ${who("one person of @carol with write access")} must ${commitNow}`,
  },
  {
    name: "a contributor",
    given: { commits: known([commit([by("author", bob), by("committer", alice)])]) },
    outcome: "pending",
    says: `bob's approval doesn't count: bob is author of bbbbbbbbbb; ${who("one person with write access", "alice and bob")} must ${commitNow}`,
  },
];

describe("approvals that are asked for", () => {
  it.each(rows)("$name", ({ asked = {}, given = {}, outcome, says, unblock }) => {
    const all = facts({ reviews: known([bobs]), ...given });
    const approvals = approvalsOf(all);
    const whole: Asked = { count: 1, people: null, permission: "write", about: "", unresolved: [], ...asked };
    const reason = askedReason("peer", whole, approvals.known ? approvals.value : [], all);
    expect(reason).toMatchObject({ rule: "peer", outcome, text: says });
    expect(unblock === undefined || (reason.unblock ?? null) === unblock ? null : reason.unblock).toBeNull();
  });

  it.each([
    [
      "reviews",
      { reviews: unknown("GitHub answered 502") },
      "the reviews could not be read: GitHub answered 502; it is asked again by itself; /why asks at once",
    ],
    [
      "contributors",
      { commits: unknown("GitHub answered 502", "say it again") },
      "whether an approval is a peer's can't be told while the contributors are unknown",
    ],
  ])("are unknown while the %s are", (_, given, reason) => {
    expect(approvalsOf(facts(given))).toMatchObject({ known: false, reason });
  });
});

describe("one of some people", () => {
  const sets = (members: Facts["teams"]): Facts => facts({ teams: members });
  const two = { users: [], teams: ["acme/a", "acme/b"] };
  it.each<readonly [string, Facts["teams"], object]>([
    [
      "of the first",
      new Map([
        ["acme/a", known(new Set([bob.id]))],
        ["acme/b", known(new Set([dave.id]))],
      ]),
      { known: true, value: true },
    ],
    [
      "of the second, while the first is unknown",
      new Map([
        ["acme/a", unknown("x")],
        ["acme/b", known(new Set([bob.id]))],
      ]),
      { known: true, value: true },
    ],
    [
      "of none",
      new Map([
        ["acme/a", known(new Set([dave.id]))],
        ["acme/b", known(new Set<number>())],
      ]),
      { known: true, value: false },
    ],
    [
      "of none that is known",
      new Map([
        ["acme/a", known(new Set([dave.id]))],
        ["acme/b", unknown("x", "y")],
      ]),
      { known: false, reason: "who is in @acme/b could not be learnt: x", way: "y" },
    ],
    [
      "of none that was asked for",
      new Map([["acme/a", known(new Set([dave.id]))]]),
      { known: false, reason: "who is in @acme/b could not be learnt: it was not asked for" },
    ],
  ])("%s", (_, teams, is) => {
    expect(isOneOf(bob, two, sets(teams))).toMatchObject(is);
  });

  it("is one whatever the case of a login or of a policy's word", () => {
    expect(isOneOf({ ...bob, login: "Bob" }, { users: ["bOB"], teams: [] }, facts())).toEqual({ known: true, value: true });
  });

  it("is named by login or by team, with an @ in front or none", () => {
    expect(peopleOf(["@ann", "bea", "@acme/web", "acme/ops", "x@y"])).toEqual({
      users: ["ann", "bea", "x@y"],
      teams: ["acme/web", "acme/ops"],
    });
  });
});
