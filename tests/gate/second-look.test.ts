import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { looksOf, secondLooks } from "../../src/gate/second-look.ts";

const group = (more: Partial<EffectGroup>): EffectGroup => ({
  type: "File",
  title: "/etc/sudoers",
  attribute: "content",
  change: "changed",
  kind: "system",
  before: "a",
  after: "b",
  nodes: ["web1"],
  source: null,
  ...more,
});

describe("what deserves a second look", () => {
  it.each<readonly [string, Partial<EffectGroup>, readonly string[]]>([
    ["a secret", { kind: "secret" }, ["secret"]],
    ["a deletion", { concerns: ["deletes"] }, ["deletes"]],
    ["a resource that comes in order to be absent", { concerns: ["deletes"], change: "added", attribute: null }, ["absent"]],
    ["an attribute that comes and deletes", { concerns: ["deletes"], change: "added" }, ["deletes"]],
    ["a resource that goes and deletes", { concerns: ["deletes"], change: "removed", attribute: null }, ["deletes"]],
    ["a service that is stopped", { concerns: ["stops"], attribute: "ensure" }, ["stops"]],
    ["a service that is not started", { concerns: ["stops"], attribute: "enable" }, ["unstarted"]],
    [
      "a service that comes and is stopped",
      { concerns: ["stops"], change: "added", attribute: null, after: { ensure: "stopped" } },
      ["stops"],
    ],
    ["a new service that is stopped", { concerns: ["stops"], attribute: null, after: { ensure: "stopped" } }, ["stops"]],
    ["a new service that is not started", { concerns: ["stops"], attribute: null, after: { enable: false } }, ["unstarted"]],
    ["a new service that nothing is known of", { concerns: ["stops"], attribute: null, after: null }, ["unstarted"]],
  ])("%s", (_, more, looks) => {
    expect(looksOf(group(more))).toEqual(looks);
  });
});

describe("the lines of second looks", () => {
  const lines = (...groups: Partial<EffectGroup>[]): unknown =>
    secondLooks({ groups: groups.map(group) }).map(({ resources, nodes, each }) => [resources, nodes, each]);
  const sudo = { concerns: ["sudo"] as const, nodes: ["b", "a"] } as unknown as Partial<EffectGroup>;
  const on = (title: string, ...nodes: string[]): Partial<EffectGroup> => ({ ...sudo, title, nodes });

  it("name each resource and node once, in order", () => {
    expect(lines(on("z", "b", "a"), on("y", "a", "b"), on("z", "a", "b"))).toEqual([
      [["File[y] content", "File[z] content"], ["a", "b"], true],
    ]);
  });

  it("are one for each set of nodes, the largest first, as long as those are three", () => {
    expect(lines(on("x", "a"), on("y", "a", "b"), on("z", "c"))).toEqual([
      [["File[y] content"], ["a", "b"], true],
      [["File[x] content"], ["a"], true],
      [["File[z] content"], ["c"], true],
    ]);
    expect(lines(on("w", "d"), on("x", "a"), on("y", "a", "b"), on("z", "c"))).toEqual([
      [["File[w] content", "File[x] content", "File[y] content", "File[z] content"], ["a", "b", "c", "d"], false],
    ]);
  });

  it("name what changes of it, unless that is all, and what it is part of", () => {
    const part = (attribute: string | null, note?: string): Partial<EffectGroup> => ({
      ...sudo,
      attribute,
      nodes: ["a"],
      ...(note === undefined ? {} : { note }),
    });
    const name = (...groups: Partial<EffectGroup>[]): unknown => (lines(...groups) as unknown[][])[0]?.[0];
    expect(name(part("owner"), part("content"), part("mode"))).toEqual(["File[/etc/sudoers] content, mode, owner"]);
    expect(name(part("owner"), part("content"), part("mode"), part("group"))).toEqual(["File[/etc/sudoers]"]);
    expect(name(part("ensure"), part("content"))).toEqual(["File[/etc/sudoers]"]);
    expect(name(part(null), part("content"))).toEqual(["File[/etc/sudoers]"]);
    expect(name(part("content", "x; part of /etc/a; part of /etc/b"))).toEqual(["File[/etc/sudoers] content, part of /etc/a"]);
  });

  it("are none where nothing does", () => {
    expect(lines({})).toEqual([]);
  });

  it("name what is deleted without an attribute", () => {
    expect(lines({ concerns: ["deletes"], attribute: "content" })).toEqual([[["File[/etc/sudoers]"], ["web1"], true]]);
  });

  it.each<readonly [Partial<EffectGroup>, string]>([
    [{ concerns: ["deletes"] }, "File[/etc/sudoers]"],
    [{ concerns: ["unmanaged"] }, "File[/etc/sudoers]"],
    [{ concerns: ["stops"], after: { ensure: "stopped" } }, "File[/etc/sudoers]"],
    [{ concerns: ["stops"] }, "File[/etc/sudoers]"],
    [{ concerns: ["disarmed"] }, "File[/etc/sudoers]"],
    [{ concerns: ["armed"] }, "File[/etc/sudoers]"],
    [{ concerns: ["sudo"] }, "File[/etc/sudoers] mode"],
    [{ concerns: ["setuid"] }, "File[/etc/sudoers] mode"],
  ])("name an act's resource alone, and elsewhere what changes of it: %j", (more, name) => {
    expect(lines({ ...more, attribute: "mode" })).toEqual([[[name], ["web1"], true]]);
  });
});
