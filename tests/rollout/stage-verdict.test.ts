import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/policy/schema.ts";
import type { NodeVerdict, NodeVerdictKind } from "../../src/rollout/node-verdict.ts";
import { judgeStage, type Missing, type StageToJudge, type Trouble } from "../../src/rollout/stage-verdict.ts";
import { named, nodesOf } from "./nodes.ts";

const stage = (nodes: readonly NodeVerdict[], more: Partial<StageToJudge> = {}): StageToJudge => ({
  nodes,
  classes: new Map([["x", named(nodes)]]),
  policy: defaultPolicy.rollout,
  bakeMinutes: 60,
  runsPerNode: 2,
  observedMinutes: 60,
  isOverdue: false,
  ...more,
});

const troubles = (nodes: readonly NodeVerdict[], more?: Partial<StageToJudge>): readonly Trouble[] => {
  const verdict = judgeStage(stage(nodes, more));
  return verdict.kind === "failed" ? verdict.troubles : [];
};
const missing = (nodes: readonly NodeVerdict[], more?: Partial<StageToJudge>): readonly Missing[] => {
  const verdict = judgeStage(stage(nodes, more));
  return verdict.kind === "watching" || verdict.kind === "undecided" ? verdict.missing : [];
};
const well = nodesOf("w", 99, "pass");
const nginx = { resources: ["Service[nginx]"] };

describe("a lane fails", () => {
  const one = (kind: NodeVerdictKind, count: number, more: Partial<NodeVerdict> = nginx): NodeVerdict[] => [
    ...nodesOf("w", 100 - count, "pass"),
    ...nodesOf("b", count, kind, more),
  ];
  const cases: ReadonlyArray<
    readonly [what: string, nodes: readonly NodeVerdict[], found: ReadonlyArray<readonly [Trouble["kind"], bad: number, tolerated: number]>]
  > = [
    ["at none", well, []],
    ["not by one in a hundred that fails besides", one("newly-failed", 1), []],
    ["by two", one("newly-failed", 2), [["newly-failed", 2, 1]]],
    ["by one that fails at what the release changes", one("newly-failed", 1, { ...nginx, touched: true }), [["touched-failed", 1, 0]]],
    ["by one that can't be compiled", one("compile-failed", 1, {}), [["compile-failed", 1, 0]]],
    ["by one without a catalog", one("no-catalog", 1, {}), [["compile-failed", 1, 0]]],
    ["not by two silent ones in a hundred", one("newly-silent", 2, {}), []],
    ["by three", one("newly-silent", 3, {}), [["newly-silent", 3, 2]]],
    ["not by three on which the same changed", one("pass", 3, { unexpected: ["File[/x]"] }), []],
    ["by four", one("pass", 4, { unexpected: ["File[/x]"] }), [["unexpected-change", 4, 3]]],
    ["not by a suspicion, whatever it is about", one("suspected", 9, { ...nginx, touched: true }), []],
    ["not by what failed before", one("still-failing", 9), []],
    [
      "not by stale compilers, noop and the like",
      [
        ...nodesOf("s", 9, "stale-compiler"),
        ...nodesOf("n", 9, "noop"),
        ...nodesOf("p", 9, "pinned-cache"),
        ...nodesOf("u", 9, "uncompiled-before"),
      ],
      [],
    ],
  ];
  it.each(cases)("%s", (_, nodes, found) => {
    expect(troubles(nodes).map(({ kind, certnames, tolerated }) => [kind, certnames.length, tolerated])).toEqual(found);
  });

  it("by a share where that is more than the count", () => {
    const of300 = (count: number): NodeVerdict[] => [...nodesOf("w", 300 - count, "pass"), ...nodesOf("b", count, "newly-failed", nginx)];
    expect(troubles(of300(3))).toEqual([]);
    expect(troubles(of300(4))[0]).toMatchObject({ tolerated: 3 });
    // 2.99 nodes are two whole ones.
    expect(troubles([...nodesOf("w", 296, "pass"), ...nodesOf("b", 3, "newly-failed", nginx)])[0]).toMatchObject({ tolerated: 2 });
  });

  it("by what the policy does not tolerate", () => {
    const policy = { ...defaultPolicy.rollout, compileFailed: 2, newlyFailed: { count: 0, percent: 0 } };
    expect(troubles([...well, ...nodesOf("b", 1, "newly-failed", nginx)], { policy })[0]).toMatchObject({ tolerated: 0 });
    expect(troubles([...well, ...nodesOf("b", 2, "compile-failed")], { policy })).toEqual([]);
    expect(troubles([...well, ...nodesOf("b", 2, "compile-failed"), ...nodesOf("c", 1, "no-catalog")], { policy })[0]).toMatchObject({
      tolerated: 2,
    });
  });

  it("naming who and what, whatever else is missing or over", () => {
    const nodes = [
      ...nodesOf("b", 1, "newly-failed", { resources: ["Service[nginx]", "File[/x]"], touched: true }),
      ...nodesOf("c", 1, "newly-failed", { resources: ["File[/x]"], touched: true }),
      ...nodesOf("d", 2, "compile-failed"),
    ];
    for (const isOverdue of [true, false])
      expect(judgeStage(stage(nodes, { isOverdue, observedMinutes: 0 }))).toEqual({
        kind: "failed",
        troubles: [
          { kind: "compile-failed", certnames: ["d1", "d2"], resources: [], tolerated: 0 },
          { kind: "touched-failed", certnames: ["b1", "c1"], resources: ["File[/x]", "Service[nginx]"], tolerated: 0 },
        ],
        counts: { "newly-failed": 2, "compile-failed": 2 },
      });
  });
});

describe("what changed besides", () => {
  const on = (count: number, resource: string, before: Partial<NodeVerdict["before"]> = {}): NodeVerdict[] =>
    nodesOf(resource, count, "pass", { unexpected: [`File[/${resource}]`], before: { changed: [], runs: 8, ...before } });

  it("is drift where it is another resource on each node", () => {
    expect(troubles("abcdefghij".split("").flatMap((letter) => on(3, letter)))).toEqual([]);
  });

  it("names all that changed on too many nodes, and only these", () => {
    const both = nodesOf("x", 2, "pass", { unexpected: ["File[/b]", "File[/a]"] });
    expect(troubles([...on(3, "b"), ...both, ...on(2, "a"), ...on(3, "c")])).toEqual([
      {
        kind: "unexpected-change",
        certnames: ["a1", "a2", "b1", "b2", "b3", "x1", "x2"],
        resources: ["File[/a]", "File[/b]"],
        tolerated: 3,
      },
    ]);
  });

  it("may be as much as before, and three standard deviations more", () => {
    // Ten of forty drifted in 320 runs; in 80 runs 2.5 are expected: 3 + 2.5 + 3 × √2.5 = 10.2.
    const fleet = (count: number): NodeVerdict[] => [
      ...on(count, "a"),
      ...nodesOf("o", 40 - count, "pass", { before: { changed: [], runs: 8 } }).map((node, at) =>
        at < 10 ? { ...node, before: { changed: ["File[/a]"], runs: 8 } } : node,
      ),
    ];
    expect(troubles(fleet(10))).toEqual([]);
    expect(troubles(fleet(11))).toHaveLength(1);
  });

  it("was never seen before where nobody ran before", () => {
    const never = { changed: ["File[/a]"], runs: 0 };
    expect(troubles(on(4, "a", never))).toHaveLength(1);
    expect(troubles(on(3, "a", never))).toEqual([]);
  });
});

describe("a lane is not good yet", () => {
  const cases: ReadonlyArray<
    readonly [what: string, nodes: readonly NodeVerdict[], more: Partial<StageToJudge>, missing: readonly Missing[]]
  > = [
    ["until the bake is over", well, { observedMinutes: 59.5 }, [{ kind: "bake", minutes: 0.5 }]],
    ["but then", well, { observedMinutes: 60 }, []],
    [
      "while six of a hundred have not run it",
      [...nodesOf("w", 94, "pass"), ...nodesOf("r", 6, "waiting", { runs: 0 })],
      {},
      [{ kind: "coverage", ran: 94, of: 100, percent: 95 }],
    ],
    ["but with five", [...nodesOf("w", 95, "pass"), ...nodesOf("r", 5, "waiting", { runs: 0 })], {}, []],
    [
      "while 55 of a thousand have not",
      [...nodesOf("w", 945, "pass"), ...nodesOf("r", 55, "waiting", { runs: 0 })],
      {},
      [{ kind: "coverage", ran: 945, of: 1000, percent: 95 }],
    ],
    [
      "while one at what it changes is not confirmed, whoever fails besides",
      [...well, ...nodesOf("b", 1, "suspected", { ...nginx, touched: true }), ...nodesOf("c", 1, "suspected", nginx)],
      {},
      [{ kind: "unconfirmed", certnames: ["b1"], resources: ["Service[nginx]"] }],
    ],
    [
      "while they have not run it often enough",
      [...nodesOf("w", 1, "pass"), ...nodesOf("f", 9, "still-failing", { runs: 1 })],
      {},
      [{ kind: "coverage", ran: 1, of: 10, percent: 95 }],
    ],
    [
      "while they run another code",
      [...nodesOf("w", 9, "pass"), ...nodesOf("s", 1, "stale-compiler")],
      {},
      [{ kind: "coverage", ran: 9, of: 10, percent: 95 }],
    ],
    [
      "while they are noop now",
      [...nodesOf("w", 9, "pass"), ...nodesOf("n", 1, "noop")],
      {},
      [{ kind: "coverage", ran: 9, of: 10, percent: 95 }],
    ],
    [
      "while they keep to a catalog",
      [...nodesOf("w", 9, "pass"), ...nodesOf("p", 1, "pinned-cache")],
      {},
      [{ kind: "coverage", ran: 9, of: 10, percent: 95 }],
    ],
    [
      "who flaps, leaves alone, or fails within what is tolerated has run it",
      [...nodesOf("w", 90, "pass"), ...nodesOf("f", 5, "flapping"), ...nodesOf("l", 4, "partial-noop"), ...nodesOf("b", 1, "newly-failed")],
      {},
      [],
    ],
    [
      "who is out of sight is not waited for",
      [
        ...nodesOf("w", 1, "pass"),
        ...nodesOf("a", 9, "absent-before", { runs: 0 }),
        ...nodesOf("e", 9, "excluded", { runs: 0 }),
        ...nodesOf("n", 9, "noop-before", { runs: 0 }),
        ...nodesOf("p", 9, "pinned-before", { runs: 0 }),
        ...nodesOf("u", 9, "uncompiled-before", { runs: 0 }),
      ],
      {},
      [],
    ],
    ["nor who is silent, within what is tolerated", [...nodesOf("w", 9, "pass"), ...nodesOf("s", 1, "newly-silent", { runs: 0 })], {}, []],
    [
      "while a failure at what the release changes is not confirmed",
      [...well, ...nodesOf("b", 1, "suspected", { ...nginx, touched: true })],
      {},
      [{ kind: "unconfirmed", certnames: ["b1"], resources: ["Service[nginx]"] }],
    ],
    ["one besides would be tolerated", [...well, ...nodesOf("b", 1, "suspected", nginx)], {}, []],
    [
      "two would not",
      [
        ...nodesOf("w", 98, "pass"),
        ...nodesOf("b", 1, "suspected", nginx),
        ...nodesOf("c", 1, "suspected", { resources: ["Exec[x]", "Service[nginx]"] }),
      ],
      {},
      [{ kind: "unconfirmed", certnames: ["b1", "c1"], resources: ["Exec[x]", "Service[nginx]"] }],
    ],
    [
      "nor one with one that is sure",
      [...nodesOf("w", 98, "pass"), ...nodesOf("b", 1, "suspected", nginx), ...nodesOf("c", 1, "newly-failed")],
      {},
      [{ kind: "unconfirmed", certnames: ["b1"], resources: ["Service[nginx]"] }],
    ],
  ];
  it.each(cases)("%s", (_, nodes, more, found) => {
    expect(missing(nodes, more)).toEqual(found);
    expect(judgeStage(stage(nodes, more)).kind).toBe(found.length === 0 ? "passed" : "watching");
    expect(judgeStage(stage(nodes, { ...more, isOverdue: true })).kind).toBe(found.length === 0 ? "passed" : "undecided");
  });
});

describe("nothing passes because there is nothing", () => {
  const cases: ReadonlyArray<readonly [what: string, nodes: readonly NodeVerdict[]]> = [
    ["a lane without nodes", []],
    ["a lane whose nodes are all away", nodesOf("a", 9, "absent-before")],
    ["a lane whose nodes are all noop", nodesOf("n", 9, "noop-before")],
    ["a lane whose nodes all flap", nodesOf("f", 9, "flapping")],
    ["a lane whose nodes all failed before", nodesOf("f", 9, "still-failing")],
  ];
  it.each(cases)("%s", (_, nodes) => {
    expect(missing(nodes, { classes: new Map() })).toEqual([{ kind: "no-pass" }]);
  });
});

describe("every class that a lane holds has to show itself", () => {
  const well4 = nodesOf("w", 40, "pass");
  const classes = (of: Readonly<Record<string, readonly string[]>>): Pick<StageToJudge, "classes"> => ({
    classes: new Map(Object.entries(of)),
  });
  const cases: ReadonlyArray<readonly [what: string, nodes: readonly NodeVerdict[], missing: readonly string[] | null]> = [
    ["one passed", [...nodesOf("d", 1, "pass"), ...nodesOf("e", 1, "flapping")], null],
    ["one runs", nodesOf("d", 1, "running"), ["d1"]],
    ["one is silent, though that is tolerated", nodesOf("d", 1, "newly-silent"), ["d1"]],
    ["all flap", nodesOf("d", 2, "flapping"), ["d1", "d2"]],
    ["all leave something alone", nodesOf("d", 2, "partial-noop"), ["d1", "d2"]],
    ["all are away", nodesOf("d", 2, "absent-before"), null],
    ["all but one are away", [...nodesOf("d", 1, "absent-before"), ...nodesOf("e", 1, "waiting")], ["e1"]],
    ["all fail as before", nodesOf("d", 2, "still-failing"), null],
    ["all fail as before, once", nodesOf("d", 2, "still-failing", { runs: 1 }), ["d1", "d2"]],
    ["all fail as before, at what the release changes", nodesOf("d", 2, "still-failing", { touched: true }), ["d1", "d2"]],
    ["one fails as before and one runs", [...nodesOf("d", 1, "still-failing"), ...nodesOf("e", 1, "running")], ["d1", "e1"]],
    ["none of it is in the lane", [], null],
  ];
  it.each(cases)("%s", (_, nodes, held) => {
    const found = missing([...well4, ...nodes], {
      ...classes({ web: ["w1"], db: ["d1", "d2", "e1"] }),
      policy: { ...defaultPolicy.rollout, coveragePercent: 80 },
    });
    expect(found).toEqual(held === null ? [] : [{ kind: "class", diffClass: "db", certnames: held }]);
  });
});

it("counts what it saw", () => {
  expect(judgeStage(stage([...well, ...nodesOf("a", 1, "absent-before")])).counts).toEqual({ pass: 99, "absent-before": 1 });
});
