import { describe, expect, it } from "vitest";
import { type Compiled, nodeOutcome } from "../../src/catalog/outcome.ts";
import { catalog, line, type Short } from "./build.ts";

const compiled = (...resources: Short[]): Compiled => ({ ok: true, catalog: catalog(resources) });
const failed = (code: string, message: string, path: string | null = null, at: number | null = null): Compiled => ({
  ok: false,
  error: { code, message, path, line: at },
});

const good = compiled(["File[/a]", { mode: "0644" }]);
const other = compiled(["File[/a]", { mode: "0600" }]);
const parameterOnly = compiled(["File[/a]", { mode: "0644" }], ["Class[A]", { x: 1 }]);
const ordered = compiled(["File[/a]", { mode: "0644", require: "File[/b]" }]);
const unknownClass = failed("compile", "Could not find class ::ntp (file: /tree/site.pp, line: 3, column: 5) on node web1", "site.pp", 3);
const movedClass = failed("compile", "Could not find class ::ntp (file: /tree/site.pp, line: 9, column: 1) on node web1", "site.pp", 9);
const duplicate = failed("compile", "Duplicate declaration: File[/a] is already declared", "a.pp", 4);
const noNode = failed("no-node", "Could not find node statement with name 'default' or 'web1'");
const timeout = failed("timeout", "no catalog after 60 seconds");
const hostile = failed("hostile", "the worker's answer is no catalog");

interface Case {
  what: string;
  base: Compiled;
  head: Compiled;
  outcome: string;
  reason: string | null;
}

const cases: Case[] = [
  { what: "nothing differs", base: good, head: good, outcome: "unchanged", reason: null },
  { what: "the system differs", base: good, head: other, outcome: "changed", reason: null },
  { what: "an ordering differs", base: good, head: ordered, outcome: "changed", reason: null },
  {
    what: "case 8: only a class differs",
    base: good,
    head: parameterOnly,
    outcome: "unchanged",
    reason: "only parameters of classes, data types or titles differ, which changes nothing on the node",
  },
  {
    what: "case 16: head does not compile",
    base: good,
    head: duplicate,
    outcome: "broken",
    reason: "Duplicate declaration: File[/a] is already declared (a.pp:4)",
  },
  {
    what: "head has no node statement any more",
    base: good,
    head: noNode,
    outcome: "broken",
    reason: "no node statement matches it any more",
  },
  {
    what: "case 17 and 18: base does not compile and head does",
    base: duplicate,
    head: good,
    outcome: "fixed",
    reason: "on base, it does not compile: Duplicate declaration: File[/a] is already declared (a.pp:4)",
  },
  { what: "a new node", base: noNode, head: good, outcome: "fixed", reason: "on base, no node statement matches it" },
  {
    what: "case 19: both fail with one error, on another line",
    base: unknownClass,
    head: movedClass,
    outcome: "pre-existing",
    reason: "as on base: Could not find class ::ntp (file: /tree/site.pp, line: 9, column: 1) on node web1",
  },
  {
    what: "both fail, each with its own",
    base: duplicate,
    head: movedClass,
    outcome: "pre-existing",
    reason:
      "Could not find class ::ntp (file: /tree/site.pp, line: 9, column: 1) on node web1; on base, Duplicate declaration: File[/a] is already declared (a.pp:4)",
  },
  {
    what: "a failing node that loses its statement",
    base: duplicate,
    head: noNode,
    outcome: "pre-existing",
    reason: "no node statement matches it; on base, Duplicate declaration: File[/a] is already declared (a.pp:4)",
  },
  {
    what: "a new node that does not compile",
    base: noNode,
    head: duplicate,
    outcome: "broken",
    reason: "Duplicate declaration: File[/a] is already declared (a.pp:4); on base, no node statement matches it",
  },
  { what: "nobody's node", base: noNode, head: noNode, outcome: "not-analysable", reason: "no node statement matches" },
  { what: "a limit on head", base: good, head: timeout, outcome: "not-analysable", reason: "no catalog after 60 seconds" },
  {
    what: "a limit on head where base fails",
    base: duplicate,
    head: hostile,
    outcome: "not-analysable",
    reason: "the worker's answer is no catalog",
  },
  { what: "a limit on both", base: timeout, head: timeout, outcome: "not-analysable", reason: "no catalog after 60 seconds" },
  {
    what: "a limit on base",
    base: timeout,
    head: good,
    outcome: "not-analysable",
    reason: "on base, no catalog after 60 seconds, so there is nothing to compare with",
  },
  {
    what: "a limit on base where head fails",
    base: timeout,
    head: duplicate,
    outcome: "broken",
    reason: "Duplicate declaration: File[/a] is already declared (a.pp:4); on base, no catalog after 60 seconds",
  },
  {
    what: "a fault that nobody has named yet",
    base: good,
    head: failed("flood", "it drowned"),
    outcome: "not-analysable",
    reason: "it drowned",
  },
];

describe("nodeOutcome", () => {
  it.each(cases)("$what: $outcome", ({ base, head, outcome, reason }) => {
    expect(nodeOutcome(base, head)).toMatchObject({ outcome, reason });
  });

  it("marks the trouble that base has already, and no other, as old", () => {
    const old = cases.filter(({ base, head }) => nodeOutcome(base, head).old === true).map(({ what }) => what);
    expect(old).toEqual([
      "case 19: both fail with one error, on another line",
      "both fail, each with its own",
      "a failing node that loses its statement",
      "nobody's node",
      "a limit on both",
      "a limit on base",
    ]);
  });

  it("has all of head as additions where base has nothing, and no change where head has nothing", () => {
    expect(nodeOutcome(duplicate, good).changes.map(line)).toEqual(['system added File[/a] null -> {"mode":"0644"}']);
    expect(nodeOutcome(good, duplicate).changes).toEqual([]);
    expect(nodeOutcome(timeout, good).changes).toEqual([]);
  });
});
