import { existsSync, readFileSync } from "node:fs";

import type { Examination } from "../../engine/ports/doctor.ts";
import { allocator } from "../allocator.ts";
import { confinedBy, type ConfinedBy } from "../sandbox-confinement.ts";
import { seccompFilter } from "../sandbox-seccomp.ts";
import { groupHint, switchedOff } from "./remedies.ts";

/** Reads a file of this machine; null where there is none, or it may not be read. */
export type ReadHost = (path: string) => string | null;

/** What a machine can be, as far as it shows from inside. */
export interface HostKind {
  container: "Docker" | "Podman" | "systemd-nspawn" | "LXC" | "Kubernetes" | "another container" | null;
  virtual: boolean;
}

/** By the marks that container engines leave (systemd's CONTAINER_INTERFACE among them) and the processor's own word on hypervisors. */
export function hostKind(read: ReadHost, exists: (path: string) => boolean): HostKind {
  const engine = /(?:^|\0)container=([^\0]*)/.exec(read("/proc/1/environ") ?? "")?.[1] ?? read("/run/systemd/container")?.trim() ?? "";
  const named = ({ podman: "Podman", oci: "Docker", docker: "Docker", "systemd-nspawn": "systemd-nspawn", lxc: "LXC" } as const)[
    engine as "podman"
  ];
  const container =
    named ??
    (exists("/run/.containerenv")
      ? "Podman"
      : exists("/var/run/secrets/kubernetes.io")
        ? "Kubernetes"
        : exists("/.dockerenv")
          ? "Docker"
          : engine === ""
            ? null
            : "another container");
  const firmware = read("/sys/class/dmi/id/sys_vendor") ?? "";
  const virtual =
    /^flags\b.*\bhypervisor\b/m.test(read("/proc/cpuinfo") ?? "") || /QEMU|VMware|Xen|innotek|Amazon EC2|Google|Microsoft/.test(firmware);
  return { container, virtual };
}

export const readHost: ReadHost = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "EACCES", "EPERM", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
};

/** What this machine is, and what of the kernel's means a sandbox can use here; `works` where one could be made. */
export function examineHost(works: boolean, read: ReadHost = readHost, exists: (path: string) => boolean = existsSync): Examination[] {
  const kind = hostKind(read, exists);
  return [
    told(
      "kind",
      "pass",
      `${kindWords(kind)}; ${process.getuid?.() === 0 ? "started by root: each sandbox is an ordinary uid of its own" : "started by an ordinary user"}`,
    ),
    namespaces(works, read, kind),
    seccompFilter() === null
      ? told(
          "seccomp",
          "missing",
          `no filter is known for the processor ${process.arch}`,
          "Take a machine with an x64 or arm64 processor: without the filter, more of the kernel can be reached.",
        )
      : told("seccomp", "pass", `a filter for ${process.arch} is in force`),
    wholeLimits(confinedBy(), kind),
    memoryAllocator(allocator(exists)),
  ];
}

export const kindWords = ({ container, virtual }: HostKind): string => {
  const machine = virtual ? "a virtual machine" : "a machine of its own";
  return container === null ? machine : `${container === "another container" ? container : `${container} container`}, on ${machine}`;
};

/**
 * A sandbox that root starts needs them too: it is an ordinary user's. Where they are off and one could be made all the same, something lets
 * bubblewrap through by name, as Ubuntu's AppArmor profile for it does.
 */
function namespaces(works: boolean, read: ReadHost, { container }: HostKind): Examination {
  const name = "user namespaces";
  const off = switchedOff(read);
  if (off === undefined) return told(name, "pass", "the kernel lets ordinary users make them");
  const found = `${off.path} is ${off.value}`;
  if (works) return told(name, "pass", `${found}, but bubblewrap may make them`);
  const where = container === null ? "" : " on the container's host";
  return told(name, "missing", found, `Set it${where}: sysctl -w ${off.setting} (and in /etc/sysctl.d, to keep it).${off.besides ?? ""}`);
}

export function wholeLimits(confined: ConfinedBy, { container }: HostKind, root = process.getuid?.() === 0): Examination {
  const name = "limits of a whole sandbox";
  if (confined.by === "cgroup") return told(name, "pass", `a control group for each (version ${confined.version}): memory and processes`);
  const hint = groupHint(container, root);
  if (confined.by === "looking")
    return told(
      name,
      "advice",
      `no control group can be made (${confined.why}); this process looks at the memory ten times a second instead`,
      hint,
    );
  return told(
    name,
    "missing",
    `no control group can be made (${confined.why}), and the kernel does not tell whose child a process is`,
    hint,
  );
}

const memoryAllocator = (library: string | null): Examination =>
  library === null
    ? told(
        "allocator",
        "advice",
        "compiles use the C library's allocator",
        "Install jemalloc (on Debian and Ubuntu: apt-get install libjemalloc2): they take a fifth less of the processor's time.",
      )
    : told("allocator", "pass", `compiles use jemalloc (${library})`);

const told = (name: string, status: Examination["status"], text: string, hint: string | null = null): Examination => ({
  part: "host",
  name,
  status,
  text,
  hint,
});
