// Makes a fresh clone ready to run, then gets out of the way. It is plain JavaScript without dependencies, because it has to run on
// whatever Node the machine came with (18 or newer) before anything is installed. All it prints goes to standard error, so that
// `puppet-gate check --json` stays parseable behind it. The second run only looks at files: a few milliseconds besides Node's start.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, chmodSync, constants, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lockFile = join(root, "package-lock.json");
const stampFile = join(root, "node_modules", ".puppet-gate-setup");
const nodeProgram = join(root, "node_modules", ".bin", "node");
const policyFile = "/usr/sbin/policy-rc.d";

/** What the product runs besides Node, where it is recognised, and the Debian package that brings it. */
const programs = [
  { name: "git", debian: "git" },
  { name: "ruby", debian: "ruby" },
  { name: "puppet", debian: "puppet-agent" },
  { name: "puppet-lint", debian: "puppet-lint" },
  { name: "bwrap", debian: "bubblewrap" },
];
/** Libraries that it works faster with, where Debian puts them (src/puppet/allocator.ts). */
const libraries = [{ file: "libjemalloc.so.2", debian: "libjemalloc2" }];
/** Servers that only the services' tests start (`--services`), where Debian puts their programs, and the package that brings them. */
const services = [
  { folder: "/usr/lib/postgresql", program: "bin/postgres", debian: "postgresql" },
  { folder: "/usr/share", program: "puppetdb.jar", debian: "puppetdb" },
  { folder: "/usr/share/gocode/src/golang.org/x", program: "sumdb/tlog", debian: "golang-golang-x-mod-dev" },
];
/** What else only those tests start. */
const servicePrograms = [
  { name: "chromium", debian: "chromium" },
  { name: "octocatalog-diff", debian: "octocatalog-diff" },
  { name: "r10k", debian: "r10k" },
  { name: "g10k", debian: "g10k" },
  { name: "cmark-gfm", debian: "cmark-gfm" },
  { name: "inspircd", debian: "inspircd" },
  { name: "atheme-services", debian: "atheme-services" },
  { name: "openssl", debian: "openssl" },
  { name: "promtool", debian: "prometheus" },
  { name: "go", debian: "golang-go" },
  { name: "systemd-analyze", debian: "systemd" },
];
const withServices = process.argv.includes("--services");
/** Modules that the sample control repo of the demo and the tests vendors, as Debian packages them. */
const sampleModules = ["puppetlabs-stdlib", "puppetlabs-concat", "puppetlabs-apache", "puppetlabs-ntp", "saz-ssh"];
/** Types that Puppet's own packages bring, and Debian packages one by one: a control repo counts on them (src/puppet/core-modules.ts). */
const coreModules = ["augeas", "cron", "host", "mailalias", "mount", "selinux", "sshkeys"].map((name) => `puppetlabs-${name}-core`);
const moduleFolder = "/usr/share/puppet/modules.available";

const say = (text) => process.stderr.write(`puppet-gate setup: ${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

function isOnPath(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not here: the next folder of the path is tried
    }
  });
}

/** Whether a program is in a folder of one of its versions, as Debian keeps servers of which several can be installed. */
const isInVersionOf = (folder, program) =>
  existsSync(folder) && readdirSync(folder).some((version) => existsSync(join(folder, version, program)));

/** Runs a program with its output held back, and shows that output only if it fails. */
function run(command, args, env = {}) {
  const done = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error === undefined && done.status === 0) return true;
  const words = `${done.stdout ?? ""}${done.stderr ?? ""}`.trimEnd().split("\n");
  process.stderr.write(`${words.slice(-25).join("\n")}\n`);
  say(`\`${command} ${args.join(" ")}\` failed${done.error ? `: ${done.error.message}` : ` with exit code ${done.status}`}`);
  return false;
}

function installNodePackages() {
  if (!existsSync(lockFile)) fail("package-lock.json is missing: this is not a whole clone; clone the repository again");
  const wanted = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted && existsSync(nodeProgram)) return;
  say("installing the Node packages of package-lock.json (Node 24 among them)…");
  // Not `npm ci`: it refuses the lock file where a registry does not carry every foreign platform's optional build (those of oxlint
  // and oxfmt). `install` takes the locked versions and checks their digests all the same; without saving it leaves the lock alone.
  if (!run("npm", ["install", "--include=dev", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]))
    fail("the Node packages could not be installed; see npm's words above, then run this again");
  if (!existsSync(nodeProgram))
    fail("npm left out the `node` package: allow its install script (npm config get ignore-scripts) and run this again");
  writeFileSync(stampFile, wanted);
}

/** Marks a policy as ours, so that one which outlived its set-up is never taken for the machine's own. */
const policyMark = "# written by the set-up of puppet-gate";

/**
 * While Debian packages are installed, `policy-rc.d` answers "action forbidden" (101), so that no package starts its service
 * (Debian policy, "Interfacing with init scripts"). A policy that the machine already has is put back afterwards. Ours forbids nothing
 * any more once this process is gone, whatever ended it.
 */
function withoutStartingServices(install) {
  const found = existsSync(policyFile) ? { text: readFileSync(policyFile, "utf8"), mode: statSync(policyFile).mode } : null;
  const before = found?.text.includes(policyMark) ? null : found;
  writeFileSync(policyFile, `#!/bin/sh\n${policyMark}\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`);
  chmodSync(policyFile, 0o755);
  try {
    return install();
  } finally {
    if (before === null) rmSync(policyFile);
    else {
      writeFileSync(policyFile, before.text);
      chmodSync(policyFile, before.mode);
    }
  }
}

const isInLibraries = (file) => ["x86_64-linux-gnu", "aarch64-linux-gnu"].some((folder) => existsSync(join("/usr/lib", folder, file)));

function installDebianPackages() {
  const missing = [
    ...programs.filter(({ name }) => !isOnPath(name)).map(({ debian }) => debian),
    ...libraries.filter(({ file }) => !isInLibraries(file)).map(({ debian }) => debian),
    ...[...sampleModules, ...coreModules].filter((name) => !existsSync(join(moduleFolder, name))).map((name) => `puppet-module-${name}`),
    ...(withServices ? servicePrograms.filter(({ name }) => !isOnPath(name)).map(({ debian }) => debian) : []),
    ...(withServices ? services.filter(({ folder, program }) => !isInVersionOf(folder, program)).map(({ debian }) => debian) : []),
  ];
  if (missing.length === 0) return;
  const packages = [...new Set(missing)];
  const advice = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!isOnPath("apt-get"))
    fail(`missing: ${packages.join(", ")} (names of Debian packages); install them with your system's package manager and run this again`);
  if (process.getuid() !== 0) fail(`missing: ${packages.join(", ")}; install them with: sudo ${advice}`);
  say(`installing from Debian: ${packages.join(", ")}…`);
  const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "l" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  const installed = withoutStartingServices(
    () =>
      run("apt-get", [...wait, "-qq", "update"], env) &&
      run("apt-get", [...wait, "-qq", "-y", "install", "--no-install-recommends", ...packages], env),
  );
  if (!installed) fail(`the Debian packages could not be installed; try by hand: ${advice}`);
}

installNodePackages();
installDebianPackages();
