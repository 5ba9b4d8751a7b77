import { chmod, lstat, readFile, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, sep } from "node:path";

import { Problem } from "../problem.ts";
import type { User } from "../process/command.ts";
import { run } from "../process/run.ts";

/**
 * Uids that neither Debian nor systemd hand out (systemd's UIDS-GIDS page: 60578 to 61183 is unused), and that exist in a container
 * with a mapped range of 65536. A uid for each sandbox, rather than nobody's for all, keeps the process limit of one from being
 * used up by another, and one tree's files from being read in another's sandbox.
 */
const firstUid = 60_600;
const uidCount = 500;
let next = process.pid;

/**
 * The user to start a sandbox over these folders as: a fresh one, or the one that the first folder was prepared for already, so that opening it
 * again doesn't take it from who has it. Null where this process isn't root, since then it is the user itself. Throws a Problem where root is
 * the only user there is, as in a container of a user without subordinate ids.
 */
export async function sandboxUser(folders: readonly string[]): Promise<User | null> {
  if (process.getuid?.() !== 0) return null;
  for (const map of ["/proc/self/uid_map", "/proc/self/gid_map"]) if (!reachesUsers(await readFile(map, "utf8"))) throw tooFewUsers();
  const [first] = folders;
  const owner = first === undefined ? 0 : (await lstat(first)).gid;
  const id = owner >= firstUid && owner < firstUid + uidCount ? owner : firstUid + (next++ % uidCount);
  return { uid: id, gid: id };
}

/** Whether a user namespace's map (user_namespaces(7): first inside, first outside, count) has the sandboxes' users. */
export const reachesUsers = (map: string): boolean =>
  map.split("\n").some((line) => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return inside <= firstUid && inside + count >= firstUid + uidCount;
  });

const tooFewUsers = (): Problem =>
  new Problem({
    code: "too-few-users",
    text: `This process is root of a user namespace that has no users ${firstUid} to ${firstUid + uidCount - 1}, and a sandbox needs one of its own.`,
    hint: "Give the user who starts the container 65536 subordinate ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER (then `podman system migrate`), and install newuidmap (package uidmap).",
  });

/**
 * Makes a folder and all in it, or a file, readable for a sandbox's group, and for nobody else but its owner. Links are left alone.
 * Temporary folders above it are made passable (`o+x`: not readable), since bwrap must find it as that user. Only root needs this and can
 * do it. Throws a Problem where it fails.
 */
export async function prepareFolder(folder: string, { gid }: User): Promise<void> {
  const stats = await lstat(folder);
  if (!stats.isDirectory() && !stats.isFile()) throw unprepared(folder, "it is neither a folder nor a file");
  await makePassable(dirname(await realpath(folder)), await realpath(tmpdir()));
  for (const [file, ...args] of [
    ["chgrp", "-R", "-h", "-P", String(gid)],
    ["chmod", "-R", "g+rX,o="],
  ] as const) {
    const result = await run({
      file,
      args: [...args, "--", folder],
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
      seconds: 120,
      outputBytes: 65_536,
    });
    if (!result.ok) throw unprepared(folder, result.stderr.trim().split("\n")[0] || `${file} did not end`);
  }
}

/** Lets others pass through the folders below the temporary folder; the ones above are the machine's, and are only looked at. */
async function makePassable(folder: string, temporary: string): Promise<void> {
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    const { mode } = await lstat(path);
    if (mode & 0o001) continue;
    if (!path.startsWith(temporary + sep)) throw unprepared(folder, `${path} lets no other user pass (mode ${(mode & 0o777).toString(8)})`);
    await chmod(path, (mode & 0o7777) | 0o001);
  }
}

const unprepared = (folder: string, why: string): Problem =>
  new Problem({
    code: "unprepared-folder",
    text: `${folder} can't be made readable for the sandbox, which runs as a user of its own: ${why}.`,
    hint: "Set TMPDIR to a folder with owners and modes that every user may pass, such as /tmp, or run as an ordinary user.",
  });
