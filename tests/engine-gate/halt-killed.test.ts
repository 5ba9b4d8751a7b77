import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface, type Interface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { App, Repo } from "../../src/demo/github/state.ts";
import type { Entry } from "../../src/ledger/entry.ts";
import { openDatabase, openPostgres } from "../../src/store/database.ts";
import { minute } from "../rollout/world.ts";
import { newDatabaseUrl } from "../store/open.ts";
import { certnames, lanes, type Told } from "./rollout-child.ts";

/**
 * The server is killed (SIGKILL) in the very look that halts a lane, at each thing that this look does: whatever was lost is found again after the next
 * start, and nothing is done or told twice.
 */
let folder: string;
let github: GitHub;
let app: App;
let databaseUrl: string | undefined;
let child: { process: ChildProcess; lines: Interface } | null = null;
/** Of the story that is under way. */
let name: string;
let repo: Repo;
let told: Told;
let config: Config;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-halt-"));
  databaseUrl = await newDatabaseUrl();
  github = await createGitHub({ folder: join(folder, "github"), now: () => new Date() });
  for (const login of ["alice", "bob"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  const permissions = {
    contents: "write",
    pull_requests: "write",
    checks: "write",
    deployments: "write",
    members: "read",
    statuses: "read",
    actions: "read",
  } as const;
  app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    webhookSecret: "a secret for tests",
    permissions,
    events: ["pull_request", "push"],
  });
  github.install(app, { on: "acme" });
});
afterAll(async () => {
  await end("SIGTERM");
  await github?.close();
  await rm(folder, { recursive: true });
});

function tell(more: Partial<Told> = {}): void {
  told = { ...told, ...more };
  writeFileSync(join(folder, "told.json"), JSON.stringify(told));
}
async function start(): Promise<void> {
  const { origin } = await github.listen();
  config = {
    app: { id: app.id, privateKey: app.privateKey },
    webhookSecret: "a secret for tests",
    host: "127.0.0.1",
    port: 0,
    logLevel: "info",
    organisationPolicy: "auto",
    dataFolder: join(folder, `data-${repo.id}`),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    github: { api: `${origin}/api/v3`, html: origin },
  };
  const argument = JSON.stringify({ config, folder: repo.folder, file: join(folder, "told.json"), repository: name });
  const started = spawn(process.execPath, [fileURLToPath(import.meta.resolve("./rollout-child.ts")), argument], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(started.stdout);
  child = { process: started, lines };
  const [url] = (await once(lines, "line")) as [string];
  github.webhooks(app, `${url}/api/github/webhooks`);
}
async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const ending = child?.process;
  child = null;
  if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
  const ended = once(ending, "exit");
  if (signal === "SIGTERM") ending.stdin?.end();
  else ending.kill(signal);
  await ended;
}
async function quiet(): Promise<void> {
  for (let n = 0; n < 2; n += 1) {
    await github.settled();
    const answer = child === null ? Promise.resolve() : once(child.lines, "line");
    child?.process.stdin?.write("\n");
    await answer;
  }
}
/** A start looks at everything. */
async function look(): Promise<void> {
  await end("SIGTERM");
  await start();
  await quiet();
}
const tipOf = (branch: string): string => repo.refs.get(branch) ?? "";

/** A minute passes, and every agent runs; what the first lane has fails where it is bad. */
function run(bad: string): void {
  const ahead = told.ahead + minute;
  const runs = certnames.map((certname, index) => {
    const environment = certname.startsWith("canary") ? "production_canary" : "production";
    const version = tipOf(environment);
    const isBad = version === bad;
    return {
      certname,
      id: `${ahead}-${index}`,
      environment,
      status: isBad ? "failed" : "unchanged",
      version,
      cached: "not_used",
      noop: false,
      noopPending: false,
      producer: "puppet1",
      producedAt: Date.now() + ahead,
      took: 10,
      failed: isBad ? ["Service[nginx]"] : [],
      changed: [],
      ...(isBad && { places: [{ resource: "Service[nginx]", path: "broken.pp", line: 1 }] }),
    } as const;
  });
  tell({ ahead, runs: [...told.runs, ...runs] });
}

/** A change that is in the first lane, and that every agent there has run twice by now, and failed. */
async function stopped(count: number): Promise<number> {
  name = `acme/control-${count}`;
  repo = await github.repository(name);
  for (const login of ["alice", "bob"]) github.collaborator(name, login, "write");
  const bob = github.as("bob");
  await bob.commit(name, { branch: "main", files: { "site.pp": "" }, message: "begin" });
  for (const { environment } of lanes) await bob.moveBranch(name, environment, tipOf("main"));
  told = { ahead: 0, runs: [], dies: null };
  run("");
  await look();
  await github.as("alice").commit(name, { branch: "broken", from: "main", files: { "broken.pp": "class broken {}\n" }, message: "broken" });
  const { number } = await github.as("alice").openPull(name, { head: "broken", title: "broken" });
  await bob.merge(name, number, { merge_method: "squash" });
  const release = tipOf("main");
  await look();
  expect(tipOf("production_canary")).toBe(release);
  for (let ran = 0; ran < 2; ran += 1) run(release);
  return number;
}

async function halts(): Promise<string[]> {
  await end("SIGTERM");
  const database = databaseUrl === undefined ? await openDatabase(config.dataFolder) : await openPostgres(databaseUrl, () => undefined);
  try {
    const { rows } = await database.query<{ entry: string }>("select entry from entries where repository = $1 order by seq", [repo.id]);
    return rows.map(({ entry }) => (JSON.parse(entry) as Entry).kind).filter((kind) => kind === "lane-halted");
  } finally {
    await database.close();
  }
}

/** Starts a server, and has it killed there; gives the signal that ended it. */
async function killed(at: { dies: Told["dies"] } | { route: string }): Promise<string | null> {
  await end("SIGTERM");
  if ("dies" in at) tell({ dies: at.dies });
  const ended = Promise.withResolvers<void>();
  const run = async (): Promise<void> => {
    await end("SIGKILL");
    ended.resolve();
  };
  if ("route" in at) github.faults.next({ kind: "meanwhile", route: at.route, run });
  await start();
  const dying = child?.process;
  if ("route" in at) await ended.promise;
  else if (dying !== undefined && dying.signalCode === null) await once(dying, "exit");
  child = null;
  tell({ dies: null });
  await github.settled();
  return dying?.signalCode ?? null;
}

const repos = "/repos/{owner}/{repo}";
describe("a server that is killed in the look that halts", { timeout: 180_000 }, () => {
  it.each<[string, { dies: Told["dies"] } | { route: string }]>([
    ["before it is decided", { dies: "seen" }],
    ["once it is decided and kept, and before anything is told", { dies: "kept" }],
    ["while GitHub's deployment is told", { route: `POST ${repos}/deployments/{deployment_id}/statuses` }],
    ["while author and owners are called", { route: `POST ${repos}/issues/{issue_number}/comments` }],
    ["while the revert's branch is pushed", { route: "git-receive-pack" }],
    ["while its pull request is opened", { route: `POST ${repos}/pulls` }],
  ])("%s, calls once, opens one revert, and has it checked", async (_, at) => {
    const number = await stopped((cases += 1));
    expect(await killed(at)).toBe("SIGKILL");
    // The clock goes on, so that whoever waits for another try has it.
    for (let looks = 0; looks < 2; looks += 1) {
      tell({ ahead: told.ahead + 3 * minute });
      await look();
    }
    const ours = [...repo.pulls.values()].filter(({ head }) => head.ref.startsWith("puppet-gate/"));
    expect(ours.map(({ head, title }) => [head.ref, title])).toEqual([[`puppet-gate/revert-${number}`, 'Revert "broken"']]);
    const comments = [...repo.comments.values()].filter((one) => one.appId === app.id && one.body.includes("<!-- puppet-gate: call "));
    expect(comments.map((one) => one.number)).toEqual([number]);
    const runs = [...repo.checkRuns.values()].filter(({ headSha, appId }) => headSha === ours[0]?.head.sha && appId === app.id);
    expect(runs.map(({ status }) => status)).toEqual(["completed"]);
    expect(await halts()).toEqual(["lane-halted"]);
    expect(github.faults.armed()).toEqual([]);
  });
});

let cases = 0;
