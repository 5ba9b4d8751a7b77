import { describe, expect, it } from "vitest";
import { diffDigest } from "../../src/catalog/digest.ts";
import { besides, digestOf, touchedBy } from "../../src/engine/besides.ts";
import { known, unknown, type Checked, type PolicyText } from "../../src/gate/facts.ts";
import { Problem } from "../../src/problem.ts";
import { report } from "../gate/world.ts";
import { apartHere } from "./stand-ins/apart.ts";
import { memoryMirror } from "./stand-ins/mirror.ts";
import { edited, type File, type Files } from "./stand-ins/repository.ts";

/** The same as besides.test.ts has over real git, case by case. */
const policy = ".github/puppet-gate.yml";
const files = {
  "site.pp": "node default { }\n",
  "run.sh": "#!\n",
  [policy]: "version: 1\nrules: [{name: two, require: {approvals: {count: 2}}}]\n",
};

function of(
  main: Files,
  change: Files,
  { organisation = null, merges = true }: { organisation?: PolicyText | null; merges?: boolean } = {},
) {
  const mirror = memoryMirror({ commits: { main, change } });
  const made = report({ tree: merges ? mirror.repository.tree("change") : null });
  return {
    mirror,
    read: (): Promise<Omit<Checked, "report">> => besides(mirror, { base: "main", head: "change", organisation }, made, apartHere),
    made,
  };
}

describe("what a verdict rests on besides the report", () => {
  it("is read of base, and told with the patch and what it does", async () => {
    const { read, made } = of(files, edited(files, { a: "1" }));
    const texts = digestOf([files[policy], null]);
    expect(await read()).toMatchObject({
      policy: { rules: [{ name: "two" }] },
      policyDigest: texts,
      policyChange: "same",
      paths: ["a"],
      links: [],
      codeowners: known(null),
      patch: "patch of main..change",
      digest: diffDigest(made),
    });
  });

  it("is nothing of a merge result that is not there", async () => {
    const { read } = of(files, edited(files, { a: "1", [policy]: null }), { merges: false });
    expect(await read()).toMatchObject({ policyChange: "same", paths: [], links: [] });
  });

  it("tells apart which of the two policies is which", async () => {
    const text = "version: 1\n";
    const [own, organisations, both] = await Promise.all([
      of({ [policy]: text }, { [policy]: text }).read(),
      of({ a: "1" }, { a: "1" }, { organisation: { path: "x", text } }).read(),
      of({ [policy]: text }, { [policy]: text }, { organisation: { path: "x", text } }).read(),
    ]);
    expect([own, organisations, both].map(({ policyDigest }) => policyDigest)).toEqual([
      digestOf([text, null]),
      digestOf([null, text]),
      digestOf([text, text]),
    ]);
  });

  it.each<[string, string | null, Checked["policyChange"]]>([
    ["is as it was", files[policy] ?? "", "same"],
    ["asks for more", "version: 1\nrules: [{name: two, require: {approvals: {count: 3}}}]\n", "tightens"],
    ["is gone", null, "loosens"],
  ])("says what becomes of a policy that %s", async (_, text, change) => {
    expect((await of(files, edited(files, { [policy]: text })).read()).policyChange).toBe(change);
  });
});

describe("base's owners", () => {
  const owned = (more: Files): Promise<Omit<Checked, "report">> => of({ ...files, ...more }, { CODEOWNERS: "* @eve\n", ...files }).read();
  const large = (bytes: number): File => "#".repeat(bytes);
  const tooLarge = unknown(
    "CODEOWNERS has 3 MB or more, which GitHub does not load: make it smaller",
    "an owner of CODEOWNERS: make it smaller",
  );
  it.each<[string, Files, Checked["codeowners"]]>([
    ["are nobody", {}, known(null)],
    [
      "are those of .github before all others",
      { ".github/CODEOWNERS": "* @a", CODEOWNERS: "* @b", "docs/CODEOWNERS": "* @c" },
      known({ path: ".github/CODEOWNERS", text: "* @a" }),
    ],
    ["are those of the root before docs", { CODEOWNERS: "* @b", "docs/CODEOWNERS": "* @c" }, known({ path: "CODEOWNERS", text: "* @b" })],
    ["are those of docs", { "docs/CODEOWNERS": "* @c" }, known({ path: "docs/CODEOWNERS", text: "* @c" })],
    ["are nobody where a link stands in the way", { CODEOWNERS: { link: "docs/CODEOWNERS" }, "docs/CODEOWNERS": "* @c" }, known(null)],
    ["are unknown from 3 MB on", { CODEOWNERS: large(3_000_000) }, tooLarge],
    ["are known up to that", { CODEOWNERS: large(2_999_999) }, known({ path: "CODEOWNERS", text: "#".repeat(2_999_999) })],
  ])("%s", async (_, more, expected) => {
    expect((await owned(more)).codeowners).toEqual(expected);
  });

  it.each<[string, () => Promise<Buffer | null>, Checked["codeowners"]]>([
    [
      "git says why",
      () => Promise.reject(new Problem({ code: "git", text: "The disk is full.", hint: "" })),
      unknown("CODEOWNERS could not be read: The disk is full.", "anybody with write access: say /recheck"),
    ],
    ["it is no file any more", async () => null, unknown("CODEOWNERS could not be read", "anybody with write access: say /recheck")],
  ])("are unknown where they can't be read and %s, until somebody asks again", async (_, answer, expected) => {
    const { mirror, read } = of({ CODEOWNERS: "* @a" }, { CODEOWNERS: "* @a" });
    const before = mirror.repository.read.bind(mirror.repository);
    mirror.read = (tree, path) => (path === "CODEOWNERS" ? answer() : before(tree, path));
    expect((await read()).codeowners).toEqual(expected);
  });

  it("are no excuse for a fault of the gate", async () => {
    const { mirror, read } = of({ CODEOWNERS: "* @a" }, { CODEOWNERS: "* @a" });
    const before = mirror.repository.read.bind(mirror.repository);
    mirror.read = (tree, path) => (path === "CODEOWNERS" ? Promise.reject(new TypeError("x is not a function")) : before(tree, path));
    await expect(read()).rejects.toThrow("x is not a function");
  });
});

describe("what a change touches", () => {
  it.each<[string, Record<string, File | null>, string[], string[]]>([
    ["is nothing", {}, [], []],
    ["is a file", { "site.pp": "" }, ["site.pp"], []],
    ["is a new file", { a: "1" }, ["a"], []],
    ["is both ends of a rename", { "site.pp": null, "new.pp": files["site.pp"] }, ["new.pp", "site.pp"], []],
    ["is a link that comes", { link: { link: "site.pp" } }, ["link"], ["link"]],
    ["is a link that goes", { old: null }, ["old"], ["old"]],
    ["is a file that becomes a link", { "site.pp": { link: "run.sh" } }, ["site.pp"], ["site.pp"]],
    ["is a link that is renamed", { old: null, renamed: { link: "run.sh" } }, ["old", "renamed"], ["renamed"]],
    ["is a link that is renamed, and a file then", { old: null, renamed: "run.sh" }, ["old", "renamed"], ["renamed"]],
    ["is a submodule", { module: { submodule: "1".repeat(40) } }, ["module"], ["module"]],
  ])("%s", async (_, edits, paths, links) => {
    const main = { ...files, old: { link: "run.sh" } };
    const { mirror } = of(main, edited(main, edits));
    const touched = await touchedBy(mirror, mirror.repository.tree("main"), mirror.repository.tree("change"));
    expect({ ...touched, paths: touched.paths.toSorted() }).toEqual({ paths, links });
  });
});

it("a digest of texts tells them apart by place, and takes what is no text of Unicode", () => {
  const digests = [[null], [""], ["null"], ["a", null], [null, "a"], ["a"]].map(digestOf);
  expect(new Set(digests).size).toBe(6);
  expect(digestOf(["\uD800"])).toBe(digestOf(["\uFFFD"]));
  expect(digestOf([])).toMatch(/^[0-9a-f]{64}$/u);
});
