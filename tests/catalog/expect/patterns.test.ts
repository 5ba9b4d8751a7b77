import { describe, expect, it } from "vitest";
import { judgeExample } from "../../../src/catalog/expect/examples.ts";
import { expressionKinds } from "../../../src/catalog/expect/language.ts";
import { quickEnvironment, withQuickPatterns } from "../../../src/catalog/expect/patterns.ts";
import { checkCondition } from "../../../src/policy/cel.ts";

const { environment } = expressionKinds.catalog;
const quick = (text: string): string => withQuickPatterns(text, environment.parse(text).ast);

describe("patterns that are made once", () => {
  it.each([
    [`"ab".matches("^a")`, `"ab".matchez("^a")`],
    [`("a" + "b") . matches("b$") && "matches".matches("m")`, `("a" + "b") . matchez("b$") && "matches".matchez("m")`],
    [`["a.matches(b)"].all(x, x.matches("a"))`, `["a.matches(b)"].all(x, x.matchez("a"))`],
    [`true ? "a".matches("b") : "a".matches("a")`, `true ? "a".matchez("b") : "a".matchez("a")`],
    [`"a".contains("b")`, `"a".contains("b")`],
  ])("%s", (text, made) => {
    expect(quick(text)).toBe(made);
    expect(quickEnvironment(environment).parse(made)({})).toBe(environment.parse(text)({}));
  });

  it("are nothing that anybody can write, and are named as they were written", () => {
    expect(checkCondition(`"a".matchez("b")`, expressionKinds.catalog)).not.toBeNull();
    const expression = { scope: "catalog" as const, expect: `catalog.param("File", "/a", "size").matches("1")`, each: null };
    const example = {
      name: "a",
      result: "fail" as const,
      node: { certname: "a", services: [], datacentre: null },
      catalog: { "File[/a]": { size: 1 } },
    };
    const judged = judgeExample(expression, example);
    expect(judged).toMatchObject({ is: "unknown", reason: expect.stringContaining("matches") });
    expect(JSON.stringify(judged)).not.toContain("matchez");
  });
});
