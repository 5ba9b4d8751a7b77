import { describe, expect, it, vi } from "vitest";
import type { ModuleResolver, ResolvedModule } from "../../src/engine/ports/modules.ts";
import { keepTrees } from "../../src/engine/kept-trees.ts";
import { Problem } from "../../src/problem.ts";
import { edited, type File, type Files } from "./stand-ins/repository.ts";
import { createStage, small, type Asked, type Checked } from "./stand-ins/stage.ts";

const checked = (edits: Record<string, File | null>, more: Partial<Asked> = {}, main: Files = small): Promise<Checked> =>
  createStage().check({ main, change: edited(main, edits), ...more });
const welcome = { "data/common.yaml": "motd::text: welcome\n" };
const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw new Error(`no Problem: ${String(error)}`);
};
const outcomesOf = ({ report }: Checked): string => report.nodes.map(({ certname, outcome }) => `${certname} ${outcome}`).join();

describe("what is compared", () => {
  it("is the merge result with the base that was asked for, or with the default branch", async () => {
    const other = edited(small, { "data/common.yaml": "motd::text: meanwhile\n" });
    const history = { commits: { release: other, both: edited(other, { "site/profile/templates/web.conf.erb": "listen 8080\n" }) } };
    const came = await checked(
      { "site/profile/templates/web.conf.erb": "listen 8080\n" },
      { base: "release", history: { ...history, merged: "both" } },
    );
    expect(came.report.base.ref).toBe("release");
    expect(came.report.groups.map(({ title }) => title)).toEqual(["/etc/web.conf"]);
    expect((await checked(welcome)).report.base.ref).toBe("main");
  });

  it("is nothing where the two conflict: nothing is opened, and the paths are told", async () => {
    const came = await checked(welcome, { history: { conflicts: ["data/common.yaml"] } });
    expect(came.log).toEqual(["versions"]);
    expect(came.report).toMatchObject({
      tree: null,
      findings: [{ check: "merge", severity: "error", path: "data/common.yaml", code: "conflict", onChangedLine: true }],
      verdict: { outcome: "blocked" },
    });
  });
});

describe("the course of a check", () => {
  it("gets Puppet's parser ready where manifests or templates change, and looks at files once it is known what is compiled", async () => {
    const code = await checked({ "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "x"}\n' });
    expect(code.log.slice(0, 2)).toEqual(["versions", "expect syntax"]);
    expect(code.log.indexOf("expect 2")).toBeLessThan(code.log.findIndex((each) => each.startsWith("open")));
    expect((await checked(welcome)).log).not.toContain("expect syntax");
  });

  it("tells how far it is", async () => {
    const { progress, report } = await checked(welcome);
    expect(progress[0]).toEqual({ step: "read", done: 0, total: null });
    expect(progress.filter(({ step }) => step === "syntax")).toEqual([{ step: "syntax", done: 0, total: 1 }]);
    const compiles = progress.filter(({ step }) => step === "compile");
    expect(compiles[0]).toEqual({ step: "compile", done: 0, total: 2 });
    expect(compiles.at(-1)).toEqual({ step: "compile", done: 4, total: 4, first: "File[/etc/motd] content on db01" });
    expect(progress.at(-1)).toEqual({ step: "diff", done: 0, total: null });
    expect(Object.keys(report.timing).sort()).toEqual(["compile", "diff", "files", "read", "total"]);
  });

  it("closes what it opened, whatever ends it", async () => {
    const stage = createStage();
    stage.puppet.fail("compile change web01", new Error("the sandbox burst"));
    await expect(stage.check({ main: small, change: edited(small, welcome) })).rejects.toThrow("the sandbox burst");
    const opened = stage.puppet.log.filter((each) => each.startsWith("open "));
    expect(opened.sort()).toEqual(["open change", "open main"]);
    expect(stage.puppet.log.filter((each) => each.startsWith("close ")).sort()).toEqual(["close change", "close main"]);
  });

  it("says why a file can't be looked at where the compiles end first, and the reverse", async () => {
    for (const what of ["expect 2", "syntax change data/common.yaml", "open change", "versions"]) {
      const stage = createStage();
      stage.puppet.fail(what, new Error(`no ${what}`));
      await expect(stage.check({ main: small, change: edited(small, welcome) })).rejects.toThrow(`no ${what}`);
    }
  });

  it("leaves no failure of a part behind that nobody hears of", async () => {
    const unheard: unknown[] = [];
    const hear = (error: unknown): void => void unheard.push(error);
    process.on("unhandledRejection", hear);
    try {
      const versions = createStage();
      versions.puppet.fail("versions", new Error("no Puppet"));
      expect((await problemOf(versions.check({ main: small, change: small, base: "nowhere" }))).code).toBe("unknown-ref");
      // No file is looked at here, so that nobody waits for the plan.
      const compiles = createStage();
      compiles.puppet.fail("expect 2", new Error("no sandbox"));
      await expect(compiles.check({ main: small, change: edited(small, { "README.md": "Hello.\n" }) })).rejects.toThrow("no sandbox");
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off("unhandledRejection", hear);
    }
    expect(unheard).toEqual([]);
  });

  it("ends when it is called off", async () => {
    const stage = createStage();
    const calledOff = AbortSignal.abort(new Error("nobody wants it"));
    await expect(stage.check({ main: small, change: edited(small, welcome), signal: calledOff })).rejects.toThrow("nobody wants it");
    expect(stage.puppet.log.some((each) => each.startsWith("compile "))).toBe(false);
    // Also where no file is parsed, so that nothing else would tell.
    await expect(stage.check({ main: small, change: edited(small, { "README.md": "Hello.\n" }), signal: calledOff })).rejects.toThrow(
      "nobody wants it",
    );
  });

  it("ends when it takes longer than base's policy gives it", async () => {
    vi.useFakeTimers();
    try {
      const main = edited(small, { ".github/puppet-gate.yml": "version: 1\ncompile: {check_minutes: 3}\n" });
      const stage = createStage();
      const late = new Promise<never>(() => {});
      const slots = {
        enter: () => ({ share: () => (_: unknown, signal?: AbortSignal) => Promise.race([late, rejected(signal)]) }),
      } as never;
      const ends = problemOf(stage.check({ main, change: edited(main, welcome), ports: { slots } }));
      await vi.advanceTimersByTimeAsync(179_000);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(1_000);
      expect((await ends).code).toBe("check-time");
      await stage.check({ main, change: main });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  const rejected = (signal?: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
});

describe("the nodes of a check", () => {
  it("are those that were asked for", async () => {
    expect(outcomesOf(await checked(welcome, { nodes: ["web*"] }))).toBe("web01 changed");
    const none = await problemOf(checked(welcome, { nodes: ["mail*"] }));
    expect([none.code, none.hint]).toEqual(["no-such-node", "There are 2 nodes, such as db01, web01."]);
  });

  it("are the literal ones of the main manifest where nobody has facts", async () => {
    const bare = edited(small, { "facts/web01.json": null, "facts/db01.json": null });
    const came = await checked(welcome, {}, bare);
    expect(came.log.filter((each) => each.startsWith("statements ")).sort()).toEqual(["statements change", "statements main"]);
    expect(outcomesOf(came)).toBe("db01 changed,web01 changed");
    expect(came.report.facts?.from).toBe("assumed");
    const none = await checked(welcome, {}, edited(bare, { "manifests/site.pp": "node default profile::motd\n" }));
    expect(none.report.nodes).toEqual([]);
    expect(none.report.verdict.reasons.find(({ rule }) => rule === "facts")?.text).toMatch(
      /^there are no node facts, and the main manifest names no node/u,
    );
    expect(none.progress.filter(({ step }) => step === "compile")).toEqual([]);
  });

  it("can be explained, one at a time", async () => {
    const { report } = await checked(welcome, { explain: "web01" });
    expect(report.explained).toEqual({
      certname: "web01",
      compiled: "hiera key motd::text in data/common.yaml",
      rests: {
        names: 3,
        functions: 0,
        types: 0,
        keys: 1,
        data: ["data/common.yaml"],
        files: ["site/profile/templates/web.conf.erb"],
        facts: [],
        sources: ["puppet:///modules/profile/logo"],
      },
    });
    const port = { "site/profile/templates/web.conf.erb": "listen 8080\n" };
    expect((await checked(port, { explain: "db01" })).report.explained).toMatchObject({ compiled: null, rests: { names: 1 } });
    expect((await checked({}, { explain: "db01" })).report.explained).toEqual({ certname: "db01", compiled: null, rests: null });
    expect(await problemOf(checked(welcome, { explain: "mail01" }))).toMatchObject({
      code: "no-such-node",
      hint: "There are 2 nodes, such as db01.",
    });
    const bare = { "facts/web01.json": null, "facts/db01.json": null, "manifests/site.pp": "node default profile::motd\n" };
    const none = await problemOf(checked(welcome, { explain: "mail01" }, edited(small, bare)));
    expect(none.hint).toBe("There are no nodes at all: give node facts with --facts DIR.");
  });
});

describe("what a check is told by", () => {
  it("base's policy: what it leaves out, whose nodes they are, what it asks for", async () => {
    const policy = [
      "version: 1",
      "services: [{name: pages, match: 'certname == \"web01\"'}]",
      "differences: {ignore: [{type: File, title: /etc/motd, attribute: content, reason: it is for people}]}",
    ].join("\n");
    const main = edited(small, { ".github/puppet-gate.yml": policy });
    const { report } = await checked({ ...welcome, ".github/puppet-gate.yml": "version: 1\n" }, {}, main);
    expect(report.nodes.map(({ outcome, services }) => `${outcome} ${services.join()}`)).toEqual(["unchanged ", "unchanged pages"]);
    expect(report.nodes[0]?.reason).toBe("nothing differs but what the policy leaves out (`differences.ignore`)");
    expect(report.coverage?.unseen).toContainEqual(expect.objectContaining({ what: "ignored", count: 1 }));
    expect(report.findings.map(({ code }) => code)).toEqual(["policy-of-base"]);
    expect(report.verdict.outcome).toBe("pass");
  });

  it("a policy that was given, and the organisation's", async () => {
    const given = { path: "mine.yml", text: "version: 1\nfacts: {folder: nodes}\n" };
    expect((await problemOf(checked(welcome, { policy: given }))).code).toBe("no-facts");
    const organisation = { path: "org.yml", text: "version: 1\nrules: [{name: ours, require: {approvals: {count: 2}}}]\n" };
    const { report } = await checked(welcome, { organisation });
    expect(report.verdict.reasons.map(({ rule }) => rule)).toContain("ours");
    expect((await checked(welcome)).report.verdict.reasons.map(({ rule }) => rule)).not.toContain("ours");
  });

  it("stand-ins, by which a report says that it was made", async () => {
    const main = edited(small, {
      ".github/puppet-gate.yml": "version: 1\ncompile: {stand_ins: private}\n",
      "private/dns.yaml": "www.example.com: 127.0.0.1\n",
      "site/profile/manifests/motd.pp":
        'used dns www.example.com\nmissing hiera secrets/motd.yaml\nFile[/etc/motd] {"content": "${motd::text}"}\n',
    });
    const { report } = await checked(welcome, {}, main);
    expect(report.facts?.standIns).toMatch(/^[0-9a-f]{64}$/u);
    expect(report.coverage?.missing).toEqual([{ kind: "hiera", name: "secrets/motd.yaml", nodes: 2 }]);
    expect(report.coverage?.unseen.map(({ what }) => what)).toEqual(["stand-ins", "missing"]);
    expect((await checked(welcome)).report.facts).not.toHaveProperty("standIns");
  });

  it("what others export, where that is known", async () => {
    const edits = { "site/profile/manifests/motd.pp": "@@File[/etc/new]\n" };
    const running = edited(small, {
      "site/profile/manifests/motd.pp": "Notify[motd]\n",
      "site/profile/manifests/web.pp": 'collects File\nService[web] {"ensure": "running"}\n',
      "site/role/manifests/web.pp": "include profile::web\n",
    });
    const reasonOf = async (main: Files): Promise<string | null | undefined> =>
      (await checked(edits, {}, main)).report.nodes.find(({ certname }) => certname === "web01")?.reason;
    expect(await reasonOf(running)).toMatch(/: this node was compiled without what others export\./u);
    const policy = { ".github/puppet-gate.yml": "version: 1\ncompile: {stand_ins: private}\n" };
    expect(await reasonOf(edited(running, { ...policy, "private/puppetdb.yaml": "exported: []\n" }))).toMatch(
      /: nothing like it was collected there before$/u,
    );
    expect(await reasonOf(edited(running, { ...policy, "private/dns.yaml": "www: 127.0.0.1\n" }))).toMatch(/without what others export/u);
  });

  it("the modules that a Puppetfile names, and what changes of them", async () => {
    const had: ResolvedModule = { ok: true, id: "1", version: "1.0.0", folder: "/cache/1", files: [], moves: false };
    const modules: ModuleResolver = {
      resolve: async ({ source }) =>
        source.kind === "forge" && source.version === "2.0.0" ? { ...had, id: "2", version: "2.0.0", folder: "/cache/2" } : had,
      history: async () => null,
      read: async () => null,
    };
    const main = edited(small, {
      ".github/puppet-gate.yml": "version: 1\nmodules: {sources: ['https://forge.example/*']}\n",
      Puppetfile: "mod 'acme/clock', '1.0.0'\n",
    });
    const { report } = await checked({ Puppetfile: "mod 'acme/clock', '2.0.0'\n" }, { ports: { modules } }, main);
    expect(report.modules).toMatchObject([{ name: "clock", before: "1.0.0", after: "2.0.0", line: 1 }]);
    expect(report.findings).toMatchObject([{ code: "module-changed", path: "Puppetfile", line: 1, onChangedLine: true }]);
    const served: ModuleResolver = {
      ...modules,
      resolve: async (wanted, ...rest) => {
        const found = await modules.resolve(wanted, ...rest);
        const file = { path: "files/motd", mode: "100644", size: 2, oid: found.ok ? found.id.repeat(40) : "" };
        return found.ok ? { ...found, files: [file] } : found;
      },
      read: async ({ folder }, path) => Buffer.from(`${folder} ${path}\n`),
    };
    const from = edited(main, {
      "environment.conf": "modulepath = modules:site\n",
      "modules/.keep": "",
      "site/profile/manifests/motd.pp": 'File[/etc/motd] {"source": "puppet:///modules/clock/motd"}\n',
    });
    const shown = await checked({ Puppetfile: "mod 'acme/clock', '2.0.0'\n" }, { ports: { modules: served } }, from);
    expect(shown.report.groups).toMatchObject([
      { title: "/etc/motd", before: "/cache/1 clock/files/motd\n", after: "/cache/2 clock/files/motd\n" },
    ]);
    const unasked = await checked({ Puppetfile: "mod 'acme/clock', '2.0.0'\n" }, {}, main);
    expect(unasked.report).not.toHaveProperty("modules");
    expect(unasked.report.verdict.reasons.find(({ rule }) => rule === "modules")?.outcome).toBe("unknown");
    const hidden = edited(main, { "modules/clock/manifests/init.pp": "", "environment.conf": "modulepath = site:modules\n" });
    const came = await checked({ Puppetfile: "mod 'acme/clock', '2.0.0'\n" }, { ports: { modules } }, hidden);
    expect(came.report.findings.map(({ code }) => code)).toEqual(["pin-hidden"]);
  });

  it("the linter's settings of base, which may not be loosened by the change", async () => {
    const main = edited(small, { ".puppet-lint.rc": "--no-140chars-check\n--fix\n" });
    const { report, log } = await checked(
      { ".puppet-lint.rc": "", "site/profile/manifests/motd.pp": 'File[/etc/motd] {"mode": "0600"}\n' },
      {},
      main,
    );
    expect(log).toContain("lint change site/profile/manifests/motd.pp,--no-140chars-check");
    expect(report.findings.map(({ code }) => code)).toEqual(["lint-of-base", "lint-option"]);
  });

  it("mendings and debt of the files that it touches", async () => {
    const main = edited(small, { "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "${motd::text}"}\n# old !lint\n' });
    const { report } = await checked(
      { "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "${motd::text}"}\n# old !lint\n\n# new !lint\n' },
      {},
      main,
    );
    expect(report.debt).toEqual({ lint: 1 });
    expect(report.suggestions).toEqual([{ path: "site/profile/manifests/motd.pp", line: 4, endLine: 4, text: "# new" }]);
  });

  it("what causes it", async () => {
    const { report } = await checked(welcome);
    expect(report.causes).toMatchObject([{ kind: "data", name: "motd::text", groups: [0], nodes: 2 }]);
  });
});

describe("what a report never shows", () => {
  const text = "correct horse battery";
  it.each<[string, Record<string, string>, Record<string, string>]>([
    [
      "a secret of base's catalog",
      { "site/profile/manifests/motd.pp": `secret ${text}\n` },
      { "site/profile/manifests/motd.pp": `Notify[x] {"message": "${text}"}\n` },
    ],
    [
      "a secret of the change's catalog",
      { "site/profile/manifests/motd.pp": `Notify[x] {"message": "${text}"}\n` },
      { "site/profile/manifests/motd.pp": `secret ${text}\n` },
    ],
    [
      "a secret that a changed file spells out",
      { "site/profile/manifests/motd.pp": `Notify[x] {"message": "${text}"}\n` },
      { "site/profile/manifests/motd.pp": `Notify[x] {"message": "other"}\n# Sensitive('${text}')\n` },
    ],
    [
      "a secret of a node that the change does not reach",
      { "site/profile/manifests/web.pp": `secret ${text}\nNotify[web]\n` },
      { "site/profile/manifests/motd.pp": `Notify[x] {"message": "${text}"}\n` },
    ],
    [
      "a secret in what an error says",
      { "site/profile/manifests/motd.pp": `secret ${text}\n` },
      { "site/profile/manifests/motd.pp": `fails compile ${text} is wrong\n` },
    ],
  ])("%s", async (_, before, after) => {
    const main = edited(small, { "site/role/manifests/web.pp": "include profile::web\n", ...before });
    const stage = createStage();
    for (const run of [1, 2]) {
      const { report } = await stage.check({ main, change: edited(main, after) });
      expect(JSON.stringify(report), `check ${run}`).not.toContain(text);
      expect(report.groups.length + report.nodes.filter(({ outcome }) => outcome === "broken").length).toBeGreaterThan(0);
    }
  });
});

describe("base's tree", () => {
  it("is kept open for the next check of the same branch, and head's is not", async () => {
    const trees = keepTrees({ most: 1, idleSeconds: 60, freeMemory: () => 2 ** 34 });
    const stage = createStage({ kept: false });
    const ports = { keep: { trees, branch: "main" } };
    for (const text of ["welcome", "hi"]) {
      const change = edited(small, { "data/common.yaml": `motd::text: ${text}\n` });
      await stage.check({ main: small, change, ports });
    }
    expect(stage.puppet.log.filter((each) => /^(?:open|close)/u.test(each)).sort()).toEqual([
      "close change",
      "close change",
      "open change",
      "open change",
      "open main",
    ]);
    await trees.close();
    expect(stage.puppet.log.at(-1)).toBe("close main");
  });
});
