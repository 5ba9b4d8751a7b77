import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import type { Case } from "./cases/case.ts";
import { checks } from "./cases/checks.ts";
import { content } from "./cases/content.ts";
import { elsewhere, type Elsewhere } from "./cases/elsewhere.ts";
import { identity } from "./cases/identity.ts";
import { merge } from "./cases/merge.ts";
import { plumbing } from "./cases/plumbing.ts";
import { reviews } from "./cases/reviews.ts";
import { facts, memory } from "./world.ts";

/** The catalogue of what a correct self-merge gate must get right: eighty cases, each with the verdict and the words that people read. */
const families: Record<string, readonly Case[]> = { identity, reviews, content, checks, merge, plumbing };
const here = Object.values(families).flat();

describe.each(Object.entries(families))("%s", (_name, cases) => {
  it.each(cases)("case $case: $title", ({ given = {}, remembered = {}, verdict, rule, outcome, says, answers = [], lands }) => {
    const decision = decide(facts(given), memory(remembered));
    expect(decision.verdict.reasons.find((reason) => reason.rule === rule)).toMatchObject({ rule, outcome, text: says });
    expect(decision.verdict.outcome).toBe(verdict);
    expect(decision.answers.map(({ text }) => text)).toEqual(answers);
    expect(decision.land !== null).toBe(lands === true);
  });
});

describe("the catalogue", () => {
  const numbers = Array.from({ length: 80 }, (_, at) => at + 1);
  const root = join(import.meta.dirname, "..", "..");
  const names = ({ case: number, files }: Elsewhere): string[] =>
    files.filter((file) => {
      const path = join(root, file);
      return !existsSync(path) || !new RegExp(String.raw`case (?:\d+(?:, | and ))*${number}(?!\d)`, "u").test(readFileSync(path, "utf8"));
    });

  it("has an entry for every case", () => {
    const entries = new Set([...here, ...elsewhere].map((entry) => entry.case));
    expect(numbers.filter((number) => !entries.has(number))).toEqual([]);
    expect([...entries].filter((number) => !numbers.includes(number))).toEqual([]);
  });

  it.each(elsewhere)("case $case: $title, in $files", (entry) => {
    expect(names(entry)).toEqual([]);
  });
});
