import type { Announcement, Digest, Told } from "./announcement.ts";

/** How much a channel is told: a few lines at once, and then one a minute, so that a storm of merges is no storm of lines. */
export const atOnce = 5;
export const everySeconds = 60;

/** Lines that may still be said, and when that was so (milliseconds since 1970). */
export interface Allowance {
  lines: number;
  at: number;
}

export const fullAllowance = (now: number): Allowance => ({ lines: atOnce, at: now });

/** The same by now. A clock that went back gives nothing. */
export function allowanceAt({ lines, at }: Allowance, now: number): Allowance {
  const earned = Math.max(0, Math.floor((now - at) / (everySeconds * 1000)));
  if (lines + earned >= atOnce) return fullAllowance(now);
  return { lines: lines + earned, at: now < at ? now : at + earned * everySeconds * 1000 };
}

/** Seconds until another line may be said. */
export const secondsLeft = ({ at }: Allowance, now: number): number => Math.max(1, Math.ceil(everySeconds - (now - at) / 1000));

/**
 * What to say next of all that waits, the oldest first, and how many of these it is. As long as they fit, one by one; the last line that is left tells of all the
 * others together. Null where nothing may be said now.
 */
export function nextToSay(waiting: readonly Told[], { lines }: Allowance): { say: Announcement; count: number } | null {
  const [first] = waiting;
  if (first === undefined || lines < 1) return null;
  if (waiting.length <= lines || lines > 1) return { say: first, count: 1 };
  return { say: digestOf(first, waiting), count: waiting.length };
}

function digestOf({ repository, link }: Told, all: readonly Told[]): Digest {
  const of = (...kinds: Told["what"]["kind"][]): Told[] => all.filter(({ what }) => kinds.includes(what.kind));
  const halts = of("halted");
  return {
    kind: "digest",
    repository,
    count: all.length,
    started: of("started").length,
    done: of("passed", "done").length,
    halted: [...new Set(halts.flatMap(({ lane }) => lane ?? []))],
    other: all.length - halts.length - of("started", "passed", "done").length,
    // What stands still is what to look at first.
    link: halts.at(-1)?.link ?? all.at(-1)?.link ?? link,
  };
}
