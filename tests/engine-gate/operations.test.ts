import { createHmac } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../../src/main.ts";
import { parseExposition, valueOf, type Sample } from "../metrics/exposition.ts";
import { createStage, type Stage } from "./stage.ts";

/** What machines and people on call ask of a server that works: is it alive and ready, what are its numbers, what does its log say of a change. */
const token = "a token that Prometheus has";
let stage: Stage;
let written = "";
beforeAll(async () => {
  const log = { write: (line: string) => void (written += line) };
  stage = await createStage({ log }, undefined, { logLevel: "trace", metrics: { host: "127.0.0.1", port: 0 }, metricsToken: token });
});
afterAll(async () => stage.close());

const get = async (url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    // Not fetch, which does not let a program say another Host.
    request(url, { headers, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    })
      .on("error", reject)
      .end();
  });
const own = (path: string, headers?: Record<string, string>): ReturnType<typeof get> => get(`${stage.server().operations}${path}`, headers);
const outer = (path: string, headers?: Record<string, string>): ReturnType<typeof get> => get(`${stage.server().url}${path}`, headers);
/** Past the seconds for which readings are kept: the gate's clock goes on. */
async function samples(): Promise<Sample[]> {
  stage.later(1);
  return parseExposition((await own("/metrics")).body);
}
interface Line extends Record<string, unknown> {
  msg: string;
}
const lines = (): Line[] =>
  written
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

async function land(branch: string): Promise<{ number: number; head: string }> {
  const proposed = await stage.propose(branch);
  await stage.quiet();
  stage.tick();
  await stage.github.as("bob").review(stage.name, proposed.number, { event: "APPROVE" });
  await stage.quiet();
  stage.tick();
  await stage.github.as("alice").comment(stage.name, proposed.number, "/merge");
  await stage.quiet();
  return proposed;
}

describe("numbers", () => {
  it("of a change from its opening to its landing", async () => {
    const before = await samples();
    const { number, head } = await land("counted");
    expect(stage.repo.pulls.get(number)?.merged).not.toBeNull();
    const open = await stage.propose("waits-for-bob");
    await stage.quiet();
    const after = await samples();
    const grown = (name: string, labels: Record<string, string>): number =>
      (valueOf(after, `puppet_gate_${name}`, labels) ?? 0) - (valueOf(before, `puppet_gate_${name}`, labels) ?? 0);
    const repository = stage.name;
    expect(grown("landings_total", { repository, outcome: "landed" })).toBe(1);
    expect(grown("checks_total", { repository, outcome: "done" })).toBe(2);
    expect(grown("deliveries_total", { event: "pull_request", outcome: "news" })).toBeGreaterThanOrEqual(3);
    expect(grown("verdicts_total", { repository, standing: "merged" })).toBe(1);
    expect(grown("verdicts_total", { repository, standing: "waiting" })).toBe(2);
    expect(grown("waited_seconds_total", { repository, standing: "waiting" })).toBeGreaterThanOrEqual(1);
    expect(grown("effects_total", { effect: "comment", outcome: "done" })).toBeGreaterThan(0);
    expect(grown("jobs_total", { queue: "check", outcome: "done" })).toBe(2);
    expect(grown("job_wait_seconds_count", { queue: "advance" })).toBeGreaterThan(3);
    expect(grown("github_requests_total", { method: "GET", status: "200" })).toBeGreaterThan(5);
    expect(valueOf(after, "puppet_gate_changes_open", { repository, standing: "waiting" })).toBe(1);
    expect(valueOf(after, "puppet_gate_readings_up")).toBe(1);
    expect(valueOf(after, "puppet_gate_effects_outstanding")).toBe(0);
    expect(valueOf(after, "puppet_gate_ledger_entries")).toBeGreaterThan(3);
    expect(valueOf(after, "puppet_gate_ready", { part: "database" })).toBe(1);
    // Of none of them there is a number for each change, commit or person.
    const text = JSON.stringify(after.map(({ name, labels }) => [name, labels]));
    for (const one of ["alice", "bob", head, open.head, "pull/", `#${number}`]) expect(text).not.toContain(one);
  });

  it("a webhook that nobody signed is counted as refused, and by no name of a stranger's", async () => {
    const post = (event: string): Promise<Response> =>
      fetch(`${stage.server().url}/api/github/webhooks`, {
        method: "POST",
        body: "{}",
        headers: {
          "content-type": "application/json",
          "x-github-event": event,
          "x-github-delivery": "d-1",
          "x-hub-signature-256": `sha256=${"0".repeat(64)}`,
        },
      });
    expect((await post("push")).status).toBe(400);
    for (const name of ["made_up_1", "made_up_2", "constructor"]) await post(name);
    const all = await samples();
    expect(valueOf(all, "puppet_gate_deliveries_total", { event: "push", outcome: "refused" })).toBe(1);
    expect(valueOf(all, "puppet_gate_deliveries_total", { event: "other", outcome: "refused" })).toBe(3);
  });
});

describe("who may read them", () => {
  const bearer = { authorization: `Bearer ${token}` };
  const cases: [who: string, ask: () => ReturnType<typeof get>, status: number][] = [
    ["this machine, at the operators' address", () => own("/metrics"), 200],
    ["a name of elsewhere that leads here", () => own("/metrics", { host: "evil.example:80" }), 421],
    ["whoever comes through a proxy on this machine", () => outer("/metrics"), 401],
    ["whoever has another token", () => outer("/metrics", { authorization: "Bearer another token than that" }), 401],
    ["whoever has the token", () => outer("/metrics", bearer), 200],
    ["nobody, something else", () => own("/changes"), 404],
  ];
  it.each(cases)("%s", async (_, ask, status) => {
    expect((await ask()).status).toBe(status);
  });

  it("operators are told why a part is as it is, and strangers are not", async () => {
    expect((await own("/readyz")).body).toContain("it knows this App as puppet-gate");
    expect((await outer("/readyz")).body).not.toContain("puppet-gate");
    const answer = await fetch(`${stage.server().url}/readyz`, { method: "POST" });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("the log", () => {
  it("has the delivery's id on each line of a delivery, and repository and change on each line of a turn", async () => {
    written = "";
    const { number } = await land("logged");
    const kept = lines().filter(({ msg }) => msg === "a webhook was kept");
    const ids = new Set(stage.github.deliveries().map(({ guid }) => guid));
    expect(kept.length).toBeGreaterThan(3);
    for (const line of kept) expect(ids.has(String(line["delivery"]))).toBe(true);
    expect(kept.some((line) => line["event"] === "issue_comment" && line["number"] === number)).toBe(true);
    const turn = lines().filter(({ msg }) => /^(?:asked GitHub to merge|landed as checked)/u.test(msg));
    expect(turn).toHaveLength(2);
    for (const line of turn)
      expect(line).toMatchObject({
        queue: "advance",
        repository: stage.name,
        repository_id: stage.repo.id,
        number,
        epoch: expect.any(Number),
      });
    expect(turn.some((line) => "delivery" in line)).toBe(false);
  });

  it("has the delivery's id where one could not be kept", async () => {
    written = "";
    const body = '{"action":"opened","installation":{"id":1}}';
    const signature = `sha256=${createHmac("sha256", stage.config.webhookSecret).update(body).digest("hex")}`;
    const headers = { "x-github-event": "pull_request", "x-github-delivery": "broken-1", "x-hub-signature-256": signature };
    await fetch(`${stage.server().url}/api/github/webhooks`, {
      method: "POST",
      body,
      headers: { ...headers, "content-type": "application/json" },
    });
    const errors = lines().filter((line) => Number(line["level"]) >= 50);
    expect(errors.length).toBeGreaterThan(0);
    for (const line of errors) expect(line["delivery"]).toBe("broken-1");
  });

  it("holds none of the server's secrets at its finest level, whatever fails", async () => {
    written = "";
    stage.github.faults.next({ kind: "error-before", route: "GET /repos/{owner}/{repo}/pulls/{pull_number}", status: 502, times: 2 });
    stage.failNext(
      new Error(`token ${stage.config.webhookSecret} of ghs_0123456789abcdefghijklmnopqrstuvwxyz at postgres://gate:hush-hush@db/gate`),
    );
    await land("leaky");
    const line = stage.config.app.privateKey.split("\n").find((each) => each.length > 40) ?? "";
    expect(written).toContain("a check could not be done");
    expect(written).toContain("[secret] of [token] at postgres://gate:[password]@db/gate");
    for (const secret of [stage.config.webhookSecret, line, token, "hush-hush"]) expect(written).not.toContain(secret);
    expect(written).not.toMatch(/gh[a-z]_\w{16}|eyJ[\w-]{8,}\./u);
  });
});

describe("a server that is told to stop", () => {
  it("says that it is not ready until it is gone, and still keeps what is sent", async () => {
    const { github, config } = stage;
    await stage.stopServer();
    const server = await startServer(
      { ...config, drainSeconds: 1 },
      {
        fetch: github.fetch,
        judge: () => Promise.reject(new Error("there is nothing to judge")),
        throttled: false,
        log: { write: () => undefined },
      },
    );
    expect((await get(`${server.url}/readyz`)).status).toBe(200);
    const closed = server.close();
    const { status, body } = await get(`${server.url}/readyz`);
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ ready: false, draining: true, parts: { database: "ok" } });
    expect((await get(`${server.url}/healthz`)).status).toBe(200);
    await closed;
    await expect(get(`${server.url}/readyz`)).rejects.toThrow("ECONNREFUSED");
    await stage.restart();
  });
});
