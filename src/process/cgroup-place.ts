import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

import { familyOf } from "./resident.ts";

/** Where groups can be made: the folder of this process's own group, one for each hierarchy that has the controllers. */
export interface CgroupPlace {
  version: 1 | 2;
  /** Of version 1, `memory` is needed and `pids` welcome; version 2 has one folder for both. */
  folders: { memory: string; pids: string | null };
  /** The group in its hierarchy, as this process's namespace names it: `/` is the host's own, or a container's. */
  path: string;
}

/** The leaf that processes are moved to, out of a group of version 2 that hands its controllers down; systemd can start them there too. */
const leaf = "supervisor";

/**
 * Finds this process's own groups, by /proc/self/mountinfo and /proc/self/cgroup (cgroups(7)); the one above where it is in the leaf already.
 * Null where no hierarchy controls memory, or it is mounted as another namespace sees it: its folders can't be told then.
 */
export function placeOf(mountinfo: string, own: string): CgroupPlace | null {
  const mounts = mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", point = ""] = before.split(" ");
    const [type = "", , options = ""] = after.split(" ");
    return type.startsWith("cgroup") ? [{ type, root, point, options: options.split(",") }] : [];
  });
  const groups = own.split("\n").map((line) => /^(\d+):([^:]*):(.*)$/.exec(line));
  const find = (controller: string | null): { folder: string; path: string } | null => {
    const path = groups.find((group) => (controller === null ? group?.[1] === "0" : group?.[2]?.split(",").includes(controller)))?.[3];
    const mount = mounts.find(({ type, options }) =>
      controller === null ? type === "cgroup2" : type === "cgroup" && options.includes(controller),
    );
    if (path === undefined || mount === undefined) return null;
    const below = relative(mount.root, path);
    return [path, mount.root, below].some((each) => each.split("/").includes("..")) ? null : { folder: join(mount.point, below), path };
  };
  const memory = find("memory");
  if (memory !== null) return { version: 1, folders: { memory: memory.folder, pids: find("pids")?.folder ?? null }, path: memory.path };
  const unified = find(null);
  if (unified === null) return null;
  const up = (path: string): string => (basename(unified.path) === leaf ? dirname(path) : path);
  return { version: 2, folders: { memory: up(unified.folder), pids: up(unified.folder) }, path: up(unified.path) };
}

/**
 * Readies the place. A group of version 2 must hand its controllers down, which it can only while no process is in it (the host's own root
 * group aside): they are moved to a leaf below it, in which everything that counts or ends the group still finds them. Null once it is
 * ready, else what stands in the way; throws what the system says.
 */
export function handDown({ version, folders: { memory: folder }, path }: CgroupPlace): string | null {
  if (version === 1) return null;
  const read = (file: string): string[] => readFileSync(join(folder, file), "utf8").split(/\s+/).filter(Boolean);
  const missing = (given: readonly string[]): string[] => ["memory", "pids"].filter((name) => !given.includes(name));
  const wanted = missing(read("cgroup.subtree_control"));
  if (wanted.length === 0) return null;
  const kept = missing(read("cgroup.controllers"));
  if (kept.length > 0) return `the group ${path} was not given ${kept.join(" and ")}`;
  const control = (): void => writeFileSync(join(folder, "cgroup.subtree_control"), wanted.map((name) => `+${name}`).join(" "));
  for (let tries = 0; ; tries++) {
    try {
      control();
      return null;
    } catch (error) {
      if (!isOf(error, "EBUSY") || tries === 5) throw error;
    }
    const inside = read("cgroup.procs").map(Number);
    const mine = new Set(familyOf(process.pid));
    // 0 is a process that this one's namespace can't name.
    const others = inside.filter((pid) => !mine.has(pid));
    if (others.includes(0) || (others.length > 0 && !isGiven(path)))
      return `other processes are in the group ${path}, which is not delegated`;
    moveAside(join(folder, leaf), inside); // one that is started meanwhile makes it busy again
  }
}

/**
 * Whether a group was given to this process with all that is in it: a container's is, and one of systemd's units where it says so, for the host's
 * systemd or a user's. Of other groups, root could write to any; an ordinary user only to what somebody handed it.
 */
function isGiven(path: string): boolean {
  const uid = process.getuid?.() ?? 0;
  const ofUser = /\/user@\d+\.service\//.test(path);
  if (path === "/" || (uid !== 0 && !ofUser)) return true;
  const unit = basename(path);
  if (!/^[^-].*\.(?:service|scope)$/.test(unit)) return false;
  const { stdout } = spawnSync("systemctl", [...(ofUser ? ["--user"] : []), "show", "--property=Delegate", "--value", unit], {
    env: { PATH: "/usr/bin:/bin", XDG_RUNTIME_DIR: `/run/user/${uid}` },
    encoding: "utf8",
    timeout: 10_000,
  });
  return stdout?.trim() === "yes"; // null where there is no systemctl
}

function moveAside(folder: string, pids: readonly number[]): void {
  mkdirSync(folder, { recursive: true });
  for (const pid of pids) {
    try {
      writeFileSync(join(folder, "cgroup.procs"), String(pid));
    } catch (error) {
      if (!isOf(error, "ESRCH")) throw error; // it has ended already
    }
  }
}

const isOf = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
