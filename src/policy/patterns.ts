/**
 * Patterns whose cost grows beyond bounds with the text that they are compared with. Whoever writes a policy means well; paths and titles are
 * anybody's, and one that was made for such a pattern would hold up every change of every repository for ever.
 */

/** Stars within one name: each tries every place that is left, so that a fourth makes a name of 250 characters cost seconds. */
const mostStars = 3;
/** Patterns that braces stand for together. */
const mostAlternatives = 256;
/** The engine that V8 falls back to, which is linear, takes no counted repetition that stands for more copies. */
const mostCopies = 16;

/** Why a pattern of paths is not to be used, as the end of a sentence; null where it may be. */
export function globFault(pattern: string): string | null {
  // Taken as they are written they would never match, and a rule that asks for them would never apply.
  if (/[?*+@!]\(/u.test(pattern))
    return "has a parenthesis behind a mark, as extended patterns have, which mean nothing here: write braces";
  const stars = starsFault(pattern);
  if (stars !== null) return stars;
  return alternativesOf(pattern) > mostAlternatives ? `stands for more than ${mostAlternatives} patterns by its braces` : null;
}

/** The same of stars alone. */
export const starsFault = (pattern: string): string | null =>
  pattern.split("/").some((name) => (name.replaceAll("**", "*").match(/\*/gu) ?? []).length > mostStars)
    ? `has more than ${mostStars} stars in one name`
    : null;

/** No fewer than there are: within braces, each comma and each number of a range is one more, whatever holds them. */
function alternativesOf(pattern: string): number {
  let [all, inside, depth] = [1, 1, 0];
  for (const char of pattern) {
    if (char === "{") depth += 1;
    else if (char === "," && depth > 0) inside += 1;
    else if (char === "}" && depth > 0) {
      depth -= 1;
      if (depth === 0) [all, inside] = [all * inside, 1];
    }
  }
  return /\{[^{},]*\.\.[^{},]*\}/u.test(pattern) ? Infinity : all * inside;
}

/**
 * The same of a regular expression. What V8's linear engine takes is never slow: it falls back to that (`cli.ts`). It takes neither lookaround nor
 * backreferences, as RE2 does not, whose syntax CEL's `matches` is defined by; nor long counted repetitions, which are let through where nothing
 * in them or beside them repeats.
 */
export function regexFault(pattern: string): string | null {
  const plain = pattern.replaceAll(/\[(?:\\.|[^\]\\])*\]/gsu, "[]");
  if (/\(\?<?[=!]/u.test(plain)) return "looks ahead or behind, which RE2 has not";
  if (/\\[1-9k]/u.test(plain)) return "refers back to a group, which RE2 has not";
  const counts = [...plain.matchAll(/\{(\d+)(,?)(\d*)\}/gu)];
  const copies = counts.reduce((product, [, least = "", , most = ""]) => product * Math.max(1, Number(most === "" ? least : most)), 1);
  if (copies <= mostCopies) return null;
  const repeats = counts.filter(([, , comma]) => comma !== "").length + (plain.replaceAll(/\\./gsu, "x").match(/[*+?]/gu) ?? []).length;
  const ofGroups = /\)\{\d/u.test(plain);
  return ofGroups || repeats > 1 ? `repeats by counts that stand for more than ${mostCopies} copies, among other repetitions` : null;
}
