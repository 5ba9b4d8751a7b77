import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../src/policy/load.ts";

/** A file with these lanes, one a line from line 3 on; problems as `line:column: text`. */
const file = (...lanes: string[]): string => `version: 1\nlanes:\n${lanes.map((lane) => `  - {${lane}}\n`).join("")}`;
function problems(text: string): string[] {
  const loaded = loadPolicy(text, "puppet-gate.yml");
  return loaded.ok ? [] : loaded.problems.map((problem) => `${problem.line}:${problem.column}: ${problem.text}`);
}
const few = "name: few, members: {certnames: [a]}";
const ways = "`certnames`, `datacentres`, `percent`, `match`";

describe("lanes that are wrong", () => {
  it.each<[string, string, string[]]>([
    ["one that has the rest", file("name: all"), []],
    ["one that has some and one that has the rest", file(few, "name: rest"), []],
    [
      "the last narrowed",
      file("name: few, members: {certnames: [a]}"),
      ["3:17: `lanes[0].members` narrows the last lane, which has all nodes that no other has."],
    ],
    [
      "the last of several narrowed",
      file(few, "name: rest, members: {percent: 5}"),
      ["4:18: `lanes[1].members` narrows the last lane, which has all nodes that no other has."],
    ],
    [
      "the rest in the middle",
      file(few, "name: b", "name: rest"),
      ["4:5: `lanes[1]` has no members, and only the last lane has what is left."],
    ],
    [
      "members of no kind",
      file("name: few, members: {}", "name: rest"),
      [`3:17: \`lanes[0].members\` says nothing; expected exactly one of ${ways}.`],
    ],
    [
      "members of two kinds",
      file("name: few, members: {datacentres: [ash], percent: 5}", "name: rest"),
      [`3:17: \`lanes[0].members\` says \`datacentres\` and \`percent\` side by side; expected exactly one of ${ways}.`],
    ],
    [
      "a condition of classes, which the change itself can move",
      file("name: few, members: {match: '\"a\" in classes'}", "name: rest"),
      ["3:42: `lanes[0].members.match`: `classes` is not known."],
    ],
    [
      "a name twice",
      file(few, "name: few, environment: other, members: {certnames: [b]}", "name: rest"),
      ['4:12: `lanes[1].name` is "few", which line 3 has already.'],
    ],
    [
      "an environment twice, by their names",
      file("name: a-b, members: {certnames: [a]}", "name: A.b, members: {certnames: [b]}", "name: rest"),
      ['4:5: `lanes[1]` has the environment "production_a_b", which the lane "a-b" has already.'],
    ],
    [
      "an environment three times",
      file("name: a, environment: x, members: {percent: 1}", "name: b, environment: x, members: {percent: 1}", "name: c, environment: x"),
      [
        '4:5: `lanes[1]` has the environment "x", which the lane "a" has already.',
        '5:5: `lanes[2]` has the environment "x", which the lane "a" has already.',
      ],
    ],
    [
      "the last one's environment",
      file("name: few, environment: production, members: {certnames: [a]}", "name: rest"),
      ['4:5: `lanes[1]` has the environment "production", which the lane "few" has already.'],
    ],
    [
      "all of the nodes by shares",
      file("name: a, members: {percent: 40}", "name: b, members: {percent: 60}", "name: rest"),
      ["4:34: `lanes[1].members.percent` makes 100 percent of all lanes together, which leaves nothing for the last one."],
    ],
    ["nearly all of them", file("name: a, members: {percent: 40}", "name: b, members: {percent: 59.5}", "name: rest"), []],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it("are told with what to do", () => {
    const hints = (text: string): string[] => {
      const loaded = loadPolicy(text, "x");
      return loaded.ok ? [] : loaded.problems.map(({ hint }) => hint);
    };
    expect(hints(file("name: a", "name: rest"))).toEqual([`Give it \`members\` with one of ${ways}.`]);
    expect(hints(file("name: a, members: {percent: 100}", "name: rest"))).toEqual(["Let them sum to less than 100."]);
  });
});

it("reads lanes, each with its branch and its nodes", () => {
  const text = file(
    "name: few-Nodes, members: {certnames: ['canary*']}, bake_minutes: 5, runs_per_node: 3, gate: manual",
    "name: ash, environment: lon_first, members: {datacentres: [ash]}",
    "name: some, members: {percent: 12.5}",
    "name: web, members: {match: 'certname == \"x\"'}",
    "name: rest",
  );
  const rest = { bakeMinutes: 60, runsPerNode: 2, gate: "auto" };
  const lanes = (environment: string): unknown[] => [
    {
      name: "few-Nodes",
      environment: `${environment}_few_nodes`,
      members: { certnames: ["canary*"] },
      bakeMinutes: 5,
      runsPerNode: 3,
      gate: "manual",
    },
    { name: "ash", environment: "lon_first", members: { datacentres: ["ash"] }, ...rest },
    { name: "some", environment: `${environment}_some`, members: { percent: 12.5 }, ...rest },
    { name: "web", environment: `${environment}_web`, members: { match: 'certname == "x"' }, ...rest },
    { name: "rest", environment, members: "rest", ...rest },
  ];
  const read = (more: string): unknown => {
    const loaded = loadPolicy(`${text}${more}`, "x");
    return loaded.ok ? loaded.policy.lanes : loaded.problems;
  };
  expect(read("")).toEqual(lanes("production"));
  expect(read("compile: {environment: live}\n")).toEqual(lanes("live"));
});
