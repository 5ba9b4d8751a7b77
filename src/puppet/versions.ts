import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

import type { PuppetEdge } from "../engine/ports/puppet.ts";
import { Problem } from "../problem.ts";
import { run } from "../process/run.ts";
import { debianCoreModules, vendoredModules } from "./core-modules.ts";
import { sandboxEnv } from "./sandbox-files.ts";
import { workerFiles } from "./worker-files.ts";
import { missingProgram, openSandbox, throwIfNoSandbox } from "./sandbox.ts";

type Versions = Awaited<ReturnType<PuppetEdge["versions"]>>;
type Program = Exclude<keyof Versions, "coreModules" | "worker" | "image">;

/** The oldest that are known to work. Bubblewrap 0.7 is the first whose tmpfs can have a size. */
const oldest: Record<Program, { name: string; version: string; debian: string }> = {
  bubblewrap: { name: "bubblewrap", version: "0.7", debian: "bubblewrap" },
  ruby: { name: "Ruby", version: "2.7", debian: "ruby" },
  puppet: { name: "Puppet", version: "7", debian: "puppet-agent" },
  puppetLint: { name: "puppet-lint", version: "2.5", debian: "puppet-lint" },
};

/** Asked where they will run: what is outside may be another. */
const question = `require "json"
found = { "ruby" => RUBY_VERSION }
begin; require "puppet/version"; found["puppet"] = Puppet.version; rescue LoadError; end
begin; require "puppet-lint/version"; found["puppetLint"] = PuppetLint::VERSION; rescue LoadError; end
found["coreModules"] = Dir["${vendoredModules}", "${debianCoreModules}"].sort.filter_map do |folder|
  data = File.join(folder, "metadata.json")
  JSON.parse(File.read(data)).values_at("name", "version").join(" ") if File.file?(data)
end.join(", ")
puts JSON.generate(found)`;
const answerSchema = z.object({
  ruby: z.string(),
  coreModules: z.string(),
  puppet: z.string().optional(),
  puppetLint: z.string().optional(),
});

/** Versions of all that this room runs. Throws a Problem naming what is missing or too old, and the package that brings it. */
export async function versions(): Promise<Versions> {
  const bubblewrap = required("bubblewrap", await bubblewrapVersion());
  const found = await versionsInside();
  return {
    bubblewrap,
    ruby: required("ruby", found.ruby),
    puppet: required("puppet", found.puppet),
    puppetLint: required("puppetLint", found.puppetLint),
    coreModules: found.coreModules,
    ...(await madeOf()),
  };
}

/** Where this machine's package manager writes whatever it installs, updates or removes. */
const packageDatabases = ["/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages"];
/** Where RubyGems puts a file for each gem that it installs, below a folder for each Ruby; `/usr/local/bin` has the programs of gems and of source builds. */
const gemFolders = ["/var/lib/gems", "/usr/local/lib/ruby/gems", "/usr/lib/ruby/gems", "/opt/puppetlabs/puppet/lib/ruby/gems"];

/**
 * `versions`, asked anew only once packages or programs of this machine changed: to ask takes 0.2 s, before which no check can begin. Where no package
 * manager is known that could tell, they are asked every time.
 */
export function rememberedVersions(ask: () => Promise<Versions> = versions): () => Promise<Versions> {
  let known: { state: string; answer: Versions } | null = null;
  return async () => {
    const [databases, gems, { worker, image }] = await Promise.all([Promise.all(packageDatabases.map(changedAt)), gemsState(), madeOf()]);
    const state = JSON.stringify([databases, gems, worker, image]);
    if (known?.state === state) return known.answer;
    const answer = await ask();
    known = databases.every((time) => time === null) ? null : { state, answer };
    return answer;
  };
}

/** When a gem was last installed or removed, for each place. */
async function gemsState(): Promise<unknown[]> {
  const places = await Promise.all(
    gemFolders.map(async (folder) => (await readdir(folder).catch(() => [])).map((ruby) => join(folder, ruby))),
  );
  return await Promise.all(["/usr/local/bin", ...places.flat().map((ruby) => join(ruby, "specifications"))].map(changedAt));
}

const changedAt = async (path: string): Promise<number | null> => (await stat(path).catch(() => null))?.mtimeMs ?? null;

/**
 * What else every compile depends on. `worker`: a digest of our own scripts, which say what a compile tells. `image`: when something was last
 * installed or removed where the sandbox has its programs and libraries from, whose being there Ruby of a tree may ask.
 */
async function madeOf(): Promise<Pick<Versions, "worker" | "image">> {
  const scripts = createHash("sha256").update(JSON.stringify(await workerFiles()));
  const folders = ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/share"].map(changedAt);
  return { worker: scripts.digest("hex"), image: JSON.stringify(await Promise.all(folders)) };
}

/** Throws a Problem where there is none. */
export async function bubblewrapVersion(): Promise<string | undefined> {
  const bubblewrap = await run({
    file: "bwrap",
    args: ["--version"],
    env: { PATH: sandboxEnv.PATH },
    cwd: "/",
    seconds: 20,
    outputBytes: 4096,
  });
  throwIfNoSandbox(bubblewrap);
  return /\d+(?:\.\d+)+/.exec(bubblewrap.stdout.toString())?.[0];
}

/** What is found in the sandbox. Throws a Problem where there can be none, or no Ruby in it. */
export async function versionsInside(): Promise<z.infer<typeof answerSchema>> {
  const sandbox = await openSandbox([]);
  const inside = await sandbox.run({ command: ["ruby", "-e", question], seconds: 60, outputBytes: 4096 });
  if (!inside.ok) {
    throw new Problem({
      code: "no-ruby",
      text: `Ruby does not work in the sandbox: ${inside.stderr.trim().split("\n")[0] || "it did not end"}.`,
      hint: "See that `ruby --version` works on this machine.",
    });
  }
  return answerSchema.parse(JSON.parse(inside.stdout.toString()));
}

/** Throws a Problem where it is missing or too old. */
export function required(program: Program, found: string | undefined): string {
  const { name, version, debian } = oldest[program];
  if (found === undefined) throw missingProgram(name, debian);
  if (isAtLeast(found, version)) return found;
  throw new Problem({
    code: "old-program",
    text: `${name} ${found} is too old: ${version} is the oldest that will do.`,
    hint: `Install a newer one; Debian's and Ubuntu's package is ${debian}.`,
  });
}

/** Compares dotted numbers; what follows them (`-rc1`) does not count. */
export function isAtLeast(found: string, wanted: string): boolean {
  const [have, want] = [found, wanted].map((version) => version.split(".").map((part) => Number.parseInt(part, 10) || 0)) as [
    number[],
    number[],
  ];
  for (const [at, number] of want.entries()) {
    const own = have[at] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}
