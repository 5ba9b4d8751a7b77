import { describe, expect, it } from "vitest";
import { elsewhere, OutsideReads } from "../../src/engine/outside-coverage.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { OutsideRead } from "../../src/engine/ports/compile.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { catalog } from "../catalog/build.ts";

const read = (kind: OutsideRead["kind"], name: string): OutsideRead => ({ kind, name });
const told = (reads: OutsideReads): Record<string, string> =>
  Object.fromEntries(reads.unseen().map(({ what, count, text }) => [what, `${count} ${text}`]));

describe("what compiles took of what is outside", () => {
  it("is counted once, by kind, whoever asked for it on whichever side", () => {
    const reads = new OutsideReads();
    expect(told(reads)["stand-ins"]).toMatch(/^0 /u);
    reads.addReads("web01", { used: [read("dns", "www")], missing: [] });
    expect(told(reads)["stand-ins"]).toBe(
      "1 value from outside the repository (1 of DNS), as stand-ins or PuppetDB's exports have it: the real one may differ",
    );
    const used = [read("dns", "www"), read("dns", "mail"), read("hiera", "secret.yaml"), read("file", "/etc/x"), read("puppetdb", "nodes")];
    reads.add("db01", {
      certname: "db01",
      ok: true,
      catalog: catalog([]),
      taints: new Taints(),
      reads: { facts: [], used, missing: [], collectors: [] },
    });
    expect(told(reads)["stand-ins"]).toBe(
      "5 values from outside the repository (1 of Hiera's data, 1 of the server's files, 2 of DNS, 1 of PuppetDB), as stand-ins or PuppetDB's exports have them: the real ones may differ",
    );
  });
});

describe("what compiles asked for in vain", () => {
  it("is told with how many nodes asked, the most first, of those that failed too", () => {
    const reads = new OutsideReads();
    const ask = (certname: string, ...missing: OutsideRead[]): void =>
      reads.add(certname, { certname, ok: false, error: { code: "compile", message: "no", path: null, line: null }, missing });
    ask("web01", read("hiera", "b.yaml"), read("hiera", "c.yaml"), read("dns", "a"));
    ask("web01", read("hiera", "c.yaml"));
    ask("db01", read("hiera", "c.yaml"), read("dns", "z"));
    reads.add("new01", { certname: "new01", ok: false, error: { code: "compile", message: "no", path: null, line: null } });
    expect(reads.missing()).toEqual([
      { kind: "hiera", name: "c.yaml", nodes: 2 },
      { kind: "dns", name: "a", nodes: 1 },
      { kind: "dns", name: "z", nodes: 1 },
      { kind: "hiera", name: "b.yaml", nodes: 1 },
    ]);
    expect(told(reads)["missing"]).toBe(
      "4 things outside the tree that nobody gave (c.yaml of Hiera's data, a of DNS, z of DNS, b.yaml of Hiera's data): a server's catalogs may differ; give them as stand-ins",
    );
    expect(told(reads)["stand-ins"]).toMatch(/^0 /u);
  });

  it("is told in few words where it is one, or long, or many", () => {
    const one = new OutsideReads();
    one.addReads("web01", { used: [], missing: [read("puppetdb", "x".repeat(121))] });
    expect(told(one)["missing"]).toBe(
      `1 thing outside the tree that nobody gave (${"x".repeat(119)}… of PuppetDB): a server's catalogs may differ; give it as a stand-in`,
    );
    const exact = new OutsideReads();
    exact.addReads("web01", { used: [], missing: [read("file", "x".repeat(120))] });
    expect(told(exact)["missing"]).toContain(`(${"x".repeat(120)} of the server's files)`);
    const many = new OutsideReads();
    const names = Array.from({ length: 2_001 }, (_, at) => read("dns", `n${String(at).padStart(4, "0")}`));
    many.addReads("web01", { used: [], missing: names.slice(0, 5) });
    expect(told(many)["missing"]).toContain("(n0000 of DNS, n0001 of DNS, n0002 of DNS, n0003 of DNS, n0004 of DNS)");
    many.addReads("web01", { used: [], missing: names });
    expect(told(many)["missing"]).toContain("n0004 of DNS and 1995 more)");
    expect(many.missing()).toHaveLength(2_000);
  });
});

describe("nodes that the ENC has elsewhere", () => {
  const node = (certname: string, environment?: string | null): NodeFacts => ({
    certname,
    origin: "given",
    values: {},
    trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
    ...(environment === undefined ? {} : { enc: { classes: {}, parameters: {}, environment } }),
  });

  it("are counted, with where they are", () => {
    const here = [node("a"), node("b", null), node("c", "production")];
    expect(elsewhere(here, "production").count).toBe(0);
    expect(elsewhere([...here, node("d", "staging")], "production")).toEqual({
      what: "environments",
      count: 1,
      text: "node that the ENC puts into other environments (staging): here compiled as production",
    });
    expect(elsewhere([node("d", "staging"), node("e", "canary"), node("f", "staging")], "production")).toMatchObject({
      count: 3,
      text: "nodes that the ENC puts into other environments (canary, staging): here compiled as production",
    });
  });
});
