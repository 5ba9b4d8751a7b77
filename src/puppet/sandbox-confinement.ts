import { cgroupConfinement, openCgroups } from "../process/cgroup.ts";
import type { Confinement } from "../process/confinement.ts";
import { canLook, residentConfinement } from "../process/resident.ts";
import type { SandboxLimits } from "./sandbox-launcher.ts";

/** What holds a sandbox as a whole to its memory on this machine. */
export type ConfinedBy =
  | { by: "cgroup"; version: 1 | 2 }
  /** This process looks at it, since no group can be made: `why` in the system's words. */
  | { by: "looking"; why: string }
  | { by: "nothing"; why: string };

let opened: ReturnType<typeof openCgroups> | undefined;

/** Asked once a process: a group is made and removed for trial. */
const cgroups = () => (opened ??= openCgroups());

export function confinedBy(): ConfinedBy {
  const found = cgroups();
  if ("place" in found) return { by: "cgroup", version: found.place.version };
  return { by: canLook() ? "looking" : "nothing", why: found.refused };
}

/** Bubblewrap's own two processes are in the group too. */
const ownProcesses = 4;
const mebibyte = 1024 * 1024;

/** A worker's own limit of memory, for the sandbox as a whole; what it keeps in /tmp counts besides, where that can be told. */
export function confinementOf({ memoryMib, scratchMib, processes }: SandboxLimits): Confinement {
  const found = cgroups();
  if ("place" in found) {
    return cgroupConfinement(found.place, {
      memoryBytes: (memoryMib + scratchMib) * mebibyte,
      processes: processes + ownProcesses,
    });
  }
  return residentConfinement({ memoryBytes: memoryMib * mebibyte });
}
