import { spawn } from "node:child_process";
import { closeSync, constants, lstatSync, symlinkSync, openSync, readFileSync, statSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { run, type RunResult } from "../../src/process/run.ts";
import { openSandbox, type Sandbox, throwIfNoSandbox } from "../../src/puppet/sandbox.ts";
import { seccompFilter } from "../../src/puppet/sandbox-seccomp.ts";
import { environmentFolder } from "../../src/puppet/tree.ts";
import { makeFolder, processesWith } from "./fixtures.ts";

const isRoot = process.getuid?.() === 0;
const at = "/etc/puppetlabs/code/environments/production";
let main: Awaited<ReturnType<typeof makeFolder>>;
let sandbox: Sandbox;

beforeAll(async () => {
  main = await makeFolder({ "site.pp": "the tree\n", "sub/dir/file": "deep\n" });
  await chmod(join(main.folder, "site.pp"), 0o600);
  await chmod(join(main.folder, "sub"), 0o700);
  sandbox = await openSandbox([{ folder: main.folder, at }], { processes: 40, memoryMib: 512, scratchMib: 8 });
});
afterAll(() => main.remove());

const sh = (script: string, files: Record<string, string> = {}): Promise<RunResult> =>
  sandbox.run({ command: ["sh", "-c", script], files, seconds: 30, outputBytes: 100_000 });
const said = async (script: string): Promise<string> => {
  const { stdout, stderr } = await sh(`exec 2>&1; ${script}`);
  return `${stdout.toString()}${stderr}`.trim();
};
const ruby = (code: string): Promise<RunResult> =>
  sandbox.run({ command: ["ruby", "--disable=gems", "-e", code], seconds: 30, outputBytes: 100_000 });

describe("what is in it", () => {
  test("the tree, whatever the modes of its files and of the folders above them", async () => {
    expect(await said(`cat ${at}/site.pp ${at}/sub/dir/file`)).toBe("the tree\ndeep");
    expect(await said(`cd ${at} && find . | sort`)).toBe(".\n./site.pp\n./sub\n./sub/dir\n./sub/dir/file");
  });

  test("given files, /usr, and nothing else of the host", async () => {
    const result = await sh("cat /gate/x.rb; ls -A / /etc /gate /tmp; ls /etc/puppetlabs", { "/gate/x.rb": "given\n" });
    const lists = result.stdout.toString();
    expect(lists).toMatch(/^given\n/);
    expect(lists).toContain("/etc:\ngroup\nos-release\npasswd\npuppetlabs\n");
    expect(lists).toContain("/tmp:\ncode\n"); // empty, and then the last list
    const top = /\n\/:\n([^]*?)\n\n/.exec(`\n${lists.replace("given\n", "")}`)?.[1]?.split("\n") ?? [];
    const known = "bin dev etc gate lib lib32 lib64 libx32 opt sbin tmp usr var".split(" ");
    expect(top.length).toBeGreaterThan(5);
    expect(top.filter((name) => !known.includes(name))).toEqual([]);
    expect(await said("cat /etc/passwd")).not.toContain("/bin/bash");
  });

  test("an ordinary user without capabilities, and an environment of its own", async () => {
    expect(await said("id")).toBe("uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)");
    const names = (await said("env")).split("\n").map((line) => line.split("=")[0] ?? "");
    expect(new Set(names)).toEqual(new Set(["HOME", "LANG", "PATH", "PWD", "TZ"]));
  });
});

describe("what it can't do", () => {
  const refused: Array<[string, string, RegExp]> = [
    ["write into the tree", `echo x > ${at}/new`, /Read-only/],
    ["change the tree", `echo x >> ${at}/site.pp; chmod 777 ${at}/site.pp`, /Read-only/],
    ["write beside it", "mkdir /new /etc/new /usr/new /dev/new", /Read-only[^]*Read-only[^]*Read-only[^]*Read-only/],
    ["fill /tmp", "dd if=/dev/zero of=/tmp/a bs=1M count=7; dd if=/dev/zero of=/tmp/b bs=1M count=7", /No space left/],
    ["fill shared memory", "dd if=/dev/zero of=/dev/shm/a bs=1M count=2", /No space left/],
    ["write a large file", "dd if=/dev/zero of=/tmp/a bs=1M count=9", /File size limit|No space left/],
    ["make a user namespace", "unshare --user id", /Operation not permitted/],
    ["say what the kernel runs when a program crashes", "echo '|/tmp/x' > /proc/sys/kernel/core_pattern", /nonexistent|No such file/],
    ["make a device", "mknod /tmp/disk b 8 0", /Operation not permitted/],
    ["raise its limits", "ulimit -u 5000", /limit|Illegal|not permitted/i],
    ["type into a terminal", "exec 3<>/dev/tty", /No such device/],
    ["take another's turn", "nice -n -5 true", /Permission denied|cannot set niceness/],
    ["mount", "mount -t tmpfs none /tmp", /must be superuser|not permitted|permission denied/],
  ];
  test.each(refused)("%s", async (_, script, message) => {
    expect(await said(script)).toMatch(message);
  });

  test("reach a network, this machine's included", async () => {
    const { stdout } = await ruby(
      'require "socket"; p Socket.getifaddrs.map(&:name).uniq; begin; TCPSocket.new("192.0.2.1", 80); rescue SystemCallError => e; p e.class; end',
    );
    expect(stdout.toString()).toMatch(/^\["lo"\]\nErrno::ENETUNREACH\n$/);
  });

  test("start ever more processes: a bomb of 300 stops below the limit", async () => {
    const result = await sandbox.run({
      command: ["perl", "-e", 'for (1..300) { my $p = fork; if (!defined $p) { print $_; exit } if (!$p) { sleep 60; exit } } print "all"'],
      seconds: 30,
      outputBytes: 1000,
    });
    expect(Number(result.stdout.toString())).toBeGreaterThan(5);
    expect(Number(result.stdout.toString())).toBeLessThanOrEqual(40);
  });

  test("take more memory than its limit", async () => {
    const result = await ruby('begin; "a" * 1_000_000_000; rescue NoMemoryError; print "refused"; end');
    expect(result.stdout.toString()).toBe("refused");
  });

  test("run longer than it may, nor leave anything behind", async () => {
    const result = await sandbox.run({ command: ["sh", "-c", "setsid sleep 600 & sleep 600"], seconds: 0.5, outputBytes: 100 });
    expect(result.timedOut).toBe(true);
    await expect.poll(() => processesWith(main.folder), { timeout: 10_000 }).toEqual([]);
  });

  const calls: Array<[string, string, string]> = [
    ["clone a user namespace", "syscall(56, 0x10000000 | 17, 0, 0, 0)", "EPERM"],
    ["clone3", "syscall(435, 0, 0)", "ENOSYS"],
    ["ptrace", "syscall(101, 0, 0, 0, 0)", "EPERM"],
    ["io_uring", "syscall(425, 0, 0)", "EPERM"],
    ["memory without a map", "syscall(319, 'x', 0)", "EPERM"],
    ["shared memory of System V", "syscall(29, 0x1234, 4096, 0o1666)", "EPERM"],
    ["messages of System V", "syscall(68, 0x1234, 0o1666)", "EPERM"],
    ["memory that nobody else sees", "syscall(447, 0)", "EPERM"],
    ["a call of x32", "syscall(0x40000000 + 39)", "EPERM"],
    ["vsock", 'require "socket"; Socket.new(40, 1, 0)', "EAFNOSUPPORT"],
  ];
  test.runIf(process.arch === "x64").each(calls)("call the kernel for %s", async (_, code, error) => {
    const { stdout } = await ruby(`begin; p((${code})); rescue SystemCallError => e; print e.class; end`);
    expect(stdout.toString()).toBe(`Errno::${error}`);
  });
});

describe("folders are prepared for its user alone", () => {
  test.runIf(isRoot)("others lose it, and gain passage through the temporary folder", () => {
    const modes = [main.folder, join(main.folder, "site.pp"), join(main.folder, "sub/dir/file")].map((path) => statSync(path).mode & 0o007);
    expect(modes).toEqual([0, 0, 0]);
    expect(statSync(dirname(main.folder)).mode & 0o777).toBe(0o701);
  });

  test.runIf(isRoot)("another sandbox's user is another", async () => {
    const other = await openSandbox([]);
    const users = [sandbox, other].map((each) => each.worker({ command: ["true"] }).user?.uid);
    expect(new Set(users).size).toBe(2);
    expect(statSync(main.folder).gid).toBe(users[0]);
    expect(statSync(main.folder).uid).toBe(0);
  });

  test("opening a folder again does not take it from who has it", async () => {
    const again = await openSandbox([{ folder: main.folder, at }]);
    const cat = { command: ["cat", `${at}/site.pp`], seconds: 30, outputBytes: 1000 };
    for (const each of [sandbox, again]) expect((await each.run(cat)).stdout.toString()).toBe("the tree\n");
  });

  test("what is neither a folder nor a file is refused", async () => {
    const link = join(main.folder, "link");
    symlinkSync("site.pp", link);
    await expect(openSandbox([{ folder: link, at }])).rejects.toMatchObject({ code: "unprepared-folder" });
  });
});

describe("who starts it", () => {
  const program = (name: string): string => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const env = { PATH: process.env["PATH"] ?? "", TMPDIR: "/tmp" };

  test("hands on no descriptor that it inherited itself", async () => {
    const folder = openSync("/", constants.O_RDONLY | constants.O_DIRECTORY);
    const child = spawn(process.execPath, [program("inherit")], { env, stdio: ["ignore", "pipe", "pipe", folder, folder] });
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await new Promise((resolve) => child.once("close", resolve));
    closeSync(folder);
    expect(output).toMatch(/^\d+ \[0, 1, 2\]\n$/);
  });

  test.runIf(seccompFilter())("takes it along when it is killed", async () => {
    const child = spawn(process.execPath, [program("hold"), main.folder], { env, stdio: "ignore" });
    // The sandbox's first process filters its calls right after it bound its life to its parent's.
    const isBound = (pid: string): boolean => /^Seccomp:\t2$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    const sandboxes = () => processesWith(main.folder).filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("bwrap"));
    await expect.poll(() => sandboxes().some(isBound), { timeout: 20_000 }).toBe(true);
    child.kill("SIGKILL");
    await expect.poll(() => processesWith(main.folder), { timeout: 10_000 }).toEqual([]);
  });

  // Needs a clone that others may read: not one below /root.
  const readable = dirname(fileURLToPath(new URL("../..", import.meta.url)))
    .split("/")
    .every((_, index, parts) => (lstatSync(parts.slice(0, index + 1).join("/") || "/").mode & 0o001) !== 0);
  test.runIf(isRoot && readable)("need not be root", async () => {
    const result = await run({
      file: process.execPath,
      args: [program("inherit")],
      env,
      cwd: "/",
      user: { uid: 60_500, gid: 60_500 },
      seconds: 30,
      outputBytes: 10_000,
    });
    expect(result.stdout.toString()).toBe("60500 [0, 1, 2]\n");
  });
});

describe("a machine that can't", () => {
  const result = { spawnError: null, stderr: "", exitCode: 1 };
  test("is told so, with a way out", () => {
    expect(() => throwIfNoSandbox({ ...result, spawnError: { code: "ENOENT", message: "spawn bwrap ENOENT" } })).toThrow(
      /apt-get install bubblewrap/,
    );
    expect(() => throwIfNoSandbox({ ...result, stderr: "bwrap: execvp ruby: No such file or directory\n" })).toThrow(
      /apt-get install ruby/,
    );
    expect(() => throwIfNoSandbox({ ...result, stderr: "bwrap: No permissions to create new namespace\n" })).toThrow(
      /No permissions to create new namespace\. Run `puppet-gate doctor` here/,
    );
  });

  test("is not confused with a command that fails", () => {
    expect(() => throwIfNoSandbox({ ...result, stderr: "something else\n" })).not.toThrow();
    expect(() => throwIfNoSandbox({ ...result, exitCode: 0, stderr: "bwrap: words of a tree\n" })).not.toThrow();
  });
});

test("a command that does not exist is exit code 127", async () => {
  const result = await sandbox.run({ command: ["no-such-command"], seconds: 30, outputBytes: 1000 });
  expect(result).toMatchObject({ exitCode: 127, stderr: expect.stringMatching(/No such file or directory - no-such-command/) });
});

test("an environment's name leads nowhere else", () => {
  expect(environmentFolder("production")).toBe(at);
  for (const name of ["..", "a/b", "", "a b", "prod-1"]) expect(() => environmentFolder(name)).toThrow(/no name of a Puppet environment/);
});

test("the kernel filter is known for the usual processors", () => {
  for (const processor of ["x64", "arm64"]) expect((seccompFilter(processor)?.length ?? 0) % 8).toBe(0);
  expect(seccompFilter("s390x")).toBeNull();
});
