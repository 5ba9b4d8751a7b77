import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPuppetDbRuns } from "../../src/fleet/puppetdb-runs.ts";
import { agentRuns, secret } from "../fleet/agent-runs.ts";
import { type RealPuppetDb, startRealPuppetDb, until } from "./puppetdb.ts";

type Report = { certname: string; start_time: string; end_time: string; resources: readonly object[] } & Record<string, unknown>;

/** What a server sent PuppetDB of real runs, by the name of the run. */
const wire = new Map(
  readFileSync(join(import.meta.dirname, "..", "fleet", "reports", "wire.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string; report: Report })
    .map(({ name, report }) => [name, report]),
);
const of = (name: string): Report => wire.get(name) ?? { certname: "", start_time: "", end_time: "", resources: [] };
const nodes = Array.from({ length: 20 }, (_, index) => `n${String(index + 1).padStart(2, "0")}.example.com`);
const minute = 60_000;

describe.skipIf(!existsSync("/usr/share/puppetdb/puppetdb.jar"))("runs from a real PuppetDB", { timeout: 300_000 }, () => {
  let real: RealPuppetDb;
  /** In front of it: sees what is asked, and may give other answers. */
  let door: Server;
  let asked: string[] = [];
  let edit: (path: string, answer: string) => string = (_, answer) => answer;
  const address = () => ({ url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`, ca: null, cert: null, key: null });
  const source = (ahead = 0) => createPuppetDbRuns(address(), { clock: () => Date.now() + ahead });
  const ask = async (environment: string, since = Date.now() - 60 * minute, from = source()) => {
    const answer = await from.since(environment, since);
    if (!answer.known) throw new Error(answer.reason);
    return answer.value;
  };
  const reasonOf = async (environment: string, from = source()): Promise<string> => {
    const answer = await from.since(environment, Date.now() - 60 * minute);
    return answer.known ? "known" : answer.reason;
  };
  const count = async (environment: string, ...which: readonly unknown[][]): Promise<number> => {
    const query = ["extract", [["function", "count"]], ["and", ["=", "environment", environment], ...which]];
    const answer = await fetch(`${real.url}/pdb/query/v4/reports`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
    });
    return ((await answer.json()) as Array<{ count: number }>)[0]?.count ?? 0;
  };
  /** Hands them in, and waits until they are stored. */
  const store = async (environment: string, reports: readonly Report[]): Promise<void> => {
    const before = await count(environment);
    for (const report of reports) {
      const producer_timestamp = new Date().toISOString();
      await real.submit("store_report", 8, { producer_timestamp, ...report, environment, transaction_uuid: crypto.randomUUID() });
    }
    await until(async () => (await count(environment)) === before + reports.length);
  };
  /** Declared where a compiler has that environment. */
  const inKinds = (report: Report): Report =>
    JSON.parse(JSON.stringify(report).replaceAll("/environments/production/", "/environments/kinds/")) as Report;
  // Those captured have a time of their own.
  const now = (report: Report): Report => ({ ...report, producer_timestamp: new Date().toISOString() });

  beforeAll(async () => {
    real = await startRealPuppetDb(process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "");
    door = createServer((request, response) => {
      asked.push(request.url ?? "");
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        fetch(`${real.url}${request.url}`, {
          method: request.method ?? "GET",
          headers: { "content-type": "application/json" },
          ...(body.length > 0 && { body }),
        })
          .then(async (answer) => response.writeHead(answer.status).end(edit(request.url ?? "", await answer.text())))
          .catch(() => request.socket.destroy());
      });
    }).listen(0, "127.0.0.1");
    await once(door, "listening");
  }, 300_000);
  beforeEach(() => {
    asked = [];
    edit = (_, answer) => answer;
  });
  afterAll(async () => {
    door?.closeAllConnections();
    door?.close();
    await real?.close();
  });

  it("are the runs that the agent made, as a folder of stored reports has them", async () => {
    const names = Object.keys(agentRuns);
    await store(
      "kinds",
      names.map((name, index) => now({ ...inKinds(of(name)), certname: `kind${index}` })),
    );
    const { runs, unread } = await ask("kinds");
    expect(unread).toEqual(new Map());
    expect(runs).toHaveLength(names.length);
    const sort = (given: readonly unknown[] = []): unknown[] => given.map((each) => JSON.stringify(each)).sort();
    for (const [index, name] of names.entries()) {
      const { failed, changed, ...expected } = agentRuns[name]?.expected ?? {};
      const run = runs.find(({ certname }) => certname === `kind${index}`);
      expect([name, run]).toMatchObject([name, { ...expected, environment: "kinds", producer: "puppet.example.com" }]);
      // PuppetDB keeps no order among events.
      expect([name, sort(run?.failed)]).toEqual([name, sort(failed)]);
      expect([name, sort(run?.changed)]).toEqual([name, sort(changed)]);
      expect(run?.took).toBe(Date.parse(of(name).end_time) - Date.parse(of(name).start_time));
    }
    expect(JSON.stringify(runs)).not.toContain(secret);
    const failing = runs.find(({ certname }) => certname === `kind${names.indexOf("resources that fail, and one that waits for them")}`);
    expect(failing?.places?.toSorted((a, b) => a.line - b.line)).toEqual([
      { resource: "Exec[fails]", path: "manifests/site.pp", line: 1 },
      { resource: "File[/tmp/home/none/e]", path: "manifests/site.pp", line: 2 },
    ]);
  });

  it("take as many requests for twenty nodes as for one, and ask for events only once", async () => {
    const [first = "", ...others] = nodes;
    const healthy = (certname: string): Report => now({ ...of("a run with nothing to do"), certname });
    const changed = (certname: string): Report => now({ ...of("a first run"), certname });
    await store("canary", [healthy(first), changed(first)]);
    const from = source();
    expect((await ask("canary", undefined, from)).runs).toHaveLength(2);
    const forOne = [...asked];
    await store(
      "canary",
      others.flatMap((certname) => [healthy(certname), changed(certname)]),
    );
    asked = [];
    const { runs, active } = await ask("canary");
    expect(asked).toEqual(forOne);
    expect(asked).toHaveLength(5);
    expect(runs).toHaveLength(40);
    expect(new Set(runs.map(({ certname }) => certname))).toEqual(new Set(nodes));
    expect(active).toEqual(new Set([...nodes, ...Object.keys(agentRuns).map((_, index) => `kind${index}`)]));
    expect(runs.filter(({ changed: done }) => done.length > 0)).toHaveLength(20);
    // Of many, the events are asked for by the window and not by name.
    const byWindow = await ask("canary", undefined, createPuppetDbRuns(address(), { mostNamed: 3 }));
    const sorted = (given: typeof runs) => given.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(sorted(byWindow.runs)).toEqual(sorted(runs));
    const again = await ask("canary", undefined, from);
    asked = [];
    expect((await ask("canary", undefined, from)).runs).toEqual(again.runs);
    expect(asked.filter((path) => path.endsWith("/events"))).toEqual([]);
  });

  it("are those that arrived since, of nodes that are still there", async () => {
    await store("moving", [now({ ...of("a first run"), certname: "early" })]);
    const { now: between } = await ask("moving");
    await store("moving", [now({ ...of("a first run"), certname: "late" })]);
    expect((await ask("moving", between)).runs.map(({ certname }) => certname)).toEqual(["late"]);
    expect((await ask("elsewhere")).runs).toEqual([]);
    await real.submit("deactivate_node", 3, { certname: "early", producer_timestamp: new Date().toISOString() });
    await until(async () => (await ask("moving")).active?.has("early") === false);
    const { runs, active } = await ask("moving");
    expect(runs.map(({ certname }) => certname).sort()).toEqual(["early", "late"]);
    expect(active?.has("late")).toBe(true);
  });

  it("may have failed without a resource, and are of agents alone", async () => {
    const broken = of("a cycle");
    const plan = { ...now(of("a first run")), certname: "a-plan", environment: "odd", type: "plan" };
    await real.submit("store_report", 8, plan);
    await store("odd", [now({ ...broken, certname: "broke-off", resources: [] })]);
    await until(async () => (await count("odd", ["=", "type", "any"])) === 2);
    expect((await ask("odd")).runs).toMatchObject([{ certname: "broke-off", status: "failed", failed: ["Stage[main]"] }]);
  });

  it.each<[string, (report: Report) => Report, string]>([
    ["agents before Puppet 5", (report) => ({ ...report, noop_pending: null, cached_catalog_status: null }), "agents since Puppet 5"],
    ["an agent whose clock went back", (report) => ({ ...report, end_time: "2020-01-01T00:00:00Z" }), "a time that can't be"],
    [
      "a node without a server, by another clock",
      (report) => ({ ...report, producer: "old", producer_timestamp: new Date(Date.now() - 5 * minute).toISOString() }),
      "too far apart",
    ],
  ])("can't be read of %s, which is then as good as silent", async (what, change, why) => {
    const environment = `unread_${what.replaceAll(/\W/gu, "")}`;
    await store(environment, [now({ ...of("a run with nothing to do"), certname: "old" }), now({ ...of("a first run"), certname: "new" })]);
    expect((await ask(environment)).runs).toHaveLength(2);
    const { now: between } = await ask(environment);
    await store(environment, [change(now({ ...of("a run with nothing to do"), certname: "old" }))]);
    const { runs, unread } = await ask(environment, between - 10 * minute);
    expect(runs.map(({ certname }) => certname)).toEqual(["new"]);
    expect([...unread.keys()]).toEqual(["old"]);
    expect(unread.get("old")).toContain(why);
  });

  it.each([
    [2 * minute, /the compiler slow\.example\.com is 1[12]\d seconds ahead of that of PuppetDB, by its report on n01/u],
    [-2 * minute, /the compiler slow\.example\.com is 1[12]\d seconds behind that of PuppetDB, by its report on n01/u],
  ])("are unknown where a compiler's clock is wrong by %i ms", async (by, reason) => {
    const environment = by > 0 ? "ahead" : "behind";
    const producer_timestamp = new Date(Date.now() + by).toISOString();
    await store(environment, [{ ...of("a first run"), certname: "n01.example.com", producer: "slow.example.com", producer_timestamp }]);
    expect(await reasonOf(environment)).toMatch(reason);
    // Once it is set, its newest report is right.
    await store(environment, [now({ ...of("a first run"), certname: "n01.example.com", producer: "slow.example.com" })]);
    expect(await reasonOf(environment)).toBe("known");
  });

  const status = "/status/v1/services/puppetdb-status";
  it.each<[string, string, (answer: string) => string, string]>([
    ["it is behind", status, (text) => text.replace(/"queue_depth":\d+/u, '"queue_depth":2001'), "2001 commands wait in the queue"],
    ["it does not say whether it is", status, (text) => text.replace(/"queue_depth":\d+,/u, ""), "does not say how much waits"],
    ["it only begins", status, (text) => text.replace('"running"', '"starting"'), 'its state is "starting"'],
    ["it has no database", status, (text) => text.replace('"write_db_up?":true', '"write_db_up?":false'), "does not reach its database"],
    ["it says nothing of it", status, () => "{}", "has another form"],
    ["its time is none", "/pdb/meta/v1/server-time", () => '{"server_time":"now"}', "has another form"],
    ["another answers for it", "/pdb/query/v4/reports", () => "<html>", "it is no JSON"],
    ["its reports have another form", "/pdb/query/v4/reports", () => '[{"certname":"x"}]', "has another form"],
    ["its events have another form", "/pdb/query/v4/events", () => '[{"report":"x"}]', "has another form"],
  ])("are unknown where %s", async (_, page, change, reason) => {
    edit = (path, answer) => (path === page ? change(answer) : answer);
    expect(await reasonOf("kinds")).toContain(reason);
  });

  it("are unknown where its clock and this machine's are apart", async () => {
    expect(await reasonOf("kinds", source(2 * minute))).toMatch(
      /the clocks of PuppetDB at \S+ and of this machine are 1[12]\d seconds apart/u,
    );
    expect(await reasonOf("kinds", source(-2 * minute))).toMatch(/are 1[12]\d seconds apart/u);
    expect(await reasonOf("kinds", source(30_000))).toBe("known");
  });

  it("are unknown while it is down, and the same when it is back", async () => {
    const from = source();
    const before = await ask("canary", undefined, from);
    await real.stop();
    expect(await reasonOf("canary", from)).toContain("can't be asked");
    await real.start();
    const after = await ask("canary", undefined, from);
    const byId = (runs: typeof after.runs) => new Map(runs.map((run) => [run.id, run]));
    expect(byId(after.runs)).toEqual(byId(before.runs));
  });
});
