import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderReport } from "../../src/cli/words.ts";
import * as leaks from "./leaks.ts";
import { check, clone, folder, puppetGate, small, type Files } from "./stage.ts";

/** Promise 8: no `Sensitive` value, nested or unwrapped, nor its base64, hex or URL form, leaves in any artefact. */
const secret = "correct horse/battery?staple";
const other = "another-secret-of-ours";
const web = (body: string): Files => ({
  "site/profile/manifests/web.pp": `# @summary Web\nclass profile::web (Sensitive[String] $pw) {\n${body}}\n`,
});
const base: Files = {
  ...small,
  ...web("  file { '/etc/pw':\n    content => $pw,\n  }\n"),
  "data/common.yaml": `---\nprofile::motd::text: hello\nprofile::web::pw: '${secret}'\nlookup_options:\n  profile::web::pw:\n    convert_to: Sensitive\n`,
};
const rotated: Files = { "data/common.yaml": String(base["data/common.yaml"]).replace(secret, other) };

const cases: Array<{ name: string; head: Files; outcome?: string; groups: Array<Record<string, unknown>> }> = [
  {
    name: "a secret that changes",
    head: rotated,
    groups: [{ title: "/etc/pw", attribute: "content", kind: "secret", before: null, after: null }],
  },
  {
    name: "unwrapped into content",
    head: web("  file { '/etc/pw':\n    content => \"pw=${pw.unwrap}\\n\",\n  }\n"),
    groups: [{ title: "/etc/pw", attribute: "content", kind: "secret", before: null, after: null }],
  },
  {
    name: "no longer marked as Sensitive",
    head: {
      "data/common.yaml": String(base["data/common.yaml"]).replace(/lookup_options[\s\S]*/u, ""),
      "site/profile/manifests/web.pp":
        "# @summary Web\nclass profile::web (String $pw) {\n  file { '/etc/pw':\n    content => $pw,\n  }\n}\n",
    },
    groups: [{ title: "/etc/pw", attribute: "content", before: null, after: null }],
  },
  { name: "in a title", head: web('  notify { "it is ${pw.unwrap}": }\n'), groups: [{ type: "Notify", change: "added" }] },
  {
    name: "nested in a hash",
    head: web("  notify { 'n':\n    message => { 'a' => [$pw] },\n  }\n"),
    groups: [{ type: "Notify", title: "n" }],
  },
  {
    name: "in base64",
    head: web("  notify { 'n':\n    message => String(Binary($pw.unwrap, '%s'), '%B'),\n  }\n"),
    groups: [{ type: "Notify", title: "n" }],
  },
  { name: "in a compile error", head: web('  fail("the password is ${pw.unwrap}")\n'), outcome: "broken", groups: [] },
];

describe("secrets", { timeout: 120_000 }, () => {
  it.each(cases)("$name", async ({ head, outcome = "changed", groups }) => {
    const ran = await check(clone(base, head));
    expect(ran.report.nodes.map((node) => node.outcome)).toContain(outcome);
    for (const expected of groups) expect(ran.report.groups).toContainEqual(expect.objectContaining(expected));
    const everything = [ran.stdout, ran.stderr, renderReport(ran.report, (_, text) => text)].join("\n");
    for (const form of [...leaks.forms(secret), ...leaks.forms(other)]) expect(everything).not.toContain(form);
  });

  it("case 41: leave by none of the ways that were thought of: terminal, JSON, report files, kept compiles", async () => {
    const output = folder();
    const repo = clone(leaks.base, leaks.head);
    const kept = folder();
    const ran = await puppetGate(["check", "--repo", repo, "--base", "main", "--output", output, "--cache", kept]);
    const files = readdirSync(output, { recursive: true, encoding: "utf8" }).map((name) => readFileSync(join(output, name), "utf8"));
    const compiles = leaks.keptIn(kept);
    const everything = [ran.stdout, ran.stderr, ...files, compiles.text].join("\n");
    expect(leaks.foundIn(everything)).toEqual([]);
    // The ways are there, and end in the mark.
    expect(files.length).toBeGreaterThan(0);
    // So is what was searched of the cache: base's compile of each node, and the record that says whose they are.
    expect(compiles.compiles).toBeGreaterThanOrEqual(leaks.nodes.length);
    expect(compiles.records).toBe(1);
    expect(ran.stdout).toContain("Notify[title [secret]]");
    for (const words of ["it is [secret]", "Unknown alias", "this is not JSON"]) expect(everything).toContain(words);
  });
});
