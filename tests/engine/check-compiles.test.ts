import { describe, expect, it } from "vitest";
import { edited, type Files } from "./stand-ins/repository.ts";
import { createStage, factsOf, small, type Checked } from "./stand-ins/stage.ts";

const loggedOf = ({ log }: Checked, word: string): string[] =>
  log.filter((each) => each.startsWith(`${word} `)).map((each) => each.slice(word.length + 1));
/** Who is compiled, on which side and how often. */
const compiledOf = (came: Checked): string[] => loggedOf(came, "compile").sort();
/** Whose kept catalogs are looked at. */
const readOf = (came: Checked): string[] => loggedOf(came, "kept").sort();
/** So many nodes with facts. */
const fleetOf = (count: number): Files =>
  Object.assign({}, ...Array.from({ length: count }, (_, at) => factsOf(`node${String(at).padStart(2, "0")}`))) as Files;
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
    expect(came.report.nodes.map(({ cached }) => cached)).toEqual([false, false]);
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
    expect(readOf(came)).toEqual(["db01", "web01"]);
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 changed");
    expect(came.report.nodes[1]?.reason).toBe("imports what db01 exports");
    // And it takes no catalog where nobody exports anything else.
    const quiet = await kept(main, { "README.md": "Hello, you.\n" });
    expect([...compiledOf(quiet), ...readOf(quiet)]).toEqual([]);
    expect(outcomesOf(quiet)).toBe("db01 unchanged,web01 unchanged");
    expect(quiet.report.nodes.map(({ cached }) => cached)).toEqual([true, true]);
  });
});

describe("a node that collects, of a base that was compiled just now", () => {
  it("is looked at right away, and not compiled once more for that", async () => {
    const main = edited(small, {
      "site/profile/manifests/motd.pp": '@@File[/etc/motd] {"content": "${motd::text}"}\n',
      "site/profile/manifests/web.pp": "collects File\nNotify[web]\n",
      "site/role/manifests/web.pp": "include profile::web\n",
    });
    const came = await createStage({ kept: false }).check({ main, change: edited(main, { "data/common.yaml": "motd::text: welcome\n" }) });
    expect(compiledOf(came)).toEqual(["change db01", "main db01", "main web01"]);
    expect(outcomesOf(came)).toBe("db01 unchanged,web01 changed");
  });
});

describe("what changed manifests define", () => {
  /** Of six nodes, `users` have the class that gets a comment; the others are as said. */
  const commented = async (users: number, others: string, isKept: boolean): Promise<Checked> => {
    const names = Array.from({ length: 6 }, (_, at) => `node0${at}`);
    const statements = names.map((name, at) => `node ${name} ${at < users ? "profile::motd" : others}\n`).join("");
    const main = edited(small, {
      "facts/web01.json": null,
      "facts/db01.json": null,
      ...fleetOf(6),
      "manifests/site.pp": statements,
      "site/profile/manifests/broken.pp": "fails compile no\n",
      "site/profile/manifests/other.pp": "Notify[other]\n",
    });
    const stage = createStage();
    if (isKept) await stage.check({ main, change: edited(main, { "README.md": "Hello.\n" }), sample: 0 });
    return stage.check({
      main,
      change: edited(main, { "site/profile/manifests/motd.pp": `# for people\n${small["site/profile/manifests/motd.pp"]}` }),
      sample: 0,
    });
  };

  it.each<[string, Parameters<typeof commented>, string[], number]>([
    ["where nothing is kept of five nodes or more", [1, "profile::other", false], ["change", "main"], 0],
    ["where it would reach five", [5, "profile::other", true], ["change", "main"], 0],
    ["not where it would reach four", [4, "profile::other", true], [], 4],
    ["not where others are compiled with every change anyway", [3, "profile::broken", true], [], 6],
  ])("is asked %s", async (_, given, asked, reached) => {
    const came = await commented(...given);
    expect(loggedOf(came, "definitions").sort()).toEqual(asked);
    expect(planOf(came)?.reached).toBe(reached);
  });
});

describe("sandboxes", () => {
  it("are got ready once, as many as there will be sides", async () => {
    const stage = createStage();
    const change = edited(small, { "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "x"}\n' });
    expect(loggedOf(await stage.check({ main: small, change }), "expect")).toEqual(["syntax", "2"]);
    // What of db01 differs at every compile is known, and of web01 it is not.
    expect(loggedOf(await stage.check({ main: small, change: port }), "expect")).toEqual(["2"]);
    expect(loggedOf(await stage.check({ main: small, change: port }), "expect")).toEqual(["1"]);
    expect(loggedOf(await stage.check({ main: small, change: welcome }), "expect")).toEqual(["1"]);
    expect(loggedOf(await stage.check({ main: small, change: edited(small, { "README.md": "Hello.\n" }) }), "expect")).toEqual([]);
  });

  it("are two where of any node nobody knows what differs at every compile, or it is compiled anyway", async () => {
    const stage = createStage();
    await stage.check({ main: small, change: welcome });
    // db01 stood for both.
    expect(loggedOf(await stage.check({ main: small, change: welcome }), "expect")).toEqual(["2"]);
    const broken = edited(small, { "manifests/site.pp": "node db01 profile::nope\nnode web01 role::web\n" });
    const change = edited(broken, { "README.md": "Hello.\n" });
    await stage.check({ main: broken, change });
    expect(loggedOf(await stage.check({ main: broken, change }), "expect")).toEqual(["2"]);
  });

  it("are got ready before manifests are asked about, and none more for it", async () => {
    const main = edited({ ...small, ...fleetOf(5) }, { "manifests/site.pp": "node default profile::motd\n" });
    const change = edited(main, { "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "x"}\n' });
    const { log } = await createStage().check({ main, change });
    expect(log.filter((each) => each.startsWith("expect"))).toEqual(["expect syntax", "expect 2"]);
    expect(log.indexOf("expect 2")).toBeLessThan(log.findIndex((each) => each.startsWith("open")));
    const removed = edited(main, { "site/profile/manifests/motd.pp": null });
    const without = await createStage().check({ main, change: removed });
    expect(without.log.filter((each) => each.startsWith("expect"))).toEqual(["expect 2"]);
    expect(loggedOf(without, "definitions")).toEqual(["main"]);
    expect((await createStage().check({ main: removed, change: main })).log.filter((each) => each.startsWith("expect"))).toEqual([
      "expect syntax",
      "expect 2",
    ]);
  });

  it("work side by side on many nodes, and one alone on what is compiled again", async () => {
    const main = edited({ ...small, ...fleetOf(5) }, { "manifests/site.pp": "node default profile::motd\n" });
    const came = await createStage().check({ main, change: edited(main, { "data/common.yaml": "motd::text: hi\n" }) });
    expect(loggedOf(came, "workers")).toEqual(["main 2", "change 2", "main 1", "change 1"]);
  });
});

describe("what is kept of base", () => {
  it("is kept of a check that failed, too", async () => {
    const stage = createStage();
    stage.puppet.fail("compile change web01", new Error("the sandbox burst"));
    await expect(stage.check({ main: small, change: port })).rejects.toThrow("the sandbox burst");
    expect(compiledOf(await stage.check({ main: small, change: edited(small, { "README.md": "Hello.\n" }) }))).toEqual([]);
  });

  it("is nothing to a check with other stand-ins, where a compile asked for any", async () => {
    const main = edited(small, {
      ".github/puppet-gate.yml": "version: 1\ncompile: {stand_ins: private}\n",
      "private/dns.yaml": "www.example.com: 127.0.0.1\n",
      "site/profile/manifests/web.pp": "used dns www.example.com\nNotify[web]\n",
    });
    const stage = createStage();
    await stage.check({ main, change: edited(main, { "README.md": "Hello.\n" }) });
    const other = edited(main, { "private/dns.yaml": "www.example.com: 127.0.0.2\n" });
    expect(compiledOf(await stage.check({ main: other, change: edited(other, { "README.md": "Hello.\n" }) }))).toEqual(["main web01"]);
  });
});

describe("a file that a compile was seen to read", () => {
  const main = edited(small, {
    "site/role/manifests/web.pp": "include profile::nope\n",
    "site/profile/manifests/motd.pp": 'looks other\nFile[/etc/motd] {"content": "${motd::text}"}\n',
    "data/common.yaml": "motd::text: hello\nother: 1\n",
  });
  const change = edited(main, { "data/common.yaml": "motd::text: hello\nother: 2\n" });
  const compileOf = ({ report }: Checked): string | undefined => report.verdict.reasons.find(({ rule }) => rule === "compile")?.outcome;

  it("is known to be felt, whatever else is broken", async () => {
    expect(compileOf(await createStage().check({ main, change }))).toBe("pass");
    const unread = { "data/common.yaml": "motd::text: hello\nother: 1\nanother: 1\n" };
    expect(compileOf(await createStage().check({ main, change: edited(main, unread) }))).toBe("unknown");
  });

  it("is not where a compile's word was wrong before", async () => {
    const stage = createStage();
    const sly = edited(small, {
      "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": {"untold": "profile/motd.erb"}}\n',
      "site/profile/templates/motd.erb": "hello\n",
    });
    await stage.check({ main: sly, change: edited(sly, { "site/profile/templates/motd.erb": "welcome\n" }), sample: 100 });
    expect(compileOf(await stage.check({ main, change }))).toBe("unknown");
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

  it("are few without being asked for: one for each four that it does reach", async () => {
    const main = edited(
      { ...small, ...fleetOf(60) },
      { "manifests/site.pp": "node default profile::motd\nnode web01 role::web\nnode node00 role::web\nnode node01 role::web\n" },
    );
    const sampled = async (change: Files): Promise<number> => planOf(await createStage().check({ main, change }))?.sampled ?? -1;
    expect(await sampled(edited(main, { "README.md": "Hello.\n" }))).toBe(0);
    // Of some sixty, five percent would be three.
    expect(await sampled(edited(main, { "site/profile/templates/web.conf.erb": "listen 8080\n" }))).toBe(1);
  });

  it("are others with every change", async () => {
    const main = edited({ ...small, ...fleetOf(12) }, { "manifests/site.pp": "node default profile::motd\n" });
    const sampled = async (text: string): Promise<string[]> => {
      const { report } = await createStage().check({ main, change: edited(main, { "README.md": text }), sample: 50 });
      return report.nodes.filter(({ reached }) => reached !== undefined).map(({ certname }) => certname);
    };
    expect(await sampled("one")).toEqual(await sampled("one"));
    expect(await sampled("one")).not.toEqual(await sampled("two"));
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

  it("and one that differs is enough", async () => {
    const stage = createStage();
    const came = await stage.check({ main: sly, change: slyChange, sample: 100, nodes: ["db01"] });
    expect(planOf(came)?.missed).toEqual(["db01"]);
    const next = await stage.check({ main: sly, change: edited(sly, { "README.md": "Hello.\n" }), sample: 0 });
    expect(compiledOf(next)).toHaveLength(4);
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

  it("is known of a node that was seen not to, whatever it is on others", async () => {
    const by = (text: string): string => `File[/etc/motd] {"content": "${text}"}\n`;
    const two = edited(small, {
      "manifests/site.pp": "node web01 profile::calm\nnode db01 profile::wild\n",
      "site/profile/manifests/calm.pp": by("at ${motd::text}"),
      "site/profile/manifests/wild.pp": by("${motd::text} ${chance}"),
    });
    const stage = createStage();
    for (const text of ["welcome", "hi"]) {
      const came = await stage.check({ main: two, change: edited(two, { "data/common.yaml": `motd::text: ${text}\n` }) });
      expect(outcomesOf(came)).toBe("db01 changed,web01 changed");
    }
  });

  it("is looked for on the change's side too where its compile tells of chance, though data alone differ", async () => {
    const stage = createStage();
    const two = edited(small, {
      "manifests/site.pp": "node web01 profile::any\nnode db01 profile::any\n",
      "data/common.yaml": "motd::text: profile::calm\n",
      "site/profile/manifests/any.pp": "include ${motd::text}\n",
      "site/profile/manifests/calm.pp": 'File[/etc/motd] {"content": "calm"}\n',
      "site/profile/manifests/still.pp": 'File[/etc/motd] {"content": "still"}\n',
      "site/profile/manifests/wild.pp": 'impure the function time\nFile[/etc/motd] {"content": "at ${chance}"}\n',
    });
    const with_ = (name: string) =>
      stage.check({ main: two, change: edited(two, { "data/common.yaml": `motd::text: profile::${name}\n` }) });
    await with_("still");
    expect(compiledOf(await with_("still"))).toEqual(["change db01", "change web01"]);
    const wild = await with_("wild");
    expect(compiledOf(wild)).toEqual(["change db01", "change db01", "change web01"]);
    expect(wild.report.findings.map(({ code }) => code)).toEqual(["differs-from-now-on"]);
  });

  it("is looked for on one node of each kind", async () => {
    const fleet = Object.assign({}, ...Array.from({ length: 5 }, (_, at) => factsOf(`node${at}`))) as Files;
    const many = edited({ ...small, ...fleet }, { "manifests/site.pp": "node default profile::motd\n" });
    const came = await createStage().check({ main: many, change: edited(many, { "data/common.yaml": "motd::text: welcome\n" }) });
    expect(came.log.filter((each) => each === "compile main db01")).toHaveLength(2);
    expect(compiledOf(came)).toHaveLength(7 + 7 + 2);
  });
});
