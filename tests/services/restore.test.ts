import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { openPostgres } from "../../src/store/database.ts";
import { createStage, type Stage } from "../engine-gate/stage.ts";
import { createDatabase, findPrograms, type PostgresServer, startPostgres } from "./postgres.ts";

/**
 * A backup that was made in the middle of work is put into a new database, by the commands of docs/operations.md, and a server is started on it: nothing is done twice,
 * what happened since is found, and the ledger says that it went backwards.
 */
const run = promisify(execFile);
const postgres = process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "";
const mergeRoute = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
const commentRoute = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
let stage: Stage;
let folder: string;
let written = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-restore-"));
  written = "";
});
afterEach(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

const begin = async (settings: Partial<Config> = {}): Promise<void> => {
  const log = { write: (line: string) => void (written += line) };
  stage = await createStage({ log, leaseSeconds: 1 }, undefined, { logLevel: "info", ...settings });
};
const lines = (): { msg: string; hint?: string; level: number }[] =>
  written
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { msg: string; hint?: string; level: number });
const backUp = async (name = "gate"): Promise<string> => {
  const file = join(folder, `${name}.dump`);
  await run(join(await findPrograms(), "pg_dump"), [
    "--format=custom",
    "--exclude-table-data=kept_compiles",
    `--file=${file}`,
    stage.config.databaseUrl ?? "",
  ]);
  return file;
};
/** Into a database of its own, as whoever lost the old one does. */
const restore = async (file: string): Promise<void> => {
  const url = await createDatabase(postgres);
  await run(join(await findPrograms(), "pg_restore"), ["--no-owner", "--exit-on-error", `--dbname=${url}`, file]);
  await stage.stopServer();
  Object.assign(stage.config, { databaseUrl: url });
  written = "";
  await stage.restart();
  await stage.quiet();
};
const approve = async (number: number): Promise<void> => {
  stage.tick();
  await stage.github.as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  stage.tick();
};
const merge = async (number: number): Promise<void> => {
  await stage.github.as("alice").comment(stage.name, number, "/merge");
  await stage.quiet();
};
const land = async (branch: string): Promise<number> => {
  const { number } = await stage.propose(branch);
  await stage.quiet();
  await approve(number);
  await merge(number);
  expect(stage.repo.pulls.get(number)?.merged).not.toBeNull();
  return number;
};
/** Commits of the base branch's own line, newest first, by their subjects. */
const landings = async (): Promise<string[]> => {
  const { stdout } = await run("git", ["-C", stage.repo.folder, "log", "--first-parent", "--format=%s", "main"]);
  return stdout.trim().split("\n");
};
const entries = async (): Promise<{ kind: string; subject: string }[]> => {
  const database = await openPostgres(stage.config.databaseUrl ?? "", () => undefined);
  try {
    const { rows } = await database.query<{ kind: string; subject: string }>(
      "select kind, subject from entries where repository <> 0 order by seq",
    );
    return rows;
  } finally {
    await database.close();
  }
};

/** PostgreSQL's own present, as `recovery_target_time` takes it. */
const clock = async (): Promise<string> => {
  const database = await openPostgres(stage.config.databaseUrl ?? "", () => undefined);
  try {
    const { rows } = await database.query<{ at: string }>("select clock_timestamp()::text as at");
    return rows[0]?.at ?? "";
  } finally {
    await database.close();
  }
};

/** Nobody signs any more: a backup of a turn that was not over has the restored server wait for its end. */
const turnOver = async (): Promise<void> => {
  const database = await openPostgres(stage.config.databaseUrl ?? "", () => undefined);
  try {
    await expect.poll(async () => (await database.query("select 1 from signing where held_until > clock_timestamp()")).rows).toEqual([]);
  } finally {
    await database.close();
  }
};

describe("a backup of PostgreSQL that is restored", { timeout: 180_000 }, () => {
  it("which was made while a change landed: it has landed once, and is recorded once", async () => {
    await begin();
    stage.policy = { landing: "api" };
    const { number } = await stage.propose("landing");
    await stage.quiet();
    await approve(number);
    let file = "";
    // The merge was intended, and GitHub has not heard of it yet.
    stage.github.faults.next({ kind: "meanwhile", route: mergeRoute, run: async () => void (file = await backUp()) });
    await merge(number);
    expect(file).not.toBe("");
    const before = await landings();
    const said = stage.comments(number);
    await restore(file);
    expect(await landings()).toEqual(before);
    expect(before).toHaveLength(2);
    expect(stage.comments(number)).toEqual(said);
    expect((await entries()).filter(({ kind }) => kind === "landed")).toEqual([{ kind: "landed", subject: `pull/${number}` }]);
    // And it goes on.
    await land("goes-on");
  });

  it("which was made while something was said: it is said once", async () => {
    await begin();
    let file = "";
    stage.github.faults.next({ kind: "meanwhile", route: commentRoute, run: async () => void (file = await backUp()) });
    const { number, head } = await stage.propose("said");
    await stage.quiet();
    expect(file).not.toBe("");
    await restore(file);
    expect(stage.comments(number)).toHaveLength(1);
    expect([...stage.repo.checkRuns.values()].filter((one) => one.headSha === head && one.appId === stage.app.id)).toHaveLength(1);
    expect(stage.checkRun(head)?.conclusion).toBe("action_required");
  });

  it("which is from before changes that came, were approved, landed and were commanded: the sweep finds them, and nothing lands by a lost word", async () => {
    await begin();
    const old = await stage.propose("old");
    await stage.quiet();
    const file = await backUp();
    await approve(old.number);
    const landed = await land("landed-since");
    const fresh = await stage.propose("fresh");
    await stage.quiet();
    await stage.stopServer();
    // Nobody was there for this one.
    stage.tick();
    await stage.github.as("alice").comment(stage.name, old.number, "/merge");
    await stage.github.settled();
    const before = await landings();
    await restore(file);
    // The word that nobody heard is answered, by how things are now; said again, it is done.
    expect(stage.comments(old.number)[0]).toMatch(/\*\*alice said `\/merge`\*\* .*: refused then: main moved from/u);
    expect(await landings()).toEqual(before);
    stage.tick();
    await merge(old.number);
    expect(await landings()).toHaveLength(before.length + 1);
    for (const number of [old.number, landed, fresh.number]) expect(stage.comments(number)).toHaveLength(1);
    expect((await landings()).filter((subject) => subject.includes(`#${landed}`))).toHaveLength(1);
    expect(stage.checkRun(fresh.head)?.conclusion).toBe("action_required");
    // What this database does not know to be its own is not claimed: it is accounted for all the same.
    expect((await entries()).filter(({ subject }) => subject === `pull/${landed}`).map(({ kind }) => kind)).toContain("landed-outside");
  });

  it("and whose ledger is shorter than what was signed: nothing is signed, with what to do, and work goes on; a later backup heals it", async () => {
    await begin();
    const kept = join(stage.config.dataFolder, "ledger.checkpoint");
    const published = join(stage.config.dataFolder, "ledger", "checkpoint");
    const signed = async (): Promise<number> => Number((await readFile(kept, "utf8").catch(() => "")).split("\n")[1] ?? 0);
    await land("first");
    await stage.restart(); // it signs at its start, and once a minute
    await expect.poll(signed).toBeGreaterThan(0);
    await turnOver();
    const early = await backUp("early");
    const before = await signed();
    await land("second");
    await stage.restart();
    await expect.poll(signed).toBeGreaterThan(before);
    await expect.poll(async () => Number((await readFile(published, "utf8")).split("\n")[1])).toBe(await signed());
    const [size, note] = [await signed(), await readFile(published, "utf8")];
    await turnOver();
    const late = await backUp("late");

    await restore(early);
    const refused = (): ReturnType<typeof lines> => lines().filter(({ msg }) => msg.startsWith("the ledger is not signed: "));
    await expect.poll(refused).toHaveLength(1);
    expect(refused()[0]?.msg).toMatch(/a checkpoint of \d+ was signed|are not those that were signed/u);
    expect(refused()[0]?.hint).toMatch(/Restore|restore/u);
    expect(refused()[0]?.hint).toContain("puppet-gate ledger succeed");
    await land("third");
    await stage.restart();
    await expect.poll(refused).toHaveLength(2);
    expect([await signed(), await readFile(published, "utf8")]).toEqual([size, note]);

    await restore(late);
    await land("fourth");
    await stage.restart();
    await expect.poll(signed).toBeGreaterThan(size);
    expect(refused()).toEqual([]);
  });
});

describe("a PostgreSQL whose log is kept, put back to a point of time", { timeout: 300_000 }, () => {
  let server: PostgresServer;
  beforeEach(async () => {
    server = await startPostgres({ archives: true });
  });
  afterEach(async () => {
    await stage.stopServer();
    await server.close();
  });

  it("before what was signed: nothing is signed, however much comes in after that; further on: all is, and goes on", async () => {
    await begin({ databaseUrl: await server.create() });
    const kept = join(stage.config.dataFolder, "ledger.checkpoint");
    const signed = async (): Promise<number> => Number((await readFile(kept, "utf8").catch(() => "")).split("\n")[1] ?? 0);
    const refused = (): ReturnType<typeof lines> => lines().filter(({ msg }) => msg.startsWith("the ledger is not signed: "));
    const startAnew = async (): Promise<void> => {
      written = "";
      await stage.restart(); // it signs at its start, and once a minute
      await stage.quiet();
    };
    await server.copy();
    await land("first");
    await startAnew();
    await expect.poll(signed).toBeGreaterThan(0);
    await turnOver();
    const [early, then] = [await signed(), await clock()];
    await land("second");
    await startAnew();
    await expect.poll(signed).toBeGreaterThan(early);
    await turnOver();
    const [size, before] = [await signed(), await landings()];

    await stage.stopServer();
    await server.goBack(then);
    await startAnew();
    await expect.poll(refused).toHaveLength(1);
    expect(refused()[0]?.msg).toMatch(/^the ledger is not signed: the ledger has \d+ entries, and a checkpoint of \d+ was signed/u);
    expect(refused()[0]?.hint).toMatch(/^Restore a later backup, or PostgreSQL's log further.*`puppet-gate ledger succeed/u);
    expect(await landings()).toEqual(before);
    // More than were signed, and not the same.
    for (const branch of ["third", "fourth"]) await land(branch);
    await startAnew();
    await expect.poll(refused).toHaveLength(1);
    expect(refused()[0]?.msg).toMatch(/^the ledger is not signed: the first \d+ entries of the ledger are not those that were signed/u);
    expect(refused()[0]?.hint).toContain("puppet-gate ledger succeed");
    expect(await signed()).toBe(size);

    await stage.stopServer();
    await server.goBack(null);
    await startAnew();
    await land("fifth");
    await startAnew();
    await expect.poll(signed).toBeGreaterThan(size);
    expect(refused()).toEqual([]);
  });
});

describe("the embedded database", { timeout: 180_000 }, () => {
  it("is backed up by copying the data folder while nothing runs, without what can be made again", async () => {
    await begin({ databaseUrl: undefined } as unknown as Partial<Config>);
    const { dataFolder } = stage.config;
    const { number } = await stage.propose("kept");
    await stage.quiet();
    await stage.stopServer();
    const copy = join(folder, "copy");
    await cp(dataFolder, copy, {
      recursive: true,
      filter: (path) => !/\/(?:mirrors|compiles|modules|lock|control\.sock)(?:\/|$)/u.test(path),
    });
    await stage.restart();
    await approve(number);
    await merge(number);
    expect(stage.repo.pulls.get(number)?.merged).not.toBeNull();
    await stage.stopServer();
    await rm(dataFolder, { recursive: true });
    await cp(copy, dataFolder, { recursive: true });
    await stage.restart();
    await stage.quiet();
    expect(stage.comments(number)).toHaveLength(1);
    expect((await landings()).filter((subject) => subject.includes(`#${number}`))).toHaveLength(1);
    await land("goes-on");
  });
});
