import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile, type statfs } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig, type Config } from "../../src/config.ts";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { App } from "../../src/demo/github/state.ts";
import { examineAppSeen, type ServeRow } from "../../src/engine/examine-app.ts";
import type { FoundRow } from "../../src/engine/doctor.ts";
import { needed } from "../../src/github/app.ts";
import { startServer, type GateServer } from "../../src/main.ts";
import { openPostgres } from "../../src/store/database.ts";
import { lockFolder } from "../../src/store/lock.ts";
import { examineApp, examinePart, spaceIn } from "../../src/wiring/examine.ts";
import { createDatabase } from "./postgres.ts";

/** `puppet-gate doctor` on what is broken: each says what is wrong and how it is mended. The sandbox and the machine have tests of their own (tests/doctor). */
const server = process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "";
const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const webhookSecret = "a secret for tests";
const webhooks = "/api/github/webhooks";
let folder: string;
let github: GitHub;
let app: App;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-doctor-"));
  github = await createGitHub({ folder: join(folder, "github") });
  await github.listen();
  github.user("alice", { emails: ["alice@acme.example"] });
  github.organization("acme");
  await github.repository("acme/control");
  github.collaborator("acme/control", "alice", "write");
  // The stand-in knows no merge queues.
  const { metadata: _, merge_queues: __, ...permissions } = needed.permissions;
  const events = needed.events.filter((event) => event !== "merge_group");
  app = github.app({ name: "Puppet Gate", owner: "acme", webhookSecret, permissions, events });
});
afterAll(async () => {
  await github.close();
  await rm(folder, { recursive: true });
});

async function config(more: Record<string, string> = {}): Promise<Config> {
  const { host } = await github.listen();
  return readConfig({
    APP_ID: String(app.id),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: webhookSecret,
    PUPPET_GATE_DATA: join(folder, "data"),
    GHE_HOST: host,
    GHE_PROTOCOL: "http",
    ...more,
  });
}

const words = (found: string | readonly FoundRow[]): string[] =>
  typeof found === "string" ? [found] : found.map(({ status, text, hint }) => `${status}: ${text}${hint === null ? "" : ` → ${hint}`}`);
const problem = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no problem",
    (error: unknown) => (error instanceof Error && "hint" in error ? `${error.message} → ${String(error.hint)}` : String(error)),
  );

describe("PostgreSQL", () => {
  const look = async (url: string): Promise<string[]> => words(await examinePart("database", await config({ DATABASE_URL: url })));
  const run = async (url: string, ...statements: string[]): Promise<void> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  /** A user of its own, that may do what is granted to it alone. */
  async function someone(url: string, how: string): Promise<string> {
    const name = `u${randomUUID().replaceAll("-", "")}`;
    await run(url, `create role ${name} login password 'hush' ${how}`);
    return Object.assign(new URL(url), { username: name, password: "hush" }).href;
  }

  it("that is empty, then migrated, then of a newer program", async () => {
    const url = await createDatabase(server);
    expect(await look(url)).toEqual([
      expect.stringMatching(/^pass: PostgreSQL \d+.* answers$/u),
      "pass: it is empty: `serve` makes its tables when it starts",
      expect.stringMatching(/^pass: 297 connections may be made, and \d+ are others'; a server takes up to 15$/u),
    ]);
    await (await openPostgres(url, () => undefined)).close();
    expect((await look(url))[1]).toMatch(/^pass: all \d+ migrations are applied$/u);
    await run(url, "delete from migrations where id = (select max(id) from migrations)");
    expect((await look(url))[1]).toMatch(
      /^advice: .*: 1 of this program's \d+ migrations are not applied\. → Back it up, and start `serve` of this version/u,
    );
    await run(url, "insert into migrations values (9000, '9000-later.sql', 'x')");
    expect((await look(url))[1]).toMatch(
      /^fail: The database has been changed by a newer puppet-gate \(9000-later\.sql\)\. → Run that version/u,
    );
  });

  it("to which a server of an older version is connected", async () => {
    const url = await createDatabase(server);
    await (await openPostgres(url, () => undefined)).close();
    const old = new Client({ connectionString: url, application_name: "puppet-gate/7" });
    await old.connect();
    expect((await look(url))[2]).toMatch(/^fail: a server of an older version is connected still, from 127\.0\.0\.1: .* → Stop it there/u);
    await old.end();
    await expect.poll(() => look(url)).toHaveLength(3);
  });

  it("whose user may do too little", async () => {
    const url = await createDatabase(server);
    expect((await look(await someone(url, "")))[0]).toMatch(/^fail: .* may not create .* → Let it own the database/u);
    expect((await look(await someone(url, "superuser connection limit 9")))[2]).toMatch(
      /^fail: 9 connections may be made.* → Raise max_connections/u,
    );
    const reader = await someone(url, "superuser");
    await run(reader, "alter role current_user set default_transaction_read_only = on");
    expect((await look(reader))[0]).toMatch(/^fail: .* read only → alter role/u);
  });

  it("that is away, or knows no such user", async () => {
    const away = "postgres://gate:hush-hush@127.0.0.1:1/gate";
    expect(await problem(look(away))).toMatch(/127\.0\.0\.1:1 does not answer.* → Start it/u);
    const wrong = Object.assign(new URL(server), { password: "hush-hush" }).href;
    const said = await problem(look(wrong));
    expect(said).toMatch(/refuses the user.* → Correct user and password/u);
    expect(said).not.toContain("hush-hush");
  });
});

describe("the embedded database and the disk", () => {
  it("that a server has, or none yet", async () => {
    const dataFolder = join(folder, "embedded");
    const at = await config({ PUPPET_GATE_DATA: dataFolder });
    expect(words(await examinePart("database", at))).toEqual([
      "pass: the embedded one; `serve` makes it in the data folder when it starts",
    ]);
    expect(await examinePart("data folder", at)).toBe(dataFolder);
    await mkdir(join(dataFolder, "database"));
    const lock = lockFolder(dataFolder);
    expect(words(await examinePart("database", at))).toEqual(["pass: the embedded one, in the data folder; `serve` runs, and has it"]);
    lock.release();
  });

  it.each([
    [3 * 2 ** 30, 1_000, /^pass: 3\.0 GiB are free/u],
    [2 ** 30, 1_000, /^advice: 1\.0 GiB are free.* → Make room/u],
    [2 ** 20, 1_000, /^fail: 0\.0 GiB are free.* → Make room/u],
    [3 * 2 ** 30, 1, /^fail: 3\.0 GiB are free in .*, and hardly any file can be made/u],
  ])("with %d bytes free", async (bytes, ffree, expected) => {
    const given = { bavail: bytes, bsize: 1, files: 1_000, ffree };
    expect(words([await spaceIn(folder, (async () => given) as unknown as typeof statfs)])[0]).toMatch(expected);
  });
});

describe("what variables name", () => {
  it("that can't be read, or written to, is told of by its variable", async () => {
    const file = join(folder, "a-file");
    await writeFile(file, "");
    const at = await config({ PUPPET_GATE_FACTS: "/nowhere/facts", PUPPET_GATE_ENC: file, PUPPET_GATE_CACHE: join(file, "compiles") });
    const data = words(await examinePart("node data", at));
    expect(data).toEqual([
      expect.stringMatching(
        /^fail: PUPPET_GATE_FACTS names \/nowhere\/facts, which can't be read: ENOENT.* → Give a folder of node facts/u,
      ),
      `pass: PUPPET_GATE_ENC names ${file}`,
    ]);
    const ledger = {
      key: join(folder, "new", "ledger.key"),
      kept: join(folder, "new", "checkpoint"),
      places: ["https://a.example", join(file, "log")],
    };
    const all = words(await examinePart("folders", { ...at, ledger: { ...ledger, origin: null, token: null, sign: "here" } }));
    expect(all).toEqual([
      expect.stringMatching(
        /^fail: PUPPET_GATE_CACHE: nothing can be written to .*a-file\/compiles: it is no folder → Let this user write to/u,
      ),
      expect.stringMatching(/^fail: PUPPET_GATE_LEDGER_PLACES: .* → .*ReadWritePaths=/u),
    ]);
    expect(await examinePart("folders", await config())).toEqual([]);
  });
});

describe("PuppetDB", () => {
  let stand: Server;
  let answers: (path: string) => { status: number; body: unknown };
  beforeAll(async () => {
    stand = createServer((request, response) => {
      const { status, body } = answers(request.url ?? "");
      response.writeHead(status).end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(stand, "listening");
  });
  afterAll(() => stand.close());
  const look = async (): Promise<string[]> => {
    const { port } = stand.address() as AddressInfo;
    return words(await examinePart("PuppetDB", await config({ PUPPETDB_URL: `http://127.0.0.1:${port}` })));
  };
  const having = (version: string, count: number) => (path: string) => ({
    status: 200,
    body: path.startsWith("/pdb/meta") ? { version } : [{ count }],
  });

  it("that is well, old, empty, or lets nobody in", async () => {
    answers = having("7.12.1", 321);
    expect((await look())[0]).toMatch(/^pass: PuppetDB 7\.12\.1 at .*, with 321 active nodes$/u);
    answers = having("5.2.0", 1);
    expect((await look())[0]).toMatch(/^fail: PuppetDB 5\.2\.0 at .* is too old: 6 is the oldest.* → Upgrade it/u);
    answers = having("8.1.0", 0);
    expect((await look())[0]).toMatch(/^advice: .* with 0 active nodes → See that agents report/u);
    answers = () => ({ status: 403, body: {} });
    expect(await problem(look())).toMatch(/answered 403.* → Give a client certificate/u);
    answers = () => ({ status: 200, body: "a proxy" });
    expect(await problem(look())).toMatch(/can't be used.* → See that the URL is PuppetDB's own/u);
  });

  it("that is away, or asked with a certificate that is not there", async () => {
    const away = async (more: Record<string, string>): Promise<string> =>
      problem(examinePart("PuppetDB", await config({ PUPPETDB_URL: "https://127.0.0.1:1", ...more })));
    expect(await away({})).toMatch(/can't be asked.* → See that it runs/u);
    expect(await away({ PUPPETDB_CA: "/nowhere/ca.pem" })).toMatch(/\/nowhere\/ca\.pem can't be read/u);
  });
});

describe("GitHub", () => {
  const look = async (more: Record<string, string> = {}): Promise<ServeRow[]> => {
    const seen = await examineApp(await config(more));
    if (seen === null) throw new Error("GitHub did not answer");
    return examineAppSeen(seen, { path: webhooks, url: null });
  };
  const row = async (name: string): Promise<string> => words((await look()).filter((one) => one.name === name)).join("\n");
  /** Something that GitHub tells of. */
  const push = async (): Promise<void> => {
    await github.as("alice").commit("acme/control", { branch: "main", files: { a: randomUUID() }, message: "a" });
    await github.settled();
  };
  const serving = async (secret: string, work: (url: string) => Promise<void>): Promise<void> => {
    let gate: GateServer | null = null;
    try {
      gate = await startServer(
        {
          ...(await config({ PUPPET_GATE_DATA: join(folder, randomUUID()), WEBHOOK_SECRET: secret, LOG_LEVEL: "fatal", PORT: "0" })),
          warm: { spares: 0, bases: 0, minutes: 1 },
        },
        { judge: () => Promise.reject(new Error("there is nothing to judge")), throttled: false, edition: "" },
      );
      await work(gate.url);
    } finally {
      await gate?.close();
    }
  };

  it("that refuses the App's key", async () => {
    expect(await problem(look({ PRIVATE_KEY: pem }))).toMatch(/does not accept these App credentials.* → Check that APP_ID/u);
  });

  it(
    "in the order in which an App is set up: not installed, no webhook, nobody there, another secret, well",
    { timeout: 120_000 },
    async () => {
      expect(await row("GitHub")).toMatch(/^missing: the App puppet-gate lacks merge_queues: read, the event merge_group → Grant that/u);
      expect(await row("installations")).toMatch(/^missing: .* is installed nowhere → Install it/u);
      github.install(app, { on: "acme" });
      expect(await row("installations")).toBe("pass: 1 of 1: acme");
      expect(await row("webhook")).toMatch(/^missing: the App has no webhook address/u);
      expect(await row("clock")).toBe("pass: it agrees with GitHub's to within seconds");

      github.webhooks(app, "http://127.0.0.1:1/hooks");
      expect(await row("webhook")).toMatch(/^fail: webhooks go to .*\/hooks, and this server takes them at/u);
      github.webhooks(app, `http://127.0.0.1:1${webhooks}`);
      expect(await row("webhook")).toMatch(/^pass: they go to /u);
      await push();
      expect(await row("deliveries")).toMatch(/^fail: \d+ of the last \d+ failed.*failed to connect.* → See that the address/u);

      await serving("another secret than that", async (url) => {
        github.webhooks(app, `${url}${webhooks}`);
        await push();
        expect(await row("deliveries")).toMatch(
          /^fail: .*the signature is of another secret than WEBHOOK_SECRET → Give both sides the same/u,
        );
        github.webhooks(app, `${url}/elsewhere`);
        await push();
        expect(await row("deliveries")).toMatch(/^fail: .*does not know the address/u);
      });
      await serving(webhookSecret, async (url) => {
        github.webhooks(app, `${url}${webhooks}`);
        await push();
        expect(await row("deliveries")).toMatch(/^advice: .*later ones came through → Those that failed are asked for again/u);
      });
    },
  );
});
