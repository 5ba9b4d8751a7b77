import { describe, expect, it } from "vitest";
import type { AutoRelation, Resource } from "../../src/catalog/catalog.ts";
import { findCycles } from "../../src/catalog/cycles.ts";
import { catalog, type Short } from "./build.ts";

/** Relations that Puppet adds by itself, as `earlier later` references. */
const withAuto = (resources: readonly Short[], auto: ReadonlyArray<readonly [string, string]>): ReturnType<typeof catalog> => {
  const place = (reference: string): number => resources.findIndex(([each]) => each === reference);
  const relations = auto.map(([earlier, later]): AutoRelation => ({ earlier: place(earlier), later: place(later), refreshes: false }));
  return { ...catalog(resources), auto: relations };
};
const at = (line: number): Partial<Resource> => ({ source: { path: "site.pp", line } });

const pair: Short[] = [
  ["File[/a]", { require: "File[/b]" }, at(3)],
  ["File[/b]", { require: "File[/a]" }, at(7)],
];

interface Case {
  what: string;
  found: ReturnType<typeof findCycles>;
  expected: ReturnType<typeof findCycles>;
}

const cases: Case[] = [
  {
    what: "case 15: two that require each other",
    found: findCycles(catalog([["File[/a]"], ["File[/b]"]]), catalog(pair)),
    expected: [{ path: "File[/a] => File[/b] => File[/a]", source: { path: "site.pp", line: 7 }, old: false }],
  },
  {
    what: "the place is that of the relation which base does not have",
    found: findCycles(
      catalog([
        ["File[/a]", {}, at(3)],
        ["File[/b]", { require: "File[/a]" }, at(7)],
      ]),
      catalog(pair),
    ),
    expected: [{ path: "File[/a] => File[/b] => File[/a]", source: { path: "site.pp", line: 3 }, old: false }],
  },
  {
    what: "case 15: one that base has already",
    found: findCycles(catalog(pair), catalog([...pair, ["File[/c]", { require: "File[/a]" }]])),
    expected: [{ path: "File[/a] => File[/b] => File[/a]", source: { path: "site.pp", line: 7 }, old: true }],
  },
  {
    what: "case 15: with an autorequire",
    found: findCycles(
      null,
      withAuto(
        [["File[/srv]", { require: "Exec[make]" }, at(2)], ["File[/srv/x]"], ["Exec[make]", { require: "File[/srv/x]" }, at(5)]],
        [["File[/srv]", "File[/srv/x]"]],
      ),
    ),
    expected: [{ path: "File[/srv] => File[/srv/x] => Exec[make] => File[/srv]", source: { path: "site.pp", line: 5 }, old: false }],
  },
  {
    what: "an autorequire gives way to what is written",
    found: findCycles(null, withAuto([["File[/srv]", { require: "File[/srv/x]" }], ["File[/srv/x]"]], [["File[/srv]", "File[/srv/x]"]])),
    expected: [],
  },
  {
    what: "case 15: through a class, which ends after all that is in it",
    found: findCycles(
      null,
      catalog([["Class[A]"], ["File[/a]", { require: "Service[x]" }, at(4)], ["Service[x]", { require: "Class[A]" }, at(9)]], {
        "Class[A]": ["File[/a]"],
      }),
    ),
    expected: [{ path: "Class[A] => Service[x] => File[/a] => Class[A]", source: { path: "site.pp", line: 9 }, old: false }],
  },
  {
    what: "a class that requires another, and what is in both",
    found: findCycles(
      null,
      catalog([["Class[A]", { require: "Class[B]" }], ["File[/a]"], ["Class[B]"], ["File[/b]", { before: "File[/a]" }]], {
        "Class[A]": ["File[/a]"],
        "Class[B]": ["File[/b]"],
      }),
    ),
    expected: [],
  },
  {
    what: "one that requires itself",
    found: findCycles(null, catalog([["File[/a]", { notify: "File[/a]" }, at(1)]])),
    expected: [{ path: "File[/a] => File[/a]", source: { path: "site.pp", line: 1 }, old: false }],
  },
  {
    what: "what a node exports for others",
    found: findCycles(null, catalog(pair.map(([reference, parameters = {}]): Short => [reference, parameters, { exported: true }]))),
    expected: [],
  },
];

describe("findCycles", () => {
  it.each(cases)("$what", ({ found, expected }) => {
    expect(found).toEqual(expected);
  });

  it("is linear: a chain of 20,000 that bites its tail", () => {
    const count = 20_000;
    const chain = Array.from({ length: count }, (_, n): Short => [`File[/${n}]`, { require: `File[/${(n + 1) % count}]` }]);
    expect(findCycles(null, catalog(chain))[0]?.path).toMatch(/^File\[\/0\] => File\[\/19999\] => .* => … 19980 more … => File\[\/0\]$/u);
  });
});
