import { existsSync, readFileSync } from "node:fs";

import type { Examination } from "../../engine/ports.ts";
import { confinedBy, type ConfinedBy } from "../sandbox-confinement.ts";
import { seccompFilter } from "../sandbox-seccomp.ts";

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

const readHost: ReadHost = (path) => {
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
  const off = switches.find(({ path, value }) => read(path)?.trim() === value);
  if (off === undefined) return told(name, "pass", "the kernel lets ordinary users make them");
  const found = `${off.path} is ${off.value}`;
  if (works) return told(name, "pass", `${found}, but bubblewrap may make them`);
  const where = container === null ? "" : " on the container's host";
  return told(name, "missing", found, `Set it${where}: sysctl -w ${off.setting} (and in /etc/sysctl.d, to keep it).${off.besides ?? ""}`);
}

const switches: ReadonlyArray<{ path: string; value: string; setting: string; besides?: string }> = [
  { path: "/proc/sys/user/max_user_namespaces", value: "0", setting: "user.max_user_namespaces=15000" },
  { path: "/proc/sys/kernel/unprivileged_userns_clone", value: "0", setting: "kernel.unprivileged_userns_clone=1" },
  {
    path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    value: "1",
    setting: "kernel.apparmor_restrict_unprivileged_userns=0",
    besides: " Or let bubblewrap alone, by the AppArmor profile in docs/sandbox.md.",
  },
];

export function wholeLimits(confined: ConfinedBy, { container }: HostKind, root = process.getuid?.() === 0): Examination {
  const name = "limits of a whole sandbox";
  if (confined.by === "cgroup") return told(name, "pass", `a control group for each (version ${confined.version}): memory and processes`);
  const hint =
    container === null ? delegateHint(root) : writableHint[container === "Docker" || container === "Podman" ? container : "other"];
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

const delegateHint = (root: boolean): string =>
  `Start it by \`systemd-run ${root ? "" : "--user "}--scope -p Delegate=yes …\`, or as a systemd service with Delegate=yes.`;

const told = (name: string, status: Examination["status"], text: string, hint: string | null = null): Examination => ({
  part: "host",
  name,
  status,
  text,
  hint,
});

/** What a container engine is told, to give a container a control group that it may write to. Its own root has to be the one who does. */
const writableHint: Record<"Podman" | "Docker" | "other", string> = {
  Podman: "Start it as the container's own root (without --user), by podman run --security-opt unmask=/sys/fs/cgroup.",
  Docker:
    "Start it as the container's own root (without --user), by docker run --security-opt writable-cgroups=true (Docker 28), or --privileged.",
  other: "Give the container a cgroup namespace of its own and a writable /sys/fs/cgroup, and start it as the container's own root.",
};

/** What stands in the way of a sandbox: in a container, what its engine confines it by, which is shown to it; else what the kernel forbids. */
export function sandboxHint(read: ReadHost = readHost, exists: (path: string) => boolean = existsSync): string {
  const { container } = hostKind(read, exists);
  if (container === null) return "Mend what is said of user namespaces above; root needs them too, since a sandbox is an ordinary user's.";
  const filtered = /^Seccomp:\s*2$/m.test(read("/proc/self/status") ?? "");
  const profile = /^(\S+) \((?:enforce|kill)\)$/.exec(read("/proc/self/attr/current")?.trim() ?? "")?.[1];
  const options = [...(filtered ? ["seccomp=unconfined"] : []), ...(profile === undefined ? [] : ["apparmor=unconfined"])];
  if (options.length === 0) return "Mend what is said of user namespaces above, on the container's host.";
  const engine = container === "Docker" ? "docker" : "podman";
  const given = options.map((option) => `--security-opt ${option}`).join(" ");
  return container === "Docker" || container === "Podman"
    ? `Let the container make namespaces: ${engine} run ${given}. docs/sandbox.md says how to allow less than that.`
    : `Let the container make namespaces: what ${engine} run calls ${given}.`;
}
