import type { Mutant } from "./places.ts";

/**
 * All mutants of a source in one text, of which `__live(id)` makes one real where it says yes ("mutant schemata", Untch, Offutt and Harrold,
 * 1993): nothing is loaded anew from one mutant to the next.
 */
export function weave(text: string, mutants: readonly Mutant[]): string {
  const spans = [...Map.groupBy(mutants, ({ start, end }) => `${start}:${end}`).values()].map((own) => ({
    start: own[0]?.start ?? 0,
    end: own[0]?.end ?? 0,
    own,
  }));
  // Outer spans before those inside them.
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  let next = 0;
  const upTo = (from: number, end: number): string => {
    let made = "";
    let at = from;
    for (let span = spans[next]; span !== undefined && span.start < end; span = spans[next]) {
      next += 1;
      made += text.slice(at, span.start);
      const choices = span.own.map(({ id, after }) => `__live(${id}) ? (${after}) : `).join("");
      made += `(${choices}(${upTo(span.start, span.end)}))`;
      at = span.end;
    }
    return made + text.slice(at, end);
  };
  return upTo(0, text.length);
}

/** The source with this one mutant, and nothing else. */
export const withMutant = (text: string, { start, end, after }: Mutant): string => `${text.slice(0, start)}(${after})${text.slice(end)}`;
