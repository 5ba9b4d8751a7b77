import { describe, expect, it } from "vitest";
import { rubyCalls } from "../../src/catalog/ruby-calls.ts";

/** Each text is a manifest's only lines, all of them new; what is found, as lines with the words' beginning. */
const cases: Array<[text: string, found: string[]]> = [
  ["file { '/x': content => inline_template('<%= `id` %>') }", ["1 inline_template"]],
  ["$x = generate('/bin/id')", ["1 generate"]],
  ["$x = ::generate ('/bin/id')", ["1 generate"]],
  ["$x = generate\n  ('/bin/id')", ["1 generate"]],
  ["$x = generate/* */('/bin/id')", ["1 generate"]],
  ["$x = '/bin/id'.generate", ["1 generate"]],
  ["$x = '/bin/id'\n  .inline_template", ["2 inline_template"]],
  ["$x = call('generate', '/bin/id')", ["1 generate"]],
  ["$x = call(\"gene${y}\", '/bin/id')", ["1 call"]],
  ["$x = call($name)", ["1 call"]],
  ["$x = Deferred('inline_template', ['<%= 1 %>'])", ["1 inline_template"]],
  ["$x = Deferred( $name, [])", ["1 Deferred"]],
  ['$x = "a ${inline_template($t)} b"', ["1 inline_template"]],
  ["$x = @(\"X\")\n  # ${generate('/bin/id')}\n  | X", ["2 generate"]],
  ["$x = inline_epp($text)", ["1 inline_epp"]],
  ["$x = inline_epp('<%= $a %>')", []],
  ["$x = inline_epp('<%= inline_template($a) %>')", ["1 inline_template"]],
  ["# generate('/bin/id') is not used any more", []],
  ["# we generate\n$x = 1", []],
  ["ssl::generate($x)\n$generate = true\nfoo { 'x': generate => true }", []],
  ["profile::generate('x')", []],
  ["$x = call('stdlib::ensure', true)", []],
  ["$x = Deferred('vault::get', ['x'])", []],
  ["$x = epp('app/x.epp')", []],
];

const lines = (text: string): Set<number> => new Set(text.split("\n").map((_, at) => at + 1));
const told = (text: string | null, added: ReadonlySet<number>, path = "site/app/manifests/init.pp") =>
  rubyCalls([{ path, oldPath: null, status: "modified", added }], {
    base: new Map(),
    head: new Map(text === null ? [] : [[path, text]]),
  }).map(({ line, message, code, severity }) => {
    expect([code, severity]).toEqual(["runs-ruby", "notice"]);
    return `${line} ${message}`;
  });

describe("Ruby in a manifest", () => {
  it.each(cases)("%j", (text, found) => {
    expect(told(text, lines(text)).map((each) => each.split(" ", 2).join(" "))).toEqual(found);
  });

  it("is found in EPP templates too, and in no other file", () => {
    expect(told("<%= generate('/bin/id') %>", new Set([1]), "site/app/templates/x.epp")).toHaveLength(1);
    expect(told("generate('/bin/id')", new Set([1]), "README.md")).toEqual([]);
  });

  it("is told where the file changes elsewhere: what is run may be put together there", () => {
    const text = "$t = '<%= 1 %>'\n$x = inline_template($t)";
    expect(told(text, new Set([1]))).toEqual([
      "2 inline_template runs Ruby where catalogs are compiled, and this file changes, so that something else may be run: an owner has to look",
    ]);
  });

  it("is not ruled out of a file that can't be read", () => {
    expect(told(null, new Set([1]))).toEqual(["null could not be read, so it is not known whether it runs Ruby: an owner has to look"]);
  });

  it("takes no longer for a text that is made for it", () => {
    const started = performance.now();
    for (const part of ["generate ", "call( ", "inline_epp(\n", ". ", "'\n"]) told(part.repeat(100_000), new Set([1]));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
