import type { Deliveries } from "./deliveries.ts";
import type { Faults } from "./faults.ts";
import type { Limits } from "./limits.ts";
import { isoSeconds } from "./history.ts";
import type { Repo, State } from "./state.ts";

/** Where the stand-in says it lives: without a trailing slash. */
interface Urls {
  /** Base of the REST API. */
  api: string;
  /** Base of pages for people, and of git. */
  html: string;
}

/** What every part of the stand-in works with. */
export interface World {
  state: State;
  urls: Urls;
  faults: Faults;
  deliveries: Deliveries;
  limits: Limits;
  now: () => Date;
  /** What installations' tokens end by: whoever holds one counts by the clock of its own machine. */
  tokenClock: () => Date;
  /** Runs one after the other what moves branches of a repository: pushes and merges. */
  exclusively<T>(repo: Repo, work: () => Promise<T>): Promise<T>;
}

/** The present in GitHub's form. */
export function stamp(world: World): string {
  return isoSeconds(world.now());
}

/** One piece of work at a time for each key, in the order asked. */
export function createLanes(): <T>(key: number, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<number, Promise<unknown>>();
  return async (key, work) => {
    const turn = (tails.get(key) ?? Promise.resolve()).then(work, work);
    tails.set(key, turn);
    return turn;
  };
}
