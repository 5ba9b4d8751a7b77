import { describe, expect, it } from "vitest";
import type { Definition } from "../../src/plan/definitions.ts";
import { manifestsToParse } from "../../src/plan/compare.ts";
import { reached } from "../../src/plan/reach.ts";
import { changedBetween, edited, root, sideOf, traceOf, type Files } from "./world.ts";

/**
 * Definitions as text, one a line: `node web01 BODY`, `class a BODY`, `other BODY`; `!` does not parse. As a parser that has no use for
 * comments, this leaves out what stands behind `#`.
 */
function definitionsOf(text: string): Definition[] | null {
  if (text.includes("!")) return null;
  return text.split("\n").flatMap((line) => {
    const [kind = "", name = "", ...body] = (line.split("#", 1)[0] ?? "").trim().split(" ");
    return kind === "" ? [] : [{ kind: kind as Definition["kind"], name, digest: body.join(" ") }];
  });
}

const base: Files = {
  "manifests/a.pp": "other - 1\nnode web01 x\nnode web02 x\nnode /^web/ y\nnode /^db/ y\n",
  "manifests/b.pp": "node default z\nclass here 1\nfunction environment::f 1\ntype Kept 1\n",
  "site/m/manifests/init.pp": "class m 1\nclass m::in 1\n",
  "site/m/manifests/user.pp": "class m::user 1 # Kept\n",
  "site/m/manifests/stray.pp": "class m::stray 1\nclass m::other 1\n",
  "site/m/functions/f.pp": "function m::f 1\n",
  "site/m/types/t.pp": "type M::T 1\n",
};

/** By certname, what its node statement is; `all` also asks for everything. */
const nodes: Readonly<Record<string, string | null>> = { web01: "web01", WEB02: "web02", web03: "/^web/", db01: "/^db/", mail: "default" };
const asks = traceOf({
  node: "default",
  manifests: ["here", "m::user", "m::in::deep", "web01"],
  functions: ["m::f", "environment::f"],
  types: ["m::t"],
});

async function reachedBy(edits: Readonly<Record<string, string | null>>): Promise<Record<string, string>> {
  const files = edited(base, edits);
  const changed = await changedBetween(base, files, (side, path) =>
    definitionsOf((side === "before" ? base : files)[path.slice(root.length + 1)] ?? "!"),
  );
  const traces = [...Object.entries(nodes).map(([name, node]) => [name, traceOf({ node })] as const), ["asks", asks] as const];
  return Object.fromEntries(
    traces.flatMap(([name, trace]) => {
      const cause = reached(name, trace, changed);
      return cause === null ? [] : [[name, cause.text]];
    }),
  );
}

const all = (text: string): Record<string, string> => Object.fromEntries([...Object.keys(nodes), "asks"].map((name) => [name, text]));
const a = (old: string, now: string): Record<string, string> => ({ "manifests/a.pp": (base["manifests/a.pp"] ?? "").replace(old, now) });
const b = (old: string, now: string): Record<string, string> => ({ "manifests/b.pp": (base["manifests/b.pp"] ?? "").replace(old, now) });
const m = (path: string, now: string): Record<string, string> => ({ [`site/m/${path}`]: now });

describe("the main manifest by its definitions", () => {
  it.each<{ change: string; edits: Readonly<Record<string, string | null>>; reaches: Record<string, string> }>([
    { change: "comments", edits: a("node web01 x", "node web01 x # words"), reaches: {} },
    {
      change: "statements outside node blocks",
      edits: a("other - 1", "other - 2"),
      reaches: all("manifests/a.pp: statements outside node blocks changed"),
    },
    {
      change: "a block with a literal name",
      edits: a("node web02 x", "node web02 y"),
      reaches: { WEB02: "node statement web02 in manifests/a.pp" },
    },
    {
      change: "a block of several names",
      edits: a("node web01 x\nnode web02 x", "node web01 y\nnode web02 y"),
      reaches: {
        web01: "node statement web01 in manifests/a.pp",
        WEB02: "node statement web02 in manifests/a.pp",
        asks: "node statement web01 in manifests/a.pp",
      },
    },
    { change: "a literal block goes", edits: a("node web02 x\n", ""), reaches: { WEB02: "node statement web02 in manifests/a.pp" } },
    {
      change: "a literal block takes a node from an expression",
      edits: a("node web01 x", "node web01 x\nnode web03 x"),
      reaches: { web03: "node statement web03 in manifests/a.pp" },
    },
    {
      change: "a literal block takes a node from the default, in another case",
      edits: b("node default z", "node default z\nnode MAIL x"),
      reaches: { mail: "node statement mail in manifests/b.pp" },
    },
    {
      change: "the default block",
      edits: b("node default z", "node default y"),
      reaches: { mail: "node statement default in manifests/b.pp", asks: "node statement default in manifests/b.pp" },
    },
    {
      change: "a block with an expression",
      edits: a("node /^db/ y", "node /^db/ x"),
      reaches: { db01: "node statement /^db/ in manifests/a.pp" },
    },
    {
      change: "another expression",
      edits: a("/^db/", "/^dbs/"),
      reaches: {
        web03: "node statements by regular expression in manifests/a.pp",
        db01: "node statement /^db/ in manifests/a.pp",
        mail: "node statements by regular expression in manifests/a.pp",
        asks: "node statements by regular expression in manifests/a.pp",
      },
    },
    {
      change: "expressions in another order",
      edits: a("node /^web/ y\nnode /^db/ y", "node /^db/ y\nnode /^web/ y"),
      reaches: {
        web03: "node statements by regular expression in manifests/a.pp",
        db01: "node statements by regular expression in manifests/a.pp",
        mail: "node statements by regular expression in manifests/a.pp",
        asks: "node statements by regular expression in manifests/a.pp",
      },
    },
    {
      change: "an expression in another file",
      edits: { "manifests/c.pp": "node /^x/ 1\n" },
      reaches: {
        web03: "node statements by regular expression in manifests/c.pp",
        db01: "node statements by regular expression in manifests/c.pp",
        mail: "node statements by regular expression in manifests/c.pp",
        asks: "node statements by regular expression in manifests/c.pp",
      },
    },
    {
      change: "a name that is there already",
      edits: { "manifests/c.pp": "node web01 1\n" },
      reaches: all("manifests/c.pp: web01 is defined a second time (manifests/a.pp)"),
    },
    {
      change: "a class with a node's name",
      edits: { "manifests/c.pp": "class web02 1\n" },
      reaches: all("manifests/c.pp: web02 is defined a second time (manifests/a.pp)"),
    },
    {
      change: "what does not parse",
      edits: a("node web01 x", "!"),
      reaches: all("manifests changed: the main manifest is read for every node"),
    },
    {
      change: "a class, a function",
      edits: b("class here 1\nfunction environment::f 1", "class here 2\nfunction environment::f 2"),
      reaches: { asks: "class here (manifests/b.pp)" },
    },
    {
      change: "a type that a class mentions",
      edits: b("type Kept 1", "type Kept 2"),
      reaches: all("manifests/b.pp mentions kept, which changed"),
    },
    { change: "a file with nothing in it", edits: { "manifests/c.pp": "# nothing\n" }, reaches: {} },
    {
      change: "a file is renamed",
      edits: { "manifests/a.pp": null, "manifests/0.pp": base["manifests/a.pp"] ?? "" },
      reaches: all("manifests/0.pp: statements outside node blocks changed"),
    },
  ])("$change", async ({ edits, reaches }) => {
    expect(await reachedBy(edits)).toEqual(reaches);
  });

  it("is parsed as a whole, where any of it changed", () => {
    const before = sideOf(base);
    const after = sideOf(edited(base, { "manifests/a.pp": null, ...m("types/t.pp", "type M::T 2\n") }));
    expect(manifestsToParse(before, after)).toEqual({
      before: ["manifests/a.pp", "manifests/b.pp", "site/m/types/t.pp"].map((path) => `${root}/${path}`),
      after: ["manifests/b.pp", "site/m/types/t.pp"].map((path) => `${root}/${path}`),
    });
  });
});

describe("a module's manifests by their definitions", () => {
  it.each<{ change: string; edits: Readonly<Record<string, string | null>>; asks: string | null }>([
    { change: "comments in a class", edits: m("manifests/user.pp", "class m::user 1 # Kept more\n"), asks: null },
    { change: "comments in a function", edits: m("functions/f.pp", "function m::f 1 # words\n"), asks: null },
    { change: "comments in a type", edits: m("types/t.pp", "type M::T 1 # words\n"), asks: null },
    { change: "a class", edits: m("manifests/user.pp", "class m::user 2\n"), asks: "class m::user (site/m/manifests/user.pp)" },
    { change: "a function", edits: m("functions/f.pp", "function m::f 2\n"), asks: "function m::f (site/m/functions/f.pp)" },
    { change: "a type", edits: m("types/t.pp", "type M::T 2\n"), asks: "data type m::t (site/m/types/t.pp)" },
    { change: "another class of init.pp", edits: m("manifests/init.pp", "class m 1\nclass m::in 1\nclass m::not 1\n"), asks: null },
    {
      change: "a class above one that is asked",
      edits: m("manifests/init.pp", "class m 1\nclass m::in 2\n"),
      asks: "class m::in (site/m/manifests/init.pp)",
    },
    {
      change: "a class out of place, by its file and by its name",
      edits: m("manifests/stray.pp", "class m::stray 1\nclass m::user 1\n"),
      asks: "class m::user (site/m/manifests/stray.pp)",
    },
    {
      change: "a class that stops parsing",
      edits: m("manifests/user.pp", "class m::user !\n"),
      asks: "class m::user (site/m/manifests/user.pp)",
    },
    {
      change: "a statement outside of classes",
      edits: m("manifests/user.pp", "class m::user 1\nother - 1\n"),
      asks: "class m::user (site/m/manifests/user.pp)",
    },
    { change: "a file without definitions", edits: m("manifests/in/deep.pp", "# nothing\n"), asks: null },
  ])("$change", async ({ edits, asks: expected }) => {
    expect((await reachedBy(edits))["asks"] ?? null).toBe(expected);
  });
});
