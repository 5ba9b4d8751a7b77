import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultsOfExamples } from "../../../src/catalog/expect/examples.ts";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "policies", "expectations");
const files = readdirSync(folder).filter((name) => name.endsWith(".yml"));

describe("the expectations that are shipped", () => {
  it("are the ten that the documentation tells of", () => expect(files).toHaveLength(10));

  it.each(files)("%s comes out as its examples say", (name) => {
    const loaded = loadExpectation(readFileSync(join(folder, name), "utf8"), name);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(faultsOfExamples(loaded.expectation)).toEqual([]);
  });
});
