import { stripTypeScriptTypes } from "node:module";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { figuresLine, figuresOf, interval } from "./figures.ts";
import type { Fate } from "./hunt.ts";
import { mutantsOf, type Mutant } from "./places.ts";
import { drawn } from "./sample.ts";
import { weave, withMutant } from "./weave.ts";

const numbered = (text: string): Mutant[] => mutantsOf("x.ts", text).map((mutant, n) => ({ ...mutant, id: n + 1 }));

/** What may stand in the place of what; each in a function's body, so that one text says all. */
const cases: ReadonlyArray<readonly [text: string, mutants: readonly string[]]> = [
  ["const f = (a: number) => a < 1;", ["a < 1 => a <= 1", "a < 1 => a >= 1", "1 => 1 + 1"]],
  ["if (a && b) go();", ["a && b => a", "a && b => b", "a && b => false", "go() => undefined"]],
  ["const x = a ?? b;", ["a ?? b => a", "a ?? b => b"]],
  [
    "const x = list.filter(one).some(two);",
    [
      "list.filter(one).some(two) => list.filter(one).every(two)",
      "list.filter(one).some(two) => true",
      "list.filter(one).some(two) => false",
      "list.filter(one) => list",
    ],
  ],
  ["const x = a?.b.filter(one).length;", []],
  ["const x = f(a?.b.some(c === d));", ["c === d => c !== d"]],
  ["const x = !a;", ["!a => a"]],
  ["const x: true | 5 = y as 7;", []],
  [`import a from "b";`, []],
  [`const x = { is: true, "a b": "one word or more" };`, ["true => false"]],
  ["throw new Problem({ is: true });", []],
  ["const x = `there are ${a > 1}`;", []],
  ["const x = clipped(a > 1 ? b : c, 120);", []],
  ['const x = a === 1 ? "" : "s";', []],
  ["const x = /^a$/i;", ["/^a$/i => /a$/i", "/^a$/i => /^a/i", "/^a$/i => /^a$/"]],
  [`const x = ["a", "b"];`, [`["a", "b"] => []`, `["a", "b"] => ["b"]`, `["a", "b"] => ["a"]`]],
  ["while (a) b();", ["a => false", "b() => undefined"]],
  ["const x = bytes.toString(a);", []],
];

describe("places", () => {
  it.each(cases)("%s", (text, mutants) => {
    expect(numbered(text).map(({ before, after }) => `${before} => ${after}`)).toEqual(mutants);
  });

  it("says where they are", () => {
    expect(numbered("\n\nconst x = !a;")).toEqual([
      { id: 1, file: "x.ts", line: 3, kind: "negation", start: 12, end: 14, before: "!a", after: "a" },
    ]);
  });
});

describe("weaving", () => {
  const text = `
    export const f = (a: number, list: readonly number[]): boolean =>
      (a > 1 && !list.some((one) => one === a)) || (a === 0 ? list.filter((one) => one > 3).length > 0 : false);`;
  const mutants = numbered(text);
  type Live = (id: number) => boolean;
  const loaded = (source: string, live: Live): ((a: number, list: readonly number[]) => boolean) => {
    const body = stripTypeScriptTypes(source).replace("export const f =", "made =");
    const room: { __live: Live; made: unknown } = { __live: live, made: null };
    runInNewContext(body, room);
    return room.made as (a: number, list: readonly number[]) => boolean;
  };
  const inputs = [0, 1, 2, 3].flatMap((a) => [[], [0], [2, 3], [4]].map((list) => [a, list] as const));
  const answers = (f: (a: number, list: readonly number[]) => boolean): boolean[] => inputs.map(([a, list]) => f(a, list));

  it("is the source as it was while no mutant is live", () => {
    expect(answers(loaded(weave(text, mutants), () => false))).toEqual(answers(loaded(text, () => false)));
  });

  it("is each mutant where that one is live", () => {
    expect(mutants.length).toBeGreaterThan(12);
    for (const mutant of mutants) {
      const [woven, plain] = [weave(text, mutants), withMutant(text, mutant)];
      expect([mutant, answers(loaded(woven, (id) => id === mutant.id))]).toEqual([mutant, answers(loaded(plain, () => false))]);
    }
  });
});

describe("figures", () => {
  const [mutant] = numbered("const x = !a;");
  const fate = (is: Fate["fate"], by: string | null, covered = true): Fate => ({
    mutant: mutant as Mutant,
    fate: is,
    by,
    why: "",
    covered,
  });
  const fates = [
    fate("killed", "tests/gate/a.test.ts"),
    fate("killed", "simulation"),
    fate("refused", "types", false),
    fate("survived", null, false),
  ];

  it("leaves out what the type checker refuses", () => {
    expect(figuresOf(fates)).toEqual({
      mutants: 4,
      viable: 3,
      killed: 2,
      survived: 1,
      uncovered: 1,
      by: { gate: 1, simulation: 1 },
      percent: 66.6,
    });
  });

  it("are one line", () => {
    expect(figuresLine({ room: "gate", of: 4, ...figuresOf(fates) })).toBe(
      "gate: 4 mutants, 3 viable, 2 killed (1 by gate, 1 by simulation), 1 survived (1 not covered), 66.6 %",
    );
  });

  it("of a sample are an interval, and of all are not", () => {
    // 90 of 100, of very many: 82.6 to 94.5 by Wilson's score.
    expect(interval({ viable: 100, killed: 90, mutants: 100, of: 1_000_000 })).toEqual([82.6, 94.5]);
    expect(interval({ viable: 100, killed: 90, mutants: 100, of: 100 })).toEqual([90, 90]);
  });

  it("are of the same sample for the same seed", () => {
    const all = Array.from({ length: 50 }, (_, n) => n);
    expect(drawn(all, 10, 1)).toEqual(drawn(all, 10, 1));
    expect(drawn(all, 10, 1)).not.toEqual(drawn(all, 10, 2));
    expect(new Set(drawn(all, 60, 1)).size).toBe(50);
  });
});
