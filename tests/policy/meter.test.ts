import { describe, expect, it } from "vitest";
import { checkCondition, evaluateCondition } from "../../src/policy/cel.ts";
import { whenKind } from "../../src/policy/conditions.ts";
import { GroupInput } from "../../src/policy/inputs.ts";
import { type Known, known } from "../../src/policy/known.ts";
import { Meter } from "../../src/policy/meter.ts";

/** What a condition costs on a change of so many paths, each of which is in a group of three nodes. */
const group = { type: "File", attribute: "content", change: "changed", kind: "system", nodes: ["a", "b", "c"], concerns: [] };

function evaluated(text: string, paths: number, most?: number) {
  const all = Array.from({ length: paths }, (_, at) => `data/node${at}.yaml`);
  const groups = all.map((path) => new GroupInput({ ...group, title: `/etc/${path}`, source: { path } }));
  const inputs = new Map<string, Known<unknown>>([
    ["change.paths", known(all)],
    ["change.base", known("x".repeat(64 * paths))],
    ["groups", known(groups)],
  ]);
  const meter = new Meter(most);
  expect(checkCondition(text, whenKind)).toBeNull();
  return { result: evaluateCondition(text, whenKind, inputs, meter), isOver: meter.isOver, spent: meter.spent };
}

const steps = (text: string, paths: number): number => evaluated(text, paths).spent;

describe("the steps of a condition", () => {
  it.each<[string, "constant" | "linear" | "quadratic"]>([
    ['change.paths.size() > 3 && groups[0].type == "File"', "constant"],
    ['change.paths.exists(it, it == "data/node0.yaml")', "constant"],
    ['change.paths.exists(it, it == "none")', "linear"],
    ['change.paths.all(it, it.glob("data/**"))', "linear"],
    ['"none" in change.paths', "linear"],
    ["change.paths == change.paths.map(it, it)", "linear"],
    ['groups.filter(it, it.type == "File").map(it, it.title).size() == 0', "linear"],
    ['groups.exists_one(it, it.nodes.exists(node, node == "d"))', "linear"],
    ['change.base.matches("^y")', "linear"],
    ["change.paths.all(it, it in change.paths)", "quadratic"],
    ["change.paths.all(one, change.paths.exists(other, one != other || false))", "linear"],
    ["change.paths.all(one, change.paths.all(other, one != '' || other != ''))", "quadratic"],
    ["change.paths.map(it, change.paths + [it]).size() == 1", "quadratic"],
    ['change.paths.all(it, change.base.contains("y") || true)', "quadratic"],
  ])("%s grow with the paths: %s", (text, growth) => {
    const ratio = steps(text, 400) / steps(text, 100);
    const power = { constant: 0, linear: 1, quadratic: 2 }[growth];
    expect(Math.log(ratio) / Math.log(4)).toBeGreaterThan(power - 0.5);
    expect(Math.log(ratio) / Math.log(4)).toBeLessThan(power + 0.5);
  });

  it.each([
    "change.paths.all(one, change.paths.all(other, one != '' || other != ''))",
    // Whatever it would come to: what was cut short may have decided.
    "true || change.paths.exists(one, false) || change.paths.exists(one, change.paths.exists(other, false))",
    "change.paths.exists(one, change.paths.exists(other, false)) || true",
    "change.paths.exists(one, one == 'none') ? false : change.paths.all(one, change.paths.all(other, true)) || true",
  ])("are bounded, and more of them make it unknown: %s", (text) => {
    const isShort = text.startsWith("true");
    expect(evaluated(text, 100, 1000).result).toEqual(
      isShort
        ? known(true)
        : {
            known: false,
            reason: `the condition \`${text}\` takes more than 1000 steps here`,
            way: "an owner of the policy: write the condition cheaper",
          },
    );
    expect(evaluated(text, 100).result).toEqual(known(true));
  });

  it("are bounded for whoever gives no bound", () => {
    const text = "change.paths.all(a, change.paths.all(b, change.paths.all(c, change.paths.all(d, a != '' || b + c != d))))";
    expect(evaluated(text, 100)).toMatchObject({ result: { known: false }, isOver: true });
  });
});
