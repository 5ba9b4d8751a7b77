import { describe, expect, it } from "vitest";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";
import { readExpectations } from "../../../src/engine/expect/read.ts";
import type { TreeEntry } from "../../../src/engine/ports/repository.ts";

/** What a change does to base's expectations, and who has to agree. */
const text = (more: Record<string, string> = {}): string => {
  const lines = {
    name: "a",
    why: "It matters.",
    ask: '["@ann"]',
    for: '"true"',
    expect: '{ catalog: \'catalog.has("File", "/a")\' }',
    severity: "block",
    examples: '{ pass: [{ name: yes, catalog: { "File[/a]": {} } }], fail: [{ name: no, catalog: {} }] }',
    ...more,
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
};
const files = (...texts: readonly string[]): TreeEntry[] =>
  texts.map((body, at) => ({ path: `expectations/${at}.yml`, mode: "100644", oid: body, size: body.length }));
const read = (base: readonly string[], merged: readonly string[]): ReturnType<typeof readExpectations> =>
  readExpectations({ readObject: async (oid) => Buffer.from(oid) }, files(...base), files(...merged), async (...given) =>
    loadExpectation(...given),
  );
const asks = { severity: '{ needs-approval-from: ["@acme/sre"] }' };

describe("a change of base's expectations", () => {
  it.each<[string, Record<string, string>, Record<string, string> | null, object | undefined]>([
    ["nothing", {}, {}, undefined],
    ["other words", {}, { why: "It matters a lot." }, undefined],
    ["more weight", { severity: "warn" }, { severity: "block" }, undefined],
    ["approvals of people instead of a warning", { severity: "warn" }, asks, undefined],
    ["it goes", {}, null, { how: "removed", from: ["@ann"] }],
    ["one that asks for approvals goes", asks, null, { how: "removed", from: ["@acme/sre"] }],
    ["less weight", {}, { severity: "warn" }, { how: "altered", from: ["@ann"] }],
    ["approvals instead of a block", {}, asks, { how: "altered", from: ["@ann"] }],
    ["approvals of others", asks, { severity: '{ needs-approval-from: ["@eve"] }' }, { how: "altered", from: ["@acme/sre"] }],
    ["others to ask, which would be asked when it goes", {}, { ask: '["@eve"]' }, { how: "altered", from: ["@ann"] }],
    ["fewer nodes", {}, { for: "\"certname == 'a'\"" }, { how: "altered", from: ["@ann"] }],
    ["another expression", {}, { expect: "{ catalog: 'true' }" }, { how: "altered", from: ["@ann"] }],
    ["another name", {}, { name: "b" }, { how: "removed", from: ["@ann"] }],
    ["what nobody can read", {}, { expect: "{ catalog: '(' }" }, { how: "removed", from: ["@ann"] }],
  ])("%s", async (_, before, after, ends) => {
    const { base } = await read([text(before)], after === null ? [] : [text(after)]);
    expect(base.map((one) => one.ends)).toEqual([ends]);
  });
});

describe("files of a change that stand in the way of base's", () => {
  it.each([
    [
      "the same name in a file before it",
      [text(), text({ name: "b" })],
      [text({ name: "b", severity: "warn" }), text(), text({ name: "b" })],
    ],
    ["more than there may be", [text()], Array.from({ length: 202 }, (_, at) => text({ name: `a${at}` }))],
  ])("%s", async (_, base, merged) => {
    const { findings } = await read(base, merged);
    expect(findings.filter(({ severity }) => severity === "error").length).toBeGreaterThan(0);
  });

  it("are read apart, and those that it leaves alone are not read again", async () => {
    const apart: string[] = [];
    const [base, merged] = [files(text(), text({ name: "b" })), files(text(), text({ name: "b", why: "Other." }), text({ name: "c" }))];
    await readExpectations({ readObject: async (oid) => Buffer.from(oid) }, base, merged, async (body, path) => {
      apart.push(path);
      return loadExpectation(body, path);
    });
    expect(apart).toEqual(["expectations/1.yml", "expectations/2.yml"]);
  });
});
