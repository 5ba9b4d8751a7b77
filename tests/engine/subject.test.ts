import { describe, expect, it } from "vitest";
import { policyChange, policyOf, readPolicyText } from "../../src/engine/layers.ts";
import { configFindings, lintSettings, readSubject } from "../../src/engine/subject.ts";
import { Problem } from "../../src/problem.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { apartHere } from "./stand-ins/apart.ts";
import { edited, MemoryRepository, type File, type Files } from "./stand-ins/repository.ts";

const path = ".github/puppet-gate.yml";
const sides = async (main: Files, edits: Record<string, File | null>) => {
  const repository = new MemoryRepository({ commits: { main, change: edited(main, edits) } });
  const [base, tree] = [repository.tree("main"), repository.tree("change")];
  return { repository, base, tree, changed: await repository.changes(base, tree) };
};
const told = async (
  main: Files,
  edits: Record<string, File | null>,
  compile = { enc: null, standIns: null } as { enc: string | null; standIns: string | null },
  apart = apartHere,
) => {
  const { repository, tree, changed } = await sides(main, edits);
  return configFindings(repository, tree, changed, compile, apart);
};
const short = (findings: Awaited<ReturnType<typeof told>>): string[] =>
  findings.map(
    ({ severity, code, path: at, line, onChangedLine }) => `${severity} ${code} ${at}:${line}${onChangedLine ? " changed" : ""}`,
  );

describe("files that say how a change is judged", () => {
  const policy = { [path]: "version: 1\n" };
  it.each<[string, Files, Record<string, File | null>, string[]]>([
    ["a policy that changes", policy, { [path]: "version: 1\nmode: observe\n" }, [`notice policy-of-base ${path}:null`]],
    ["a policy that comes", {}, policy, [`notice policy-of-base ${path}:null`]],
    ["a policy that goes", policy, { [path]: null }, [`notice policy-goes ${path}:null`]],
    ["a policy that goes by another name", policy, { [path]: null, "docs/old.yml": "version: 1\n" }, [`notice policy-goes ${path}:null`]],
    ["another file that goes", { README: "" }, { README: null }, []],
    ["a policy that becomes a link", policy, { [path]: { link: "x" } }, [`error policy-unreadable ${path}:null`]],
    [
      "a policy with faults, new and old",
      { [path]: "version: 1\na: 1\n" },
      { [path]: "version: 1\na: 1\nb: 1\n" },
      [`error bad-policy ${path}:2`, `error bad-policy ${path}:3 changed`],
    ],
    [
      "the linter's configuration",
      { ".puppet-lint.rc": "" },
      { ".puppet-lint.rc": "--no-140chars-check\n" },
      ["notice lint-of-base .puppet-lint.rc:null"],
    ],
    ["the linter's configuration, which goes", { ".puppet-lint.rc": "x" }, { ".puppet-lint.rc": null }, []],
  ])("are told: %s", async (_, main, edits, expected) => {
    expect(short(await told(main, edits))).toEqual(expected);
  });

  it("are said to be base's, with what is wrong and where", async () => {
    const [finding] = await told({}, { [path]: "version: 1\nservces: []\n" });
    expect(finding).toMatchObject({ check: "config", path, line: 2, column: 1, onChangedLine: true });
    expect(finding?.message).toMatch(/servces.* Write `services`/u);
    const all = await told(
      { "enc/a.yaml": "1\n", "private/x": "1\n" },
      { "enc/a.yaml": "2\n", "private/x": null },
      { enc: "enc/", standIns: "private" },
    );
    expect(all.map(({ message }) => message)).toEqual([
      "classification changes here; this change was judged with base's, the next one is with these",
      "stand-ins change here; this change was judged with base's, the next one is with these",
    ]);
  });

  it.each<[string, Record<string, File | null>, string[]]>([
    ["the file itself", { enc: "2\n" }, ["enc"]],
    ["a file of the folder", { "enc/a": "2\n" }, ["enc/a"]],
    ["one that is moved out of it", { "enc/b": null, "other/b": "moved\n" }, ["other/b"]],
    ["one that only begins alike", { encx: "2\n" }, []],
    ["one with that name elsewhere", { "a/enc/b": "2\n" }, []],
  ])("are the ENC's: %s", async (_, edits, expected) => {
    const main = { encx: "1\n", "a/enc/b": "1\n", ...("enc" in edits ? { enc: "1\n" } : { "enc/a": "1\n", "enc/b": "moved\n" }) };
    expect((await told(main, edits, { enc: "enc//", standIns: null })).map(({ path: at }) => at)).toEqual(expected);
    expect(await told(main, edits)).toEqual([]);
  });
});

describe("how a change is linted", () => {
  const settings = async (main: Files, policy = defaultPolicy) => {
    const repository = new MemoryRepository({ commits: { main } });
    return lintSettings(repository, { baseTree: repository.tree("main"), policy } as never);
  };
  it("is as base's file and policy say, as far as that is harmless", async () => {
    expect(await settings({})).toEqual({ options: [], ignores: "block", findings: [] });
    const lint = { disable: ["documentation"], ignores: "allow" as const };
    const found = await settings({ ".puppet-lint.rc": "--no-140chars-check\n--load=x.rb\n" }, { ...defaultPolicy, lint });
    expect(found).toMatchObject({ options: ["--no-140chars-check", "--no-documentation-check"], ignores: "allow" });
    expect(short(found.findings as never)).toEqual(["notice lint-option .puppet-lint.rc:2"]);
  });
});

describe("what is judged", () => {
  it("is the merge of two commits, by base's policy, a given one, and the organisation's", async () => {
    const main = { [path]: "version: 1\nmode: observe\n" };
    const repository = new MemoryRepository({ commits: { main, change: { ...main, [path]: "version: 1\n" } } });
    const subject = (base: string | null, layers: Parameters<typeof readSubject>[2]) =>
      readSubject(repository, { base, head: "change" }, layers);
    const own = await subject(null, { given: null, organisation: null });
    expect([own.base.ref, own.head.ref, own.baseTree, own.policy.mode]).toEqual(["main", "change", repository.tree("main"), "observe"]);
    expect(own.merge).toEqual({ ok: true, tree: repository.tree("change") });
    expect((await subject("change", { given: null, organisation: null })).policy.mode).toBe("enforce");
    expect((await subject("main", { given: { path: "x", text: "version: 1\n" }, organisation: null })).policy.mode).toBe("enforce");
    const organisation = { path: "org", text: "version: 1\nrules: [{name: ours, require: {approvals: {count: 1}}}]\n" };
    expect((await subject("main", { given: null, organisation })).policy.rules.map(({ name }) => name)).toContain("ours");
  });
});

describe("the policy of a tree", () => {
  const read = (files: Files) => {
    const repository = new MemoryRepository({ commits: { main: files } });
    return readPolicyText(repository, repository.tree("main"));
  };
  it("is its file, or none", async () => {
    expect(await read({ [path]: "version: 1\n" })).toEqual({ path, text: "version: 1\n" });
    expect(await read({ ".github/CODEOWNERS": "" })).toBeNull();
  });

  it.each<[string, Files, string]>([
    ["the file", { [path]: { link: "x" } }, `${path} is no regular file on base (mode 120000)`],
    ["its folder", { ".github": { link: "x" } }, ".github is no regular file on base (mode 120000)"],
  ])("is not the default where a link stands in its way: %s", async (_, files, text) => {
    await expect(read(files)).rejects.toMatchObject({ code: "bad-policy", text: expect.stringContaining(text) as string });
  });

  const file = (text: string, of = path) => ({ path: of, text });
  it("is refused with its first fault and how many more there are", () => {
    const textOf = (...layers: Parameters<typeof policyOf>): string => {
      try {
        policyOf(...layers);
      } catch (error) {
        if (error instanceof Problem) return `${error.text} ${error.hint}`;
      }
      throw new Error("no Problem");
    };
    expect(textOf(null, file("version: 1\na: 1\n"))).toMatch(/^\.github\/puppet-gate\.yml:2:1: (?!.* more\))/u);
    expect(textOf(null, file("version: 1\na: 1\nb: 1\n"))).toMatch(/^\.github\/puppet-gate\.yml:2:1: .* \(and 1 more\) /u);
    expect(textOf(file("version: 2\n", "org.yml"), null)).toMatch(/^org\.yml:1:/u);
    const rule = "version: 1\nrules: [{name: ours, require: {approvals: {count: 1}}}]\n";
    expect(textOf(file(rule, "org.yml"), file(rule))).toMatch(/^\.github\/puppet-gate\.yml does not go together with org\.yml: /u);
  });

  it("is the default one where nobody has any", () => {
    expect(policyOf(null, null)).toEqual(defaultPolicy);
    expect(policyOf(null, file("version: 1\nmode: observe\n")).mode).toBe("observe");
  });

  const judged = { policy: defaultPolicy, organisation: null, own: file("version: 1\n"), apart: apartHere };
  it.each<[string, File | null, string]>([
    ["the same", "version: 1\n", "same"],
    ["gone, which is the default", null, "same"],
    ["unreadable", "version: 2\n", "loosens"],
    ["a link", { link: "x" }, "loosens"],
    ["looser", "version: 1\nmode: observe\n", "loosens"],
  ])("changes: it is %s", async (_, text, expected) => {
    const { repository, tree } = await sides({ [path]: "version: 1\n" }, { [path]: text });
    expect(await policyChange(repository, tree, judged)).toBe(expected);
  });

  it.each([new Problem({ code: "git", text: "No git.", hint: "" }), Object.assign(new Error("disk"), { code: "bad-policy" })])(
    "that can't be looked for is not one that can't be read: %s",
    async (fault) => {
      const { repository, tree } = await sides({}, {});
      Object.assign(repository, { read: async () => Promise.reject(fault) });
      await expect(policyChange(repository, tree, judged)).rejects.toBe(fault);
    },
  );
});
