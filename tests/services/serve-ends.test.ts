import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import { familyOf } from "../../src/process/resident.ts";
import { startLife, startOf } from "./killed/server.ts";
import { createDatabase, dropDatabase } from "./postgres.ts";

/** `puppet-gate serve` is told to stop while sandboxes wait for the next check: it ends in order, and ends them. */
const secret = "a secret for tests";
const postgres = process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "";
let folder: string;
let github: GitHub;
let databaseUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-ends-"));
  databaseUrl = await createDatabase(postgres);
  github = await createGitHub({ folder: join(folder, "github") });
});
afterAll(async () => {
  await github.close();
  await dropDatabase(databaseUrl, postgres);
  await rm(folder, { recursive: true });
});

const commandOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");

it("leaves no process and no file", async () => {
  github.organization("acme");
  const app = github.app({ name: "Puppet Gate", owner: "acme", webhookSecret: secret, permissions: {}, events: [] });
  const { host } = await github.listen();
  const temporary = await mkdtemp(join(folder, "tmp-"));
  for (const each of [folder, temporary]) await chmod(each, 0o755);
  const faults: string[] = [];
  const life = startLife({
    name: "serve",
    nodeOptions: [],
    environment: {
      TMPDIR: temporary,
      APP_ID: String(app.id),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: secret,
      PUPPET_GATE_DATA: join(folder, "data"),
      DATABASE_URL: databaseUrl,
      PORT: "0",
      GHE_HOST: host,
      GHE_PROTOCOL: "http",
    },
    onFault: (text) => faults.push(text),
    onWarning: () => undefined,
    onFamily: () => undefined,
    onListening: () => undefined,
  });
  await expect.poll(() => life.url()).not.toBeNull();
  // A spare is there once Ruby runs in its sandbox.
  const commands = async (): Promise<string> => (await Promise.all(familyOf(life.pid).map(commandOf))).join("\n");
  await expect.poll(commands).toContain("ruby");
  const family = familyOf(life.pid).map((pid) => ({ pid, start: startOf(pid) }));
  expect(await life.end()).toBe(0);
  await expect.poll(() => family.filter(({ pid, start }) => startOf(pid) === start)).toEqual([]);
  await expect.poll(() => readdir(temporary)).toEqual([]);
  expect(faults).toEqual([]);
});
