import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import { openDatabase } from "../../src/store/database.ts";
import * as leaks from "../check/leaks.ts";

/**
 * Promise 8, of the server: a change that lets secrets out by every way that was thought of, judged with real Puppet by `puppet-gate serve` in a
 * process of its own. Whatever it logs at the finest level, sends to GitHub, keeps in its database and of compiles is looked through.
 */
const name = "acme/control";
const webhookSecret = "what webhooks are signed with";
/** What else a server is given and must never tell, by where it is given. */
const hidden = {
  client: "the secret of the client",
  metrics: "the token that reads numbers",
  ledger: "ghp_theTokenThatWritesTheLedger0123456789",
  slack: "/services/T0000/B0000/theSecretOfSlack",
  password: "thePasswordOfIrc",
  account: "thePasswordOfTheAccount",
  channel: "theKeyOfTheChannel",
};
/** A client's key, as PuppetDB's is. */
const clientKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
let folder: string;
let github: GitHub;
let privateKey: string;
let proxy: Server;
let serve: ChildProcess;
let log = "";
/** What was sent to GitHub's API. */
let sent = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-leaks-"));
  github = await createGitHub({ folder: join(folder, "github") });
  for (const login of ["alice", "bob"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  await github.repository(name);
  for (const login of ["alice", "bob"]) github.collaborator(name, login, "write");
  const files = Object.fromEntries(Object.entries(leaks.base).map(([path, content]) => [path, String(content)]));
  await github.as("bob").commit(name, { branch: "main", files, message: "begin" });
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    webhookSecret,
    permissions: { contents: "write", pull_requests: "write", checks: "write", members: "read", statuses: "read", actions: "read" },
    events: ["pull_request", "pull_request_review", "issue_comment", "push", "check_run"],
  });
  ({ privateKey } = app);
  github.install(app, { on: "acme" });
  const { port } = new URL((await github.listen()).origin);
  proxy = createServer((from, to) => {
    const forward = request({ host: "127.0.0.1", port, path: from.url, method: from.method, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(to);
    });
    if (from.url?.startsWith("/api/") === true) {
      sent += `${from.method} ${from.url}\n`;
      from.on("data", (chunk: Buffer) => (sent += chunk.toString()));
    }
    from.pipe(forward);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const channels = `version: 1
irc:
  - {name: net, host: 127.0.0.1, port: 1, tls: false, password: ${hidden.password}, sasl: {account: gate, password: ${hidden.account}}}
channels:
  - {name: hook, slack: "http://127.0.0.1:1${hidden.slack}"}
  - {name: ops, irc: net, channel: "#ops", key: ${hidden.channel}}
`;
  await writeFile(join(folder, "channels.yml"), channels, { mode: 0o600 });
  await writeFile(join(folder, "client.key"), clientKey, { mode: 0o600 });
  await writeFile(join(folder, "client.pem"), "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
  serve = spawn(process.execPath, [join(import.meta.dirname, "..", "..", "src", "cli.ts"), "serve"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      APP_ID: String(app.id),
      PRIVATE_KEY: privateKey,
      WEBHOOK_SECRET: webhookSecret,
      PUPPET_GATE_DATA: join(folder, "data"),
      PORT: "0",
      GHE_HOST: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      GHE_PROTOCOL: "http",
      LOG_LEVEL: "trace",
      PUPPET_GATE_URL: "http://127.0.0.1:1",
      PUPPET_GATE_PAGES: "sign-in",
      CLIENT_ID: "Iv1.0123456789abcdef",
      CLIENT_SECRET: hidden.client,
      PUPPET_GATE_METRICS: "127.0.0.1:0",
      PUPPET_GATE_METRICS_TOKEN: hidden.metrics,
      PUPPET_GATE_ANNOUNCE: join(folder, "channels.yml"),
      PUPPETDB_URL: "https://127.0.0.1:1",
      PUPPETDB_CERT: join(folder, "client.pem"),
      PUPPETDB_KEY: join(folder, "client.key"),
      PUPPET_GATE_LEDGER_PLACES: `git+http://127.0.0.1:1/acme/audit.git#ledger ${join(folder, "published")}`,
      PUPPET_GATE_LEDGER_TOKEN: hidden.ledger,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const listening = new Promise<string>((resolve, reject) => {
    for (const stream of [serve.stdout, serve.stderr])
      stream?.on("data", (chunk: Buffer) => {
        log += chunk.toString();
        const line = log.split("\n").find((each) => each.includes("puppet-gate is listening")) ?? "";
        const [url] = /http:\/\/127\.0\.0\.1:\d+/u.exec(line) ?? [];
        if (url !== undefined) resolve(url);
      });
    serve.once("exit", () => reject(new Error(log)));
  });
  github.webhooks(app, `${await listening}/api/github/webhooks`);
});
afterAll(async () => {
  await end();
  proxy.close();
  await github.close();
  await rm(folder, { recursive: true });
});

async function end(): Promise<void> {
  if (serve.exitCode !== null || serve.signalCode !== null) return;
  const ended = once(serve, "exit");
  serve.kill("SIGTERM");
  await ended;
}

/** Every row of every table, the queues' too. */
async function rows(): Promise<string> {
  const database = await openDatabase(join(folder, "data"));
  try {
    const { rows: tables } = await database.query<{ table_schema: string; table_name: string }>(
      "select table_schema, table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'",
    );
    const all: string[] = [];
    for (const { table_schema, table_name } of tables) {
      const { rows: found } = await database.query<{ row: string }>(
        `select row_to_json(t)::text as row from "${table_schema}"."${table_name}" t`,
      );
      all.push(...found.map(({ row }) => `${table_name} ${row}`));
    }
    return all.join("\n");
  } finally {
    await database.close();
  }
}

it("no secret is in what the server logs, sends and keeps", { timeout: 180_000 }, async () => {
  const alice = github.as("alice");
  const files = Object.fromEntries(Object.entries(leaks.head).map(([path, content]) => [path, content === null ? null : String(content)]));
  await alice.commit(name, { branch: "leaks", files, message: "Let them out" });
  const { number } = await alice.openPull(name, { head: "leaks", title: "Let them out" });
  const said = async (): Promise<string> =>
    (await alice.request<{ body: string }[]>(`GET /repos/${name}/issues/${number}/comments`)).map(({ body }) => body).join("\n");
  await expect.poll(said, { timeout: 120_000 }).toContain("### Blocked");
  await alice.comment(name, number, "/why");
  await alice.comment(name, number, "/merge");
  await expect.poll(said, { timeout: 60_000 }).toMatch(/alice said `\/merge`/u);
  await end();

  const kept = await rows();
  for (const words of ["[secret]", "Unknown alias"]) for (const place of [sent, kept]) expect(place).toContain(words);
  // What was searched is there: each node's compile, and rows of every kind that a change leaves.
  const compiles = leaks.keptIn(join(folder, "data", "compiles"));
  expect(compiles.compiles).toBeGreaterThanOrEqual(leaks.nodes.length);
  expect(compiles.records).toBe(1);
  const tables = ["deliveries", "changes", "checks", "effects", "entries", "evidence"].filter((table) => !kept.includes(`\n${table} `));
  expect(tables).toEqual([]);
  expect(log).toContain("puppet-gate is listening");
  // It was given all of them, and tried the place that its token is for.
  expect(log).toContain("can't be published at http://127.0.0.1:1/acme/audit.git#ledger");
  const own = [
    webhookSecret,
    ...Object.values(hidden),
    ...Object.values(hidden).map((secret) => Buffer.from(secret).toString("base64").replaceAll("=", "")),
    ...[privateKey, clientKey].flatMap((key) => key.split(/\n|\\n/u).filter((line) => line.length > 40)),
  ];
  expect(log).not.toMatch(/\bgh[a-z]_\w{16}|\beyJ[\w-]{8,}\.[\w-]{8,}\./u);
  const found = Object.entries({ log, sent, kept, compiles: compiles.text }).flatMap(([where, text]) => [
    ...leaks.foundIn(text).map((secret) => `${secret} in ${where}`),
    ...own.filter((each) => text.includes(each)).map(() => `a secret of the server's own in ${where}`),
  ]);
  expect(found).toEqual([]);
});
