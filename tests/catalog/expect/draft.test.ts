import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../../src/catalog/effects.ts";
import { written } from "../../../src/catalog/expect/compose.ts";
import { draftOf } from "../../../src/catalog/expect/draft.ts";
import { faultsOfExamples } from "../../../src/catalog/expect/examples.ts";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";

const group = (type: string, title: string, more: Partial<EffectGroup>): EffectGroup => ({
  type,
  title,
  attribute: "mode",
  change: "changed",
  kind: "system",
  before: "0644",
  after: "0666",
  nodes: ["web01"],
  source: null,
  ...more,
});

const restarts = [{ type: "Service", title: "nginx", nodes: 1, cause: "File[/etc/nginx.conf] changes" }];
const groups = [
  group("File", "/etc/nginx.conf", { attribute: "content", before: "a".repeat(500), after: "b".repeat(500) }),
  group("File", "/etc/motd", {}),
  group("File", "/etc/key", { attribute: "content", kind: "secret", before: null, after: null }),
  group("Package", "nginx", { attribute: "ensure", before: "1.18", after: "1.24" }),
  group("Service", "new", { attribute: null, change: "added", before: null, after: { ensure: "running" } }),
  group("Sysctl", "vm.swappiness", { attribute: "value", before: null, after: 1, change: "added" }),
  group("Class", "Nginx", { attribute: "port", kind: "class-parameter", before: 80, after: 81 }),
];

describe("the draft of what would have caught a change", () => {
  it.each([
    ["File[/etc/motd]", "block", { catalog: 'catalog.text("File", "/etc/motd", "mode") != "0666"' }],
    ["package[nginx]", "block", { catalog: 'catalog.text("Package", "nginx", "ensure") != "1.24"' }],
    ["Sysctl[vm.swappiness]", "block", { catalog: 'catalog.text("Sysctl", "vm.swappiness", "value") != "1"' }],
    ["File[/etc/nginx.conf]", "approval", { change: '!changes.exists(c, c.ref == "File[/etc/nginx.conf]")' }],
    ["File[/etc/key]", "approval", { change: '!changes.exists(c, c.ref == "File[/etc/key]")' }],
    ["Service[new]", "approval", { change: '!changes.exists(c, c.ref == "Service[new]")' }],
    ["Service[nginx]", "approval", { change: '!("Service[nginx]" in restarts)' }],
  ])("%s: %s", (resource, severity, expression) => {
    const draft = draftOf(resource, { groups, radius: { restarts } });
    expect(draft).toMatchObject({ severity, expect: expression });
    if (draft === null) throw new Error("there is no draft");
    const { text } = written(draft, { name: null, why: "It went wrong.", ask: ["@ann"], service: null, severity });
    const loaded = loadExpectation(text, "expectations/draft.yml");
    if (!loaded.ok) throw new Error(`${JSON.stringify(loaded.problems)}\n${text}`);
    expect(faultsOfExamples(loaded.expectation)).toEqual([]);
  });

  it.each(["File[/etc/other]", "Class[Nginx]"])("is none of %s, which it does nothing to", (resource) =>
    expect(draftOf(resource, { groups, radius: { restarts } })).toBeNull(),
  );
});
