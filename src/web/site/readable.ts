import type { Origin } from "../../gate/event.ts";
import { Problem } from "../../problem.ts";
import { type Access, isAtLeast } from "./access.ts";
import type { Asked } from "./answers.ts";
import type { Viewer } from "./ports.ts";

/**
 * Which repositories somebody may read, found out at a bounded price: each takes a question to GitHub, whose answer holds for a minute. Whatever was
 * not asked about, or could not be, is not shown.
 */

/** Repositories that GitHub is asked about for one page. */
export const mostAsked = 60;
/** At the same time. */
const atOnce = 10;
/** Whoever can read none of so many is told that they can read none. */
const mostForAny = 300;
const longestName = 200;

export interface ReadableAsked {
  /** A part of the name; empty for all. */
  name: string;
  /** How many repositories of such names come before these, whether somebody may read them or not. */
  from: number;
}

/** What the first page is asked for by its address; null where that is nothing that there is. */
export function readableAsked({ query }: Asked): ReadableAsked | null {
  const [name, from] = [query.get("name")?.trim() ?? "", query.get("from") ?? "0"];
  return name.length > longestName || !/^\d{1,6}$/u.test(from) ? null : { name, from: Number(from) };
}

export interface Readable extends ReadableAsked {
  origins: Origin[];
  /** Where to go on; null where no more are left. */
  next: number | null;
  /** Whether some could not be asked about. */
  isPart: boolean;
}

/** By name. Rejects with a Problem where none of them could be asked about. */
export async function readable(all: readonly Origin[], asked: ReadableAsked, viewer: Viewer, access: Access): Promise<Readable> {
  const wanted = asked.name.toLowerCase();
  const named = all
    .map((origin) => ({ origin, name: nameOf(origin) }))
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((one, other) => one.name.localeCompare(other.name, "en"))
    .map(({ origin }) => origin);
  const part = named.slice(asked.from, asked.from + mostAsked);
  const found: boolean[] = [];
  const problems: Problem[] = [];
  for (let at = 0; at < part.length; at += atOnce)
    found.push(...(await Promise.all(part.slice(at, at + atOnce).map((origin) => mayRead(origin, viewer, access, problems)))));
  const origins = part.filter((_, at) => found[at]);
  const [problem] = problems;
  if (origins.length === 0 && problem !== undefined) throw problem;
  const next = asked.from + mostAsked;
  return { ...asked, origins, next: next < named.length ? next : null, isPart: problem !== undefined };
}

/** Whether somebody may read any of them. Rejects with a Problem where that is not known. */
export async function readsAny(all: readonly Origin[], viewer: Viewer, access: Access): Promise<boolean> {
  const problems: Problem[] = [];
  const some = all.slice(0, mostForAny);
  for (let at = 0; at < some.length; at += atOnce) {
    const found = await Promise.all(some.slice(at, at + atOnce).map((origin) => mayRead(origin, viewer, access, problems)));
    if (found.includes(true)) return true;
  }
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  return false;
}

async function mayRead(origin: Origin, viewer: Viewer, access: Access, problems: Problem[]): Promise<boolean> {
  try {
    return isAtLeast(await access.of(viewer, origin), "read");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problems.push(error);
    return false;
  }
}

const nameOf = ({ repository: { owner, name } }: Origin): string => `${owner}/${name}`;
