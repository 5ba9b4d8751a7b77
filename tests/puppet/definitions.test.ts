import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import type { Definition } from "../../src/plan/definitions.ts";
import { makeFolder, openFolder } from "./fixtures.ts";

const root = "/etc/puppetlabs/code/environments/production";

/** Two texts, and whether they mean the same. */
const pairs: ReadonlyArray<readonly [string, string, string, boolean]> = [
  ["comments and white space", "class a { # one\n  notify { 'x': }\n}\n", "\n# two\nclass a {\n\n notify{'x': } }", true],
  ["quotes of a plain text", "$x = 'y'", '$x = "y"', true],
  ["a comma at the end", "file { '/x': mode => '1', }", "file { '/x': mode => '1' }", true],
  ["a text that looks like a number", "$x = '1'", "$x = 1", false],
  ["a number's radix", "$x = 16", "$x = 0x10", false],
  ["a number's kind", "$x = 1", "$x = 1.0", false],
  ["an escape", '$x = "a\\tb"', "$x = 'a\\tb'", false],
  ["interpolation", '$x = "a${b}"', "$x = 'a${b}'", false],
  ["interpolation of parts", '$x = "${a}b"', '$x = "${ab}"', false],
  ["a heredoc's margin", "$x = @(E)\n  a\n  | E\n", "$x = @(E)\n  a\n| E\n", false],
  ["a heredoc's last line end", "$x = @(E)\na\n| E\n", "$x = @(E)\na\n|- E\n", false],
  ["a heredoc and the text it is", "$x = @(E)\nab\n|- E\n", "$x = @(E)\na b\n|- E\n", false],
  ["defaults and overrides", "File { mode => '1' }", "File['x'] { mode => '1' }", false],
  ["adding to an attribute", "File['x'] { mode => '1' }", "File['x'] { mode +> '1' }", false],
  ["virtual", "notify { 'x': }", "@notify { 'x': }", false],
  ["exported", "@notify { 'x': }", "@@notify { 'x': }", false],
  ["the order of attributes", "file { '/x': mode => '1', owner => 'a' }", "file { '/x': owner => 'a', mode => '1' }", false],
  ["the order of statements", "notice(1) notice(2)", "notice(2) notice(1)", false],
  ["a parameter's default", "class a($x = 1) {}", "class a($x = 2) {}", false],
  ["a parameter's type", "class a(String $x) {}", "class a(Integer $x) {}", false],
  ["a parameter that takes the rest", "function a(*$x) {}", "function a($x) {}", false],
  ["a parent", "class a inherits b {}", "class a inherits c {}", false],
  ["what a function returns", "function a() >> String { 'x' }", "function a() { 'x' }", false],
  ["a collector's kind", "Notify <| title == 'x' |>", "Notify <<| title == 'x' |>>", false],
  ["a collector's operator", "Notify <| title == 'x' |>", "Notify <| title != 'x' |>", false],
  ["an arrow", "Notify['a'] -> Notify['b']", "Notify['a'] ~> Notify['b']", false],
  ["an index and a list", "$y = $x[1]", "$y = [$x, [1]]", false],
  ["brackets", "$x = 1 + 2 * 3", "$x = (1 + 2) * 3", false],
  ["unless and if", "if $x { notice(1) }", "unless $x { notice(1) }", false],
  ["splatted attributes", "file { '/x': * => $y }", "file { '/x': y => $y }", false],
  ["a regular expression and its text", "$x =~ /a/", "$x =~ 'a'", false],
  ["undef and its name", "$x = undef", "$x = 'undef'", false],
  ["a type alias", "type A = Integer", "type A = Integer[0]", false],
  ["a name and a text", "notice(a)", "notice('a')", false],
];

const files: Record<string, string> = {
  "manifests/site.pp": `
notice(1)
node 'a.example', /^web/ { include a }
class plain { class inner {} }
define plain::thing {}
function plain::one() { 1 }
type Plain::Port = Integer
node default {}
`,
  "manifests/broken.pp": "class a {",
  "manifests/long.pp": "#".repeat(100),
};
for (const [at, [, one, other]] of pairs.entries()) Object.assign(files, { [`pairs/${at}a.pp`]: one, [`pairs/${at}b.pp`]: other });

let tree: OpenTree;
let remove: () => Promise<void>;
let found: ReadonlyMap<string, readonly Definition[] | null>;

beforeAll(async () => {
  const made = await makeFolder(files);
  remove = made.remove;
  tree = await openFolder(made.folder);
  found = await tree.definitions([...Object.keys(files), "none.pp", "manifests"].map((path) => `${root}/${path}`));
});
afterAll(async () => {
  await tree.close();
  await remove();
});

const of = (path: string): readonly Definition[] | null | undefined => found.get(`${root}/${path}`);

describe("what a manifest defines", () => {
  test("is told by kind and full name, with each match of a node block, and what stands outside", () => {
    expect(of("manifests/site.pp")?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "node a.example",
      "node /^web/",
      "class plain::inner",
      "class plain",
      "define plain::thing",
      "function plain::one",
      "type Plain::Port",
      "node default",
      "other ",
    ]);
  });

  test.each(pairs.map(([name, , , same], at) => [name, at, same] as const))("%s", (_, at, same) => {
    const [one, other] = [of(`pairs/${at}a.pp`), of(`pairs/${at}b.pp`)];
    expect(one?.length).toBeGreaterThan(0);
    expect(other?.length).toBeGreaterThan(0);
    expect(JSON.stringify(one) === JSON.stringify(other)).toBe(same);
  });

  test.each(["manifests/broken.pp", "none.pp", "manifests"])("is not known of %s", (path) => expect(of(path)).toBeNull());

  test("is nothing where there are only comments", () => expect(of("manifests/long.pp")?.map(({ kind }) => kind)).toEqual(["other"]));
});
