import { describe, expect, it } from "vitest";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { withUnhooked } from "../../src/catalog/unhooked.ts";
import { catalog, type Short } from "./build.ts";

/** The notes of all changes, as `attribute of reference: note`. */
function notes(before: readonly Short[], after: readonly Short[], contains: Record<string, readonly string[]> = {}): string[] {
  const [was, is] = [catalog(before, contains), catalog(after, contains)];
  return withUnhooked(diffCatalogs(was, is), was, is).flatMap(({ type, title, attribute, note }) =>
    note === undefined ? [] : [`${attribute} of ${type}[${title}]: ${note}`],
  );
}

const x: Short = ["Service[x]", { ensure: "running" }];
const y: Short = ["Service[y]", { ensure: "running" }];

const cases: Array<{ what: string; said: string[]; expected: string[] }> = [
  {
    what: "case 13: a notify that is removed",
    said: notes([x, ["File[/a]", { notify: "Service[x]" }]], [x, ["File[/a]"]]),
    expected: ["notify of File[/a]: when File[/a] changes, Service[x] no longer restarts"],
  },
  {
    what: "case 13: a subscribe that is removed, of two",
    said: notes(
      [["Service[x]", { subscribe: ["File[/a]", "File[/b]"] }], ["File[/a]"], ["File[/b]"]],
      [["Service[x]", { subscribe: "File[/b]" }], ["File[/a]"], ["File[/b]"]],
    ),
    expected: ["subscribe of Service[x]: when File[/a] changes, Service[x] no longer restarts"],
  },
  {
    what: "case 13: a notify that is turned to another service",
    said: notes([x, y, ["File[/a]", { notify: "Service[x]" }]], [x, y, ["File[/a]", { notify: "Service[y]" }]]),
    expected: [
      "notify of File[/a]: when File[/a] changes, Service[x] no longer restarts; when File[/a] changes, Service[y] restarts from now on",
    ],
  },
  {
    what: "case 13: notify that becomes before",
    said: notes([x, ["File[/a]", { notify: "Service[x]" }]], [x, ["File[/a]", { before: "Service[x]" }]]),
    expected: ["notify of File[/a]: when File[/a] changes, Service[x] no longer restarts"],
  },
  {
    what: "case 14: another way to the same service",
    said: notes(
      [["Class[S]"], x, ["Exec[e]", { refreshonly: true, notify: "Service[x]" }], ["File[/a]", { notify: "Exec[e]" }]],
      [["Class[S]"], x, ["Exec[e]", { refreshonly: true, notify: "Service[x]" }], ["File[/a]", { notify: "Class[S]" }]],
      { "Class[S]": ["Service[x]"] },
    ),
    expected: [],
  },
  {
    what: "a class that no longer notifies",
    said: notes([["Class[C]", { notify: "Service[x]" }], ["File[/a]"], x], [["Class[C]"], ["File[/a]"], x], { "Class[C]": ["File[/a]"] }),
    expected: ["notify of Class[C]: when Class[C] changes, Service[x] no longer restarts"],
  },
  {
    what: "a service that is stopped anyway",
    said: notes(
      [
        ["Service[x]", { ensure: "stopped" }],
        ["File[/a]", { notify: "Service[x]" }],
      ],
      [["Service[x]", { ensure: "stopped" }], ["File[/a]"]],
    ),
    expected: [],
  },
];

describe("withUnhooked", () => {
  it.each(cases)("$what", ({ said, expected }) => {
    expect(said).toEqual(expected);
  });
});
