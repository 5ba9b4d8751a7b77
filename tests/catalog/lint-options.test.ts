import { describe, expect, it } from "vitest";

import { disableChecks, vetLintOptions } from "../../src/catalog/lint-options.ts";

interface Case {
  name: string;
  rc: string;
  options?: string[];
  /** `line option`. */
  refused?: string[];
}

const cases: Case[] = [
  { name: "nothing", rc: "" },
  {
    name: "checks by name",
    rc: "--no-140chars-check\r\n--class_inherits_from_params_class-check\n",
    options: ["--no-140chars-check", "--class_inherits_from_params_class-check"],
  },
  { name: "checks of plugins", rc: "--no-trailing_comma-check", options: ["--no-trailing_comma-check"] },
  { name: "the order", rc: "--only-checks=a,b\n--no-b-check\n--relative\n", options: ["--only-checks=a,b", "--no-b-check", "--relative"] },
  { name: "a value on the next line", rc: "--only-checks\na,b\n", options: ["--only-checks=a,b"] },
  { name: "what is no option", rc: "# comment\n\nmanifests\n -f\n-\n" },
  { name: "what comes behind the end of options", rc: "--\n--load=x.rb\n" },
  { name: "options that only print", rc: "--fail-on-warnings\n--json\n--log-format=%{path}\n--with-filename\n" },
  { name: "--load", rc: "--relative\n--load=./evil.rb\n", options: ["--relative"], refused: ["2 --load=./evil.rb"] },
  { name: "--load with the file on the next line", rc: "--load\n./evil.rb\n", refused: ["1 --load=./evil.rb"] },
  { name: "-l in one word", rc: "-l./evil.rb\n", refused: ["1 -l./evil.rb"] },
  { name: "--load-from-puppet", rc: "--load-from-puppet=modules\n", refused: ["1 --load-from-puppet=modules"] },
  { name: "--config", rc: "--config=other.rc\n-c\nother.rc\n", refused: ["1 --config=other.rc", "2 -c=other.rc"] },
  { name: "--ignore-paths", rc: "--ignore-paths=vendor/**/*.pp\n", refused: ["1 --ignore-paths=vendor/**/*.pp"] },
  { name: "--fix", rc: "--fix\n-f\n", refused: ["1 --fix", "2 -f"] },
  { name: "--error-level", rc: "--error-level=error\n", refused: ["1 --error-level=error"] },
  { name: "abbreviations", rc: "--ign=*\n--rel\n--loa=x\n", refused: ["1 --ign=*", "2 --rel", "3 --loa=x"] },
  { name: "what ends a run", rc: "--version\n--help\n--list-checks\n", refused: ["1 --version", "2 --help", "3 --list-checks"] },
  {
    name: "what looks like a check",
    rc: "--no-x-check=1\n--no-../x-check\n--no-a b-check\n",
    refused: ["1 --no-x-check=1", "2 --no-../x-check", "3 --no-a b-check"],
  },
];

describe("vetLintOptions", () => {
  it.each(cases)("$name", ({ rc, options = [], refused = [] }) => {
    const vetted = vetLintOptions(rc);
    expect(vetted.options).toEqual(options);
    expect(vetted.refused.map(({ line, option }) => `${line} ${option}`)).toEqual(refused);
  });

  it("says why", () => {
    expect(vetLintOptions("--load=./evil.rb\n--magic\n").refused.map(({ why }) => why)).toEqual([
      "it runs Ruby code from a file; install the checks as a gem on the machine that lints",
      "it is not one of the options that are known to be harmless",
    ]);
  });
});

describe("disableChecks", () => {
  it("makes options that pass", () => {
    const options = disableChecks(["documentation", "140chars"]);
    expect(vetLintOptions(options.join("\n")).options).toEqual(options);
  });
});
