import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hostileAttacks } from "../src/demo/control-repo/hostile.ts";

/**
 * A hostile pull request, stage by stage: what is tried where, and the test that tries it. `says` stands in that file, so that none of them is
 * taken away without this table being told.
 */
interface Stage {
  stage: "lint" | "syntax" | "resolve" | "config" | "compile" | "differ" | "hash" | "report" | "gate" | "limits";
  attack: string;
  file: string;
  says: string;
}

const demo = "src/demo/control-repo/hostile.ts";
const compile = "tests/puppet/hostile.test.ts";

const stages: readonly Stage[] = [
  { stage: "lint", attack: ".puppet-lint.rc loads Ruby", file: demo, says: "--load=./tools/house_style.rb" },
  { stage: "lint", attack: "rc hides every file", file: demo, says: "--ignore-paths=**/*.pp" },
  { stage: "lint", attack: "lint:ignore comments", file: demo, says: "lint-ignore-added" },
  { stage: "lint", attack: "a plugin in lib/", file: demo, says: "check_house_style.rb" },
  {
    stage: "syntax",
    attack: "ERB that is executed by its check",
    file: "tests/puppet-checks/hostile-syntax.test.ts",
    says: "runs nothing of what it parses",
  },
  { stage: "resolve", attack: "a Puppetfile that is Ruby", file: demo, says: "a Puppetfile is Ruby, and r10k evaluates it" },
  {
    stage: "resolve",
    attack: "a module from where nobody allowed",
    file: "tests/git/modules.test.ts",
    says: "an address that nobody allowed",
  },
  { stage: "resolve", attack: "a commit of a fork", file: "tests/git/modules.test.ts", says: "a commit that no branch or tag has" },
  { stage: "resolve", attack: "an address that runs a command", file: "tests/git/modules.test.ts", says: "ext::sh -c" },
  {
    stage: "resolve",
    attack: "a repository that fills the disk",
    file: "tests/git/modules.test.ts",
    says: "takes more of the disk than one may",
  },
  {
    stage: "resolve",
    attack: "a release that unpacks to fill the disk",
    file: "tests/services/forge.test.ts",
    says: "unpacks to more than the disk may take",
  },
  { stage: "config", attack: "config_version", file: compile, says: "config_version =" },
  { stage: "compile", attack: "generate()", file: compile, says: "node 'generate'" },
  { stage: "compile", attack: "inline_template backticks", file: compile, says: "node 'backticks'" },
  { stage: "compile", attack: "file() of the host", file: compile, says: "node 'file'" },
  { stage: "compile", attack: "hiera's absolute path", file: compile, says: "node 'hiera'" },
  { stage: "compile", attack: "a custom function", file: compile, says: "create_function(:'evil::ruby')" },
  { stage: "compile", attack: "the network: TCP", file: compile, says: "node 'network'" },
  { stage: "compile", attack: "the network: DNS", file: compile, says: "node 'dns'" },
  {
    stage: "compile",
    attack: "unix sockets, abstract and in a folder",
    file: "src/puppet/doctor/attempts.ts",
    says: "abstract: lure.abstract",
  },
  { stage: "compile", attack: "a forged catalog", file: compile, says: '["forged", "hostile"' },
  { stage: "compile", attack: "a forged catalog of another node", file: compile, says: '["named", "hostile"' },
  { stage: "compile", attack: "an answer that is none", file: "tests/puppet/answer.test.ts", says: "an answer that is none is hostile" },
  { stage: "compile", attack: "a thread that speaks later", file: compile, says: "node 'thread'" },
  { stage: "differ", attack: "a source that climbs", file: demo, says: "source that climbs" },
  { stage: "differ", attack: "a symlink in files/", file: demo, says: "a served file that is a link to one of the host" },
  { stage: "differ", attack: "a symlink out of the tree, read while compiling", file: compile, says: "node 'symlink'" },
  { stage: "hash", attack: "guessing a short secret by its digest", file: "tests/catalog/parse.test.ts", says: "Sensitive" },
  { stage: "report", attack: "markup, mentions, bidi", file: "tests/github/escape.test.ts", says: "hostile" },
  {
    stage: "report",
    attack: "every text of a report, in a browser and as GitHub's Markdown",
    file: "tests/services/hostile-report.test.ts",
    says: "every text of the schema",
  },
  { stage: "report", attack: "escape sequences of a terminal", file: "tests/cli/terminal.test.ts", says: "\\u" },
  { stage: "report", attack: "a title that speaks to terminals, pages and readers", file: demo, says: "titles that command a terminal" },
  { stage: "gate", attack: "the policy itself", file: demo, says: "a change that is judged by the rules it brings" },
  {
    stage: "gate",
    attack: "addresses of modules that head allows itself",
    file: "tests/check/modules.test.ts",
    says: "addresses that head alone allows are not asked",
  },
  { stage: "limits", attack: "fork bomb", file: compile, says: '["fork", "timeout"' },
  { stage: "limits", attack: "endless loop", file: compile, says: '["endless", "timeout"' },
  { stage: "limits", attack: "a string of 10 GB", file: compile, says: '["memory", "memory"' },
  {
    stage: "limits",
    attack: "memory of many processes together",
    file: "tests/process/confinement.test.ts",
    says: "three children that take too much together",
  },
  { stage: "limits", attack: "ten million lines", file: compile, says: '["lines", ' },
  { stage: "limits", attack: "a catalog that is too large", file: compile, says: '["large", "output"' },
  { stage: "limits", attack: "deep nesting", file: compile, says: '["nested", "compile"' },
  { stage: "limits", attack: "a line nested a million levels deep", file: "tests/puppet/answer.test.ts", says: "a million levels" },
  { stage: "limits", attack: "a title of 1 MB", file: compile, says: '["title", "hostile"' },
  { stage: "limits", attack: "deep recursion", file: compile, says: '["recursion", "crash"' },
];

describe("each stage of a hostile pull request names its test", () => {
  it.each(stages)("$stage: $attack, in $file", ({ file, says }) => {
    const path = join(import.meta.dirname, "..", file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, "utf8")).toContain(says);
  });

  it("has every stage, and no attack of the sample's that the sample's own test leaves out", () => {
    expect(new Set(stages.map(({ stage }) => stage)).size).toBe(10);
    expect(hostileAttacks({ canary: "/c", secretFile: "/s" }).length).toBeGreaterThanOrEqual(15);
    expect(readFileSync(join(import.meta.dirname, "demo/traps.test.ts"), "utf8")).toMatch(/canary/);
  });
});
