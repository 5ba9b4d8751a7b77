import { array, assert, property, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalForm, commitmentTo, digestOf, toEntry, type Draft } from "../../src/ledger/entry.ts";

const at = new Date("2026-03-01T12:00:00Z");
const salt = "5a".repeat(32);
const commitments = new Map([[7, commitmentTo(7, salt)]]);
const draft = (more: Partial<Draft> = {}): Draft => ({
  kind: "landed",
  subject: "pull/7",
  actor: 7,
  evidence: ["b", "a", "b"],
  key: "landed/7",
  ...more,
});
const entry = (more: Partial<Draft> = {}): ReturnType<typeof toEntry> => toEntry(draft(more), { repository: 42, at, commitments });

describe("an entry", () => {
  it("has one canonical form, with no person and no text in it", () => {
    expect(canonicalForm(entry())).toBe(
      `{"actor":"${commitmentTo(7, salt)}","at":"2026-03-01T12:00:00.000Z","evidence":["${digestOf("b")}","${digestOf("a")}"],"idempotencyKey":"42/landed/7","kind":"landed","repo":42,"subject":"pull/7","v":1}`,
    );
    expect(digestOf("a")).toBe("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
  });

  it("does not depend on the order or the number of its texts", () => {
    expect(canonicalForm(entry({ evidence: ["a", "b"] }))).toBe(canonicalForm(entry()));
  });

  it("can't be made for a person without a commitment", () => {
    expect(() => entry({ actor: 8 })).toThrow("has no commitment");
    expect(entry({ actor: null }).actor).toBeNull();
  });

  it("commits to a person by a salt: neither another person nor another salt gives the same", () => {
    expect(new Set([commitmentTo(7, salt), commitmentTo(8, salt), commitmentTo(7, "00".repeat(32))]).size).toBe(3);
  });

  it("has a form for any text, and another one wherever anything differs", () => {
    const text = string({ unit: "binary", maxLength: 8 });
    const drafts = record({ subject: text, key: text, evidence: array(text, { maxLength: 3 }) });
    assert(
      property(drafts, drafts, (one, other) => {
        const [left, right] = [entry(one), entry(other)];
        expect(canonicalForm(left) === canonicalForm(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
        expect(JSON.parse(canonicalForm(left))).toEqual(left);
      }),
    );
    expect(() => canonicalForm(entry({ subject: "\ud800" }))).not.toThrow();
  });
});
