import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { causesOf } from "../../src/engine/causes.ts";
import { edited, MemoryRepository, type Files } from "./stand-ins/repository.ts";

const manifest = (...lines: string[]): string => `${lines.join("\n")}\n`;
const main = {
  "data/common.yaml": "motd::text: hello\nother::key: 1\n",
  "site/motd/manifests/init.pp": manifest(
    "class motd ($text) {",
    "  file { '/etc/motd':",
    "    content => template('motd/motd.erb'),",
    "  }",
    "}",
  ),
  "site/motd/templates/motd.erb": "one\n",
  "site/motd/files/logo": "*\n",
} satisfies Files;
const group = (more: Partial<EffectGroup> = {}): EffectGroup => ({
  type: "File",
  title: "/etc/motd",
  attribute: "content",
  change: "changed",
  kind: "system",
  before: "hello",
  after: "welcome",
  nodes: ["web01"],
  source: { path: "site/motd/manifests/init.pp", line: 2 },
  ...more,
});
const above = new Map([["web01", new Map([["File[/etc/motd]", ["Class[Motd] text"]]])]]);
const text = { "data/common.yaml": "motd::text: welcome\nother::key: 1\n" };
const template = { "site/motd/templates/motd.erb": "two\n" };
const aside = { "site/other/files/x": "new\n" };

async function causes(
  edits: Parameters<typeof edited>[1],
  { groups = [group()], isAbove = false, of = main }: { groups?: EffectGroup[]; isAbove?: boolean; of?: Files } = {},
): Promise<string[]> {
  const repository = new MemoryRepository({ commits: { main: of, change: edited(of, edits) } });
  const side = async (ref: string) => ({ tree: repository.tree(ref), entries: await repository.list(repository.tree(ref)) });
  const [base, merged] = [await side("main"), await side("change")];
  const changed = await repository.changes(base.tree, merged.tree);
  const found = await causesOf(repository, { base, merged }, changed, { groups, above: isAbove ? above : new Map() });
  return found.map(
    ({ kind, name, certain, reason, places }) => `${kind} ${name}${certain ? "" : "?"} ${places.map(({ line }) => line).join()}: ${reason}`,
  );
}

const oidOf = async (content: string): Promise<string> => {
  const repository = new MemoryRepository({ commits: { x: { file: content } } });
  return (await repository.list(repository.tree("x")))[0]?.oid ?? "";
};

const only = "nothing else that Puppet reads was edited";

describe("what effects come from", () => {
  it("is the one thing that is edited", async () => {
    expect(await causes(text)).toEqual([`data motd::text 1: ${only}`]);
    expect(await causes(template)).toEqual([`template site/motd/templates/motd.erb : ${only}`]);
    expect(await causes({ "data/new.yaml": "motd::text: x\n" })).toEqual([`data motd::text 1: ${only}`]);
    expect(await causes({ "site/motd/templates/motd.erb": null })).toEqual([`template site/motd/templates/motd.erb : ${only}`]);
  });

  it("is nothing where nothing comes of it", async () => {
    expect(await causes(text, { groups: [] })).toEqual([]);
  });

  it("is a key that a class around it takes, or a file that its manifest names", async () => {
    expect(await causes({ ...text, ...aside }, { isAbove: true })).toEqual([
      "data motd::text? 1: they are in Class[Motd], which takes it as text",
    ]);
    expect(await causes({ ...text, ...aside })).toEqual([]);
    expect(await causes({ ...template, ...aside })).toEqual([
      "template site/motd/templates/motd.erb? : site/motd/manifests/init.pp, which declares them, uses it",
    ]);
    expect(await causes({ ...template, ...aside }, { groups: [group({ source: null })] })).toEqual([]);
    // As the manifest would be.
    const edit = { "site/motd/manifests/init.pp": "# nothing\nclass motd { }\n" };
    expect(
      await causes({ ...template, ...edit }, { groups: [group({ source: { path: "site/motd/manifests/init.pp", line: 9 } })] }),
    ).toEqual([]);
  });

  it("is the file that is served, by git's id of either side", async () => {
    const repository = new MemoryRepository({ commits: { main } });
    const logo = (await repository.list(repository.tree("main"))).find(({ path }) => path.endsWith("logo"))?.oid ?? "";
    const served = group({ before: { sha256: `git:${logo}`, size: 2 }, after: null, source: null });
    expect(await causes({ "site/motd/files/logo": "**\n", ...text }, { groups: [served] })).toEqual([
      "served-file site/motd/files/logo : it is the file that is served",
    ]);
    const copied = edited(main, { "site/z/files/copy": "**\n" });
    const after = group({ before: null, after: { sha256: `git:${await oidOf("**\n")}`, size: 3 }, source: null });
    expect(await causes({ "site/motd/files/logo": "**\n", ...text }, { groups: [after], of: copied })).toEqual([
      "served-file site/motd/files/logo : it is the file that is served",
    ]);
    // A file that nobody touched is no cause, though it has the same content.
    expect(await causes({ ...text, ...template }, { groups: [served] })).toEqual([]);
  });

  it("is a declaration with new lines, by the lines of the change", async () => {
    const longer = main["site/motd/manifests/init.pp"].replace("    content", "    mode => '0600',\n    content");
    expect(await causes({ "site/motd/manifests/init.pp": longer, ...aside })).toEqual([
      "manifest site/motd/manifests/init.pp? : their declarations have new lines",
    ]);
  });

  it("of a renamed file is told by both of its names", async () => {
    const renamed = { "data/common.yaml": null, "data/all.yaml": main["data/common.yaml"] };
    // All keys go in one place and come in the other.
    expect(await causes(renamed, { isAbove: true })).toEqual(["data motd::text? ,1: they are in Class[Motd], which takes it as text"]);
  });
});

describe("causes are not looked for", () => {
  const many = (count: number): Files => Object.fromEntries(Array.from({ length: count }, (_, at) => [`docs/${at}.md`, `${at}\n`]));
  it("where more than 300 files change", async () => {
    expect(await causes({ ...text, ...many(299) })).toEqual([`data motd::text 1: ${only}`]);
    expect(await causes({ ...text, ...many(300) })).toEqual([]);
  });

  it("where a file that changes is too large to be read on either side", async () => {
    const large = (length: number): string => "x".repeat(length);
    expect(await causes({ ...text, "docs/a.md": large(256 * 1024) })).toHaveLength(1);
    expect(await causes({ ...text, "docs/a.md": large(256 * 1024 + 1) })).toEqual([]);
    const before = edited(main, { "docs/a.md": large(256 * 1024 + 1) });
    expect(await causes({ ...text, "docs/a.md": null }, { of: before })).toEqual([]);
    expect(await causes({ ...text, "docs/a.md": null, "docs/b.md": large(256 * 1024 + 1) }, { of: before })).toEqual([]);
    expect(await causes(text, { of: before })).toHaveLength(1);
  });

  it("where one that was renamed was too large", async () => {
    const of = (size: number) => ({ tree: "t", entries: [{ path: "old.yaml", mode: "100644", oid: "1", size }] });
    const texts = new Map([
      ["t old.yaml", "motd::text: x\n"],
      ["u new.yaml", "motd::text: y\n"],
    ]);
    const repository = { read: async (tree: string, path: string) => Buffer.from(texts.get(`${tree} ${path}`) ?? "") };
    const changed = [{ path: "new.yaml", oldPath: "old.yaml", status: "renamed" as const, mode: "100644", added: new Set([1]) }];
    const found = async (size: number) =>
      causesOf(repository as never, { base: of(size), merged: { tree: "u", entries: [] } }, changed, {
        groups: [group()],
        above: new Map(),
      });
    expect(await found(256 * 1024)).toHaveLength(1);
    expect(await found(256 * 1024 + 1)).toEqual([]);
  });

  it("in manifests that are too large, or too many", async () => {
    const named = (length: number): string => `${main["site/motd/manifests/init.pp"]}#${"x".repeat(length)}`;
    const size = main["site/motd/manifests/init.pp"].length + 1;
    const of = (length: number): Files => edited(main, { "site/motd/manifests/init.pp": named(length) });
    expect(await causes({ ...template, ...aside }, { of: of(256 * 1024 - size) })).toHaveLength(1);
    expect(await causes({ ...template, ...aside }, { of: of(256 * 1024 - size + 1) })).toEqual([]);
    const others = (count: number): EffectGroup[] =>
      Array.from({ length: count }, (_, at) => group({ title: `/x${at}`, source: { path: `site/m${at}/manifests/init.pp`, line: 1 } }));
    const manifests = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`site/m${at}/manifests/init.pp`, "class m { }\n"]));
    const with_ = (count: number) =>
      causes({ ...template, ...aside }, { of: { ...main, ...manifests }, groups: [...others(count), group()] });
    expect(await with_(99)).toHaveLength(1);
    expect(await with_(100)).toEqual([]);
  });
});
