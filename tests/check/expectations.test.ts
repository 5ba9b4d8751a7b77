import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { check, clone, git, puppetGate, reasonOf, small, write, type Files } from "./stage.ts";

const motd = "site/profile/manifests/motd.pp";

const noWorldWritable = `name: no-world-writable
why: Anybody could change it.
ask: ["@acme/security"]
expect:
  catalog: catalog.resources("File").all(f, !f.grants("o", "w"))
examples:
  pass: [{ name: closed, catalog: { "File[/a]": { mode: "0644" } } }]
  fail: [{ name: open, catalog: { "File[/a]": { mode: "0666" } } }]
`;

const expecting = (more: Files = {}): Files => ({ ...small, "expectations/files.yml": noWorldWritable, ...more });
const withMode = (mode: string): Files => ({
  [motd]: String(small[motd]).replace("    content =>", `    mode    => '${mode}',\n    content =>`),
});

describe("expectations in a check", () => {
  it("finds what a change breaks on its line, and blocks", async () => {
    const repo = clone(expecting(), withMode("0666"));
    const checked = await check(repo);
    expect(checked.report.expectations).toEqual([
      expect.objectContaining({
        name: "no-world-writable",
        outcome: "broken",
        origin: "base",
        nodes: expect.objectContaining({ asked: 2, broken: 2 }),
      }),
    ]);
    expect(reasonOf(checked, "expectations")).toEqual({
      outcome: "fail",
      text: `no-world-writable: ${motd}:3: File[/etc/motd] mode is "0666" on db01.example.com and 1 more. Anybody could change it. Ask @acme/security.`,
    });
    expect(checked.report.findings).toContainEqual(
      expect.objectContaining({ check: "expectations", severity: "error", path: motd, line: 3 }),
    );
    expect(checked.code).toBe(1);
    // What was found on base is kept: nothing of it is looked at again.
    const again = await check(repo);
    expect(again.report.expectations).toEqual(checked.report.expectations);
  });

  it("tells what was broken before from what is", async () => {
    const repo = clone(expecting(withMode("0666")), { "data/common.yaml": "---\nprofile::motd::text: welcome\n" });
    const checked = await check(repo);
    expect(checked.report.expectations?.[0]).toMatchObject({ outcome: "already", nodes: { already: 2, broken: 0 } });
    expect(reasonOf(checked, "expectations")).toEqual({ outcome: "pass", text: "0 expectations hold, 1 in trouble on base already" });
    git(repo, "switch", "-q", "main");
    git(repo, "switch", "-q", "-c", "other");
    write(repo, {
      [motd]: String(withMode("0666")[motd]).replace(
        "class profile::motd (String $text) {",
        "class profile::motd (String $text) {\n  file { '/etc/issue':\n    mode => '0777',\n  }",
      ),
    });
    git(repo, "commit", "-qam", "more of it");
    const more = await check(repo);
    expect(more.report.expectations?.[0]).toMatchObject({
      outcome: "broken",
      evidence: [{ subject: "File[/etc/issue]", value: '"0777"' }],
    });
  });

  it("judges by base what the change takes away, and by its own what it adds", async () => {
    const repo = clone(expecting(), {
      ...withMode("0666"),
      "expectations/files.yml": null,
      "expectations/motd.yml": noWorldWritable
        .replace("no-world-writable", "no-motd")
        .replace('catalog.resources("File").all(f, !f.grants("o", "w"))', '\'!catalog.has("File", "/etc/motd")\'')
        .replace(
          /examples:[\s\S]*/u,
          'examples:\n  pass: [{ name: none, catalog: {} }]\n  fail: [{ name: one, catalog: { "File[/etc/motd]": {} } }]\n',
        ),
    });
    const checked = await check(repo);
    expect(checked.report.expectations?.map(({ name, origin, outcome }) => [name, origin, outcome])).toEqual([
      ["no-world-writable", "base", "broken"],
      ["no-motd", "new", "already"],
    ]);
    expect(checked.report.findings).toContainEqual(expect.objectContaining({ code: "expectation-goes" }));
    expect(checked.report.expectations?.[0]?.ends).toEqual({ how: "removed", from: ["@acme/security"] });
  });
});

const endless = (name: string): string =>
  noWorldWritable
    .replace("no-world-writable", name)
    .replace(
      'catalog.resources("File").all(f, !f.grants("o", "w"))',
      `"${Array.from("abcdefghij", (variable) => `[1,2,3,4,5,6,7,8,9,10].all(${variable}, `).join("")}true${")".repeat(10)}"`,
    );

describe("expectations that nobody should have to trust", () => {
  it("ends a head's that never ends, and says so", async () => {
    const checked = await check(clone(expecting(), { "expectations/slow.yml": endless("slow") }));
    expect(checked.report.expectations?.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["no-world-writable", "holds"],
      ["slow", "unknown-already"],
    ]);
    expect(reasonOf(checked, "expectations")).toEqual({
      outcome: "fail",
      text: expect.stringMatching(/^expectations\/slow.yml:1: slow: it takes longer than 5 seconds/u),
    });
  });

  it("refuses one whose examples do not come out, and one that can't be read, each at its line", async () => {
    const checked = await check(
      clone(expecting(), {
        "expectations/never.yml": noWorldWritable.replace("no-world-writable", "never").replace('!f.grants("o", "w")', "true"),
        "expectations/bad.yml": noWorldWritable.replace("no-world-writable", "bad").replace("why:", "whi:"),
      }),
    );
    expect(reasonOf(checked, "expectations").outcome).toBe("fail");
    const found = checked.report.findings.filter(({ check: by }) => by === "expectations");
    expect(found.map(({ path, line, code, onChangedLine }) => [path, line, code, onChangedLine])).toEqual([
      ["expectations/bad.yml", 1, "bad-expectation", true],
      ["expectations/bad.yml", 2, "bad-expectation", true],
      ["expectations/never.yml", 1, "bad-example", true],
    ]);
  });

  it("blocks where base has one that can't be read, but not the change that mends it", async () => {
    const broken = { "expectations/bad.yml": noWorldWritable.replace("no-world-writable", "bad").replace("why:", "whi:") };
    const other = await check(clone(expecting(broken), { "data/common.yaml": "---\nprofile::motd::text: welcome\n" }));
    expect(reasonOf(other, "expectations")).toEqual({
      outcome: "unknown",
      text: expect.stringContaining("expectations/bad.yml:1: `why` is missing"),
    });
    const mended = await check(clone(expecting(broken), { "expectations/bad.yml": noWorldWritable.replace("no-world-writable", "bad") }));
    expect(reasonOf(mended, "expectations").outcome).toBe("pass");
  });

  it("never shows a secret, which an expectation may compare", async () => {
    const secretive: Files = {
      "site/profile/manifests/motd.pp":
        "# @summary x\nclass profile::motd (String $text) {\n  file { '/etc/motd':\n    content => Sensitive('shellac-turntable'),\n  }\n  file { '/etc/copy':\n    content => Sensitive('shellac-turntable'),\n  }\n}\n",
      "expectations/files.yml": noWorldWritable.replace(
        'catalog.resources("File").all(f, !f.grants("o", "w"))',
        `'!catalog.resource("File", "/etc/motd").same("content", catalog.resource("File", "/etc/copy"), "content") && catalog.text("File", "/etc/motd", "content") == "x"'`,
      ),
    };
    const checked = await check(clone(small, secretive));
    expect(checked.stdout).not.toContain("shellac");
    expect(checked.report.expectations?.[0]?.evidence).toContainEqual(
      expect.objectContaining({ subject: "File[/etc/copy]", attribute: "content", value: "(secret)" }),
    );
  });
});

describe("puppet-gate expect", () => {
  it("judges by the expectations alone, and explains one", async () => {
    const repo = clone(expecting(), withMode("0666"));
    const args = ["expect", "--repo", repo, "--base", "main"];
    const told = await puppetGate(args);
    expect(told.code).toBe(1);
    expect(told.stdout).toContain(
      'broken           no-world-writable  broken by this change on 2 nodes\n    File[/etc/motd] mode is "0666" on db01.example.com and 1 more',
    );
    const explained = await puppetGate([...args, "--explain", "no-world-writable"]);
    expect(explained.stdout).toContain(`${motd}:3`);
    expect(explained.stdout).toContain("db01.example.com, web01.example.com");
    const json: unknown = JSON.parse((await puppetGate([...args, "--json"])).stdout);
    expect(json).toMatchObject({ schema: "puppet-gate/expect@1", ok: false, expectations: [{ name: "no-world-writable" }] });
    expect((await puppetGate([...args, "--explain", "nobody"])).stderr).toContain("There are no-world-writable.");
    // On base itself, which changes nothing.
    const base = await puppetGate(["expect", "--repo", repo, "--base", "main", "--head", "main"]);
    expect([base.code, base.stdout]).toEqual([0, expect.stringContaining("holds on 2 nodes")]);
  });

  it("tries examples, and refuses what no example can fail", async () => {
    const repo = clone(
      expecting({ "expectations/never.yml": noWorldWritable.replace("no-world-writable", "never").replace('!f.grants("o", "w")', "true") }),
      {},
    );
    const tested = await puppetGate(["expect", "test"], { cwd: repo });
    expect(tested.code).toBe(1);
    expect(tested.stdout).toContain("FAIL  open: it should fail, and it passes");
    expect(tested.stdout).toContain("2 expectations, 4 examples; 1 to be mended");
    const written = await puppetGate(
      ["expect", "new", "--that", "lacks", "--resource", "Package[telnetd]", "--why", "It is clear text.", "--ask", "acme/security"],
      { cwd: repo },
    );
    expect([written.code, written.stdout]).toEqual([0, expect.stringContaining("Wrote expectations/no-package-telnetd.yml")]);
    expect((await puppetGate(["expect", "test", "expectations/no-package-telnetd.yml"], { cwd: repo })).code).toBe(0);
  });
});

describe("puppet-gate expect new --report", () => {
  it("drafts what would have caught a change, which it then does", async () => {
    const repo = clone(small, withMode("0666"));
    const out = join(repo, "out");
    expect((await puppetGate(["check", "--repo", repo, "--base", "main", "--output", out])).code).toBe(2);
    const args = ["expect", "new", "--report", join(out, "report.json"), "--why", "Somebody wrote to it.", "--ask", "@ann", "--resource"];
    const drafted = await puppetGate([...args, "File[/etc/motd]"], { cwd: repo });
    expect([drafted.code, drafted.stdout]).toEqual([
      0,
      expect.stringContaining("Wrote expectations/file-etc-motd-mode-not-as-it-failed.yml"),
    ]);
    expect((await puppetGate(["expect", "test"], { cwd: repo })).code).toBe(0);
    expect((await puppetGate([...args, "File[/etc/other]"], { cwd: repo })).stderr).toContain("does nothing to File[/etc/other]");
    git(repo, "switch", "-q", "main");
    git(repo, "add", "expectations");
    git(repo, "commit", "-qm", "never again");
    git(repo, "switch", "-q", "change");
    const again = await check(repo);
    expect(reasonOf(again, "expectations")).toEqual({ outcome: "fail", text: expect.stringContaining("Somebody wrote to it.") });
  });
});
