import type { ChangeStanding } from "../rollout/change-standing.ts";
import { byteLength, longestText } from "./escape.ts";
import { standingText } from "./words-standing-of-change.ts";

/**
 * The place in the gate's one comment where it says where its change is: behind the headline, found by its position and its first line, which no text of
 * anybody's can be at. Who writes the rest keeps it.
 */

const begin = "<!-- puppet-gate: where it is now -->";
const end = "<!-- puppet-gate: so far where it is now -->";
const between = "\n\n";

export const standingPart = (standing: ChangeStanding | null): string => [begin, standingText(standing), end].join("\n");

/** A comment without the part, and the part; null where there is none. */
export function parted(comment: string): { body: string; part: string | null } {
  const headline = comment.indexOf(between);
  const rest = headline < 0 ? "" : comment.slice(headline + between.length);
  const ends = rest.startsWith(`${begin}\n`) ? rest.indexOf(`\n${end}`) : -1;
  if (ends < 0) return { body: comment, part: null };
  const part = rest.slice(0, ends + 1 + end.length);
  const behind = rest.slice(part.length + between.length);
  return { body: behind === "" ? comment.slice(0, headline) : `${comment.slice(0, headline)}${between}${behind}`, part };
}

/** A comment with the part behind its headline; where both are too long for GitHub, without the rest. */
export function joined(body: string, part: string | null): string {
  if (part === null) return body;
  const headline = body.indexOf(between);
  const [head, rest] = headline < 0 ? [body, ""] : [body.slice(0, headline), body.slice(headline)];
  const whole = `${head}${between}${part}${rest}`;
  return byteLength(whole) <= longestText
    ? whole
    : `${head}${between}${part}${between}_The report is left out: it would be longer than GitHub takes._`;
}
