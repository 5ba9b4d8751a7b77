import { describe, expect, it } from "vitest";
import { check, clone, git, reasonOf, small, write, type Files } from "./stage.ts";

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
  });
});
