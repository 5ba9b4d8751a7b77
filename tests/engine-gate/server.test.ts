import { createHmac, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startServer } from "../../src/main.ts";
import { lockFolder } from "../../src/store/lock.ts";
import { createStage, type Stage } from "./stage.ts";

/** The server from outside: what it lets in, and when it refuses to start. */
let stage: Stage;
const lines: { msg: string }[] = [];
beforeAll(async () => {
  const log = { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) };
  stage = await createStage({ log }, undefined, { logLevel: "error" });
});
afterAll(async () => stage.close());

const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${stage.server().url}/api/github/webhooks`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "pull_request",
      "x-github-delivery": "11111111-2222",
      "x-hub-signature-256": `sha256=${createHmac("sha256", stage.config.webhookSecret).update(body).digest("hex")}`,
      ...headers,
    },
  });

describe("the server", () => {
  it("lets nothing in without the right signature", async () => {
    const before = stage.judged.length;
    expect((await post("{}", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` })).status).toBe(400);
    const { "x-hub-signature-256": _none, ...headers } = { "x-hub-signature-256": "", accept: "*/*" };
    expect((await post("{}", { ...headers, "x-hub-signature-256": "" })).ok).toBe(false);
    // Probot's fallback secret, which everybody knows.
    const known = createHmac("sha256", "development").update("{}").digest("hex");
    expect((await post("{}", { "x-hub-signature-256": `sha256=${known}` })).status).toBe(400);
    expect(stage.judged.length).toBe(before);
  });

  it("says so when a signed payload is not of GitHub's form, and keeps it from being taken for received", async () => {
    const answer = await post('{"action":"opened","installation":{"id":1}}');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain("A pull_request webhook is not of the form that GitHub documents");
  });

  it("takes a webhook that means nothing to it", async () => {
    expect((await post('{"action":"created"}', { "x-github-event": "star" })).status).toBe(200);
  });

  it("tells that it lives and what of it is ready, and nothing else to strangers", async () => {
    const health = await fetch(`${stage.server().url}/healthz`);
    expect(await health.json()).toEqual({ alive: true });
    const ready = await fetch(`${stage.server().url}/readyz`);
    expect(ready.status).toBe(200);
    const parts = { database: "ok", migrations: "ok", workers: "ok", leases: "ok", github: "ok" };
    expect(await ready.json()).toEqual({ ready: true, draining: false, parts });
    expect((await fetch(`${stage.server().url}/metrics`)).status).toBe(404);
    expect((await fetch(`${stage.server().url}/`)).status).toBe(404);
    expect((await fetch(`${stage.server().url}/probot`)).status).toBe(404);
  });

  it("refuses a body that no webhook has", async () => {
    const answer = await post("x".repeat(26 * 1024 * 1024)).catch((error: unknown) => error);
    expect(answer instanceof Response ? answer.status : "closed").toSatisfy((end) => end === 413 || end === "closed");
  });
});

describe("starting", () => {
  it.skipIf(process.env["PUPPET_GATE_TEST_POSTGRES"] !== undefined)(
    "is refused on a data directory that another process uses",
    async () => {
      await expect(startServer(stage.config, { fetch: stage.github.fetch })).rejects.toMatchObject({ code: "data-directory-locked" });
    },
  );

  it.each([
    ["without git", null, "git-missing", "git is not installed, or not in PATH."],
    ["with a git that can't compute merge results", "2.37.9", "git-too-old", "This is git 2.37.9; computing a merge result"],
  ])("is refused %s, before anything else", async (_name, version, code, text) => {
    const bin = mkdtempSync(join(tmpdir(), "puppet-gate-bin-"));
    if (version !== null) writeFileSync(join(bin, "git"), `#!/bin/sh\necho git version ${version}\n`, { mode: 0o755 });
    vi.stubEnv("PATH", bin);
    try {
      const unasked = (): Promise<never> => Promise.reject(new Error("GitHub was asked"));
      await expect(startServer({ ...stage.config, dataFolder: join(bin, "data") }, { fetch: unasked })).rejects.toMatchObject({
        code,
        text: expect.stringContaining(text),
      });
      expect(existsSync(join(bin, "data"))).toBe(false);
    } finally {
      vi.unstubAllEnvs();
      rmSync(bin, { recursive: true });
    }
  });

  it("is refused with a file of channels that is wrong, and no secret of it is told", async () => {
    const announce = `${stage.config.dataFolder}-channels.yaml`;
    writeFileSync(announce, "version: 1\nchannels: [{name: ops, slack: 'http://hooks.example.com/S3CRET'}]\n", { mode: 0o600 });
    const parts = { fetch: stage.github.fetch, edition: "one" };
    const { databaseUrl: _, ...config } = stage.config;
    const refused = await startServer({ ...config, announce, dataFolder: `${stage.config.dataFolder}-3` }, parts).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      code: "bad-channels",
      text: expect.stringContaining(`${announce}:2:31: \`channels[0].slack\` does not begin with https`),
    });
    expect(JSON.stringify(refused)).not.toContain("S3CRET");
  });

  it("is refused on a data directory that can't be made", async () => {
    await expect(startServer({ ...stage.config, dataFolder: "/proc/nope" }, { fetch: stage.github.fetch })).rejects.toMatchObject({
      code: "data-directory",
    });
  });

  it("is refused with credentials that GitHub does not accept", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const other = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const app of [
      { ...stage.config.app, id: 999_999 },
      { ...stage.config.app, privateKey: other },
    ]) {
      await expect(startServer({ ...stage.config, app }, { fetch: stage.github.fetch })).rejects.toMatchObject({
        code: "bad-credentials",
        text: expect.stringMatching(/^GitHub does not accept these App credentials: GitHub answered 40[14] to GET \/app\.$/u),
      });
    }
  });

  it("is refused on an address that is taken, and leaves the data directory free", async () => {
    const busy = createServer().listen(0, "127.0.0.1");
    await once(busy, "listening");
    const { port } = busy.address() as AddressInfo;
    const dataFolder = `${stage.config.dataFolder}-2`;
    const start = (): Promise<unknown> => startServer({ ...stage.config, dataFolder, port }, { fetch: stage.github.fetch });
    await expect(start()).rejects.toMatchObject({ code: "address" });
    if (stage.config.databaseUrl === undefined) lockFolder(dataFolder).release();
    busy.close();
  });
});

describe("a restart", () => {
  it("drains what was taken in and begins again what was under way, without another webhook", async () => {
    const letGo = stage.hold();
    const { number, head } = await stage.propose("unfinished");
    await expect.poll(() => stage.checkRun(head)?.status).toBe("in_progress");
    await stage.github.settled();
    const before = stage.github.deliveries().filter(({ event }) => event === "pull_request").length;
    const restarted = stage.restart();
    letGo();
    await restarted;
    await stage.quiet();
    expect(stage.judged.filter((pair) => pair.endsWith(head))).toHaveLength(2);
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
    expect(stage.comments(number)).toHaveLength(1);
    expect(stage.github.deliveries().filter(({ event, action }) => event === "pull_request" && action !== "labeled")).toHaveLength(before);
  });

  it("takes deliveries while GitHub's API is down, and acts on them once it is back", async () => {
    const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
    stage.github.faults.next({ kind: "error-before", route, status: 503, times: 6 });
    const { number } = await stage.propose("outage");
    await stage.github.settled();
    await expect.poll(() => stage.github.faults.armed()).toEqual([]);
    await expect.poll(() => lines.some(({ msg }) => msg.startsWith("given up until the next event"))).toBe(true);
    expect(stage.comments(number)).toEqual([]);
    await stage.restart();
    await stage.quiet();
    expect(stage.comments(number)).toHaveLength(1);
  });
});
