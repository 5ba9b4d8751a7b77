import { describe, expect, it } from "vitest";
import type { Value } from "../../src/catalog/catalog.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { forecastRestarts, groupRestarts } from "../../src/catalog/restarts.ts";
import { catalog, type Short } from "./build.ts";

type Contains = Record<string, readonly string[]>;

/** Restarts on one node as lines, `Service[x] <- cause, cause`. */
function restarts(before: readonly Short[], after: readonly Short[], contains: Contains = {}): string[] {
  const head = catalog(after, contains);
  return forecastRestarts(head, diffCatalogs(catalog(before, contains), head)).map(
    ({ type, title, causes }) => `${type}[${title}] <- ${causes.join(", ")}`,
  );
}

/** The same resources on both sides, but for the content of `/conf`. */
function onChange(resources: readonly Short[], conf: Record<string, Value> = {}, contains: Contains = {}): string[] {
  return restarts(
    [...resources, ["File[/conf]", { ...conf, content: "1" }]],
    [...resources, ["File[/conf]", { ...conf, content: "2" }]],
    contains,
  );
}

const x: Short = ["Service[x]", { ensure: "running" }];

interface Case {
  what: string;
  found: string[];
  expected: string[];
}

const cases: Case[] = [
  { what: "notify", found: onChange([x], { notify: "Service[x]" }), expected: ["Service[x] <- File[/conf]"] },
  { what: "subscribe", found: onChange([["Service[x]", { subscribe: ["File[/conf]"] }]]), expected: ["Service[x] <- File[/conf]"] },
  {
    what: "require and before send nothing",
    found: onChange([["Service[x]", { require: "File[/conf]" }]], { before: "Service[x]" }),
    expected: [],
  },
  {
    what: "a reference by the service's name",
    found: onChange([["Service[web]", { name: "nginx" }, { key: "nginx" }]], { notify: "Service[nginx]" }),
    expected: ["Service[web] <- File[/conf]"],
  },
  {
    what: "a class that is notified refreshes what is in it, at any depth",
    found: onChange(
      [["Class[S]"], ["My::Thing[t]"], x, ["Service[y]"]],
      { notify: "Class[S]" },
      { "Class[S]": ["My::Thing[t]", "Service[y]"], "My::Thing[t]": ["Service[x]"] },
    ),
    expected: ["Service[x] <- File[/conf]", "Service[y] <- File[/conf]"],
  },
  {
    what: "a class that notifies sends what is in it",
    found: onChange(
      [["Class[C]", { notify: "Service[x]" }], ["My::Thing[t]"], x],
      {},
      { "Class[C]": ["My::Thing[t]"], "My::Thing[t]": ["File[/conf]"] },
    ),
    expected: ["Service[x] <- File[/conf]"],
  },
  {
    what: "a class that notifies a class",
    found: onChange(
      [["Class[C]", { notify: ["Class[S]"] }], ["Class[S]"], x],
      {},
      { "Class[C]": ["File[/conf]"], "Class[S]": ["Service[x]"] },
    ),
    expected: ["Service[x] <- File[/conf]"],
  },
  {
    what: "a class passes on only what something in it takes",
    found: onChange(
      [
        ["Class[M]", { notify: "Service[x]" }],
        ["File[/m]"],
        x,
        ["Class[N]", { notify: "Service[y]" }],
        ["Exec[n]", { refreshonly: true }],
        ["Service[y]"],
      ],
      { notify: ["Class[M]", "Class[N]"] },
      { "Class[M]": ["File[/m]"], "Class[N]": ["Exec[n]"] },
    ),
    expected: ["Service[y] <- File[/conf]"],
  },
  {
    what: "through an exec with refreshonly",
    found: onChange([["Exec[reload]", { refreshonly: true, notify: "Service[x]" }], x], { notify: "Exec[reload]" }),
    expected: ["Service[x] <- File[/conf]"],
  },
  {
    what: "through a service to another",
    found: onChange([["Service[a]", { notify: "Service[x]" }], x], { notify: "Service[a]" }),
    expected: ["Service[a] <- File[/conf]", "Service[x] <- File[/conf]"],
  },
  { what: "not through a file", found: onChange([["File[/m]", { notify: "Service[x]" }], x], { notify: "File[/m]" }), expected: [] },
  {
    what: "a circle of notifications ends",
    found: onChange([["Exec[a]", { notify: "Exec[b]" }], ["Exec[b]", { notify: ["Exec[a]", "Service[x]"] }], x], { notify: "Exec[a]" }),
    expected: ["Service[x] <- File[/conf]"],
  },
  { what: "a new file", found: restarts([x], [x, ["File[/new]", { notify: "Service[x]" }]]), expected: ["Service[x] <- File[/new]"] },
  { what: "a removed file sends nothing", found: restarts([x, ["File[/old]", { notify: "Service[x]" }]], [x]), expected: [] },
  { what: "a new service is started, not restarted", found: restarts([], [x, ["File[/new]", { notify: "Service[x]" }]]), expected: [] },
  {
    what: "a notify that is removed or added is no restart",
    found: restarts([x, ["File[/a]"]], [x, ["File[/a]", { notify: "Service[x]" }]]),
    expected: [],
  },
  {
    what: "a class's own parameter",
    found: restarts([x, ["Class[C]", { p: 1, notify: "Service[x]" }]], [x, ["Class[C]", { p: 2, notify: "Service[x]" }]]),
    expected: [],
  },
  {
    what: "another type of the same",
    found: restarts([x, ["File[/a]", { uid: 1, notify: "Service[x]" }]], [x, ["File[/a]", { uid: "1", notify: "Service[x]" }]]),
    expected: [],
  },
  {
    what: "a metaparameter",
    found: restarts([x, ["File[/a]", { notify: "Service[x]" }]], [x, ["File[/a]", { schedule: "weekly", notify: "Service[x]" }]]),
    expected: [],
  },
  { what: "a noop resource", found: onChange([x], { noop: true, notify: "Service[x]" }), expected: [] },
  {
    what: "a service that shall not run",
    found: onChange([["Service[x]", { ensure: "stopped" }]], { notify: "Service[x]" }),
    expected: [],
  },
  { what: "a noop service", found: onChange([["Service[x]", { noop: true }]], { notify: "Service[x]" }), expected: [] },
  {
    what: "a changed exec with refreshonly does not run by itself",
    found: restarts(
      [x, ["Exec[e]", { command: "1", refreshonly: true, notify: "Service[x]" }]],
      [x, ["Exec[e]", { command: "2", refreshonly: true, notify: "Service[x]" }]],
    ),
    expected: [],
  },
  {
    what: "a changed exec that runs",
    found: restarts([x, ["Exec[e]", { command: "1", notify: "Service[x]" }]], [x, ["Exec[e]", { command: "2", notify: "Service[x]" }]]),
    expected: ["Service[x] <- Exec[e]"],
  },
  {
    what: "a concat fragment changes its file, and removing one does too",
    found: [
      ...restarts(
        [
          x,
          ["Concat[/c]", { notify: "Service[x]" }, { kind: "define" }],
          ["Concat_file[/c]", { tag: "_c" }],
          ["Concat_fragment[f]", { target: "/c", content: "1" }],
        ],
        [
          x,
          ["Concat[/c]", { notify: "Service[x]" }, { kind: "define" }],
          ["Concat_file[/c]", { tag: "_c" }],
          ["Concat_fragment[f]", { target: "/c", content: "2" }],
        ],
        { "Concat[/c]": ["Concat_file[/c]"] },
      ),
      ...restarts(
        [x, ["Concat_file[c]", { path: "/c", notify: "Service[x]" }], ["Concat_fragment[f]", { target: "/c" }]],
        [x, ["Concat_file[c]", { path: "/c", notify: "Service[x]" }]],
      ),
      ...restarts(
        [x, ["Concat_file[c]", { tag: "t", notify: "Service[x]" }]],
        [x, ["Concat_file[c]", { tag: "t", notify: "Service[x]" }], ["Concat_fragment[f]", { tag: "t" }]],
      ),
    ],
    expected: ["Service[x] <- Concat_fragment[f] of /c", "Service[x] <- Concat_fragment[f] of /c", "Service[x] <- Concat_fragment[f] of c"],
  },
  {
    what: "up to three causes",
    found: restarts(
      [x, ...["a", "b", "c", "d"].map((name): Short => [`File[/${name}]`, { content: "1", notify: "Service[x]" }])],
      [x, ...["a", "b", "c", "d"].map((name): Short => [`File[/${name}]`, { content: "2", notify: "Service[x]" }])],
    ),
    expected: ["Service[x] <- File[/a], File[/b], File[/c]"],
  },
];

describe("forecastRestarts", () => {
  it.each(cases)("$what", ({ found, expected }) => {
    expect(found).toEqual(expected);
  });

  it("is linear: 5,000 files that notify a class of 5,000 services", () => {
    const files = (content: string): Short[] => Array.from({ length: 5000 }, (_, at) => [`File[/${at}]`, { content, notify: "Class[S]" }]);
    const services = Array.from({ length: 5000 }, (_, at): Short => [`Service[s${at}]`]);
    const contains = { "Class[S]": services.map(([reference]) => reference) };
    expect(restarts([["Class[S]"], ...files("1"), ...services], [["Class[S]"], ...files("2"), ...services], contains)).toHaveLength(5000);
  });
});

describe("groupRestarts", () => {
  const restart = (title: string, ...causes: string[]): { type: string; title: string; causes: string[] } => ({
    type: "Service",
    title,
    causes,
  });

  it("has a row for each service over all nodes, the one on most nodes first, with its causes as words", () => {
    const rows = groupRestarts([
      ["web2", [restart("a", "File[/1]"), restart("b", "File[/1]")]],
      ["web1", [restart("b", "File[/2]", "File[/1]"), restart("c", "File[/3]", "File[/1]", "File[/2]")]],
    ]);
    expect(rows).toEqual([
      { type: "Service", title: "b", nodes: 2, cause: "File[/1] and File[/2] change", certnames: ["web1", "web2"] },
      { type: "Service", title: "a", nodes: 1, cause: "File[/1] changes", certnames: ["web2"] },
      { type: "Service", title: "c", nodes: 1, cause: "File[/1], File[/2] and others change", certnames: ["web1"] },
    ]);
  });
});
