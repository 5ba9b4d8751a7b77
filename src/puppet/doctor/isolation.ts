import type { Examination } from "../../engine/ports/doctor.ts";
import { etcFiles, sandboxEnv } from "../sandbox-files.ts";
import { type Attempt, attemptAll, type Observed } from "./attempts.ts";
import { limitProbes, type OpenFor } from "./limits.ts";

interface Probe {
  name: string;
  /** What is wrong; null where it holds. */
  fault: (observed: Observed) => string | null;
  holds: string;
}

const gained = (attempts: Readonly<Record<string, Attempt>>): string[] =>
  Object.entries(attempts).flatMap(([name, attempt]) => ("gained" in attempt ? [name] : []));
const said = (what: string, list: readonly string[]): string | null =>
  list.length === 0 ? null : `${what}: ${list.slice(0, 8).join(", ")}`;
const beside = (found: readonly string[], known: readonly string[]): string[] => found.filter((name) => !known.includes(name));

const knownTop = "bin dev etc gate lib lib32 lib64 libx32 opt sbin srv tmp usr var".split(" ");
const knownDevices = "console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split(" ");
const knownEtc = Object.keys(etcFiles).map((path) => path.replace("/etc/", ""));

/** What one look inside tells, in the order of what it would cost. */
const probes: readonly Probe[] = [
  {
    name: "network",
    holds: "no interface but its own lo; TCP, UDP, DNS and sockets of this machine are out of reach",
    fault: ({ network, connections, interfaces }) =>
      said("reached", [...gained(network), ...(connections > 0 ? [`${connections} connections arrived`] : [])]) ??
      said("network interfaces", beside(interfaces, ["lo"])),
  },
  { name: "host files", holds: "nothing of this machine but /usr can be read", fault: ({ read }) => said("could read", gained(read)) },
  {
    name: "writing",
    holds: "nothing can be written but its own /tmp",
    fault: ({ write, canaryTouched }) => said("could write", [...gained(write), ...(canaryTouched ? ["a file of this machine"] : [])]),
  },
  {
    name: "/proc and /sys",
    holds: "neither is there: no other process can be seen",
    fault: ({ top }) =>
      said(
        "is there",
        top.filter((name) => ["proc", "sys", "run"].includes(name)),
      ),
  },
  {
    name: "file system",
    holds: "it holds what the sandbox was given",
    fault: ({ top, etc }) =>
      said("unknown folders", [
        ...beside(top, [...knownTop, "proc", "sys", "run"]),
        ...beside(etc, knownEtc).map((name) => `/etc/${name}`),
      ]),
  },
  {
    name: "devices",
    holds: "none but null, zero, random and terminals",
    fault: ({ devices }) => said("devices", beside(devices, knownDevices)),
  },
  {
    name: "user",
    holds: "an ordinary user and group (65534)",
    fault: ({ uid }) => (uid.every((id) => id === 65_534) ? null : `uid and gid are ${uid.join(", ")}`),
  },
  {
    name: "environment",
    holds: "only what the sandbox sets",
    fault: ({ env }) => said("variables of this process", beside(env, [...Object.keys(sandboxEnv), "PWD"])),
  },
  { name: "descriptors", holds: "no open file was handed down", fault: ({ descriptors }) => said("open", descriptors.map(String)) },
  {
    name: "kernel calls",
    holds: "namespaces, ptrace, bpf, io_uring and the like are refused",
    // What the kernel was built without answers ENOSYS too, which is as good.
    fault: ({ calls }) =>
      said(
        "reached the kernel",
        Object.entries(calls).flatMap(([name, attempt]) =>
          "refused" in attempt && ["Errno::EPERM", "Errno::ENOSYS"].includes(attempt.refused) ? [] : [name],
        ),
      ),
  },
  {
    name: "socket families",
    holds: "vsock, raw packets and kernel crypto are refused",
    fault: ({ families }) => said("opened", gained(families)),
  },
];

/** Tries every promise of the sandbox on this machine, in the sandbox that changes are compiled in. Throws a Problem where there can be none. */
export async function examineIsolation(open: OpenFor): Promise<Examination[]> {
  const observed = await attemptAll((folder) => open([{ folder, at: "/srv/probe" }], {}));
  const seen = probes.map(({ name, fault, holds }) => examined(name, fault(observed), holds));
  const struck = [];
  for (const { name, run, holds } of limitProbes(open)) struck.push(examined(name, await run(), holds));
  return [...seen, ...struck];
}

const examined = (name: string, fault: string | null, holds: string): Examination => ({
  part: "sandbox",
  name,
  status: fault === null ? "pass" : "fail",
  text: fault ?? holds,
  hint: fault === null ? null : brokenHint,
});

const brokenHint =
  "Do not check changes of people you do not trust on this machine: the sandbox does not hold here. Upgrade bubblewrap and the kernel, or take another machine, and run this again.";
