import { execFileSync } from "node:child_process";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parse } from "../../src/fleet/document.ts";
import { readPlain } from "../../src/fleet/psych.ts";
import { readRubyYaml } from "../../src/fleet/ruby-yaml.ts";

/** Ruby itself is the judge: what its Psych reads from a scalar, and what it writes for a value. One process for all of them. */
const ruby = (program: string, input: unknown): unknown =>
  JSON.parse(execFileSync("ruby", ["-ryaml", "-rjson", "-rdate", "-e", program], { input: JSON.stringify(input), encoding: "utf8" }));

const SCALARS = [
  ["", "~", "null", "Null", "nULL", "nul", "yes", "Yes", "no", "on", "OFF", "y", "n", "true", "trueish", "hello world", "é", "Ünull", "_x"],
  ["1", "01", "08", "00", "-0", "+5", "-5", "1_000", "1,000", "0,", "0_7", "0644", "0o17", "0x1A", "0xZZ", "0b101", "12345678901"],
  ["1.5", ".5", "1.", ".", "-1.5", "+.5", "1.2.3", "4.3.0", "1,000.5", "1e3", "1234e56", "1.5e3", "1.5e+3", "1e+3", "2.60 GHz", "1 2"],
  ["12:30", "190:20:30", "1:2:3:4", "12:30.5", "52:54:00:12:34:56", "::1", "fe80::1", ":name", ':"a b"', "a:b", "2026-01-01"],
  ["2026-01-01 10:00:00", "2026-1-1T1:00:00Z", "/usr/bin", "-foo", "-x", ".foo", "=", "<<", "!x", "٣"],
].flat();

describe("scalars as Ruby reads them", () => {
  const program = `scanner = Psych::ScalarScanner.new(Psych::ClassLoader.new)
    puts JSON.generate(JSON.parse(STDIN.read).map { |text|
      value = scanner.tokenize(text)
      case value when Symbol then value.to_s when Time, Date then text else value end
    })`;
  const expected = ruby(program, SCALARS) as unknown[];

  it.each(SCALARS.map((text, index) => ({ text, value: expected[index] })))("$text", ({ text, value }) => {
    expect(JSON.stringify(readPlain(text))).toBe(JSON.stringify(value));
  });
});

// Facts as they come: names, numbers, addresses, versions, and whatever else somebody put into an external fact.
const text = fc.oneof(
  fc.constantFrom(...SCALARS),
  fc.stringMatching(/^[a-z0-9 :.,#'"/_-]{0,20}$/u),
  fc.string({ maxLength: 12, unit: "grapheme" }),
);
const key = fc.oneof(
  fc.stringMatching(/^[a-z_][a-z0-9_]{0,9}$/u),
  fc.constantFrom("eth0", "/boot/efi", "15m", "1", "yes", "a b", "eth0:1", "::", "'"),
);
const { facts } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 }),
    fc.boolean(),
    fc.constant(null),
    tie("list"),
    tie("facts"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  facts: fc.dictionary(key, tie("value"), { maxKeys: 6, noNullPrototype: true }),
}));

describe("the YAML that Ruby writes", () => {
  const samples = fc.sample(facts, { numRuns: 400, seed: 42 });
  const written = ruby("puts JSON.generate(JSON.parse(STDIN.read).map { |facts| YAML.dump(facts) })", samples) as string[];

  it("is read as what was written, quickly or not", () => {
    for (const [index, yaml] of written.entries()) {
      const parsed = parse("x.yaml", Buffer.from(yaml));
      expect({ yaml, value: parsed.ok && parsed.value }).toEqual({ yaml, value: samples[index] });
    }
  });

  it("is read equally in the quick way, where that does not give up on it", () => {
    const quick = written.flatMap((yaml, index) => {
      const read = readRubyYaml(yaml);
      return read === null ? [] : [{ yaml, value: read.value, sample: samples[index] }];
    });
    for (const { yaml, value, sample } of quick) expect({ yaml, value }).toEqual({ yaml, value: sample });
    expect(quick.length).toBeGreaterThan(written.length * 0.2);
  });

  it("is read in the quick way where it comes from a host", () => {
    const host = `--- !ruby/object:Puppet::Node::Facts
name: web01.example.com
values:
  os:
    release:
      full: '12.11'
    selinux:
      enabled: false
  networking:
    interfaces:
      lo:
        bindings6:
        - address: "::1"
          flags:
          - permanent
          scope6: host
  load_averages:
    15m: 0.08
  partitions: {}
  hypervisors: []
  path: "/usr/bin:/bin"
`;
    expect(readRubyYaml(host)?.value).toEqual({
      name: "web01.example.com",
      values: {
        os: { release: { full: "12.11" }, selinux: { enabled: false } },
        networking: { interfaces: { lo: { bindings6: [{ address: "::1", flags: ["permanent"], scope6: "host" }] } } },
        load_averages: { "15m": 0.08 },
        partitions: {},
        hypervisors: [],
        path: "/usr/bin:/bin",
      },
    });
  });
});

describe("YAML that is not Ruby's", () => {
  const given = [
    "a: b: c",
    "a: [1]",
    "a: b\n  c",
    "a: |\n  b",
    "a: &x 1",
    "a: !x 1",
    "a: 1 # one",
    "a: 1\na: 2",
    "a:\n  - 1\n - 2",
    "a:\n    b: 1\n  c: 2",
    "- 1\n- 2\nx",
    "? a\n: 1",
    "a: 'x\n  y'",
    'a: "\\x41"',
    "a: .nan",
    "a: 1\n---\nb: 2",
    "a: 1\r\nb: 2",
    "a:\tb",
    "- - 1",
    "plain",
    "a: 1\nb",
    "a: ,",
    "%YAML 1.1\n---\na: 1",
    "<<: 1",
    "1: 2",
    "yes: 1",
  ];
  it.each(given)("is left to the full parser: %j", (yaml) => {
    expect(readRubyYaml(yaml)).toBeNull();
  });

  it("never gets another answer in the quick way than from the full parser", () => {
    const scalar = fc.oneof(
      fc.constantFrom("", "1", "x", "'y z'", '"q"', "{}", "[]", "a b", "-1", ".5", ":s"),
      fc.stringMatching(/^[ab:'"#{}[\]|>&*!?,01.~ -]{0,8}$/u),
    );
    const start = fc.constantFrom("", "- ", "a: ", "b: ", "c:", "- a: ", "- b:", "d :", "'e': ");
    const line = fc.tuple(fc.constantFrom("", "  ", "    "), start, scalar).map((parts) => parts.join(""));
    let compared = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const yaml = lines.join("\n");
        const quick = readRubyYaml(yaml);
        if (quick === null) return;
        // A tab anywhere, here in a comment, sends the same text to the full parser.
        const full = parse("x.yaml", Buffer.from(`${yaml}\n#\t`));
        expect({ yaml, value: full.ok ? full.value : full.problem.text }).toEqual({ yaml, value: quick.value });
        compared += 1;
      }),
      { numRuns: 10_000, seed: 11 },
    );
    expect(compared).toBeGreaterThan(300);
  });
});
