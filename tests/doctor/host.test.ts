import { describe, expect, test } from "vitest";

import { examineHost, hostKind, kindWords, wholeLimits } from "../../src/puppet/doctor/host.ts";
import { sandboxHint } from "../../src/puppet/doctor/remedies.ts";

const cpu = "flags\t\t: fpu vme hypervisor sse\n";

describe("what this machine is, by the marks on it", () => {
  const cases: Array<[words: string, files: Record<string, string>]> = [
    ["a machine of its own", { "/proc/cpuinfo": "flags\t\t: fpu vme\n" }],
    ["a virtual machine", { "/proc/cpuinfo": cpu }],
    ["a virtual machine", { "/sys/class/dmi/id/sys_vendor": "QEMU\n" }],
    ["Docker container, on a virtual machine", { "/.dockerenv": "", "/proc/cpuinfo": cpu }],
    ["Podman container, on a machine of its own", { "/run/.containerenv": "" }],
    ["Podman container, on a machine of its own", { "/proc/1/environ": "PATH=/bin\0container=podman\0" }],
    ["systemd-nspawn container, on a machine of its own", { "/run/systemd/container": "systemd-nspawn\n" }],
    ["Kubernetes container, on a machine of its own", { "/var/run/secrets/kubernetes.io": "" }],
    ["another container, on a machine of its own", { "/proc/1/environ": "container=wsl\0" }],
  ];
  test.each(cases)("%s by %o", (words, files) => {
    expect(
      kindWords(
        hostKind(
          (path) => files[path] ?? null,
          (path) => path in files,
        ),
      ),
    ).toBe(words);
  });
});

describe("the allocator of compiles", () => {
  const cases: Array<[path: string, status: string, text: string]> = [
    ["/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", "pass", "jemalloc (/usr/lib/x86_64-linux-gnu/libjemalloc.so.2)"],
    ["/usr/lib64/libjemalloc.so.2", "pass", "jemalloc (/usr/lib64/libjemalloc.so.2)"],
    ["/usr/lib/libc.so.6", "advice", "the C library's allocator"],
  ];
  test.each(cases)("with %s: %s", (there, status, text) => {
    const rows = examineHost(
      true,
      () => null,
      (path) => path === there,
    );
    expect(rows.find(({ name }) => name === "allocator")).toMatchObject({ status, text: expect.stringContaining(text) });
  });
});

describe("what the kernel forbids is named with the setting that lifts it", () => {
  const cases: Array<[path: string, value: string, hint: string]> = [
    ["/proc/sys/user/max_user_namespaces", "0\n", "user.max_user_namespaces=15000"],
    ["/proc/sys/kernel/unprivileged_userns_clone", "0\n", "kernel.unprivileged_userns_clone=1"],
    ["/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "kernel.apparmor_restrict_unprivileged_userns=0"],
  ];
  const row = (works: boolean, path: string, value: string) =>
    examineHost(
      works,
      (asked) => (asked === path ? value : null),
      () => false,
    ).find(({ name }) => name === "user namespaces");

  test.each(cases)("%s", (path, value, hint) => {
    expect(row(false, path, value)).toMatchObject({ status: "missing", hint: expect.stringContaining(hint) });
  });

  test.each(cases)("%s is no fault where bubblewrap is let through all the same", (path, value) => {
    expect(row(true, path, value)).toMatchObject({ status: "pass", text: expect.stringContaining(path) });
  });
});

describe("why there can be no sandbox is said by what confines the container", () => {
  const confined = "containers-default-0.62.2 (enforce)\n";
  const podman = "/run/.containerenv";
  const cases: Array<[name: string, files: Record<string, string>, hint: RegExp]> = [
    ["no container, by what else refuses it", { "/proc/self/status": "Seccomp:\t2\n" }, /^A security module may refuse.* docs\/systemd/],
    ["no container, by a switch", { "/proc/sys/user/max_user_namespaces": "0\n" }, /^Mend what is said of user namespaces above/],
    ["a filter of calls", { [podman]: "", "/proc/self/status": "Seccomp:\t2\n" }, /podman run --security-opt seccomp=unconfined\. /],
    ["a profile of AppArmor", { [podman]: "", "/proc/self/attr/current": confined }, /podman run --security-opt apparmor=unconfined\. /],
    [
      "both",
      { "/.dockerenv": "", "/proc/self/status": "Seccomp:\t2\n", "/proc/self/attr/current": "docker-default (enforce)\n" },
      /docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined\. /,
    ],
    [
      "neither, as the engine was told",
      { [podman]: "", "/proc/self/status": "Seccomp:\t0\n", "/proc/self/attr/current": "unconfined\n" },
      /^On the container's host: A security module/,
    ],
  ];
  test.each(cases)("%s", (_, files, hint) => {
    const read = (path: string) => files[path] ?? null;
    const { container } = hostKind(read, (path) => path in files);
    expect(sandboxHint(container, read)).toMatch(hint);
  });
});

test("which of the two holds a whole sandbox is said, and how to get the better one", () => {
  const machine = { container: null, virtual: true };
  const looking = { by: "looking", why: "EACCES" } as const;
  expect(wholeLimits({ by: "cgroup", version: 2 }, machine)).toMatchObject({ status: "pass", text: expect.stringContaining("version 2") });
  expect(wholeLimits(looking, machine, true)).toMatchObject({
    status: "advice",
    text: expect.stringContaining("EACCES"),
    hint: expect.stringContaining("`systemd-run --scope -p Delegate=yes …`"),
  });
  expect(wholeLimits(looking, machine, false).hint).toContain("`systemd-run --user --scope -p Delegate=yes …`");
  expect(wholeLimits(looking, { ...machine, container: "Docker" }).hint).toContain("docker run");
  expect(wholeLimits({ by: "nothing", why: "none" }, { ...machine, container: "Podman" })).toMatchObject({
    status: "missing",
    hint: expect.stringContaining("podman run --security-opt unmask=/sys/fs/cgroup"),
  });
});
