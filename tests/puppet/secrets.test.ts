import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { EnvironmentLayout } from "../../src/engine/ports/environment.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import { catalogOf, limits, makeFolder, node, openFolder, puppet, resource } from "./fixtures.ts";

/** What a compile knows to be secret though its catalog or its error shows no Sensitive, and encrypted hiera values without a key. */
const secret = "Correct horse/battery?staple";
const other = "other secret of this tree";
const blob = (letter: string): string => `ENC[PKCS7,${letter.repeat(64)}]`;
const longKey = `-----BEGIN KEY-----\n${"k".repeat(1990)}`;

const manifests: Record<string, string> = {
  "unwrapped.example": `file { '/etc/pw':\n  content => Sensitive('${secret}').unwrap,\n}`,
  "looked-up.example": "file { '/etc/pw':\n  content => \"pw=${lookup('app::pw', Sensitive).unwrap}\",\n}",
  "kept.example": "file { '/etc/pw':\n  content => lookup('app::pw', Sensitive).unwrap,\n}",
  "failing.example": "fail(\"it is ${Sensitive('" + secret + "').unwrap}\")",
  "class-name.example": "include Sensitive('correcthorse').unwrap",
  "template.example": "notify { epp('app/none.epp', { 'x' => Sensitive('" + secret + "').unwrap }): }",
  "long-error.example": "fail(\"${'x'.then |$x| { String($x, '%1990s') }} ${lookup('long').unwrap}\")",
  "json-data.example": "lookup('broken')",
  "yaml-data.example": "lookup('broken')",
  "eyaml.example": [
    "notify { 'whole': message => lookup('enc::whole') }",
    "notify { 'inside': message => lookup('enc::inside') }",
    "notify { 'deep': message => lookup('enc::deep')['list'] }",
    "notify { 'clear': message => lookup('enc::clear') }",
    "notify { \"title ${lookup('enc::whole')}\": }",
    "notify { 'hash': message => { \"x${lookup('enc::folded')}y\" => 1 } }",
    "notify { 'base64': message => String(Binary(lookup('enc::whole'), '%s'), '%B') }",
    "notify { 'plain': message => lookup('plain') }",
    "notify { 'by-hand': message => lookup('enc::by_hand') }",
  ].join("\n"),
  "eyaml-again.example": "notify { 'whole': message => lookup('enc::whole') }",
  "eyaml-error.example": "fail(\"it is ${lookup('enc::whole')}\")",
  "not-decrypted.example": "notify { 'raw': message => lookup('raw') }",
};
/** Not among those that are compiled for all tests. */
const crashing = "node 'crash.example' { notify { inline_template(\"<% Process.kill('KILL', Process.pid) %>\"): } }";

let tree: OpenTree;
let remove: () => Promise<void>;
let outcomes: Map<string, CompileOutcome>;
const raws = new Map<string, Buffer | undefined>();

beforeAll(async () => {
  const made = await makeFolder({
    "hiera.yaml": [
      "version: 5",
      "hierarchy:",
      '  - {name: nodes, path: "%{trusted.certname}.json", data_hash: json_data, datadir: data}',
      '  - {name: own, path: "%{trusted.certname}.yaml", data_hash: yaml_data, datadir: data}',
      "  - name: secrets",
      "    lookup_key: eyaml_lookup_key",
      "    path: secrets.eyaml",
      "    datadir: data",
      "    options: {pkcs7_private_key: /etc/eyaml/private.pem, pkcs7_public_key: /etc/eyaml/public.pem}",
      "  - {name: common, path: common.yaml, data_hash: yaml_data, datadir: data}",
    ].join("\n"),
    "data/common.yaml": [
      `app::pw: '${other}'`,
      "plain: nothing to hide",
      `raw: "x ${blob("R")} y"`,
      `long: ${JSON.stringify(longKey)}`,
      "lookup_options: {app::pw: {convert_to: Sensitive}, long: {convert_to: Sensitive}}",
    ].join("\n"),
    "data/secrets.eyaml": [
      `enc::whole: ${blob("A")}`,
      `enc::inside: "user:${blob("B")}@host"`,
      `enc::folded: >\n  ENC[PKCS7,${"C".repeat(40)}\n  ${"C".repeat(24)}]`,
      `enc::deep: {list: ["${blob("D")}", clear]}`,
      "enc::clear: not encrypted",
      "enc::by_hand: DEC::PKCS7[saved in the clear]!",
    ].join("\n"),
    "data/json-data.example.json": `{"broken": "${other}" "x": 1}`,
    "data/yaml-data.example.yaml": "broken: *starredpassword",
    "manifests/site.pp": [...Object.entries(manifests).map(([certname, body]) => `node '${certname}' {\n${body}\n}`), crashing].join("\n"),
    "modules/app/manifests/init.pp": "class app {}",
  });
  remove = made.remove;
  tree = await openFolder(made.folder);
  outcomes = new Map();
  // One after the other, on one worker: what hiera keeps of an earlier node is known at a later one.
  await tree.compile(
    Object.keys(manifests).map((name) => node(name)),
    (outcome, raw) => {
      outcomes.set(outcome.certname, outcome);
      raws.set(outcome.certname, raw);
    },
    { workers: 1, raw: true },
  );
}, 60_000);
afterAll(async () => {
  await tree.close();
  await remove();
});

const errorOf = (certname: string): string => {
  const outcome = outcomes.get(certname);
  if (outcome === undefined || outcome.ok) throw new Error(`${certname} compiles`);
  return outcome.error.message;
};

describe("secrets of a compile", () => {
  it.each(["unwrapped.example", "looked-up.example", "kept.example"])(
    "are sealed where only their text reaches the catalog: %s",
    (certname) => {
      expect(resource(catalogOf(outcomes.get(certname)), "File", "/etc/pw").parameters.get("content")).toHaveProperty("digest");
    },
  );

  it.each([
    ["failing.example", "it is [secret]"],
    ["class-name.example", "Could not find class ::[secret]"],
    ["eyaml-error.example", "it is [secret]"],
    ["yaml-data.example", "Unknown alias"],
    ["json-data.example", "this is not JSON"],
  ])("are not in the error of %s", (certname, words) => {
    expect(errorOf(certname)).toContain(words);
  });

  it("are taken out of an error before it is cut", () => {
    expect(errorOf("long-error.example")).not.toContain("kkkkkkkk");
  });

  it.each(["whole", "inside", "by-hand"])("encrypted values are sealed without a key: %s", (title) => {
    expect(resource(catalogOf(outcomes.get("eyaml.example")), "Notify", title).parameters.get("message")).toHaveProperty("digest");
  });

  it("encrypted values are sealed in depth, in keys, titles and base64, and what is not encrypted is kept", () => {
    const catalog = catalogOf(outcomes.get("eyaml.example"));
    expect(resource(catalog, "Notify", "deep").parameters.get("message")).toEqual([{ digest: expect.any(String) }, "clear"]);
    for (const title of ["hash", "base64"]) expect(resource(catalog, "Notify", title).parameters.get("message")).toHaveProperty("digest");
    expect(catalog.resources.map(({ title }) => title)).toContain("title [secret]");
    expect(resource(catalog, "Notify", "clear").parameters.get("message")).toBe("not encrypted");
    expect(resource(catalog, "Notify", "plain").parameters.get("message")).toBe("nothing to hide");
  });

  it("a ciphertext has one digest on every node, another one another, and each is told once", () => {
    const first = resource(catalogOf(outcomes.get("eyaml.example")), "Notify", "whole").parameters.get("message");
    const again = resource(catalogOf(outcomes.get("eyaml-again.example")), "Notify", "whole").parameters.get("message");
    const deep = resource(catalogOf(outcomes.get("eyaml.example")), "Notify", "deep").parameters.get("message");
    expect(again).toEqual(first);
    expect(Array.isArray(deep) ? deep[0] : null).not.toEqual(first);
    const outcome = outcomes.get("eyaml.example");
    expect(new Set(outcome?.ok ? outcome.encrypted : []).size).toBe(4);
  });

  it("encrypted values that no backend decrypts are sealed too", () => {
    expect(resource(catalogOf(outcomes.get("not-decrypted.example")), "Notify", "raw").parameters.get("message")).toHaveProperty("digest");
  });

  it("nothing of them is in any outcome", () => {
    const everything = JSON.stringify([...outcomes.values()], (_, value: unknown) => (value instanceof Map ? [...value] : value));
    for (const text of [secret, other, "starredpassword", "saved in the clear", "A".repeat(20), "R".repeat(20)])
      expect(everything).not.toContain(text);
  });
});

describe("an answer that was kept", () => {
  const layout: EnvironmentLayout = { name: "production", modulepath: [], manifest: "manifests" };
  const readKept = (certname: string, raw: Buffer): CompileOutcome => puppet.readKept(raw, { certname, layout, limits });

  it.each(Object.keys(manifests))("tells of the same outcome when it is read again: %s", (certname) => {
    expect(readKept(certname, raws.get(certname) ?? Buffer.alloc(0))).toEqual(outcomes.get(certname));
  });

  it("is as little believed as when it came", () => {
    const raw = raws.get("eyaml.example") ?? Buffer.alloc(0);
    for (const [certname, kept] of [
      ["another.example", raw],
      ["eyaml.example", raw.subarray(0, -1)],
      ["eyaml.example", Buffer.from('{"certname": "eyaml.example", "ok": true, "catalog": 1}')],
    ] as const)
      expect(readKept(certname, kept)).toMatchObject({ ok: false, error: { code: "hostile" } });
  });

  it("is given only where it was asked for, and where Puppet itself spoke", async () => {
    const given: Array<Buffer | undefined> = [];
    await tree.compile([node("eyaml.example")], (_, raw) => given.push(raw), { workers: 1 });
    await tree.compile([node("crash.example")], (_, raw) => given.push(raw), { workers: 1, raw: true });
    await tree.compile([node("nowhere.example")], (_, raw) => given.push(raw), { workers: 1, raw: true });
    expect(given).toEqual([undefined, undefined, expect.any(Buffer)]);
  });
});
