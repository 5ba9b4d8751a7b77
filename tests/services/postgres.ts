import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Client } from "pg";

const run = promisify(execFile);

/** A PostgreSQL of the tests' own: a free loopback port, a directory that goes with it, and a password, so that a wrong one is refused. */
export interface PostgresServer {
  /** Of its administrator, to the database `postgres`. */
  url: string;
  /** Makes an empty database; gives its URL. */
  create(): Promise<string>;
  /** Ends it as an operator's restart does: those connected are cut off. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** With an archive of its log only: copies its files as they are while it runs. A point of time to go back to comes after one of these. */
  copy(): Promise<void>;
  /** Puts the last copy in its place and runs the log again, up to a point of time or as far as it goes on that line of history; then takes writes. */
  goBack(to: string | null): Promise<void>;
  /** Ends it and removes its directory. */
  close(): Promise<void>;
}

/** `durable` waits for the disk at every commit, as PostgreSQL does by itself. `archives` keeps its log, as docs/operations.md says. */
export async function startPostgres({ durable = false, archives = false } = {}): Promise<PostgresServer> {
  const programs = await findPrograms();
  const owner = await whoMayRunIt();
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-postgres-"));
  const password = randomBytes(8).toString("hex");
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o644 });
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(folder, owner.uid, owner.gid);
  const auth = ["--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--username=gate"];
  await run(join(programs, "initdb"), ["-D", data, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", ...auth], { ...owner, cwd: folder });
  const port = await freePort();
  const url = `postgres://gate:${password}@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | null = null;
  const [archive, copied] = [join(folder, "archive"), join(folder, "copy")];
  await run("mkdir", [archive], { ...owner, cwd: folder });
  let recovery: string[] = [];
  const start = async (): Promise<void> => {
    const options = [
      ...(archives ? ["archive_mode=on", `archive_command=test ! -f ${archive}/%f && cp %p ${archive}/%f`, ...recovery] : []),
      `port=${port}`,
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      "max_connections=300",
      `fsync=${durable ? "on" : "off"}`,
    ];
    const args = ["-D", data, ...options.flatMap((option) => ["-c", option])];
    const started = spawn(join(programs, "postgres"), args, { ...owner, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    server = started;
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      createInterface(started.stderr).on("line", (line) => {
        said.push(line);
        if (line.includes("ready to accept connections")) resolve();
      });
      started.once("exit", () => reject(new Error(`PostgreSQL did not start:\n${said.join("\n")}`)));
    });
  };
  const stop = async (): Promise<void> => {
    const stopping = server;
    server = null;
    if (stopping === null || stopping.exitCode !== null || stopping.signalCode !== null) return;
    const ended = once(stopping, "exit");
    stopping.kill("SIGINT"); // its "fast" shutdown
    await ended;
  };
  await start();
  return {
    url,
    create: () => createDatabase(url),
    stop,
    start,
    copy: async () => {
      await run(join(programs, "pg_basebackup"), ["--checkpoint=fast", "--no-sync", `--dbname=${url}`, `--pgdata=${copied}`], {
        ...owner,
        cwd: folder,
      });
    },
    goBack: async (to) => {
      await stop();
      await run("rm", ["-r", data], { cwd: folder });
      await run("cp", ["-a", copied, data], { cwd: folder });
      await run("touch", [join(data, "recovery.signal")], { ...owner, cwd: folder });
      const until = to === null ? [] : [`recovery_target_time=${to}`, "recovery_target_action=promote"];
      recovery = [`restore_command=cp ${archive}/%f %p`, "recovery_target_timeline=current", ...until];
      await start();
    },
    close: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Makes an empty database in the PostgreSQL of this URL; gives the URL of that. */
export async function createDatabase(url: string): Promise<string> {
  const name = `gate_${randomBytes(6).toString("hex")}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** Removes a database, and whoever is connected to it, from the PostgreSQL of a URL. */
export async function dropDatabase(databaseUrl: string, url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`drop database ${new URL(databaseUrl).pathname.slice(1)} with (force)`);
  } finally {
    await client.end();
  }
}

const debian = "/usr/lib/postgresql";

export async function findPrograms(): Promise<string> {
  const found = (): string | undefined =>
    (existsSync(debian) ? readdirSync(debian) : [])
      .sort((one, other) => Number(other) - Number(one))
      .map((version) => join(debian, version, "bin"))
      .find((bin) => existsSync(join(bin, "initdb")));
  if (found() === undefined && process.getuid?.() === 0)
    await run("apt-get", ["install", "--yes", "--no-install-recommends", "postgresql"], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  const programs = found();
  if (programs === undefined) throw new Error("These tests need PostgreSQL's server: sudo apt-get install postgresql");
  return programs;
}

/** PostgreSQL refuses to run as root, so there it is Debian's own user for it. */
async function whoMayRunIt(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const id = async (option: string): Promise<number> => Number((await run("id", [option, "postgres"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
