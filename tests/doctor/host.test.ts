import { describe, expect, test } from "vitest";

import { examineHost, hostKind, kindWords, wholeLimits } from "../../src/puppet/doctor/host.ts";

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

describe("what the kernel forbids is named with the setting that lifts it", () => {
  const cases: Array<[path: string, value: string, hint: string]> = [
    ["/proc/sys/user/max_user_namespaces", "0\n", "user.max_user_namespaces=15000"],
    ["/proc/sys/kernel/unprivileged_userns_clone", "0\n", "kernel.unprivileged_userns_clone=1"],
    ["/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "kernel.apparmor_restrict_unprivileged_userns=0"],
  ];
  test.each(cases)("%s", (path, value, hint) => {
    const found = examineHost(
      (asked) => (asked === path ? value : null),
      () => false,
    );
    expect(found.find(({ name }) => name === "user namespaces")).toMatchObject({ status: "missing", hint: expect.stringContaining(hint) });
  });
});

test("which of the two holds a whole sandbox is said, and how to get the better one", () => {
  const machine = { container: null, virtual: true };
  expect(wholeLimits({ by: "cgroup", version: 2 }, machine)).toMatchObject({ status: "pass", text: expect.stringContaining("version 2") });
  expect(wholeLimits({ by: "looking", why: "EACCES" }, machine)).toMatchObject({
    status: "advice",
    text: expect.stringContaining("EACCES"),
    hint: expect.stringContaining("Delegate=yes"),
  });
  expect(wholeLimits({ by: "nothing", why: "none" }, { ...machine, container: "Podman" })).toMatchObject({
    status: "missing",
    hint: expect.stringContaining("podman run"),
  });
});
