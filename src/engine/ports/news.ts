import type { Event } from "../../rollout/effects.ts";
import type { HeldRecords, Records } from "./records.ts";
import type { Lease } from "./lease.ts";
import type { Origin } from "../../gate/event.ts";

/** Something that happened to a release, as it is told outside. */
export interface News {
  /** Greater for what happened later in the same repository. */
  seq: number;
  /** GitHub's id of it. */
  repository: number;
  at: Date;
  event: Event;
}

/** A place where news are told. */
export interface Place {
  /** Never changed: how far it has heard is kept by its name. */
  name: string;
  /**
   * Idempotent: told again after a kill, it finds what it did. Rejects with a Problem (or the forge's failure) where it can't now: asked again later, and
   * hears nothing else before. An old one may be told late, after an outage: see `news.at`.
   */
  tell(origin: Origin, news: News, signal: AbortSignal): Promise<void>;
  /** Instead of `tell`, of a place where much at once has to be few words: all that waits there, the oldest first, never none. */
  tellSome?(origin: Origin, waiting: readonly News[], signal: AbortSignal): Promise<PlaceProgress>;
  /** Once a minute, and after news: makes true what is shown there of how things are. What fails is logged, and tried again by the next. */
  keep?(origin: Origin, signal: AbortSignal): Promise<void>;
}

/** How far a place has come with what waited. */
export interface PlaceProgress {
  /** The last that is done with; null for none of them. */
  upTo: number | null;
  /** Why it goes no further now; null where it may be asked for the rest at once. `hasFailed` false: there is nothing to mend, its time comes. */
  rest: { hasFailed: boolean; text: string; seconds: number } | null;
}

/** The news of a repository are to be told. */
export interface TellJob {
  repository: number;
}

/** How far a place has heard. */
export interface Heard {
  /** Of the last that is done with. */
  seq: number;
  /** So many tries at the next one came to nothing. */
  attempts: number;
  /** Not before. */
  nextAt: Date | null;
  /** Why the last try came to nothing, or why the last that was lost was; null once something was told after it. */
  why: string | null;
  /** So many it never heard, because it could not be told of them for too long; when the last of them was given up. */
  lost: number;
  lostAt: Date | null;
}

export interface NewsRecords extends Pick<Records, "allOrigins" | "originOf"> {
  /** Has news told that are committed. */
  askTells(repositories: readonly number[]): Promise<void>;
  /** A place that is new begins with what happened after `oldest`. */
  toldTo(repository: number, place: string, oldest: Date): Promise<Heard>;
  newsAfter(repository: number, seq: number, most: number): Promise<News[]>;
}

/** What only whoever holds the lease of the telling may write. */
export interface HeldNews extends Pick<HeldRecords, "endJob" | "again"> {
  /** Forgets how far other places than these have heard. */
  keepPlaces(repository: number, places: readonly string[]): Promise<void>;
  saveToldTo(repository: number, place: string, told: Heard): Promise<void>;
}

/** The part of the store that telling needs. */
export interface NewsStore {
  records: NewsRecords;
  transaction<T>(work: (records: Pick<NewsRecords, "askTells">) => Promise<T>): Promise<T>;
  held<T>(lease: Lease, work: (records: HeldNews) => Promise<T>): Promise<T>;
}
