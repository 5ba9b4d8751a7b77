import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FactSnapshot } from "../../src/engine/ports/nodes.ts";
import { createPuppetDb } from "../../src/fleet/puppetdb.ts";
import { startPuppetDb, type PuppetDbStandIn } from "./puppetdb-stand-in.ts";

const facts = (role: string): Record<string, unknown> => ({ os: { family: "Debian" }, role, token: "hunter22" });
const trusted = (certname: string): Record<string, unknown> => ({
  authenticated: "remote",
  certname,
  extensions: { pp_role: "web" },
});

let puppetdb: PuppetDbStandIn;
beforeEach(async () => {
  puppetdb = await startPuppetDb({
    "web01.example.com": { facts: facts("web"), trusted: trusted("web01.example.com") },
    "web02.example.com": { facts: facts("web"), trusted: trusted("web02.example.com"), environment: "canary" },
  });
});
afterEach(() => puppetdb.close());

const address = (over: object = {}) => ({ url: puppetdb.url, ca: null, cert: null, key: null, ...over });
const read = (query: readonly unknown[] | null = null, exported = false) => createPuppetDb(address()).read({ query, exported });
const names = ({ nodes }: FactSnapshot): string[] => nodes.map(({ certname }) => certname);
const lost = ({ unreadable }: FactSnapshot): string[] => unreadable.map(({ problem }) => problem.text);

describe("a fleet of PuppetDB", () => {
  it("has facts, and trusted facts as the server vouched for them", async () => {
    const { snapshot, exported } = await read();
    expect(names(snapshot)).toEqual(["web01.example.com", "web02.example.com"]);
    expect(snapshot.nodes[0]).toMatchObject({
      origin: "given",
      values: { clientcert: "web01.example.com", os: { family: "Debian" }, role: "web" },
      trusted: { certname: "web01.example.com", hostname: "web01", domain: "example.com", extensions: { pp_role: "web" } },
    });
    expect(exported).toBeNull();
  });

  it("has an id that changes with what is in it, and with nothing else", async () => {
    const { id } = (await read()).snapshot;
    expect((await read()).snapshot.id).toBe(id);
    puppetdb.nodes.set("web01.example.com", { facts: facts("db"), trusted: trusted("web01.example.com") });
    expect((await read()).snapshot.id).not.toBe(id);
  });

  it("is read in parts, and whole although nodes come and go meanwhile", async () => {
    for (let at = 100; at < 350; at++) puppetdb.nodes.set(`n${at}.example.com`, { facts: facts("n") });
    let answers = 0;
    puppetdb.meanwhile = () => {
      if (answers++ === 1) {
        puppetdb.nodes.delete("n349.example.com");
        puppetdb.nodes.set("a.example.com", { facts: facts("new") });
      }
    };
    const { snapshot } = await read();
    expect(snapshot.nodes).toHaveLength(251);
    expect(lost(snapshot)).toEqual([`PuppetDB at ${puppetdb.url} knows n349.example.com, and has no facts of it.`]);
    expect(puppetdb.asked.map(({ endpoint, rows }) => `${endpoint} ${rows}`)).toEqual([
      "nodes 252",
      "inventory 100",
      "inventory 100",
      "inventory 51",
    ]);
  });

  it("is as large as the policy's query says", async () => {
    expect(names((await read(["=", "environment", "canary"])).snapshot)).toEqual(["web02.example.com"]);
  });

  it("leaves out nodes that were deactivated, and says which have no facts or nothing that a server vouched for", async () => {
    puppetdb.nodes.set("gone.example.com", { facts: facts("web"), active: false });
    puppetdb.nodes.set("new.example.com", { facts: null });
    puppetdb.nodes.set("odd.example.com", { facts: facts("web"), trusted: null });
    puppetdb.nodes.set("lies.example.com", { facts: facts("web"), trusted: trusted("web01.example.com") });
    const { snapshot } = await read();
    expect(names(snapshot)).toEqual(["web01.example.com", "web02.example.com"]);
    expect(lost(snapshot)).toEqual([
      expect.stringContaining(`the trusted facts of lies.example.com can't be used: they are those of "web01.example.com"`),
      expect.stringContaining("knows new.example.com, and has no facts of it"),
      expect.stringContaining("the trusted facts of odd.example.com can't be used: PuppetDB has none"),
    ]);
  });

  it("takes nothing of an agent's own facts for the server's word", async () => {
    const forged = { ...facts("web"), trusted: { ...trusted("web01.example.com"), extensions: { pp_role: "admin" } } };
    puppetdb.nodes.set("web01.example.com", { facts: forged, trusted: trusted("web01.example.com") });
    puppetdb.nodes.set("web02.example.com", { facts: forged, trusted: null });
    const { snapshot } = await read();
    expect(snapshot.nodes.map((node) => [node.trusted.extensions, node.values["trusted"]])).toEqual([[{ pp_role: "web" }, undefined]]);
    expect(lost(snapshot)).toHaveLength(1);
  });

  it("has what nodes export, where that is asked for", async () => {
    const exports = [{ type: "Nagios_host", title: "web01", tags: ["web"], parameters: { alias: "w" } }];
    puppetdb.nodes.set("web01.example.com", { facts: facts("web"), exports });
    expect((await read(null, true)).exported).toEqual([
      { certname: "web01.example.com", type: "Nagios_host", title: "web01", tags: ["web"], parameters: { alias: "w" } },
    ]);
  });
});

describe("a PuppetDB that can't be asked", () => {
  const answer = (status: number, body: string) => () => {
    puppetdb.fault = (_, response) => void response.writeHead(status).end(body);
  };
  it.each<[string, () => void, string]>([
    ["refuses the certificate", answer(403, "hunter22"), "answered 403 to a query of its nodes. Give a client certificate"],
    ["does not understand the query", answer(400, "hunter22"), "answered 400 to a query of its nodes. See that `facts.puppetdb.query`"],
    ["is none", answer(302, ""), "answered 302 to a query of its nodes."],
    ["says something else than JSON", answer(200, "<html>hunter22"), "that can't be used: it is no JSON."],
    ["says JSON of another form", answer(200, '[{"name":"hunter22"}]'), "that can't be used: 0.certname has another form."],
    ["breaks off", () => (puppetdb.fault = (_, response) => response.destroy()), "can't be asked: socket hang up."],
    [
      "says too much",
      () => {
        puppetdb.fault = (_, response) => {
          response.writeHead(200);
          const more = (): boolean => response.destroyed || response.write("x".repeat(65_536), () => more());
          more();
        };
      },
      "answered with more than 1 MiB to one question.",
    ],
    ["does not answer", () => (puppetdb.fault = () => {}), "did not answer within 0.5 seconds."],
  ])("%s", async (_, prepare, expected) => {
    prepare();
    const asking = createPuppetDb(address(), { answer: 500, bytes: 2 ** 20 }).read({ query: null, exported: false });
    const said = await asking.then(
      () => "nothing",
      (error: { text: string; hint: string }) => `${error.text} ${error.hint}`,
    );
    expect(said).toContain(expected);
    expect(said).not.toContain("hunter22");
  });

  it("is not there at all", async () => {
    const { url } = puppetdb;
    await puppetdb.close();
    await expect(createPuppetDb(address({ url })).read({ query: null, exported: false })).rejects.toThrow(
      "can't be asked: connect ECONNREFUSED",
    );
    puppetdb = await startPuppetDb({});
  });

  it.each([
    [{ url: "puppetdb" }, "it is no URL of http or https"],
    [{ url: "ftp://puppetdb" }, "it is no URL of http or https"],
    [{ url: "http://puppetdb.example.com:8080" }, "facts would cross the network in clear text"],
    [{ url: "https://me:secret@puppetdb" }, "it has a user or password in it"],
    [{ url: "https://puppetdb", ca: "/nope.pem" }, "/nope.pem can't be read"],
    [{ url: "https://puppetdb", cert: "/c.pem" }, "a client's certificate and key go together"],
  ])("by what it was told: %o", (over, expected) => {
    expect(() => createPuppetDb(address(over))).toThrow(expected);
  });

  it("ends when it is told to", async () => {
    puppetdb.fault = () => {};
    const told = new AbortController();
    const asking = createPuppetDb(address()).read({ query: null, exported: false }, told.signal);
    told.abort(new Error("called off"));
    await expect(asking).rejects.toThrow("called off");
  });
});

describe("what one node's agent sends", () => {
  it.each([61, 200_000])("costs that node alone, where it is nested %d deep", async (depth) => {
    const deep = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const row = (certname: string, values: string): string =>
      `{"certname":"${certname}","facts":${values},"trusted":${JSON.stringify(trusted(certname))}}`;
    const rows = [row("evil.example.com", deep), row("web01.example.com", `{"role":"web"}`)];
    puppetdb.fault = (request, response) => {
      request.resume();
      response.end(
        request.url?.endsWith("nodes") ? '[{"certname":"evil.example.com"},{"certname":"web01.example.com"}]' : `[${rows.join(",")}]`,
      );
    };
    const { snapshot } = await read();
    expect(names(snapshot)).toEqual(["web01.example.com"]);
    expect(lost(snapshot)).toEqual([
      expect.stringContaining("has facts of evil.example.com whose maps and lists are nested more than 60 deep"),
    ]);
  });

  it("is refused whole where what it exports is nested without end: what others collect is not known then", async () => {
    puppetdb.fault = (request, response) => {
      request.resume();
      const row = `{"certname":"a","type":"Host","title":"x","parameters":{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`;
      const answers = {
        nodes: '[{"certname":"a"}]',
        inventory: `[{"certname":"a","facts":{},"trusted":${JSON.stringify(trusted("a"))}}]`,
        resources: `[${row}]`,
      };
      response.end(answers[request.url?.split("/").at(-1) as keyof typeof answers]);
    };
    await expect(read(null, true)).rejects.toThrow(/what a exports is nested more than 60 deep/);
  });
});
