import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announceTest } from "../../src/cli/announce-command.ts";
import { announcePlaces } from "../../src/engine/rollout/announce.ts";
import { createTells } from "../../src/engine/rollout/tell.ts";
import type { Origin } from "../../src/gate/event.ts";
import { createSlackReceiver } from "../../src/notify/slack.ts";
import { known } from "../../src/policy/known.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import type { Heard } from "../../src/rollout/announcement.ts";
import type { Event } from "../../src/rollout/effects.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { channelsOf } from "../../src/wiring/channels.ts";
import { memoryLog } from "../engine/stand-ins/world.ts";
import { member, rolloutOf } from "../engine/rollout/world.ts";
import { openTestDatabase } from "../store/open.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";

/** A webhook's receiver over HTTPS, as Slack answers. */
let folder: string;
let certificates: Certificates;
let ca: string;
let server: Server;
let port: number;
/** What was posted, and what is answered, in turn; 200 when there is nothing more. */
const posted: { path: string; type: string; body: unknown }[] = [];
const answers: { status: number; body?: string; headers?: Record<string, string>; hang?: true }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-slack-"));
  certificates = await makeCertificates(folder);
  ca = await readFile(certificates.ca, "utf8");
  server = createServer({ cert: await readFile(certificates.server.cert), key: await readFile(certificates.server.key) });
  server.on("request", (request: IncomingMessage, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      posted.push({ path: request.url ?? "", type: request.headers["content-type"] ?? "", body: JSON.parse(text) });
      const { status, body = "ok", headers = {}, hang } = answers.shift() ?? { status: 200 };
      if (hang !== true) response.writeHead(status, headers).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  posted.length = 0;
  answers.length = 0;
});

const secret = "T0SECRET/B0SECRET/x0SECRET";
const url = (): string => `https://localhost:${port}/services/${secret}`;
const say = (of: { url?: string; ca?: string | null } = {}, milliseconds = 20_000): Promise<Heard> =>
  createSlackReceiver({ name: "ops", url: url(), ca, ...of }).say({ kind: "trial" }, AbortSignal.timeout(milliseconds));
const why = (heard: Heard): string => (heard.heard ? "heard" : `${heard.text.replace(`:${port}`, "")} | ${heard.hint}`);
const renew = "Make a new incoming webhook for the channel there, and write its address into the site's file.";

describe("a webhook", () => {
  it("gets a message as JSON, with nothing unfolded", async () => {
    expect(await say()).toEqual({ heard: true });
    expect(posted).toEqual([
      {
        path: `/services/${secret}`,
        type: "application/json; charset=utf-8",
        body: { text: "puppet-gate: a test line, nothing happened", unfurl_links: false, unfurl_media: false },
      },
    ]);
  });

  it.each<[string, (typeof answers)[number], string, number]>([
    [
      "asks to wait",
      { status: 429, headers: { "retry-after": "7" } },
      "the webhook at localhost asks to wait 7 seconds (429) | Nothing to do: it is said then.",
      7,
    ],
    [
      "asks to wait, and does not say how long",
      { status: 429, headers: { "retry-after": "soon" } },
      "the webhook at localhost asks to wait 60 seconds (429) | Nothing to do: it is said then.",
      60,
    ],
    [
      "asks to wait for ever",
      { status: 429, headers: { "retry-after": "999999" } },
      "the webhook at localhost asks to wait 86400 seconds (429) | Nothing to do: it is said then.",
      86_400,
    ],
    [
      "sends elsewhere",
      { status: 302, headers: { location: "https://localhost:1/elsewhere" } },
      "the webhook at localhost sends on to another address (302), which is not followed | Write the final address into the site's file.",
      0,
    ],
    ["is gone", { status: 404, body: "no_service" }, `the webhook at localhost refused it (404, no_service) | ${renew}`, 0],
    [
      "is of a channel that was archived",
      { status: 410, body: "channel_is_archived" },
      "the webhook at localhost refused it (410, channel_is_archived) | Unarchive the channel, or make a webhook for another one.",
      0,
    ],
    ["repeats its own address", { status: 403, body: `no ${secret}` }, `the webhook at localhost refused it (403) | ${renew}`, 0],
    [
      "does not understand",
      { status: 400, body: "invalid_payload" },
      "the webhook at localhost refused it (400, invalid_payload) | See whether the receiver is Slack-compatible: it is sent JSON with a `text`.",
      0,
    ],
    [
      "is in trouble",
      { status: 503, body: "<html>" },
      "the webhook at localhost is in trouble (503) | Look at the receiver; it is asked again.",
      0,
    ],
    [
      "says more than anybody wants to know",
      { status: 500, body: "x".repeat(1_000_000) },
      "the webhook at localhost is in trouble (500) | Look at the receiver; it is asked again.",
      0,
    ],
  ])("that %s", async (_, answer, expected, seconds) => {
    answers.push(answer);
    const heard = await say();
    expect(why(heard)).toBe(expected);
    expect(heard).toMatchObject({ afterSeconds: seconds });
    expect(JSON.stringify(heard)).not.toContain("SECRET");
    expect(posted).toHaveLength(1);
  });

  it.each<[string, () => { url?: string; ca?: string | null }, string]>([
    [
      "has a certificate of nobody's CA",
      () => ({ ca: null }),
      "its certificate is of no CA that is trusted here | Name the CA that its certificate is of under `ca` in the site's file.",
    ],
    [
      "has a certificate of another name",
      () => ({ url: url().replace("localhost", "127.0.0.1") }),
      "its certificate is of another name | Write the host as the certificate has it, or mend the certificate.",
    ],
    [
      "is not there",
      () => ({ url: "https://localhost:1/services/x0SECRET" }),
      "nothing listens there | Start the server, or correct host and port in the site's file.",
    ],
  ])("that %s is told nothing", async (_, of, expected) => {
    const heard = await say(of());
    expect(why(heard)).toMatch(expected);
    expect(why(heard).endsWith(expected)).toBe(true);
    expect(posted).toEqual([]);
    expect(JSON.stringify(heard)).not.toContain("SECRET");
  });

  it("that never answers is left when we are told to stop", async () => {
    answers.push({ status: 200, hang: true });
    expect((await say({}, 300)).heard).toBe(false);
  });
});

async function channelsFile(): Promise<string> {
  const path = join(folder, "channels.yaml");
  await writeFile(path, `version: 1\nchannels:\n  - { name: ops, slack: "${url()}", ca: ${certificates.ca} }\n`);
  await chmod(path, 0o600);
  return path;
}

describe("the site's file of channels", () => {
  it("is tried by a test line", async () => {
    const channels = await channelsOf({ announce: await channelsFile() });
    let written = "";
    const output = { write: (text: string) => (written += text), paint: (_: unknown, text: string) => text };
    const { signal } = new AbortController();
    expect(await announceTest(channels.all, "ops", output, signal)).toBe(0);
    answers.push({ status: 404, body: "no_service" });
    expect(await announceTest(channels.all, "ops", output, signal)).toBe(1);
    await expect(announceTest(channels.all, "opps", output, signal)).rejects.toThrow("This site has no channel opps. Did you mean ops?");
    expect(written.replaceAll(`:${port}`, "").split("\n")).toEqual([
      "  TLS is fine: its certificate is of a CA that is trusted here",
      "said  ops has a test line from puppet-gate",
      "  TLS is fine: its certificate is of a CA that is trusted here",
      "unsaid  the webhook at localhost refused it (404, no_service)",
      `        ${renew}`,
      "",
    ]);
  });
});

describe("news in a channel, on a real database", () => {
  let database: Database;
  let store: Store;
  let at = new Date("2026-11-22T12:00:00Z");
  const origin: Origin = { installation: 1, repository: { id: 1, owner: "acme", name: "control" } };
  beforeAll(async () => {
    database = await openTestDatabase();
    store = await createStore(database, (error) => {
      throw error;
    });
    await store.records.saveRepository(origin);
  });
  afterAll(async () => store.close());

  it("are said in order, whatever fails, and once more where the process died before it kept that they were", async () => {
    const { log, said } = memoryLog();
    const { all } = await channelsOf({ announce: await channelsFile() });
    const loaded = loadPolicy("version: 1\nlanes: [{name: canary, members: {certnames: [a]}}, {name: rest}]\nannounce: [{to: ops}]\n", "x");
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const places = announcePlaces({
      receivers: all,
      store: { records: { ...store.records, rolloutOf: async () => ({ rollout: rolloutOf(null) }) } },
      judge: { survey: async () => ({ policy: loaded.policy, policyDigest: "", members: [member("a")] }) },
      organisationPolicy: async () => known(null),
      openMirror: async () => ({
        close: async () => {},
        heads: async () => ({ defaultBranch: "refs/heads/main", tip: "", tips: new Map() }),
        lineOf: async () => ({ steps: [{ sha: "c1", parents: [] }], tip: "c1" }),
      }),
      html: "https://github.com",
      pageOf: () => null,
      now: () => at,
      log,
    });
    const tell = async (through: Store): Promise<void> => {
      const tells = createTells({ places, isServed: () => true, store: through, forge: { explain: () => null }, now: () => at, log });
      await tells.ask();
      const job = await store.take("tell", 30);
      if (job === null) throw new Error("nobody asked for the news to be told");
      const end = await tells.perform(job, new AbortController().signal).catch(() => null);
      await store.held(job.lease, end ?? ((records) => records.again(job)));
    };
    const happen = (...events: Event[]): Promise<void> => store.transaction((records) => records.addNews(1, events, at));
    const entered: Event = { kind: "entered", lane: "canary", release: "c1", before: "c0", let: null };
    const moved: Event = { kind: "moved", lane: "canary", release: "c1" };
    const resumed: Event = { kind: "resumed", lane: "canary", by: null };
    await happen(entered, moved, resumed);
    answers.push({ status: 200 }, { status: 503 });
    await tell(store);
    expect(said.filter(({ level }) => level === "warn").map(({ message }) => message.replace(`:${port}`, ""))).toEqual([
      "announce/ops could not be told what happened to a release: the webhook at localhost is in trouble (503). Look at the receiver; it is asked again.",
    ]);
    at = new Date(at.getTime() + 61_000);
    const dying: Store = { ...store, held: () => Promise.reject(new Error("the process is gone")) };
    await tell(dying);
    await tell(store);
    const started = "[acme/control] canary: release c1 has started <https://github.com/acme/control/commit/c1>";
    const goesOn = "[acme/control] canary goes on: the pause is over <https://github.com/acme/control>";
    expect(posted.map(({ body }) => (body as { text: string }).text)).toEqual([started, goesOn, goesOn, goesOn]);
    expect(JSON.stringify(said)).not.toContain("SECRET");
  });
});
