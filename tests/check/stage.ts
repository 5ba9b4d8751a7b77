import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { checkCommand, type RunCheck } from "../../src/cli/check-command.ts";
import { readCheckOptions, type WrittenCheckOptions } from "../../src/cli/options.ts";
import { check as judge } from "../../src/engine/check.ts";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { createPuppetDb } from "../../src/fleet/puppetdb.ts";
import { failureSchema, reportSchema, type Report } from "../../src/gate/report.ts";
import { createModuleResolver } from "../../src/git/modules/resolver.ts";
import { openRepository } from "../../src/git/repository.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import { renderPage } from "../../src/web/report/page.ts";
import { startEvaluator } from "../../src/wiring/expectations.ts";

/**
 * Checks of small control repos made for one case each, with real git, Puppet and puppet-lint: in this process, which keeps base's catalogs
 * from case to case as `serve` does, or by the command as a person runs it.
 */
const root = join(import.meta.dirname, "..", "..");
const cli = join(root, "src", "cli.ts");

export type Files = Record<string, string | Buffer | null>;

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
  milliseconds: number;
}

/** A temporary folder that goes with the test. */
export function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "puppet-gate-test-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function write(into: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(into, path);
    if (content === null) rmSync(file, { recursive: true, force: true });
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
}

export function git(cwd: string, ...args: string[]): string {
  const identity = [
    "-c",
    "user.name=Ann",
    "-c",
    "user.email=ann@example.com",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "core.hooksPath=/dev/null",
  ];
  return execFileSync("git", [...identity, ...args], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** A clone on the branch `change`, with `base` committed on main and `head` on top of it (null removes a file). */
export function clone(base: Files, head: Files): string {
  const repo = folder();
  git(repo, "init", "-q");
  write(repo, base);
  git(repo, "add", "-A");
  git(repo, "commit", "-q", "--allow-empty", "-m", "base");
  git(repo, "switch", "-q", "-c", "change");
  write(repo, head);
  git(repo, "add", "-A");
  git(repo, "commit", "-q", "--allow-empty", "-m", "head");
  return repo;
}

/** Facts of a node as PuppetDB's inventory has them. */
export const facts = (certname: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    certname,
    facts: {
      os: { family: "Debian", name: "Debian", release: { major: "12", full: "12.1" } },
      networking: { hostname: certname.split(".")[0] },
      ...more,
    },
    trusted: {
      authenticated: "remote",
      certname,
      hostname: certname.split(".")[0],
      domain: "example.com",
      extensions: { pp_datacenter: "lon" },
    },
  });

/** A control repo of two nodes: web01 has a motd and a service that listens to its file, db01 has a motd. */
export const small: Files = {
  "environment.conf": "modulepath = site:modules:$basemodulepath\nconfig_version = 'scripts/config_version.sh'\n",
  "hiera.yaml":
    "---\nversion: 5\nhierarchy:\n  - name: common\n    path: common.yaml\ndefaults:\n  datadir: data\n  data_hash: yaml_data\n",
  "data/common.yaml": "---\nprofile::motd::text: hello\n",
  "manifests/site.pp": "node 'web01.example.com' {\n  include role::web\n}\nnode 'db01.example.com' {\n  include profile::motd\n}\n",
  "site/role/manifests/web.pp": "# @summary A web server\nclass role::web {\n  include profile::motd\n  include profile::web\n}\n",
  "site/profile/manifests/motd.pp":
    "# @summary The message of the day\nclass profile::motd (String $text) {\n  file { '/etc/motd':\n    content => \"${text}\\n\",\n  }\n}\n",
  "site/profile/manifests/web.pp":
    "# @summary Serves pages\nclass profile::web {\n  file { '/etc/web.conf':\n    content => template('profile/web.conf.erb'),\n    notify  => Service['web'],\n  }\n  service { 'web':\n    ensure => running,\n  }\n  file { '/etc/web.logo':\n    source => 'puppet:///modules/profile/logo',\n  }\n}\n",
  "site/profile/templates/web.conf.erb": "listen 80\n",
  "site/profile/files/logo": "*\n",
  "facts/web01.example.com.json": facts("web01.example.com"),
  "facts/db01.example.com.json": facts("db01.example.com"),
};

/** Runs `puppet-gate` from a folder; what it leaves in TMPDIR is looked at by `leftovers`. */
export async function puppetGate(
  args: readonly string[],
  { cwd = "/", env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const started = performance.now();
  const personal = personalFolders();
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...personal.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  personal.remove();
  return { code, ...text, milliseconds: performance.now() - started };
}

/** Not TMPDIR as it is while a check runs in this process: what is there afterwards, that check has left. */
const outside = tmpdir();

/** Where a command keeps what it keeps for a person: nothing of it is there for the next, nor taken from whoever runs the tests. */
function personalFolders(): { env: Record<string, string>; remove: () => void } {
  const path = mkdtempSync(join(outside, "puppet-gate-test-"));
  return {
    // What Node made of the sources is nobody's, and would be made anew for each command.
    env: {
      XDG_CACHE_HOME: join(path, "cache"),
      XDG_STATE_HOME: join(path, "state"),
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node"),
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface Checked extends Ran {
  report: Report;
}

const secretKey = randomBytes(32);
const cache = memoryCache(2 ** 28);

const runCheck: RunCheck = async (options, policy, onProgress) => {
  const repository = await openRepository(options.repo);
  const puppet = createPuppet({ secretKey });
  try {
    const clock = { now: () => performance.now(), today: () => new Date().toISOString().slice(0, 10) };
    const moduleCache = options.moduleCache ?? join(temporary, "no-module-cache");
    const modules = createModuleResolver({ cache: moduleCache, credentials: async () => null, allowed: null });
    const puppetDb = options.puppetdb === null ? null : createPuppetDb(options.puppetdb);
    const ports = {
      ...clock,
      modules,
      repository,
      inventory,
      puppet,
      puppetDb,
      cache,
      startEvaluator,
      name: options.repo,
    };
    const request = { ...options, policy, puppetdb: puppetDb !== null };
    return await judge(request, { ...ports, cores: availableParallelism() }, { onProgress });
  } finally {
    await puppet.close();
    await repository.close();
  }
};

/** Where this file's checks put what they need for a while: every one of them has to clear it. */
let temporary = "";
beforeAll(() => {
  temporary = realpathSync(mkdtempSync(join(tmpdir(), "puppet-gate-test-")));
  // A sandbox started by root runs as a user of its own, who has to pass through here.
  chmodSync(temporary, 0o755);
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const withTemporary = async (work: () => Promise<Ran>): Promise<Ran> => {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
};

/** `check --json` on a clone made by `clone`, against main unless told otherwise; the report has passed its own schema. */
export async function check(repo: string, ...args: string[]): Promise<Checked> {
  const text = { type: "string" } as const;
  const given = {
    base: text,
    head: text,
    facts: text,
    config: text,
    puppetdb: text,
    enc: text,
    "stand-ins": text,
    "module-cache": text,
    sample: text,
    explain: text,
  };
  const { "stand-ins": standIns, "module-cache": moduleCache, sample, ...others } = parseArgs({ args, options: given }).values;
  const written: WrittenCheckOptions = {
    repo,
    base: "main",
    head: "HEAD",
    json: true,
    ...others,
    ...(standIns !== undefined && { standIns }),
    ...(moduleCache !== undefined && { moduleCache }),
    ...(sample !== undefined && { sample: Number(sample) }),
  };
  const said = { stdout: "", stderr: "" };
  const into = (stream: "stdout" | "stderr"): { write: (more: string) => void } => ({ write: (more) => void (said[stream] += more) });
  const started = performance.now();
  const terminal = { stdout: into("stdout"), stderr: into("stderr"), now: () => performance.now() };
  const ran = withTemporary(async () => {
    const code = await checkCommand(readCheckOptions(written, "/"), runCheck, terminal, renderPage);
    return { code, ...said, milliseconds: performance.now() - started };
  });
  return reported(await ran);
}

/** The same by the command, in a process of its own: nothing is kept from case to case. */
export async function checkAlone(repo: string, ...args: string[]): Promise<Checked> {
  return reported(await puppetGate(["check", "--repo", repo, "--base", "main", "--json", ...args], { env: { TMPDIR: temporary } }));
}

function reported(ran: Ran): Checked {
  const left = readdirSync(temporary);
  if (left.length > 0) throw new Error(`left in TMPDIR: ${left.join(", ")}`);
  if (ran.stdout === "") throw new Error(`nothing on stdout, code ${ran.code}; stderr: ${ran.stderr}`);
  const answer: unknown = JSON.parse(ran.stdout);
  const refusal = failureSchema.safeParse(answer);
  if (refusal.success) throw new Error(`${refusal.data.error.code}: ${refusal.data.error.text} ${refusal.data.error.hint}`);
  return { ...ran, report: reportSchema.parse(answer) };
}

/** The same where the check can't begin: the one error. */
export async function refused(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: string; text: string; hint: string }> {
  const ran = await puppetGate(["check", "--json", ...args], options);
  if (ran.code !== 1) throw new Error(`exit code ${ran.code}: ${ran.stdout}${ran.stderr}`);
  return failureSchema.parse(JSON.parse(ran.stdout)).error;
}

export const outcomes = ({ report }: Checked): Record<string, string> =>
  Object.fromEntries(report.nodes.map(({ certname, outcome }) => [certname, outcome]));
export const reasonOf = ({ report }: Checked, rule: string): { outcome: string; text: string } => {
  const found = report.verdict.reasons.find((reason) => reason.rule === rule);
  if (found === undefined) throw new Error(`no reason ${rule}`);
  return { outcome: found.outcome, text: found.text };
};

/** The command, running: what it has written so far, and its end. */
export function start(
  args: readonly string[],
  env: Record<string, string>,
): { text: () => string; kill: (signal: NodeJS.Signals) => void; ended: Promise<number | null> } {
  const personal = personalFolders();
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "", ...personal.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve)).finally(personal.remove);
  return { text: () => text, kill: (signal) => void child.kill(signal), ended };
}
