import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSite, readSite } from "../../src/fleet/site.ts";

const whole = `version: 1
reports: {folder: /var/lib/puppet/reports}
variables: {HOME: /var/lib/gate}
compilers:
  - name: puppet1
    deploy: [ssh, puppet1, r10k, deploy, environment, "{environment}", --modules]
    served: {folder: "/etc/puppetlabs/code/environments/{environment}"}
    flush: [curl, "https://puppet1:8140/puppet-admin-api/v1/environment-cache?environment={environment}"]
    minutes: 20
  - name: puppet2.example.com
    deploy: [ssh, puppet2, r10k, deploy, environment, "{environment}"]
    served: {command: [ssh, puppet2, cat, "/etc/puppetlabs/code/environments/{environment}/.r10k-deploy.json"]}
repository: acme/control
`;

describe("the site's file", () => {
  it("says where reports are, and what deploys", () => {
    const loaded = loadSite(whole, "rollout.yaml");
    expect(loaded).toMatchObject({
      ok: true,
      site: {
        repository: "acme/control",
        reports: { kind: "folder", folder: "/var/lib/puppet/reports" },
        lanesFile: null,
        compilers: [
          { name: "puppet1", served: { kind: "folder", folder: "/etc/puppetlabs/code/environments/{environment}" }, minutes: 20 },
          {
            name: "puppet2.example.com",
            served: { kind: "command", command: ["ssh", "puppet2", "cat", expect.anything()] },
            flush: null,
            minutes: 15,
          },
        ],
      },
    });
    const withFile = loadSite(`${whole}lanes_file: /var/lib/puppet-gate/lanes.json\n`, "rollout.yaml");
    expect(withFile).toMatchObject({ ok: true, site: { lanesFile: "/var/lib/puppet-gate/lanes.json" } });
    const variables = loaded.ok ? loaded.site.compilers.map((each) => each.variables) : [];
    expect(variables.map(({ HOME }) => HOME)).toEqual(["/var/lib/gate", "/var/lib/gate"]);
    expect(variables[0]?.PATH).toContain("/usr/bin");
  });

  it.each([
    ["nothing", "", ["1:1 The file is empty. Begin it with `version: 1`."]],
    ["no YAML", "version: [", [expect.stringMatching(/^1:\d+ Flow sequence/u)]],
    ["an alias", "version: &v 1\nreports: *v", ["1:13 `&v` is an anchor, which this file may not have. Remove it."]],
    [
      "a key that is not known",
      whole.replace("minutes: 20", "minuts: 20"),
      ["9:5 `minuts` is not known in `compilers[0]`; did you mean `minutes`? Write `minutes`, or remove it."],
    ],
    [
      "no compilers",
      "version: 1\nreports: {puppetdb: true}\ncompilers: []\nrepository: acme/control\n",
      ["3:12 `compilers` is an empty list; expected at least 1 entry. Write at least 1 entry."],
    ],
    [
      "no owner of the repository",
      whole.replace("acme/control", "control"),
      [expect.stringContaining('13:13 `repository` is "control"; expected a repository with its owner, like `acme/control`')],
    ],
    [
      "two sources of reports",
      whole.replace("{folder: /var/lib/puppet/reports}", "{folder: /var/lib/puppet/reports, puppetdb: true}"),
      ["2:44 `reports` has both `folder` and `puppetdb`. Keep one of the two."],
    ],
    [
      "no source of reports",
      whole.replace("{folder: /var/lib/puppet/reports}", "{}"),
      ["2:10 `reports` is empty. Give one of `folder` and `puppetdb`."],
    ],
    [
      "a folder that would be sought from wherever the gate was started",
      whole.replace("/var/lib/puppet/reports", "reports"),
      ['2:19 `reports.folder` is "reports"; expected an absolute path. Write an absolute path.'],
    ],
    [
      "a shell's line instead of arguments",
      whole.replace('[ssh, puppet2, r10k, deploy, environment, "{environment}"]', "ssh puppet2 r10k"),
      [expect.stringMatching(/^11:13 `compilers\[1\]\.deploy` is "ssh puppet2 r10k"; expected a list\./u)],
    ],
    [
      "a deploy of nothing",
      whole.replace(', "{environment}", --modules', ""),
      [
        "6:13 `compilers[0].deploy` is a list; expected arguments with `{environment}` in one of them. Write arguments with `{environment}` in one of them.",
      ],
    ],
    [
      "a placeholder that there is not",
      whole.replace("--modules", '"{branch}"'),
      [
        '6:72 `compilers[0].deploy[6]` is "{branch}"; expected no word in braces but `{environment}`. Write no word in braces but `{environment}`.',
      ],
    ],
    [
      "one compiler twice",
      whole.replace("puppet2.example.com", "puppet1"),
      ['10:11 `compilers[1].name` is "puppet1", which line 5 has already. Give each its own name.'],
    ],
    [
      "a name that would be a path",
      whole.replace("name: puppet1", "name: ../puppet1"),
      [expect.stringContaining('5:11 `compilers[0].name` is "../puppet1"; expected a host\'s name')],
    ],
    [
      "a folder for all environments",
      whole.replace('environments/{environment}"}', 'environments"}'),
      [expect.stringContaining("expected an absolute path with `{environment}` in it")],
    ],
    ["no time", whole.replace("minutes: 20", "minutes: 0"), [expect.stringContaining("9:14 `compilers[0].minutes` is 0; expected")]],
  ])("is refused for %s, with the place and what to do", (_, text, problems) => {
    const loaded = loadSite(text, "rollout.yaml");
    expect(loaded.ok ? [] : loaded.problems.map(({ line, column, text: what, hint }) => `${line}:${column} ${what} ${hint}`)).toEqual(
      problems,
    );
  });
});

it("is as docs/rollout-site.md shows one", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/rollout-site.md"), "utf8");
  const example = /```yaml\n(.*?)```/su.exec(page)?.[1] ?? "";
  expect(loadSite(example, "rollout.yaml")).toMatchObject({ ok: true, site: { compilers: [{ name: "puppet1" }, { name: "puppet2" }] } });
});

describe("the file on this machine", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "puppet-gate-site-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, text: string, mode = 0o640): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it("is read", async () => {
    expect((await readSite(put("good.yaml", whole))).compilers.map(({ name }) => name)).toEqual(["puppet1", "puppet2.example.com"]);
  });

  it("is refused where others could have commands run by it", async () => {
    const path = put("open.yaml", whole, 0o664);
    await expect(readSite(path)).rejects.toMatchObject({ code: "site-unreadable", hint: `Take that from them: chmod go-w ${path}` });
  });

  it("is told with the first of what is wrong", async () => {
    const path = put("bad.yaml", "version: 2\nreports: {puppetdb: true}\nrepository: acme/control\n");
    const more = "(and 1 more)";
    await expect(readSite(path)).rejects.toMatchObject({
      code: "bad-site",
      text: `${path}:1:1: \`compilers\` is missing. ${more}`,
    });
  });

  it.each([
    ["there is none", () => join(folder, "none.yaml"), "there is no such file or folder"],
    ["it is a folder", () => (mkdirSync(join(folder, "folder")), join(folder, "folder")), "it is no regular file"],
    ["it has no end", () => put("long.yaml", "#".repeat(300_000)), "it has 300000 bytes, more than 262144"],
  ])("is refused where %s", async (_, path, why) => {
    const named = path();
    await expect(readSite(named)).rejects.toMatchObject({ text: `${named} can't be used: ${why}.` });
  });
});
