import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { Problem } from "../../problem.ts";
import type { Sandbox } from "../sandbox.ts";
import { visible } from "../visible.ts";
import { makeLure } from "./lure.ts";

const attempt = z.union([z.object({ gained: z.string() }), z.object({ refused: z.string() })]);
export type Attempt = z.infer<typeof attempt>;
const attempts = z.record(z.string(), attempt);

const observedSchema = z.object({
  uid: z.array(z.int()),
  env: z.array(z.string()),
  descriptors: z.array(z.int()),
  interfaces: z.array(z.string()),
  network: attempts,
  read: attempts,
  write: attempts,
  top: z.array(z.string()),
  etc: z.array(z.string()),
  devices: z.array(z.string()),
  calls: attempts,
  families: attempts,
});

/** What came of all tries inside, and what was seen of them outside. */
export type Observed = z.infer<typeof observedSchema> & {
  /** Connections that reached this machine's own listeners. */
  connections: number;
  /** Whether the file that lies open for everybody here was changed. */
  canaryTouched: boolean;
};

/** What only this machine's own are to see. */
const hostPaths = ["/root", "/home", "/etc/shadow", "/etc/hostname", "/proc", "/proc/1/environ", "/sys", "/run", "/var/log", "/var/run"];

/** Of x64 alone: numbers of calls differ by processor. Where it is another, the filter is looked at by socket families. */
const calls: ReadonlyArray<[name: string, number: number, args: number[]]> =
  process.arch === "x64"
    ? [
        ["a user namespace by clone", 56, [0x1000_0011, 0, 0, 0, 0]],
        ["a user namespace by unshare", 272, [0x1000_0000]],
        ["ptrace", 101, [0, 0, 0, 0]],
        ["io_uring", 425, [0, 0]],
        ["bpf", 321, [0, 0, 0]],
        ["userfaultfd", 323, [0]],
        ["perf events", 298, [0, 0, 0, 0, 0]],
        ["a key of the kernel's keyring", 250, [0, 0, 0]],
        ["a call by x32's numbers", 0x4000_0027, []],
      ]
    : [];
const families: ReadonlyArray<[name: string, number: number]> = [
  ["vsock", 40],
  ["packets of the link layer", 17],
  ["the kernel's crypto", 38],
];

/**
 * Tries, in a sandbox of the kind that changes are compiled in, what a hostile change would try. Beside the sandbox's folder lie things
 * that everybody on this machine may read, write and connect to: what keeps the probe from them must be the sandbox.
 */
export async function attemptAll(openSandbox: (folder: string) => Promise<Sandbox>): Promise<Observed> {
  const lure = await makeLure();
  try {
    const sandbox = await openSandbox(lure.tree);
    const asked = {
      port: lure.port,
      abstract: lure.abstract,
      socket: lure.socket,
      read: [lure.canary, ...hostPaths],
      write: [lure.canary, join(lure.tree, "new"), "/srv/probe/new", "/etc/new", "/usr/new", "/dev/new", "/new"],
      calls,
      families,
    };
    const result = await sandbox.run({
      command: ["ruby", "--disable=gems", "/gate/probe.rb", JSON.stringify(asked)],
      files: { "/gate/probe.rb": await readFile(new URL("probe.rb", import.meta.url), "utf8") },
      seconds: 60,
      outputBytes: 1024 * 1024,
    });
    if (!result.ok) throw probeFailed(result.stderr);
    const observed = observedSchema.parse(JSON.parse(result.stdout.toString()));
    return { ...observed, connections: lure.connections(), canaryTouched: await lure.touched() };
  } finally {
    await lure.remove();
  }
}

const probeFailed = (stderr: string): Problem =>
  new Problem({
    code: "probe",
    text: `The probe did not come to its end in the sandbox: ${visible(stderr, 300) || "it said nothing"}.`,
    hint: "See that `ruby --version` works on this machine.",
  });
