import { describe, expect, it } from "vitest";

import { runLint } from "../../src/puppet/lint.ts";
import type { SandboxedRun } from "../../src/puppet/sandbox.ts";
import { type Content, line, withFiles } from "./tree.ts";

const found = async (files: Record<string, Content>, options: string[] = [], limits: Parameters<typeof runLint>[3] = {}) =>
  withFiles(files, async (tree) => runLint(tree, Object.keys(files), options, limits));

const faulty = '# Documented.\nclass profile {\n  $x = "a"\n  notice($x) \n}\n';
const path = "site-modules/profile/manifests/init.pp";

describe("runLint", () => {
  it("gives puppet-lint's findings with their places, as it rates them", async () => {
    expect((await found({ [path]: faulty })).map((finding) => `${finding.path} ${line(finding)}`)).toEqual([
      `${path} warning 3:8 double_quoted_strings double quoted string containing no variables`,
      `${path} error 4:13 trailing_whitespace trailing whitespace found`,
    ]);
  });

  it("knows where a class should be by its path in the tree", async () => {
    const elsewhere = await found({ "site-modules/profile/manifests/web.pp": "# Documented.\nclass profile::other { }\n" });
    expect(elsewhere.map(line)).toEqual(["error 2:7 autoloader_layout profile::other not in autoload module layout"]);
  });

  it("takes vetted options, in order, and says which this puppet-lint does not have", async () => {
    const quiet = await found({ [path]: faulty }, ["--no-trailing_whitespace-check", "--no-sparkle-check", "--trailing_whitespace-check"]);
    expect(quiet.map(line)).toEqual([
      "notice -:- lint-option-unknown puppet-lint on this machine has no use for --no-sparkle-check: the check is not installed, or is on anyway",
      "notice -:- lint-option-unknown puppet-lint on this machine has no use for --trailing_whitespace-check: the check is not installed, or is on anyway",
      "warning 3:8 double_quoted_strings double quoted string containing no variables",
    ]);
    const only = await found({ [path]: faulty }, ["--only-checks=trailing_whitespace"]);
    expect(only.map(({ code }) => code)).toEqual(["trailing_whitespace"]);
    const none = await found({ [path]: faulty }, ["--only-checks=sparkle"]);
    expect(none.map(({ code }) => code)).toEqual(["lint-option-unknown", "double_quoted_strings", "trailing_whitespace"]);
  });

  it("shows as notices what control comments hide", async () => {
    const hidden = faulty.replace('"a"', '"a" # lint:ignore:double_quoted_strings for old times\' sake');
    expect((await found({ [path]: hidden })).map(line)).toEqual([
      "notice 3:8 double_quoted_strings ignored by a control comment (for old times' sake): double quoted string containing no variables",
      "error 4:13 trailing_whitespace trailing whitespace found",
    ]);
  });

  it("lints manifests only, and a tree without any without starting anything", async () => {
    expect(await found({ "README.md": "\t", "data/a.yaml": "\t" }, ["--no-such-check"])).toEqual([]);
  });

  it("finds the one file of many that makes puppet-lint fail, and keeps the others' results", async () => {
    const files: Record<string, Content> = {};
    for (let at = 0; at < 20; at++) files[`manifests/${at}.pp`] = "\t$x = 1\n";
    files["manifests/7.pp"] = Buffer.from("$x = '\xFF'\n", "latin1");
    const results = await found(files);
    expect(results.map((finding) => `${finding.path} ${finding.code}`)).toEqual(
      Object.keys(files).map((name) => `${name} ${name === "manifests/7.pp" ? "unchecked-crash" : "hard_tabs"}`),
    );
    expect(results.filter(({ code }) => code === "unchecked-crash").map(line)).toEqual([
      "error -:- unchecked-crash not checked: puppet-lint failed on it (ArgumentError: invalid byte sequence in UTF-8)",
    ]);
  });

  it("ends a file that takes too long, and goes on", async () => {
    const files = { "manifests/slow.pp": '$x = "a"\n'.repeat(80_000), "manifests/b.pp": "\t$x = 1\n" };
    const results = await found(files, [], { limits: { batch: 1, runSeconds: 3, fileSeconds: 0, bytesPerSecond: Infinity } });
    expect(results.map(({ path: at, code }) => `${at} ${code}`)).toEqual(["manifests/slow.pp unchecked-time", "manifests/b.pp hard_tabs"]);
  });

  it("gives up what is left when the time for all is over", async () => {
    const results = await found({ "manifests/a.pp": "\t$x = 1\n" }, [], { limits: { seconds: 0 } });
    expect(results.map(line)).toEqual([
      "error -:- unchecked-time not checked: linting the other files of this change took more than 0 seconds",
    ]);
  });

  it("says so when puppet-lint is not there", async () => {
    const problem = await withFiles({ "a.pp": "" }, async (tree) => {
      const run = async (command: SandboxedRun) => tree.sandbox.run({ ...command, command: ["no-such-program"] });
      return runLint({ ...tree, sandbox: { ...tree.sandbox, run } }, ["a.pp"], []).catch((error: unknown) => error);
    });
    expect(problem).toMatchObject({
      code: "missing-program",
      text: expect.stringMatching(/^puppet-lint does not start in the sandbox: .*no-such-program/) as string,
    });
  });

  it("does not lint a file of 50 MB", async () => {
    expect((await found({ "manifests/huge.pp": Buffer.alloc(50 * 1024 * 1024, "\t") })).map(line)).toEqual([
      "error -:- unchecked-size not checked: it has 50.0 MiB, and files are looked at up to 1.0 MiB",
    ]);
  });
});

describe("runLint, against hostile trees", () => {
  const evil = "File.write('/tmp/evil', ''); puts 'evil was here'; exit!(3)\n";
  const root = "/etc/puppetlabs/code/environments/production";

  it.each([
    ["an absolute --load", `--load=${root}/evil.rb\n`],
    ["a relative --load", "--load=./evil.rb\n"],
    ["--load-from-puppet", `--load-from-puppet=${root}/modules\n`],
    ["--config", `--config=${root}/other.rc\n`],
    ["--ignore-paths", "--ignore-paths=**/*.pp,*\n--only-checks=documentation\n"],
  ])("reads no .puppet-lint.rc of the tree: %s", async (_name, rc) => {
    const files = {
      [path]: faulty,
      ".puppet-lint.rc": rc,
      "other.rc": `--load=${root}/evil.rb\n`,
      "evil.rb": evil,
      "modules/evil/lib/puppet-lint/plugins/evil.rb": evil,
      "site-modules/profile/manifests/.puppet-lint.rc": rc,
    };
    expect((await found(files)).map(({ code }) => code)).toEqual(["double_quoted_strings", "trailing_whitespace"]);
  });

  it("takes names for names, whatever they look like", async () => {
    const names = ["--load=x.pp", "--ignore-paths=a.pp", "-f.pp", "vendor/modules/a/manifests/init.pp", String.raw`"manifests/a\nb.pp"`];
    const results = await found(Object.fromEntries(names.map((name) => [name, "\t$x = 1\n"])));
    expect(results.map(({ path: at, code }) => `${at} ${code}`)).toEqual(names.map((name) => `${name} hard_tabs`));
  });

  it("does not lint what has no name in UTF-8, and says so", async () => {
    const results = await found({ [String.raw`"manifests/caf\351.pp"`]: "\t$x = 1\n", "manifests/b.pp": "\t$x = 1\n" });
    expect(results.map(line)).toEqual([
      "error -:- unchecked-name not checked: puppet-lint needs a name that is UTF-8",
      "error 1:1 hard_tabs tab character found",
    ]);
  });

  it("follows no link", async () => {
    const results = await found({ "manifests/passwd.pp": { link: "/etc/passwd" }, "manifests/b.pp": { link: "passwd.pp" } });
    expect(results.map(({ path: at, code }) => `${at} ${code}`)).toEqual([
      "manifests/passwd.pp unchecked-link",
      "manifests/b.pp unchecked-link",
    ]);
    expect(JSON.stringify(results)).not.toContain("root:");
  });

  it("keeps a crash's words from being forged into a result", async () => {
    const forged = `# [[]]\n# error:\n# \`\`\`\n# all is well\n`;
    const files = { "manifests/a.pp": Buffer.concat([Buffer.from(forged), Buffer.from("$x = '\xFF'\n", "latin1")]) };
    expect((await found(files)).map(line)).toEqual([
      "error -:- unchecked-crash not checked: puppet-lint failed on it (ArgumentError: invalid byte sequence in UTF-8)",
    ]);
  });
});
