import { describe, expect, it } from "vitest";
import { edited, type Files } from "./stand-ins/repository.ts";
import { createStage, factsOf, small, type Checked } from "./stand-ins/stage.ts";

/** Who is compiled, on which side and how often. */
const compiledOf = ({ log }: Checked): string[] =>
  log
    .filter((each) => each.startsWith("compile "))
    .map((each) => each.slice("compile ".length))
    .sort();
const outcomesOf = ({ report }: Checked): string => report.nodes.map(({ certname, outcome }) => `${certname} ${outcome}`).join();
const reachedOf = ({ report }: Checked): Array<string | undefined> => report.nodes.map(({ reached }) => reached);
const planOf = ({ report }: Checked) => report.coverage?.plan;

const welcome = edited(small, { "data/common.yaml": "motd::text: welcome\n" });
const port = edited(small, { "site/profile/templates/web.conf.erb": "listen 8080\n" });

describe("who is compiled", () => {
  it("everybody on base where nothing is kept, and with the change whom it may reach", async () => {
    const came = await createStage().check({ main: small, change: port });
    // web01 once more on both sides: nobody knows yet what of it differs at every compile.
    expect(compiledOf(came)).toEqual(["change web01", "change web01", "main db01", "main web01", "main web01"]);
    expect(reachedOf(came)).toEqual([undefined, "template site/profile/templates/web.conf.erb"]);
    expect(planOf(came)).toEqual({ kept: 1, reached: 1, sampled: 0, missed: [] });
  });

  it("nobody on base whose compile is kept; and nobody a second time of whom it is known what that comes to", async () => {
    const stage = createStage();
    await stage.check({ main: small, change: welcome });
    // db01 stood for both nodes: it showed the one effect that there was.
    const second = await stage.check({ main: small, change: port });
    expect(compiledOf(second)).toEqual(["change web01", "change web01", "main web01"]);
    expect(second.report.nodes.map(({ cached }) => cached)).toEqual([true, true]);
    const third = await stage.check({ main: small, change: edited(small, { "data/common.yaml": "motd::text: hi\n" }) });
    expect(compiledOf(third)).toEqual(["change db01", "change web01"]);
    const code = await stage.check({
      main: small,
      change: edited(small, { "site/profile/manifests/motd.pp": 'File[/etc/motd] {"mode": "0600"}\n' }),
    });
    // By code alone the change's side is compiled twice: it may have brought what differs at every compile.
    expect(compiledOf(code)).toEqual(["change db01", "change db01", "change web01"]);
  });

  it("base anew for a node that rests on what differs in a later base, and for no other", async () => {
    const stage = createStage();
    await stage.check({ main: small, change: welcome });
    const later = await stage.check({ main: port, change: edited(port, { "data/common.yaml": "motd::text: welcome\n" }) });
    expect(compiledOf(later)).toEqual(["change db01", "change web01", "main web01"]);
    expect(outcomesOf(later)).toBe("db01 changed,web01 changed");
  });

  it("nobody where both trees are one, and nothing is opened", async () => {
    const came = await createStage().check({ main: small, change: small });
    expect(came.log).toEqual(["versions"]);
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 unchanged");
    expect(came.report.verdict.reasons.find(({ rule }) => rule === "compile")?.outcome).toBe("skipped");
    expect(came.report.nodes.find(({ certname }) => certname === "web01")).toMatchObject({
      datacentre: "lon",
      cached: false,
      reason: null,
    });
  });

  it("nobody with the change where it touches nothing that a catalog is made of", async () => {
    const came = await createStage().check({ main: small, change: edited(small, { "README.md": "Hello.\n" }) });
    expect(compiledOf(came)).toEqual(["main db01", "main web01"]);
    expect(came.log).not.toContain("open change");
    expect(planOf(came)).toEqual({ kept: 2, reached: 0, sampled: 0, missed: [] });
  });

  it.each([
    ["what failed on base", { "site/profile/manifests/motd.pp": "fails compile no\n" }, "it does not compile on base"],
    [
      "what is impure",
      { "site/profile/manifests/motd.pp": "impure the function time\n" },
      "its catalog rests on more than the tree: the function time",
    ],
    ["what does not tell", { "site/profile/manifests/motd.pp": "untraced\n" }, "what its catalog rests on was not told"],
  ])("%s, whatever the change is, and again when it is kept", async (_, edits, why) => {
    const main = edited(small, edits);
    const stage = createStage();
    const change = edited(main, { "README.md": "Hello.\n" });
    for (const onBase of [["main db01", "main web01"], []]) {
      const came = await stage.check({ main, change });
      expect(reachedOf(came)).toEqual([why, why]);
      expect(compiledOf(came)).toEqual(["change db01", "change web01", ...onBase]);
    }
  });
});

describe("who is looked at without a compile", () => {
  const kept = async (main: Files, edits: Files): Promise<Checked> => {
    const stage = createStage();
    await stage.check({ main, change: edited(main, { "README.md": "Hello.\n" }) });
    return stage.check({ main, change: edited(main, edits) });
  };

  it("a node that is served a file which differs", async () => {
    const came = await kept(small, { "site/profile/files/logo": "**\n" });
    expect(compiledOf(came)).toEqual([]);
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 changed");
    expect(reachedOf(came)).toEqual([undefined, undefined]);
  });

  it("a node whose catalog is empty, or has a cycle: that is told though nothing changes", async () => {
    const main = edited(small, {
      "site/profile/manifests/motd.pp": 'Notify[a] {"before": "Notify[b]"}\nNotify[b] {"before": "Notify[a]"}\n',
      "manifests/site.pp": "node web01\nnode db01 profile::motd\n",
    });
    const came = await kept(main, { "README.md": "Hello, you.\n" });
    expect(compiledOf(came)).toEqual([]);
    expect(came.report.findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["notice dependency-cycle"]);
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 not-analysable");
  });

  const exchanging = {
    "site/profile/manifests/motd.pp": '@@File[/etc/motd] {"content": "${motd::text}"}\n',
    "site/profile/manifests/web.pp": "collects File\nNotify[web]\n",
    "site/role/manifests/web.pp": "include profile::web\n",
  };
  it("a node that collects, where another one exports what is not as before", async () => {
    const main = edited(small, exchanging);
    const came = await kept(main, { "data/common.yaml": "motd::text: welcome\n" });
    expect(compiledOf(came)).toEqual(["change db01"]);
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 changed");
    expect(came.report.nodes[1]?.reason).toBe("imports what db01 exports");
    // And it takes no catalog where nobody exports anything else.
    const quiet = await kept(main, { "README.md": "Hello, you.\n" });
    expect(compiledOf(quiet)).toEqual([]);
    expect(outcomesOf(quiet)).toBe("db01 unchanged,web01 unchanged");
  });
});

describe("nodes that the change does not reach", () => {
  it("are compiled all the same as far as is asked for, and said to be samples", async () => {
    const came = await createStage().check({ main: small, change: port, sample: 100 });
    expect(planOf(came)).toEqual({ kept: 1, reached: 1, sampled: 1, missed: [] });
    expect(reachedOf(came)[0]).toBe("nothing that it rests on differs: a sample, to prove that");
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 changed");
    expect(planOf(await createStage().check({ main: small, change: port, sample: 0 }))?.sampled).toBe(0);
  });

  const sly = edited(small, {
    "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": {"untold": "profile/motd.erb"}}\n',
    "site/profile/templates/motd.erb": "hello\n",
  });
  const slyChange = edited(sly, { "site/profile/templates/motd.erb": "welcome\n" });
  it("and differ all the same prove the plan wrong: nothing of it lands, and nothing is kept any more", async () => {
    const stage = createStage();
    const came = await stage.check({ main: sly, change: slyChange, sample: 100 });
    expect(planOf(came)?.missed).toEqual(["db01", "web01"]);
    expect(came.report.findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["error missed-node", "error missed-node"]);
    expect(came.report.findings[0]?.message).toMatch(/^db01: another catalog, though nothing differs that it was seen to rest on/u);
    const next = await stage.check({ main: sly, change: edited(sly, { "README.md": "Hello.\n" }), sample: 0 });
    expect(compiledOf(next)).toEqual(["change db01", "change web01", "main db01", "main web01"]);
    expect(reachedOf(next)[0]).toMatch(/^every node is compiled: db01, web01: another catalog/u);
    expect(planOf(next)).toEqual({ kept: 0, reached: 2, sampled: 0, missed: [] });
  });

  it("and differ by chance, or by a file that they are served, prove nothing", async () => {
    const main = edited(small, { "site/profile/manifests/motd.pp": 'Notify[now] {"message": "${chance}"}\n' });
    const byChance = await createStage().check({ main, change: edited(main, { "README.md": "Hello.\n" }), sample: 100 });
    expect(planOf(byChance)).toMatchObject({ sampled: 2, missed: [] });
    expect(outcomesOf(byChance)).toBe("db01 unchanged,web01 unchanged");
    const served = await createStage().check({ main: small, change: edited(small, { "site/profile/files/logo": "**\n" }), sample: 100 });
    expect(planOf(served)).toMatchObject({ sampled: 2, missed: [] });
    expect(outcomesOf(served)).toBe("db01 unchanged,web01 changed");
  });
});

describe("what differs at every compile", () => {
  const main = edited(small, {
    "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "${motd::text} at ${chance}"}\n',
  });
  it("on base too is no change of anybody's, and is told", async () => {
    const came = await createStage().check({
      main,
      change: edited(main, { "data/common.yaml": "motd::text: hello\nother: 1\n" }),
      sample: 100,
    });
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 unchanged");
    expect(came.report.findings.map(({ code }) => code)).toEqual(["differs-at-every-compile"]);
    expect(came.report.nodes[0]?.reason).toBe("nothing differs but what differs at every compile");
  });

  it("from the change on is a change", async () => {
    const calm = edited(small, { "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "${motd::text}"}\n' });
    const came = await createStage().check({ main: calm, change: main });
    expect(outcomesOf(came)).toBe("db01 changed,web01 changed");
    expect(came.report.findings.map(({ code }) => code)).toEqual(["differs-from-now-on"]);
  });

  it("is looked for on one node of each kind", async () => {
    const fleet = Object.assign({}, ...Array.from({ length: 5 }, (_, at) => factsOf(`node${at}`))) as Files;
    const many = edited({ ...small, ...fleet }, { "manifests/site.pp": "node default profile::motd\n" });
    const came = await createStage().check({ main: many, change: edited(many, { "data/common.yaml": "motd::text: welcome\n" }) });
    expect(came.log.filter((each) => each === "compile main db01")).toHaveLength(2);
    expect(compiledOf(came)).toHaveLength(7 + 7 + 2);
  });
});
