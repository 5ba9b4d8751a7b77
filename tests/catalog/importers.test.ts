import { describe, expect, it } from "vitest";
import type { Resource } from "../../src/catalog/catalog.ts";
import { collects, type Collector, type CollectorFilter } from "../../src/catalog/collector.ts";
import { importedChanges } from "../../src/catalog/importers.ts";

const exported = (title: string, parameters: Record<string, string | string[]> = {}, tags: string[] = []): Resource => ({
  type: "Nagios_host",
  title,
  key: title,
  parameters: new Map(Object.entries(parameters)),
  exported: true,
  tags,
  source: null,
  kind: "native",
});

describe("a collector", () => {
  const resource = exported("web01", { address: "10.0.0.1", groups: ["web", "all"] }, ["web", "Role::Web"]);
  it.each<[CollectorFilter | null, boolean]>([
    [null, true],
    [["title", "==", "web01"], true],
    [["title", "==", "WEB01"], false],
    [["title", "!=", "web01"], false],
    [["tag", "==", "role::web"], true],
    [["tag", "==", ["db", "WEB"]], true],
    [["address", "==", "10.0.0.1"], true],
    [["groups", "==", "all"], true],
    [["none", "==", "x"], false],
    [["none", "!=", "x"], true],
    [[["tag", "==", "web"], "and", ["title", "!=", "web02"]], true],
    [[["tag", "==", "db"], "or", ["tag", "==", "nope"]], false],
  ])("%j", (filter, expected) => {
    expect(collects({ type: "Nagios_host", filter }, resource)).toBe(expected);
    expect(collects({ type: "Nagios_service", filter }, resource)).toBe(false);
  });
});

describe("what importers get of a change", () => {
  const all: Collector[] = [{ type: "Nagios_host", filter: null }];
  const web: Collector[] = [{ type: "Nagios_host", filter: ["tag", "==", "web"] }];
  const before = [exported("web01", { address: "10.0.0.1" }, ["web"]), exported("web02", { address: "10.0.0.2" }, ["db"])];
  const after = [exported("web01", { address: "10.9.9.9" }, ["web"])];
  const monitor = (certname: string, collectors = all, head = collectors) => ({ certname, before: collectors, after: head });
  const told = (importers: Parameters<typeof importedChanges>[1], known = false) => {
    const found = importedChanges([{ certname: "web01", before, after }], importers, known);
    const lines = [...(found?.byNode ?? [])].flatMap(([node, { changes }]) =>
      changes.map((each) => `${node} ${each.change} ${each.title} ${each.attribute ?? ""}`),
    );
    return { lines, unclaimed: found?.unclaimed };
  };

  it("case 55: is what each collects of it, and nothing on the exporter itself", () => {
    expect(told([monitor("mon01"), monitor("mon02", web), monitor("web01")])).toEqual({
      lines: ["mon01 changed web01 address", "mon01 removed web02 ", "mon02 changed web01 address"],
      unclaimed: [],
    });
  });

  it("reaches its system where a define is exported: what that makes there is in no catalog of the exporter", () => {
    const service = (ensure: string): Resource => ({ ...exported("web01 https", { ensure }), type: "Monitor::Service", kind: "define" });
    const found = importedChanges(
      [{ certname: "web01", before: [service("absent")], after: [service("present")] }],
      [monitor("mon01", [{ type: "Monitor::Service", filter: null }])],
      false,
    );
    expect(found?.byNode.get("mon01")?.changes.map(({ attribute, kind }) => [attribute, kind])).toEqual([["ensure", "system"]]);
  });

  it("is unknown where nobody collects it", () => {
    expect(told([monitor("mon02", web)]).unclaimed).toEqual(["Nagios_host[web02]"]);
    expect(told([]).unclaimed).toEqual(["Nagios_host[web01]", "Nagios_host[web02]"]);
  });

  it("is what a new collector brings too, unless the importer's own catalogs show that", () => {
    expect(told([monitor("mon01", [], web)]).lines).toEqual(["mon01 added web01 "]);
    expect(told([monitor("mon01", [], web)], true).lines).toEqual(["mon01 changed web01 address"]);
  });
});
