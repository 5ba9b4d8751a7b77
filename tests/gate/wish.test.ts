import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts, Glass, ReviewDebt } from "../../src/gate/facts.ts";
import { glassState, standingGlass } from "../../src/gate/glass.ts";
import { wishState } from "../../src/gate/wish.ts";
import { access } from "./cases/case.ts";
import { alice, bob, by, comment, commit, dave, doneWith, facts, older, wish } from "./world.ts";

/** What becomes of `/merge when ready` and `/break-glass`, each time with the one thing that makes the difference. */
const says = (id: number, body: string, more: Parameters<typeof comment>[2] = {}): Partial<Facts> => ({
  comments: known([comment(alice, "hello"), comment(alice, body, { id, ...more })]),
});
const asked = says(90, "/merge when ready");
const running: Partial<Facts> = { check: { state: "running", previous: null } };
const edited = known({ by: bob, foreign: true });
const lost = unknown("it is one of too many", "say it again");
const ofBobs = { commits: known([commit([by("author", bob), by("committer", bob)])]) };
const may = (permission: "read" | "write"): Partial<Facts> => ({
  permissions: access([
    [alice.id, known(permission)],
    [bob.id, known("write")],
  ]),
});

type Row = readonly [name: string, given: Partial<Facts>, state: object];

const wishes: readonly Row[] = [
  ["as it was", {}, { is: "stands", filled: null, mayLand: true }],
  ["none", { wish: null }, { is: "none" }],
  ["closed", { state: "closed" }, { is: "ended", why: "the pull request is closed" }],
  ["merged", { state: "merged" }, { is: "ended", why: "the pull request is merged" }],
  ["pushed since", { wish: wish({ head: older }) }, { is: "ended", why: "bbbbbbbbbb was pushed since" }],
  ["another base branch", { base: { ref: "stable", tip: known("a".repeat(40)) } }, { is: "ended", why: "the base branch is stable since" }],
  ["its comment deleted", { comments: known([]) }, { is: "ended", why: "the comment that asked for it was deleted" }],
  ["its comment edited", says(90, "/merge when ready", { edited }), { is: "ended", why: "the comment that asked for it was edited" }],
  ["its comment without a command by now", says(90, "never mind"), { is: "ended", why: "the comment that asked for it was edited" }],
  ["its comment a mere question by now", says(90, "/why"), { is: "ended", why: "the comment that asked for it was edited" }],
  ["comments that can't be read", { comments: unknown("GitHub answered 502") }, { is: "stands", filled: null, mayLand: false }],
  [
    "an edit that can't be read now",
    says(90, "/merge when ready", { edited: unknown("GitHub answered 502") }),
    { is: "stands", filled: null, mayLand: false },
  ],
  [
    "an edit that nobody will ever read",
    says(90, "/merge when ready", { edited: lost }),
    { is: "ended", why: "whether the comment that asked for it was edited can't be told (it is one of too many); say it again" },
  ],
  ["another title", { title: "Lower the limit" }, { is: "ended", why: "title or description were edited since" }],
  ["another policy", doneWithDigest("9".repeat(64)), { is: "ended", why: "the policy changed since" }],
  ["a policy that was not known yet", { wish: wish({ policyDigest: "" }) }, { is: "stands", filled: wish(), mayLand: true }],
  ["a policy that is not known yet", { wish: wish({ policyDigest: "" }), ...running }, { is: "stands", filled: null, mayLand: true }],
  ["checked anew", running, { is: "stands", filled: null, mayLand: true }],
  ["somebody else's pull request by now", { opener: bob }, { is: "ended", why: "only bob can land this pull request" }],
  [
    "no part in it, and no access any more",
    { ...ofBobs, ...may("read"), headPusher: known(bob) },
    {
      is: "ended",
      why: "alice wrote no commit of this change and has no write access; one of its writers (bob) has to open the pull request",
    },
  ],
  ["no part in it, with access", { ...ofBobs, ...may("write"), headPusher: known(bob) }, { is: "stands", filled: null, mayLand: true }],
  [
    "no part in it, and access that can't be read",
    { ...ofBobs, permissions: access([[alice.id, unknown("GitHub answered 502")]]) },
    { is: "stands", filled: null, mayLand: false },
  ],
];

function doneWithDigest(policyDigest: string): Partial<Facts> {
  return { check: doneWith({}, { policyDigest }) };
}

describe("/merge when ready", () => {
  it.each(wishes)("%s", (_, given, state) => {
    expect(wishState(facts({ wish: wish(), ...asked, ...given }))).toEqual(state);
  });
});

const glass: Glass = { comment: 70, by: dave, reason: "the site is down", head: "b".repeat(40), expiresAt: "2026-03-01T16:45:00.000Z" };
const breaks = says(70, "/break-glass the site is down");
const debt = (baseRef: string): ReviewDebt => ({
  number: 3,
  by: "carol",
  byId: 3,
  reason: "the site was down",
  since: "2026-02-27T00:00:00.000Z",
  baseRef,
  landing: "x",
  seen: [],
});
const inOrder: Partial<Facts> = {
  glass,
  ...breaks,
  check: doneWith({ breakGlass: { users: ["dave"], teams: ["acme/sre"], hours: 4 } }),
  permissions: access([[dave.id, known("write")]]),
};
const ofTeam = { check: doneWith({ breakGlass: { users: [], teams: ["acme/sre"], hours: 4 } }) };

const glasses: readonly Row[] = [
  ["as it was", {}, { is: "stands", mayLand: true }],
  ["none", { glass: null }, { is: "none" }],
  ["closed", { state: "closed" }, { is: "ended", why: "the pull request is closed" }],
  ["pushed since", { glass: { ...glass, head: older } }, { is: "ended", why: "bbbbbbbbbb was pushed since" }],
  ["a moment before it expires", { now: "2026-03-01T16:44:59.000Z" }, { is: "stands", mayLand: true }],
  ["the moment it expires", { now: "2026-03-01T16:45:00.000Z" }, { is: "ended", why: "it expired at 2026-03-01 16:45 UTC" }],
  ["its comment deleted", { comments: known([]) }, { is: "ended", why: "the comment that asked for it was deleted" }],
  ["comments that can't be read", { comments: unknown("GitHub answered 502") }, { is: "stands", mayLand: false }],
  ["checked anew", running, { is: "stands", mayLand: false }],
  [
    "a policy that lets nobody",
    { check: doneWith({ breakGlass: null }) },
    {
      is: "ended",
      why: "the policy lets nobody break the glass: an owner of the policy can name users or teams under `break_glass`, in a change of its own",
    },
  ],
  [
    "a policy that names others",
    { check: doneWith({ breakGlass: { users: ["carol"], teams: [], hours: 4 } }) },
    { is: "ended", why: "only @carol may break the glass here, and dave is not one of them" },
  ],
  [
    "a policy that names a set of nobody",
    { check: doneWith({ breakGlass: { users: [], teams: [], hours: 4 } }) },
    { is: "ended", why: "only nobody may break the glass here, and dave is not one of them" },
  ],
  ["of a team", { ...ofTeam, teams: new Map([["acme/sre", known(new Set([dave.id]))]]) }, { is: "stands", mayLand: true }],
  [
    "of a team that can't be read",
    { ...ofTeam, teams: new Map([["acme/sre", unknown("GitHub answered 502")]]) },
    { is: "stands", mayLand: false },
  ],
  [
    "no access any more",
    { permissions: access([[dave.id, known("read")]]) },
    { is: "ended", why: "this needs write access, and dave has read" },
  ],
  ["access that can't be read", { permissions: access([[dave.id, unknown("GitHub answered 502")]]) }, { is: "stands", mayLand: false }],
  ["a debt of another branch", { debts: [debt("stable")] }, { is: "stands", mayLand: true }],
  [
    "a debt of this branch",
    { debts: [debt("stable"), debt("main")] },
    {
      is: "ended",
      why: "a review is still owed for pull request 3, which carol landed without one (the site was down): a peer has to approve that first",
    },
  ],
];

describe("/break-glass", () => {
  it.each(glasses)("%s", (_, given, state) => {
    const all = facts({ ...inOrder, ...given });
    expect(glassState(all)).toEqual(state);
    expect(standingGlass(all)).toEqual("mayLand" in state && state.mayLand === true ? glass : null);
  });
});
