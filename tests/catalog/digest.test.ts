import { describe, expect, it } from "vitest";
import { diffDigest, type CatalogDiff } from "../../src/catalog/digest.ts";
import type { EffectGroup, NodeOutcome } from "../../src/catalog/effects.ts";

const group = (more: Partial<EffectGroup> = {}): EffectGroup => ({
  type: "File",
  title: "/etc/motd",
  attribute: "content",
  change: "changed",
  kind: "system",
  before: "old",
  after: "new",
  nodes: ["a", "b"],
  source: { path: "manifests/site.pp", line: 7 },
  ...more,
});
const node = (more: Partial<NodeOutcome> = {}): NodeOutcome => ({
  certname: "a",
  outcome: "changed",
  reason: null,
  services: ["web", "api"],
  datacentre: "sto",
  cached: false,
  ...more,
});
const restart = { type: "Service", title: "nginx", nodes: 2, cause: "File[/etc/nginx.conf]" };
const diff = (more: Partial<CatalogDiff> = {}): CatalogDiff => ({
  nodes: [node(), node({ certname: "b" })],
  groups: [group(), group({ title: "/etc/issue" })],
  radius: { restarts: [restart] },
  ...more,
});
const unreadable = node({ certname: "c", outcome: "pre-existing", reason: "no such class (file: m.pp, line: 3, column: 1)" });

const same: Record<string, CatalogDiff> = {
  "the order of groups and nodes": diff({ nodes: diff().nodes.toReversed(), groups: diff().groups.toReversed() }),
  "the order of a group's nodes and of services": diff({
    nodes: [node({ services: ["api", "web"] }), node({ certname: "b" })],
    groups: [group({ nodes: ["b", "a"] }), group({ title: "/etc/issue" })],
  }),
  "a line that a rebase moved": diff({
    groups: [group({ source: { path: "manifests/site.pp", line: 70 } }), group({ title: "/etc/issue" })],
  }),
  "whether a catalog was remembered": diff({ nodes: [node({ cached: true }), node({ certname: "b" })] }),
  "a node to which nothing is done": diff({ nodes: [...diff().nodes, node({ certname: "z", outcome: "unchanged" })] }),
};
const different: Record<string, CatalogDiff> = {
  "a value": diff({ groups: [group({ after: "newer" }), group({ title: "/etc/issue" })] }),
  "a value's kind": diff({ groups: [group({ after: 1 }), group({ title: "/etc/issue" })] }),
  "what was before": diff({ groups: [group({ before: null }), group({ title: "/etc/issue" })] }),
  "a group fewer": diff({ groups: [group()] }),
  "a node more": diff({ groups: [group({ nodes: ["a", "b", "c"] }), group({ title: "/etc/issue" })] }),
  "another kind": diff({ groups: [group({ kind: "secret", before: null, after: null }), group({ title: "/etc/issue" })] }),
  "the file it stands in": diff({ groups: [group({ source: { path: "other.pp", line: 7 } }), group({ title: "/etc/issue" })] }),
  "the order in an array": diff({ groups: [group({ after: ["a", "b"] }), group({ title: "/etc/issue" })] }),
  "the other order in an array": diff({ groups: [group({ after: ["b", "a"] }), group({ title: "/etc/issue" })] }),
  "a lone surrogate": diff({ groups: [group({ after: "\ud800" }), group({ title: "/etc/issue" })] }),
  "another lone surrogate": diff({ groups: [group({ after: "\ud801" }), group({ title: "/etc/issue" })] }),
  "what a lone surrogate is written as": diff({ groups: [group({ after: '\u0001"\\ud800"' }), group({ title: "/etc/issue" })] }),
  "an outcome": diff({ nodes: [node({ outcome: "broken" }), node({ certname: "b" })] }),
  "whose node it is": diff({ nodes: [node({ services: ["db"] }), node({ certname: "b" })] }),
  "a restart": diff({ radius: { restarts: [] } }),
  "why a node can't be looked at": diff({ nodes: [...diff().nodes, unreadable] }),
  "another reason for it": diff({ nodes: [...diff().nodes, { ...unreadable, reason: "no such function (file: m.pp, line: 3)" }] }),
};

describe("the digest of a catalog diff", () => {
  it.each(Object.entries(same))("case 38: does not depend on %s", (_name, other) => {
    expect(diffDigest(other)).toBe(diffDigest(diff()));
  });

  it("case 38: differs with everything else that a reviewer would see", () => {
    const digests = [diff(), ...Object.values(different)].map(diffDigest);
    expect(new Set(digests).size).toBe(Object.keys(different).length + 1);
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/u);
  });

  it("does not depend on the lines in Puppet's own words", () => {
    const at = (reason: string): string => diffDigest(diff({ nodes: [{ ...unreadable, reason }] }));
    expect(at("no such class (file: m.pp, line: 30, column: 2)")).toBe(at(unreadable.reason ?? ""));
    expect(at("m.pp:3:1: no such class")).toBe(at("m.pp:44: no such class"));
    expect(at("m.pp:3: no such class")).not.toBe(at("n.pp:3: no such class"));
  });
});
