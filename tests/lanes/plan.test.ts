import { describe, expect, test } from "vitest";
import { type FoundRepository, type Plan, planLanes, withStep } from "../../src/engine/lanes/plan.ts";
import type { Step, FoundPull, NotedLanes } from "../../src/engine/ports/lanes.ts";
import { planUndo } from "../../src/engine/lanes/undo.ts";

/** What is planned, by what was found and noted; the same on a GitHub is in init.test.ts. */

const wanted = { production: "production", mergeBranch: "main", lanes: ["production_canary"], rulesets: [] };
const pull = (number: number, base: string, head: string | null = `change${number}`): FoundPull => ({
  number,
  title: `${number}`,
  base,
  head,
});
const found = (tips: Record<string, string | null>, more: Partial<FoundRepository> = {}): FoundRepository => ({
  defaultBranch: "production",
  tips: new Map(Object.entries({ production: "p1", main: null, production_canary: null, ...tips })),
  pulls: [],
  rulesets: [],
  ...more,
});
const noted = (branches: NotedLanes["branches"], more: Partial<NotedLanes> = {}): NotedLanes => ({
  repository: "acme/control",
  production: { branch: "production", commit: "p1" },
  mergeBranch: "main",
  branches,
  isDefault: true,
  pulls: [],
  rulesets: [],
  ...more,
});
const both = (commit: string) => [
  { branch: "main", commit },
  { branch: "production_canary", commit },
];

const words = (step: Step): string => {
  if (step.kind === "create-branch" || step.kind === "delete-branch") return `${step.kind} ${step.branch} ${step.commit}`;
  if (step.kind === "forward-branch") return `${step.kind} ${step.branch} ${step.from} ${step.commit}`;
  if (step.kind === "retarget") return `${step.kind} ${step.number} ${step.to}`;
  return step.kind;
};

const told = (plan: Plan): string => (plan.ok ? plan.plan.steps.map(words).join("; ") : `${plan.text} ${plan.hint}`);
const exactly = (steps: readonly string[]): RegExp => new RegExp(`^${steps.join("; ")}$`, "u");

describe("planLanes", () => {
  const cases: [string, FoundRepository, NotedLanes | null, string[] | RegExp][] = [
    ["nothing is there", found({}), null, ["create-branch main p1", "create-branch production_canary p1", "default-branch"]],
    ["a lane is there at the same commit", found({ production_canary: "p1" }), null, ["create-branch main p1", "default-branch"]],
    ["all is there", found({ main: "p1", production_canary: "p1" }, { defaultBranch: "main" }), noted(both("p1")), []],
    [
      "production moved on before the default branch was changed",
      found({ production: "p2", main: "p1", production_canary: "p1" }),
      noted(both("p1")),
      ["forward-branch main p1 p2", "forward-branch production_canary p1 p2", "default-branch"],
    ],
    [
      "and one branch followed already when the process was ended",
      found({ production: "p2", main: "p1", production_canary: "p2" }),
      noted([
        { branch: "main", commit: "p2", before: "p1" },
        { branch: "production_canary", commit: "p2", before: "p1" },
      ]),
      ["forward-branch main p1 p2", "default-branch"],
    ],
    ["a branch of somebody's that is where production was", found({ production: "p2", main: "p1" }), null, /branch main already, at p1/u],
    [
      "something was merged, and lanes follow releases",
      found({ main: "m2", production_canary: "m1" }, { defaultBranch: "main" }),
      noted(both("p1")),
      [],
    ],
    [
      "a lane that the policy has since then",
      found({ main: "m2" }, { defaultBranch: "main" }),
      noted([{ branch: "main", commit: "p1" }]),
      ["create-branch production_canary p1"],
    ],
    ["another default branch", found({}, { defaultBranch: "develop" }), null, /default branch is develop; expected production, or main/u],
    ["no production", found({ production: null }), null, /no branch production/u],
    [
      "pull requests, but for those that would bring lanes to production",
      found(
        {},
        {
          pulls: [
            pull(9, "production"),
            pull(3, "production"),
            pull(4, "other"),
            pull(5, "production", "main"),
            pull(6, "production", null),
          ],
        },
      ),
      null,
      [
        "create-branch main p1",
        "create-branch production_canary p1",
        "default-branch",
        "retarget 3 main",
        "retarget 6 main",
        "retarget 9 main",
      ],
    ],
    [
      "nobody can be asked for pull requests",
      found({ main: "p1", production_canary: "p1" }, { pulls: null }),
      null,
      ["default-branch", "retarget-all"],
    ],
  ];
  test.each(cases)("%s", (_, given, notes, expected) => {
    const plan = planLanes(given, wanted, notes);
    expect(told(plan)).toMatch(expected instanceof RegExp ? expected : exactly(expected));
  });

  test("what is noted of a branch that follows is both its places", () => {
    const step = { kind: "forward-branch", branch: "main", from: "p1", commit: "p2" } as const;
    expect(withStep(noted(both("p1")), step).branches).toEqual([
      { branch: "production_canary", commit: "p1" },
      { branch: "main", commit: "p2", before: "p1" },
    ]);
  });
});

describe("planUndo", () => {
  const home = { defaultBranch: "main" };
  const made = { main: "p1", production_canary: "p1" };
  const cases: [string, FoundRepository, NotedLanes, string[] | RegExp][] = [
    [
      "all of it, the merge branch last",
      found(made, { ...home, rulesets: ["r"], pulls: [pull(1, "main"), pull(2, "main"), pull(3, "other")] }),
      noted(both("p1"), { pulls: [1], rulesets: ["r", "gone"] }),
      [
        "delete-ruleset",
        "default-branch",
        "retarget 1 production",
        "retarget 2 production",
        "delete-branch production_canary p1",
        "delete-branch main p1",
      ],
    ],
    ["half of it is undone", found({ ...made, production_canary: null }), noted(both("p1")), ["delete-branch main p1"]],
    ["noted and never made", found({}), noted(both("p1")), []],
    [
      "production went on, and nothing else did",
      found({ ...made, production: "p2" }, home),
      noted(both("p1")),
      ["default-branch", "delete-branch production_canary p1", "delete-branch main p1"],
    ],
    ["something was merged", found({ ...made, main: "m1" }, home), noted(both("p1")), /main was made at p1 and is at m1 now/u],
    ["a release is in the lane", found({ ...made, production_canary: "m1" }, home), noted(both("p1")), /A release is in that lane/u],
    [
      "a pull request comes from the merge branch",
      found(made, { ...home, pulls: [pull(4, "other", "main")] }),
      noted(both("p1")),
      /#4 \(main into other\) would be closed by the removal of main/u,
    ],
    [
      "a pull request is for the lane",
      found(made, { ...home, pulls: [pull(4, "production_canary")] }),
      noted(both("p1")),
      /removal of production_canary/u,
    ],
    ["another default branch by now", found(made, { defaultBranch: "develop" }), noted(both("p1")), /default branch is develop/u],
    ["a merge branch that was the default one before", found(made, home), noted(both("p1"), { isDefault: false }), /stays it/u],
    [
      "a merge branch that was there before: only who was retargeted goes back",
      found(made, { ...home, pulls: [pull(1, "main"), pull(2, "main")] }),
      noted([{ branch: "production_canary", commit: "p1" }], { pulls: [1] }),
      ["default-branch", "retarget 1 production", "delete-branch production_canary p1"],
    ],
  ];
  test.each(cases)("%s", (_, given, notes, expected) => {
    const plan = planUndo(
      {
        ...given,
        tips: new Map(
          [...given.tips].filter(
            ([branch]) => branch === "production" || branch === "main" || notes.branches.some((each) => each.branch === branch),
          ),
        ),
      },
      notes,
    );
    expect(told(plan)).toMatch(expected instanceof RegExp ? expected : exactly(expected));
  });
});
