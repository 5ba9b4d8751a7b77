import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type CgroupPlace, handDown, placeOf } from "./cgroup-place.ts";
import type { Confined, Confinement, Limits } from "./confinement.ts";
import { fateOf, markIn, ownMark } from "./marks.ts";
import { reap } from "./reaper.ts";
import { familyOf } from "./resident.ts";

interface Setting {
  file: string;
  value: string;
  /** Whether a kernel without it will do. */
  optional?: boolean;
}

/** What is written into a new group: by the kernel's documentation, admin-guide/cgroup-v2 and cgroup-v1/memory. */
export function settingsOf(version: CgroupPlace["version"], { memoryBytes, processes }: Limits): { memory: Setting[]; pids: Setting[] } {
  const memory = String(memoryBytes);
  const pids = [{ file: "pids.max", value: String(processes) }];
  if (version === 2)
    return {
      memory: [
        { file: "memory.max", value: memory },
        { file: "memory.swap.max", value: "0", optional: true },
        { file: "memory.oom.group", value: "1", optional: true },
      ],
      pids,
    };
  return {
    memory: [
      { file: "memory.limit_in_bytes", value: memory },
      { file: "memory.memsw.limit_in_bytes", value: memory, optional: true },
    ],
    pids,
  };
}

/** Opens the place for groups, and tries that one can be made; `refused` says why where none can. */
export function openCgroups(): { place: CgroupPlace } | { refused: string } {
  const place = placeOf(readFileSync("/proc/self/mountinfo", "utf8"), readFileSync("/proc/self/cgroup", "utf8"));
  if (place === null) return { refused: "no control group hierarchy for memory is mounted as this process sees it" };
  try {
    const refused = handDown(place);
    if (refused !== null) return { refused };
    clearGroups(place);
    make(place, { memoryBytes: 64 * 1024 * 1024, processes: 16 }).forEach((folder) => rmdirSync(folder));
    return { place };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { refused: message };
  }
}

/** Takes away groups of processes that live no more: empty ones, since a group that is in use can't be removed. */
function clearGroups({ folders }: CgroupPlace): void {
  for (const folder of new Set([folders.memory, folders.pids ?? folders.memory]))
    for (const name of readdirSync(folder)) {
      const mark = markIn(name);
      if (mark === null || fateOf(mark) !== "dead") continue;
      try {
        rmdirSync(join(folder, name));
      } catch (error) {
        if (!["EBUSY", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
}

let count = 0;

/** Makes a group in each hierarchy, with its limits set; gives their folders. */
function make({ version, folders }: CgroupPlace, limits: Limits): string[] {
  const name = `puppet-gate-${ownMark}-${count++}`;
  const settings = settingsOf(version, limits);
  const made: string[] = [];
  try {
    for (const controller of ["memory", "pids"] as const) {
      const parent = folders[controller];
      if (parent === null) continue;
      const folder = join(parent, name);
      reap(join(parent, `puppet-gate-${ownMark}-`));
      if (!made.includes(folder)) {
        mkdirSync(folder);
        made.push(folder);
      }
      for (const { file, value, optional } of settings[controller]) if (optional !== true || has(folder, file)) set(folder, file, value);
    }
    return made;
  } catch (error) {
    for (const folder of made) rmdirSync(folder);
    throw error;
  }
}

const has = (folder: string, file: string): boolean => readdirSync(folder).includes(file);
const set = (folder: string, file: string, value: string): void => writeFileSync(join(folder, file), value, { flag: "r+" });

/** A group of its own for each program. */
export const cgroupConfinement = (place: CgroupPlace, limits: Limits): Confinement => ({
  begin: (): Confined => {
    const folders = make(place, limits);
    return {
      take: (pid) => {
        // What is started from a process in a group is in it: after the parent, its children are a list that grows no more.
        for (const each of familyInTurn(pid)) for (const folder of folders) move(folder, each);
      },
      struck: () => killedForMemory(place.version, folders[0] ?? ""),
      end: async () => {
        for (const folder of folders) await removeGroup(folder);
      },
    };
  },
});

/** Each process before its children are asked for. */
function* familyInTurn(pid: number): Generator<number> {
  const seen = new Set<number>();
  for (let next: number | undefined = pid; next !== undefined; next = familyOf(pid).find((each) => !seen.has(each))) {
    seen.add(next);
    yield next;
  }
}

function move(folder: string, pid: number): void {
  try {
    set(folder, "cgroup.procs", String(pid));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended already
  }
}

function killedForMemory(version: CgroupPlace["version"], folder: string): boolean {
  const events = readFileSync(join(folder, version === 2 ? "memory.events" : "memory.oom_control"), "utf8");
  return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0) > 0;
}

/** A killed process leaves its group a moment after its parent was told. */
async function removeGroup(folder: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      if (code !== "EBUSY") throw error;
      if (tries === 200) return; // a process that the kernel can't end: the reaper will take the folder
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
