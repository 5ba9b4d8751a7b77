import { lstatSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/** Who runs this process, and what they were given. */
export interface Person {
  env: Readonly<Record<string, string | undefined>>;
  /** Null where the system has no such numbers. */
  uid: number | null;
}

/**
 * Where Node may keep what it made of our sources: in the person's own cache folder, or null where none is surely theirs. What lies there is run as
 * this person, so each folder on the way, from the one they named, belongs to them and is nobody else's to write: `sudo -E` gives root the HOME of somebody else, and a service may have none at all.
 */
export function codeCacheFolder({ env, uid }: Person): string | null {
  const [cache, home] = [env["XDG_CACHE_HOME"], env["HOME"]].map((path) => (path !== undefined && isAbsolute(path) ? path : null));
  const top = cache ?? home;
  if (uid === null || top === null || top === undefined) return null;
  const folder = join(cache ?? join(top, ".cache"), "puppet-gate", "node");
  const way = [folder];
  for (let at = folder; at !== dirname(at) && at !== join(top); at = dirname(at)) way.push(dirname(at));
  const found = way.map(stateOf);
  return found.at(-1) !== null && found.every((state) => state === null || isOwn(state, uid)) ? folder : null;
}

interface State {
  uid: number;
  mode: number;
  isDirectory: () => boolean;
}

const stateOf = (path: string): State | null => lstatSync(path, { throwIfNoEntry: false }) ?? null;

/** A person's group may be theirs alone, as it is on Debian; what everybody may write is nobody's. */
const isOwn = (state: State, uid: number): boolean => state.isDirectory() && state.uid === uid && (state.mode & 0o002) === 0;
