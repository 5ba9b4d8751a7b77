import type { HostKind, ReadHost } from "./host.ts";

/** What of the kernel's can keep ordinary users from making user namespaces, and what lifts it. */
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

/** The switch that is off here. */
export const switchedOff = (read: ReadHost) => switches.find(({ path, value }) => read(path)?.trim() === value);

/** How to come by a control group of one's own. */
export const groupHint = (container: HostKind["container"], root: boolean): string =>
  container === null ? delegateHint(root) : writableHint[container === "Docker" || container === "Podman" ? container : "other"];

const delegateHint = (root: boolean): string =>
  `Start it by \`systemd-run ${root ? "" : "--user "}--scope -p Delegate=yes …\`, or as a systemd service with Delegate=yes.`;

/** What a container engine is told, to give a container a control group that it may write to. Its own root has to be the one who does. */
const writableHint: Record<"Podman" | "Docker" | "other", string> = {
  Podman: "Start it as the container's own root (without --user), by podman run --security-opt unmask=/sys/fs/cgroup.",
  Docker:
    "Start it as the container's own root (without --user), by docker run --security-opt writable-cgroups=true (from Docker 28 on). Before, only --privileged does, which gives away more than this wins.",
  other: "Give the container a cgroup namespace of its own and a writable /sys/fs/cgroup, and start it as the container's own root.",
};

/** What stands in the way of a sandbox: in a container, what its engine confines it by, which is shown to it; else what the kernel forbids. */
export function sandboxHint(container: HostKind["container"], read: ReadHost): string {
  const kernel = switchedOff(read) === undefined ? refusedHint : switchedHint;
  const filtered = /^Seccomp:\s*2$/m.test(read("/proc/self/status") ?? "");
  if (container === null) return filtered ? `${kernel} ${filteredHint}` : kernel;
  const profile = /^(\S+) \((?:enforce|kill)\)$/.exec(read("/proc/self/attr/current")?.trim() ?? "")?.[1];
  const options = [...(filtered ? ["seccomp=unconfined"] : []), ...(profile === undefined ? [] : ["apparmor=unconfined"])];
  if (options.length === 0) return `On the container's host: ${kernel}`;
  const given = options.map((option) => `--security-opt ${option}`).join(" ");
  return container === "Docker" || container === "Podman"
    ? `Let the container make namespaces: ${container.toLowerCase()} run ${given}. docs/sandbox.md says how to allow less than that.`
    : `Let the container make namespaces: what podman run calls ${given}.`;
}

const switchedHint = "Mend what is said of user namespaces above; root needs them too, since a sandbox is an ordinary user's.";
const filteredHint =
  "A filter of system calls is in force here besides, as a unit of systemd has one: docs/systemd/puppet-gate.service is one that lets bubblewrap through.";
const refusedHint =
  "A security module may refuse bubblewrap its user namespace: `journalctl -k | grep -i denied` names it. For AppArmor, docs/sandbox.md has a profile.";
