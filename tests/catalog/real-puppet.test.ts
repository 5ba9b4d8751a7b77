import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Binary, type Catalog, Deferred, refOf, type Resource, Secret } from "../../src/catalog/catalog.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { parseCatalog } from "../../src/catalog/parse.ts";
import { forecastRestarts } from "../../src/catalog/restarts.ts";
import { line } from "./build.ts";

/** The same on catalogs that Puppet itself made, so that what this room believes of Puppet is what Puppet does. */
const seal = (text: string): string => createHmac("sha256", "a key for tests").update(text).digest("hex");
const fixtures = join(import.meta.dirname, "fixtures");
const rich = readFileSync(join(fixtures, "rich.pp"), "utf8");
/** With the modules of this machine: what puppetlabs-concat and puppetlabs-ntp make of a port. */
const withModules = (port: number): string => `
class { 'ntp': servers => ['ntp${port}.example'] }
concat { '/tmp/c': notify => Service['web'] }
concat::fragment { 'f': target => '/tmp/c', content => 'port ${port}' }
service { 'web': ensure => running }
`;
const manifests = {
  rich,
  otherSecret: rich.replace("Sensitive('topsecretpassword')", "Sensitive('othersecretpassword')"),
  writtenAnew: rich
    .replace("file { '/etc/y/':", "file { 'why': path => '/etc/y',\n    tag => 'x',")
    .replaceAll("File['/etc/y']", "File['why']")
    .replace("mode => '0644', notify => Service['b'] }", "mode => '644' }\n  File['/tmp/x'] ~> Service['b']")
    .replace("ensure => installed, name", "ensure => present, name"),
  port80: withModules(80),
  port81: withModules(81),
};
let catalogs: Record<keyof typeof manifests, Catalog>;

/** One Ruby for all manifests: it takes seconds to start. */
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "puppet-gate-catalog-"));
  try {
    const files = Object.entries(manifests).map(([name, text]) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "site.pp"), text);
      return join(folder, name, "site.pp");
    });
    const lines = execFileSync("ruby", [join(fixtures, "compile.rb"), folder, "/usr/share/puppet/modules", ...files], {
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 * 1024 * 1024,
    })
      .toString()
      .trim()
      .split("\n");
    const parse = (name: keyof typeof manifests, at: number): Catalog =>
      parseCatalog(JSON.parse(lines[at] ?? ""), seal, { root: join(folder, name) });
    catalogs = {
      rich: parse("rich", 0),
      otherSecret: parse("otherSecret", 1),
      writtenAnew: parse("writtenAnew", 2),
      port80: parse("port80", 3),
      port81: parse("port81", 4),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("a catalog of Puppet's own", () => {
  const find = (reference: string): Resource | undefined => catalogs.rich.resources.find((each) => refOf(each) === reference);
  const value = (reference: string, name: string): unknown => find(reference)?.parameters.get(name);

  it("parses, with sources below the tree, kinds, keys and containment", () => {
    expect(find("File[/tmp/x]")).toMatchObject({ key: "/tmp/x", kind: "native", source: { path: "site.pp", line: 13 }, exported: false });
    expect(find("Class[A]")).toMatchObject({ kind: "class" });
    expect(find("My::Thing[foo]")).toMatchObject({ kind: "define", key: "foo" });
    expect([find("Exec[e]")?.key, find("Exec[f]")?.key]).toEqual(["e", "f"]);
    expect(find("Notify[exported]")?.exported).toBe(true);
    expect(find("Notify[virtual]")).toBeUndefined();
    expect(catalogs.rich.contains).toContainEqual({ container: "My::Thing[foo]", contained: "File[/tmp/f]" });
    expect(catalogs.rich.classes).toEqual(["settings", "a", "inner"]);
  });

  it("case 41: holds no secret in clear text, wherever it went", () => {
    const text = JSON.stringify(catalogs.rich, (_, each: unknown) => (each instanceof Map ? [...each] : each));
    expect(text).not.toMatch(/topsecret|nested secret|deferred secret/u);
    for (const [reference, name] of [
      ["File[/tmp/x]", "content"],
      ["File[/tmp/f]", "content"],
      ["Class[A]", "pw"],
      ["My::Thing[foo]", "secret"],
      ["Notify[unwrapped]", "message"],
    ] as const)
      expect(value(reference, name)).toBeInstanceOf(Secret);
    expect(find("Notify[title [secret]]")?.parameters.get("require")).toBe("Notify[unwrapped]");
  });

  it("reads rich data, and does not fall for what looks like it", () => {
    expect(value("Notify[rich]", "message")).toEqual({
      sensitive: [new Secret(seal('"nested secret"'))],
      "1": "one",
      binary: new Binary("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", 5),
      time: "2020-01-01T00:00:00.000000000 UTC",
      regexp: "/foo/",
      default: "default",
      undef: null,
      version: "1.2.3",
    });
    expect(value("Notify[deferred]", "message")).toEqual(new Deferred("sprintf", ["%s", new Secret(seal('"deferred secret"'))]));
    expect(value("Notify[looks]", "message")).toEqual({ __ptype: "Sensitive", __pvalue: "in the open" });
  });

  it("has arrows as metaparameters", () => {
    expect(value("File[/tmp/x]", "notify")).toEqual(["Service[b]", "Class[Inner]"]);
    expect(value("File[/etc/y/]", "before")).toEqual(["File[/tmp/x]", "Exec[e]"]);
  });

  it("differs in the secret alone, which restarts what is notified", () => {
    const changes = diffCatalogs(catalogs.rich, catalogs.otherSecret);
    expect(changes.map(line)).toEqual([
      "class-parameter changed Class[A] pw null -> null",
      "secret changed File[/tmp/f] content null -> null",
      "secret changed File[/tmp/x] content null -> null",
      "class-parameter changed My::Thing[foo] secret null -> null",
      'system added Notify[title [secret]] null -> {"require":"Notify[unwrapped]"}',
      'system removed Notify[title [secret]] {"require":"Notify[unwrapped]"} -> null',
      "secret changed Notify[unwrapped] message null -> null",
    ]);
    expect(forecastRestarts(catalogs.otherSecret, changes).map(({ title, causes }) => `${title}: ${causes.join()}`)).toEqual([
      "inner: File[/tmp/x]",
      "b: File[/tmp/x]",
    ]);
  });

  it("does not differ where titles, arrows, order and tags do", () => {
    expect(diffCatalogs(catalogs.rich, catalogs.writtenAnew).map(line)).toEqual([]);
  });
});

describe("a catalog with puppetlabs-concat and puppetlabs-ntp", () => {
  it("forecasts restarts through fragments and through the module's own classes", () => {
    const changes = diffCatalogs(catalogs.port80, catalogs.port81);
    expect(changes.filter(({ kind }) => kind === "system").map(({ type, title }) => `${type}[${title}]`)).toEqual([
      "Concat_fragment[f]",
      "File[/etc/ntp.conf]",
    ]);
    const restarts = forecastRestarts(catalogs.port81, changes).map(({ title, causes }) => `${title}: ${causes.join()}`);
    expect(restarts.sort()).toEqual(["ntp: File[/etc/ntp.conf]", "web: Concat_fragment[f] of /tmp/c"]);
  });
});
