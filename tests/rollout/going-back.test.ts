import { describe, expect, it } from "vitest";
import { unknown } from "../../src/policy/known.ts";
import { allOf, type Difference, isEmpty, previewOf, type Staying, stayingsOf } from "../../src/rollout/going-back.ts";
import { staysText } from "../../src/rollout/going-back-words.ts";

const group = (type: string, more: Partial<Difference>): Difference => ({
  type,
  title: "x",
  attribute: null,
  change: "changed",
  kind: "system",
  before: null,
  after: null,
  nodes: ["n1"],
  ...more,
});
const kinds = (...groups: Difference[]): Staying["kind"][] =>
  stayingsOf({ groups, radius: { restarts: [] }, classOf: () => "c", unseen: [] }).items.map(({ kind }) => kind);

describe("what going back leaves", () => {
  it.each<[string, Difference[], Staying["kind"][]]>([
    ["a new file", [group("File", { change: "added", after: { ensure: "file" } })], ["stays"]],
    ["a new package", [group("Package", { change: "added", after: { ensure: "installed" } })], ["stays"]],
    ["a new user", [group("User", { change: "added", after: { uid: 7 } })], ["stays"]],
    ["what comes as deleted", [group("File", { change: "added", after: { ensure: "absent" } })], ["deleted"]],
    ["what is deleted now", [group("File", { attribute: "ensure", before: "file", after: "absent" })], ["deleted"]],
    ["a package that is purged", [group("Package", { attribute: "ensure", before: "installed", after: "purged" })], ["deleted"]],
    ["nothing of what was deleted before", [group("File", { attribute: "ensure", before: "absent", after: "file" })], []],
    ["another version", [group("Package", { attribute: "ensure", before: "1.18", after: "1.24" })], ["package"]],
    ["nothing of content, which is written again", [group("File", { attribute: "content", before: "a", after: "b" })], []],
    [
      "a mode that nothing was said of",
      [group("File", { attribute: "mode", change: "added", before: null, after: "0600" })],
      ["attribute"],
    ],
    ["nothing of a mode that was another", [group("File", { attribute: "mode", before: "0644", after: "0600" })], []],
    [
      "nothing of a mode that is no longer said",
      [group("File", { attribute: "mode", change: "removed", before: "0644", after: null })],
      [],
    ],
    [
      "nothing of content that became a source",
      [
        group("File", { attribute: "content", change: "removed", before: "a", after: null }),
        group("File", { attribute: "source", change: "added", before: null, after: "puppet:///a" }),
      ],
      [],
    ],
    ["nothing of how it is done", [group("Service", { attribute: "hasrestart", change: "added", after: true })], []],
    ["a command that is new", [group("Exec", { change: "added", after: { command: "/bin/true" } })], ["ran"]],
    ["a command that is another", [group("Exec", { attribute: "command", before: "a", after: "b" })], ["ran"]],
    ["nothing of a command that goes", [group("Exec", { change: "removed" })], []],
    ["what a folder purges", [group("File", { attribute: "purge", change: "added", after: true })], ["purged"]],
    ["what a new folder purges", [group("File", { change: "added", after: { ensure: "directory", purge: true } })], ["purged"]],
    ["nothing of purging that ends", [group("File", { attribute: "purge", before: true, after: false })], []],
    ["what is purged of a type", [group("Resources", { change: "added", title: "cron", after: { purge: true } })], ["purged"]],
    ["a user's number", [group("User", { attribute: "uid", before: 7, after: 8 })], ["ownership"]],
    ["a group's number", [group("Group", { attribute: "gid", before: 7, after: 8 })], ["ownership"]],
    ["nothing of a shell, which is set again", [group("User", { attribute: "shell", before: "/bin/sh", after: "/bin/bash" })], []],
    [
      "nothing of a service that is stopped, and started again then",
      [group("Service", { attribute: "ensure", before: "running", after: "stopped" })],
      [],
    ],
    ["a service that only the new code knows", [group("Service", { change: "added", after: { ensure: "running" } })], ["stays"]],
    ["nothing of what is no longer managed", [group("Package", { change: "removed", before: { ensure: "installed" } })], []],
    ["nothing of a new name", [group("File", { change: "renamed", before: "a", after: "b" })], []],
    ["nothing of notices", [group("Notify", { change: "added", after: { message: "x" } })], []],
    ["nothing of a class's parameter", [group("Class", { kind: "class-parameter", attribute: "a", after: 1 })], []],
    ["a new thing with a secret in it", [group("File", { change: "added", kind: "secret" })], ["stays"]],
    ["a thing of no type that is known here", [group("Vcsrepo", { change: "added", after: { ensure: "present" } })], ["stays"]],
  ])("is %s", (_, groups, expected) => expect(kinds(...groups)).toEqual(expected));

  it("has commands that something else starts, and nodes that nobody could compare", () => {
    const restarts = [
      { type: "Exec", title: "reload", nodes: 1, cause: "File[x] changes", certnames: ["n1"] },
      { type: "Service", title: "s", nodes: 1, cause: "File[x] changes", certnames: ["n1"] },
    ];
    const { items } = stayingsOf({ groups: [], radius: { restarts }, classOf: (name) => (name === "n1" ? "c" : "d"), unseen: ["n2"] });
    expect(items.map(({ kind, resource, classes }) => [kind, resource, classes])).toEqual([
      ["ran", "Exec[reload]", ["c"]],
      ["unseen", "", ["d"]],
    ]);
  });

  it("is bounded, and says by how much", () => {
    const groups = Array.from({ length: 503 }, (_, at) => group("File", { title: `/${at}`, change: "added" }));
    const { items, more } = stayingsOf({ groups, radius: { restarts: [] }, classOf: () => "c", unseen: [] });
    expect([items.length, more]).toEqual([500, 3]);
    const spread = group("File", { change: "added", nodes: Array.from({ length: 101 }, (_, at) => `n${at}`) });
    expect(stayingsOf({ groups: [spread], radius: { restarts: [] }, classOf: (name) => name, unseen: [] }).items[0]?.classes).toBeNull();
  });
});

describe("a preview", () => {
  const item = (resource: string, classes: string[] | null): Staying => ({
    kind: "stays",
    resource,
    attribute: null,
    versions: null,
    classes,
  });
  const foreseen = {
    classes: [
      { name: "c", certnames: ["n1", "n2"] },
      { name: "d", certnames: ["n3"] },
    ],
    stayings: { items: [item("File[/d]", ["d"]), item("File[/c]", ["c", "d"]), item("File[/e]", null)], more: 0 },
  };
  const shown = (certnames: string[] | null): [string, number][] => {
    const preview = previewOf(foreseen, certnames === null ? null : new Set(certnames));
    if (!preview.known) throw new Error(preview.reason);
    return preview.value.items.map(({ resource, nodes }) => [resource, nodes]);
  };

  it.each<[string[] | null, [string, number][]]>([
    [
      null,
      [
        ["File[/c]", 3],
        ["File[/e]", 3],
        ["File[/d]", 1],
      ],
    ],
    [
      ["n1"],
      [
        ["File[/c]", 1],
        ["File[/e]", 1],
      ],
    ],
    [
      ["n3", "n9"],
      [
        ["File[/d]", 1],
        ["File[/c]", 1],
        ["File[/e]", 1],
      ],
    ],
    [["n9"], []],
  ])("of %j has what is on these nodes", (certnames, expected) => expect(shown(certnames)).toEqual(expected));

  it("is unknown where nobody looked, and never empty where more was left out", () => {
    const unlooked = unknown("what the release changes was not kept with what going back would need");
    expect(previewOf(null, null)).toEqual(unlooked);
    expect(previewOf({ classes: [] }, null)).toEqual(unlooked);
    const left = previewOf({ ...foreseen, stayings: { items: [], more: 1 } }, new Set(["n1"]));
    expect(left.known && isEmpty(left.value)).toBe(false);
    const elsewhere = previewOf({ ...foreseen, stayings: { items: [], more: 1 } }, new Set(["n9"]));
    expect(elsewhere.known && isEmpty(elsewhere.value)).toBe(true);
  });

  it("of several ways has each thing once, on the most nodes that one of them names", () => {
    const one = { kind: "ran" as const, resource: "Exec[a]", attribute: null, versions: null, nodes: 1 };
    expect(
      allOf([
        { items: [one], more: 1 },
        {
          items: [
            { ...one, nodes: 3 },
            { ...one, resource: "Exec[b]" },
          ],
          more: 1,
        },
      ]),
    ).toEqual({
      items: [
        { ...one, nodes: 3 },
        { ...one, resource: "Exec[b]" },
      ],
      more: 2,
    });
  });

  it("is told in a sentence for each thing", () => {
    const versions = { before: "1.18", after: "1.24" };
    expect(staysText({ kind: "package", resource: "Package[nginx]", attribute: "ensure", versions, nodes: 3 })).toBe(
      "Package[nginx] ensure (1.18 to 1.24) on 3 nodes: another version was installed, which may refuse to be taken back",
    );
    expect(staysText({ kind: "unseen", resource: "", attribute: null, versions: null, nodes: 1 })).toBe(
      "Everything on 1 node: what changes there nobody could compare",
    );
  });
});
