import { describe, expect, it } from "vitest";
import { judgeNode, type NodeToJudge, type NodeVerdict, type Watch } from "../../src/rollout/node-verdict.ts";
import { beganAfter, type Before, type Run } from "../../src/rollout/runs.ts";
import { hour, minute } from "./time.ts";

const release = "c0ffee".padEnd(40, "0");
const old = "0ddba1".padEnd(40, "0");
const readyAt = Date.parse("2026-11-23T12:00:00Z");
const watch: Watch = { release, readyAt, now: readyAt + 90 * minute, runsPerNode: 2, deadline: 2 * hour };
const quiet: Before = { reported: true, noop: false, noopPending: false, failed: [], restless: [] };

let runs = 0;
/** A run that ended `after` minutes after the release was ready, and was well. */
const run = (after: number, more: Partial<Run> = {}): Run => ({
  certname: "a.example",
  id: `report${(runs += 1)}`,
  environment: "canary",
  status: more.failed !== undefined ? "failed" : more.changed !== undefined ? "changed" : "unchanged",
  version: `compiler1-canary-${release}`,
  cached: "not_used",
  noop: false,
  noopPending: false,
  producer: "compiler1",
  producedAt: readyAt + after * minute,
  took: minute,
  failed: [],
  changed: [],
  ...more,
});
const changed = (...resources: string[]): Pick<Run, "changed"> => ({
  changed: resources.map((resource) => ({ resource, property: "ensure" })),
});
const judge = (
  told: readonly Run[],
  more: Partial<Omit<NodeToJudge, "before">> & { before?: Partial<Before>; watch?: Partial<Watch> } = {},
): NodeVerdict =>
  judgeNode(
    {
      certname: "a.example",
      active: true,
      predicted: { diffClass: "x", touched: new Set(["File[/etc/motd]"]) },
      runs: told,
      ...more,
      before: { ...quiet, ...more.before },
    },
    { ...watch, ...more.watch },
  );

type Case = readonly [
  what: string,
  kind: NodeVerdict["kind"],
  runs: readonly Run[],
  more?: Parameters<typeof judge>[1],
  resources?: readonly string[],
];

const named = (cases: readonly Case[]) =>
  cases.map(([what, kind, told, more, resources]) => ({ what, kind, told, more, resources: resources ?? [] }));

const nginx = { failed: ["Service[nginx]"] };
const onFailure = { cached: "on_failure", version: old } as const;
const noCatalog = { status: "failed", version: "" } as const;
const pinned = { cached: "explicitly_requested", version: old } as const;

describe("a node, by the first row that applies", () => {
  const rows: readonly Case[] = [
    ["1 it is not active any more", "excluded", [run(10, nginx), run(40, nginx)], { active: false }],
    ["2 it was silent before and is", "absent-before", [], { before: { reported: false } }],
    [
      "2 it was silent before and the deadline is long over",
      "absent-before",
      [],
      { before: { reported: false }, watch: { now: readyAt + 99 * hour } },
    ],
    ["2 it has time", "waiting", [], { watch: { now: readyAt + 2 * hour - 1 } }],
    ["2 it has no more time", "newly-silent", [], { watch: { now: readyAt + 2 * hour } }],
    ["3 it hides behind its old catalog", "compile-failed", [run(10, onFailure)]],
    ["3 whatever its status", "compile-failed", [run(10, { ...onFailure, status: "changed", ...changed("File[/x]"), noop: true })]],
    ["3 even with the failures of that catalog", "compile-failed", [run(10, { ...onFailure, ...nginx })]],
    ["4 there was no catalog at all", "no-catalog", [run(10, noCatalog)]],
    ["4 an empty version that did not fail is nobody's", "stale-compiler", [run(10, { version: "" })]],
    ["5 it keeps to a catalog", "pinned-cache", [run(10, pinned)]],
    ["6 a compiler served something else", "stale-compiler", [run(10), run(40, { version: `compiler2-canary-${old}` })]],
    ["6 what is not complete yet", "stale-compiler", [run(40, { version: `compiler1-canary-${release}-incomplete` })]],
    ["6 only eleven letters of it", "stale-compiler", [run(40, { version: `compiler1-canary-${release.slice(0, 11)}` })]],
    ["7 it only says what it would do", "noop", [run(10), run(40), run(70, { noop: true, noopPending: true })]],
    ["7 as it did before", "noop-before", [run(10, { noop: true })], { before: { noop: true } }],
    ["8 it fails for the second time", "newly-failed", [run(10, nginx), run(40, nginx)], {}, ["Service[nginx]"]],
    ["8 it fails for the first time", "suspected", [run(10), run(40, nginx)], {}, ["Service[nginx]"]],
    ["8 it fails as it did before", "still-failing", [run(10, nginx), run(40, nginx)], { before: nginx }, ["Service[nginx]"]],
    ["9 what it changed besides is told apart", "pass", [run(10, changed("File[/x]")), run(40)]],
    ["10 it leaves a resource alone", "partial-noop", [run(10), run(40, { noopPending: true })]],
    ["10 as it did before", "pass", [run(10), run(40, { noopPending: true })], { before: { noopPending: true } }],
    ["11 it changes the same again and again", "flapping", [run(10, changed("Exec[x]")), run(40, changed("Exec[x]"))], {}, ["Exec[x]"]],
    ["11 as it did before", "pass", [run(10, changed("Exec[x]")), run(40, changed("Exec[x]"))], { before: { restless: ["Exec[x]"] } }],
    ["12 it has run once of twice", "running", [run(10)]],
    ["12 it has run often enough", "pass", [run(10), run(40)]],
  ];
  it.each(named(rows))("$what", ({ kind, told, more, resources }) => {
    expect(judge(told, more)).toMatchObject({ kind, resources });
  });
});

describe("a node whose reports are not what they seem", () => {
  const cases: readonly Case[] = [
    ["33 a late report of a run that began before", "waiting", [run(20, { took: 21 * minute })]],
    ["35 a run that began the moment it was ready", "waiting", [run(1, { took: minute })]],
    ["35 a run that began a moment after", "running", [run(1, { took: minute - 1 })]],
    ["34 the same report twice", "running", [run(10, { id: "same" }), run(10, { id: "same" })]],
    [
      "34 the same failure twice",
      "suspected",
      [run(10, { ...nginx, id: "same" }), run(10, { ...nginx, id: "same" })],
      {},
      ["Service[nginx]"],
    ],
    ["31 a clock that was put back by a year during the run", "waiting", [run(10, { took: -365 * 24 * hour })]],
    ["31 a clock that was put forward by a year during the run", "waiting", [run(10, { took: 365 * 24 * hour })]],
    ["a run in no time", "running", [run(10, { took: 0 })]],
    ["25 noop first, then for good", "running", [run(10, { noop: true }), run(40)]],
    [
      "25 noop between two failures proves nothing",
      "newly-failed",
      [run(10, nginx), run(20, { noop: true, ...nginx }), run(40, nginx)],
      {},
      ["Service[nginx]"],
    ],
    ["reports in any order", "suspected", [run(40, nginx), run(10)], {}, ["Service[nginx]"]],
    ["two at the same moment, by their names", "suspected", [run(10, { ...nginx, id: "b" }), run(10, { id: "a" })], {}, ["Service[nginx]"]],
    ["whichever comes first", "suspected", [run(10, { id: "a" }), run(10, { ...nginx, id: "b" })], {}, ["Service[nginx]"]],
    ["and the other way round", "pass", [run(10, { id: "b" }), run(10, { ...nginx, id: "a" })]],
    ["37 it fails every other time", "suspected", [run(10, nginx), run(40), run(70, nginx)], {}, ["Service[nginx]"]],
    ["a failure that went away", "pass", [run(10, nginx), run(40)]],
    ["38 it fails from the second run on", "newly-failed", [run(10), run(40, nginx), run(70, nginx)], {}, ["Service[nginx]"]],
    ["two failures, another one each time", "suspected", [run(10, nginx), run(40, { failed: ["Exec[x]"] })], {}, ["Exec[x]"]],
    [
      "36 failing before, and differently now",
      "newly-failed",
      [run(10, { failed: ["Exec[x]", "Exec[y]"] }), run(40, { failed: ["Exec[x]", "Exec[y]"] })],
      { before: { failed: ["Exec[x]"] } },
      ["Exec[y]"],
    ],
    ["the whole run fails, twice", "newly-failed", [run(10, { status: "failed" }), run(40, { status: "failed" })], {}, ["the run itself"]],
    ["as it did before", "still-failing", [run(10, { status: "failed" })], { before: { failed: ["the run itself"] } }, ["the run itself"]],
    ["a stale compiler between", "pass", [run(10), run(20, { version: old }), run(40)]],
    ["a failure on a stale compiler", "stale-compiler", [run(10, { ...nginx, version: old }), run(40, { ...nginx, version: old })]],
    ["23 a compile that works again", "running", [run(10, onFailure), run(40)]],
    ["23 no catalog before, either", "uncompiled-before", [run(10, onFailure)], { before: { uncompiled: true } }],
    ["24 a fleet that keeps its catalogs", "pinned-before", [run(10, pinned)], { before: { pinned: true } }],
    ["27 back after weeks, with the newest code", "running", [run(80)], { before: { reported: false } }],
    ["27 back after weeks, and gone again", "running", [run(10)], { before: { reported: false }, watch: { now: readyAt + 99 * hour } }],
    [
      "it changed two properties of one resource, one each time",
      "pass",
      [
        run(10, { changed: [{ resource: "File[/x]", property: "mode" }] }),
        run(40, { changed: [{ resource: "File[/x]", property: "owner" }] }),
      ],
    ],
    ["it flaps no more", "pass", [run(10, changed("Exec[x]")), run(40, changed("Exec[x]")), run(70)]],
    [
      "it fails and flaps",
      "suspected",
      [run(10, changed("Exec[x]")), run(40, { ...changed("Exec[x]"), ...nginx })],
      {},
      ["Service[nginx]"],
    ],
    ["it leaves alone and flaps", "partial-noop", [run(10, changed("Exec[x]")), run(40, { ...changed("Exec[x]"), noopPending: true })]],
    ["one run is enough where one is asked for", "pass", [run(10)], { watch: { runsPerNode: 1 } }],
  ];
  it.each(named(cases))("$what", ({ kind, told, more, resources }) => {
    expect(judge(told, more)).toMatchObject({ kind, resources });
  });

  it("31 is as good with a clock that is wrong by years: only how long it took is the agent's", () => {
    expect(beganAfter({ producedAt: 1000, took: 10 } as Run, 989)).toBe(true);
    expect(beganAfter({ producedAt: 1000, took: 10 } as Run, 990)).toBe(false);
  });
});

describe("45 a node that ran the release and fell silent", () => {
  const last = 10;
  const cases: readonly Case[] = [
    ["has time until the deadline", "running", [run(last)], { watch: { now: readyAt + last * minute + 2 * hour - 1 } }],
    ["and no longer", "newly-silent", [run(last)], { watch: { now: readyAt + last * minute + 2 * hour } }],
    ["even after it was well", "newly-silent", [run(1, { took: 0 }), run(last)], { watch: { now: readyAt + last * minute + 2 * hour } }],
    [
      "but not where nobody could hear it",
      "running",
      [run(last)],
      { watch: { now: readyAt + 9 * hour, seenSince: readyAt + 7 * hour + 1 } },
    ],
    ["nor one that never said anything then", "waiting", [], { watch: { now: readyAt + 9 * hour, seenSince: readyAt + 7 * hour + 1 } }],
    [
      "until it could be heard for long enough",
      "newly-silent",
      [run(last)],
      { watch: { now: readyAt + 9 * hour, seenSince: readyAt + 7 * hour } },
    ],
    [
      "a look that is older than the release changes nothing",
      "newly-silent",
      [],
      { watch: { now: readyAt + 2 * hour, seenSince: readyAt - hour } },
    ],
    ["a compile that failed is worse", "compile-failed", [run(last, onFailure)], { watch: { now: readyAt + 9 * hour } }],
    ["so is none", "no-catalog", [run(last, noCatalog)], { watch: { now: readyAt + 9 * hour } }],
    [
      "so is a failure that is sure",
      "newly-failed",
      [run(last, nginx), run(last + 1, nginx)],
      { watch: { now: readyAt + 9 * hour } },
      ["Service[nginx]"],
    ],
    ["a suspicion is not", "newly-silent", [run(last, nginx)], { watch: { now: readyAt + 9 * hour } }],
  ];
  it.each(named(cases))("$what", ({ kind, told, more, resources }) => {
    expect(judge(told, more)).toMatchObject({ kind, resources });
  });
});

describe("what a verdict says besides", () => {
  it("whether it is about what the release changes", () => {
    expect(judge([run(10, { failed: ["File[/etc/motd]"] })]).touched).toBe(true);
    expect(judge([run(10, { failed: ["File[/etc/motd]", "Exec[x]"] }), run(40, { failed: ["Exec[x]"] })]).touched).toBe(false);
    expect(judge([run(10)]).touched).toBe(false);
  });

  it("how often it ran the release, whole and for good", () => {
    const told = [
      run(-10),
      run(10),
      run(15, { noop: true }),
      run(20, { version: old }),
      run(25, onFailure),
      run(26, pinned),
      run(30, nginx),
      run(40),
    ];
    expect(judge(told).runs).toBe(3);
  });

  it("which compiler is behind, and nobody else", () => {
    expect(judge([run(10, { version: old, producer: "compiler2" })]).producer).toBe("compiler2");
    expect(judge([run(10)]).producer).toBeNull();
  });

  const unexpected: ReadonlyArray<
    readonly [what: string, runs: readonly Run[], more: Parameters<typeof judge>[1], found: readonly string[]]
  > = [
    ["what the release does not change", [run(10, changed("File[/x]", "File[/etc/motd]"))], {}, ["File[/x]"]],
    ["each once", [run(10, changed("File[/x]")), run(40, changed("File[/x]", "File[/y]"))], {}, ["File[/x]", "File[/y]"]],
    ["43 not what failed before", [run(10, changed("File[/x]"))], { before: { failed: ["File[/x]"] } }, []],
    ["43 not what changes all the time", [run(10, changed("File[/x]"))], { before: { restless: ["File[/x]"] } }, []],
    ["not of another commit", [run(10, { ...changed("File[/x]"), version: old })], {}, []],
    ["not of a noop run", [run(10, { ...changed("File[/x]"), noop: true })], {}, []],
    ["not of an old catalog", [run(10, { ...changed("File[/x]"), cached: "explicitly_requested" })], {}, []],
    ["but of a run while it was deployed: it will not change again", [run(-1, changed("File[/x]"))], {}, ["File[/x]"]],
    ["28 29 not of who is new or was away: all is new there", [run(10, changed("File[/x]"))], { before: { reported: false } }, []],
    ["not of who is gone", [run(10, changed("File[/x]"))], { active: false }, []],
  ];
  it.each(unexpected)("unexpected: %s", (_, told, more, found) => {
    expect(judge(told, more).unexpected).toEqual(found);
  });

  it("what drifted before", () => {
    expect(judge([], { before: { changed: ["File[/x]"], runs: 8 } }).before).toEqual({ changed: ["File[/x]"], runs: 8 });
    expect(judge([]).before).toEqual({ changed: [], runs: 0 });
  });
});
