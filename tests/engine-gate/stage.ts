import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Config } from "../../src/config.ts";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import { digestOf } from "../../src/engine/besides.ts";
import type { App, CheckRun, Repo } from "../../src/demo/github/state.ts";
import type { Judge } from "../../src/engine/ports/judge.ts";
import type { Checked } from "../../src/gate/facts.ts";
import type { Report } from "../../src/gate/report.ts";
import type { Entry } from "../../src/ledger/entry.ts";
import type { Policy } from "../../src/policy/schema.ts";
import { startServer, type GateServer, type ServerParts } from "../../src/main.ts";
import { checked } from "../gate/world.ts";
import { openDatabase, openPostgres } from "../../src/store/database.ts";
import { newDatabaseUrl } from "../store/open.ts";

const run = promisify(execFile);
const secret = "a secret for tests";

/**
 * A GitHub with a control repo, three people and the App, and the gate's server behind it: real HTTP, real git, a real database. Only
 * the judge is a table, because what checks find is not what these stories are about.
 */
export interface Stage {
  github: GitHub;
  app: App;
  /** `acme/control-N`. */
  name: string;
  repo: Repo;
  /** Goes on in a new repository, where no earlier story's pull requests are. */
  begin(): Promise<void>;
  config: Config;
  /** What the judge says of a head; anything else passes. */
  verdicts: Map<string, Partial<Report>>;
  /** What a check gives besides the report, by head or by `base..head`. */
  besides: Map<string, Partial<Checked>>;
  /** What the policy says otherwise than the default one. */
  policy: Partial<Policy>;
  /** Pairs that were judged, `base..head`. */
  judged: string[];
  /** Makes the next checks wait until it is let go. */
  hold(): () => void;
  /** Makes the next check fail with this error. */
  failNext(error: Error): void;
  /** A second goes by, for GitHub and the gate: GitHub's times are whole seconds. */
  tick(): void;
  /** The gate's present, in milliseconds since 1970. */
  now(): number;
  /** So many minutes go by for the gate alone. */
  later(minutes: number): void;
  server(): GateServer;
  /** The ledger of this repository, oldest first, and which of the evidence that it names is there; the server is started anew for it. */
  ledger(): Promise<{ entries: Entry[]; evidence: ReadonlySet<string> }>;
  /** Ends the server as a restart does, and starts it on the same data. */
  restart(): Promise<void>;
  stopServer(): Promise<void>;
  /** Opens a pull request of alice's with one new file; gives its number and head. */
  propose(branch: string): Promise<{ number: number; head: string }>;
  /** The gate's comments on a pull request; there must never be more than one. */
  comments(number: number): string[];
  /** The latest check run of a head, as GitHub's page shows it. */
  checkRun(head: string): CheckRun | undefined;
  labels(number: number): string[];
  reactions(comment: number | bigint): string[];
  /** Everything sent is delivered, and everything that follows from it is done. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param onAsk gets address and body of all that the gate asks GitHub's API for
 * @param settings what the server is told otherwise
 */
export async function createStage(
  more: Partial<ServerParts> = {},
  onAsk: (asked: string) => void = () => undefined,
  settings: Partial<Config> = {},
): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-stage-"));
  let ahead = { both: 0, gate: 0 };
  const github = await createGitHub({ folder: join(folder, "github"), now: () => new Date(Date.now() + ahead.both) });
  // Git speaks over a real socket, as it does to GitHub.
  const { origin } = await github.listen();
  for (const login of ["alice", "bob", "carol"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    webhookSecret: secret,
    permissions: {
      contents: "write",
      pull_requests: "write",
      checks: "write",
      deployments: "write",
      statuses: "read",
      actions: "read",
      members: "read",
    },
    events: [
      "pull_request",
      "pull_request_review",
      "issue_comment",
      "push",
      "check_run",
      "check_suite",
      "status",
      "member",
      "membership",
      "team",
      "organization",
    ],
  });
  github.install(app, { on: "acme" });

  const verdicts = new Map<string, Partial<Report>>();
  const judged: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  const failures: Error[] = [];
  const folderOf = (short: string): string => [...github.state.repos.values()].find((repo) => repo.name === short)?.folder ?? "";
  const judge: Judge = async ({ origin, base, head }, signal) => {
    judged.push(`${base.sha}..${head}`);
    await Promise.race([gate, new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))]);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    const { stdout } = await run("git", ["-C", folderOf(origin.repository.name), "merge-tree", "--write-tree", base.sha, head]);
    const given = checked({}, stage.policy.rules);
    const sides = { base: { ref: base.ref, sha: base.sha }, head: { ref: "head", sha: head } };
    const made = { ...given.report, ...sides, tree: stdout.trim() };
    const policy = { ...given.policy, ...stage.policy };
    const policyDigest = digestOf([JSON.stringify(policy)]);
    const besides = { ...stage.besides.get(head), ...stage.besides.get(`${base.sha}..${head}`) };
    return { ...given, policy, policyDigest, report: { ...made, ...verdicts.get(head) }, paths: [], ...besides };
  };
  const databaseUrl = await newDatabaseUrl();
  const config: Config = {
    app: { id: app.id, privateKey: app.privateKey },
    webhookSecret: secret,
    host: "127.0.0.1",
    port: 0,
    dataFolder: join(folder, "data"),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    github: { api: "https://api.github.com", html: origin },
    organisationPolicy: "auto",
    logLevel: "fatal",
    ...settings,
  };
  const start = async (): Promise<GateServer> => {
    const started = await startServer(config, {
      fetch: async (input, init) => {
        const url = input instanceof Request ? input.url : String(input);
        onAsk(`${url} ${typeof init?.body === "string" ? init.body : ""}`);
        return github.fetch(input, init);
      },
      judge,
      throttled: false,
      delays: [0.01, 0.01, 0.01, 0.01, 0.01],
      checkDelays: [0.01, 0.01, 300],
      now: () => new Date(Date.now() + ahead.both + ahead.gate),
      ...more,
    });
    github.webhooks(app, `${started.url}/api/github/webhooks`);
    return started;
  };
  let server = await start();
  let count = 0;
  const newRepository = async (): Promise<{ name: string; repo: Repo }> => {
    const name = `acme/control-${++count}`;
    const repo = await github.repository(name);
    for (const login of ["alice", "bob", "carol"]) github.collaborator(name, login, "write");
    await github.as("carol").commit(name, { branch: "main", files: { "manifests/site.pp": "node default { }\n" }, message: "begin" });
    // What is approved in the very second in which main moves is not known to be of what main is since.
    ahead = { ...ahead, both: ahead.both + 1_000 };
    return { name, repo };
  };
  const stage: Stage = {
    github,
    app,
    config,
    ...(await newRepository()),
    begin: async () => {
      Object.assign(stage, await newRepository());
      stage.policy = { landing: "exact" };
      ahead = { ...ahead, gate: 0 };
    },
    verdicts,
    besides: new Map(),
    policy: { landing: "exact" },
    judged,
    hold: () => {
      let letGo = (): void => undefined;
      gate = new Promise((resolve) => {
        letGo = resolve;
      });
      return letGo;
    },
    failNext: (error) => failures.push(error),
    tick: () => {
      ahead = { ...ahead, both: ahead.both + 1_000 };
    },
    now: () => Date.now() + ahead.both + ahead.gate,
    later: (minutes) => {
      ahead = { ...ahead, gate: ahead.gate + minutes * 60_000 };
    },
    server: () => server,
    restart: async () => {
      await server.close();
      server = await start();
    },
    stopServer: () => server.close(),
    ledger: async () => {
      await server.close();
      const database = databaseUrl === undefined ? await openDatabase(config.dataFolder) : await openPostgres(databaseUrl, () => undefined);
      try {
        const { rows } = await database.query<{ entry: string }>("select entry from entries order by seq");
        const entries = rows.map(({ entry }) => JSON.parse(entry) as Entry).filter(({ repo }) => repo === stage.repo.id);
        const held = await database.query<{ sha256: string }>("select sha256 from evidence");
        return { entries, evidence: new Set(held.rows.map(({ sha256 }) => sha256)) };
      } finally {
        await database.close();
        server = await start();
      }
    },
    propose: async (branch) => {
      const alice = github.as("alice");
      const files = { [`${branch}.pp`]: `class ${branch} { }\n` };
      const head = await alice.commit(stage.name, { branch, from: "main", files, message: branch });
      const { number } = await alice.openPull(stage.name, { head: branch, title: branch });
      return { number, head };
    },
    comments: (number) =>
      [...stage.repo.comments.values()].filter((comment) => comment.number === number && comment.appId === app.id).map(({ body }) => body),
    checkRun: (head) => [...stage.repo.checkRuns.values()].findLast(({ headSha, appId }) => headSha === head && appId === app.id),
    labels: (number) => (stage.repo.pulls.get(number)?.labelIds ?? []).map((id) => stage.repo.labels.get(id)?.name ?? "").sort(),
    reactions: (comment) => (stage.repo.comments.get(Number(comment))?.reactions ?? []).map(({ content }) => content),
    quiet: async () => {
      await github.settled();
      await server.settled();
      await github.settled();
      await server.settled();
    },
    close: async () => {
      await server.close();
      await github.close();
      await rm(folder, { recursive: true });
    },
  };
  return stage;
}
