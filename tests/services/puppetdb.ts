import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

/** A real PuppetDB, as Debian packages it, on a free loopback port without TLS, over a database of its own in the run's PostgreSQL. */
export interface RealPuppetDb {
  url: string;
  /** Its own in PostgreSQL. */
  database: string;
  /** Hands in a command as a Puppet server does; it is carried out some time later. */
  submit(command: string, version: number, payload: { certname: string } & Record<string, unknown>): Promise<void>;
  /** Kills it; whoever asks is refused. */
  stop(): Promise<void>;
  /** Starts it again on the same port, with what it has stored. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const java = "/usr/bin/java";
const jar = "/usr/share/puppetdb/puppetdb.jar";

export async function startRealPuppetDb(postgres: string): Promise<RealPuppetDb> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-puppetdb-"));
  const port = await freePort();
  const database = await makeDatabase(postgres);
  await writeConfig(folder, port, database);
  const args = [
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xshare:auto",
    `-Djava.io.tmpdir=${folder}`,
    "-cp",
    jar,
    "clojure.main",
    "-m",
    "puppetlabs.puppetdb.core",
    "services",
  ];
  const url = `http://127.0.0.1:${port}`;
  let end = async (): Promise<void> => {};
  const start = async (): Promise<void> => {
    const server = spawn(java, [...args, "--config", join(folder, "conf.d"), "--bootstrap-config", "/etc/puppetdb/bootstrap.cfg"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [server.stdout, server.stderr])
      stream.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4_000)));
    end = async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill("SIGKILL");
      await once(server, "close");
    };
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`PuppetDB ended: ${said}`);
      const answer = await fetch(`${url}/pdb/meta/v1/version`).catch(() => null);
      return answer?.ok === true && (await (await fetch(`${url}/status/v1/simple`)).text()) === "running";
    });
  };
  const close = async (): Promise<void> => {
    await end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    database: database.href,
    stop: () => end(),
    start,
    close,
    submit: async (command, version, payload) => {
      const query = new URLSearchParams({ command, version: String(version), certname: payload.certname });
      const answer = await fetch(`${url}/pdb/cmd/v1?${query.toString()}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(payload),
      });
      if (!answer.ok) throw new Error(`${command}: ${answer.status} ${await answer.text()}`);
    },
  };
}

/** Asks again until it is so; the test's own time-out is the end. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function writeConfig(folder: string, port: number, database: URL): Promise<void> {
  const logback = join(folder, "logback.xml");
  const ini = (section: string, settings: Record<string, string | number>): string =>
    `[${section}]\n${Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join("")}`;
  for (const name of ["conf.d", "var"]) await mkdir(join(folder, name));
  const global = { vardir: join(folder, "var"), "logging-config": logback };
  const connection = { subname: `//${database.host}${database.pathname}`, username: database.username, password: database.password };
  await writeFile(
    join(folder, "conf.d", "config.ini"),
    `${ini("global", global)}${ini("puppetdb", { "disable-update-checking": "true" })}`,
  );
  await writeFile(join(folder, "conf.d", "database.ini"), ini("database", connection));
  await writeFile(join(folder, "conf.d", "jetty.ini"), ini("jetty", { host: "127.0.0.1", port }));
  await writeFile(join(folder, "conf.d", "auth.conf"), await readFile("/etc/puppetdb/conf.d/auth.conf"));
  await writeFile(
    logback,
    '<configuration><appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%m%n</pattern></encoder></appender><root level="warn"><appender-ref ref="OUT"/></root></configuration>',
  );
}

async function makeDatabase(postgres: string): Promise<URL> {
  const name = `puppetdb_${randomBytes(4).toString("hex")}`;
  const url = new URL(postgres);
  const run = async (to: URL, sql: string): Promise<void> => {
    const client = new Client({ connectionString: to.href });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await run(url, `create database ${name}`);
  url.pathname = `/${name}`;
  await run(url, "create extension if not exists pg_trgm");
  return url;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
