import type { Changed } from "../../plan/changed.ts";
import { shownPath } from "../../plan/listing.ts";
import type { Trace } from "../../plan/trace.ts";

/**
 * Changed files of which everything that differs was asked for by these compiles, so that it would show on their nodes: a file that they read, and of a
 * data file every key that differs. Paths as people know them. A key that none of them asked for may be one of a node that does not compile.
 */
export function feltFiles(changed: Changed, traces: Iterable<Trace>, root: string): string[] {
  // Where every node is compiled, nobody has said by which file.
  if (changed.whole !== null) return [];
  const read = new Set<string>();
  const asked = new Map<string, Set<string>>();
  const whole = new Set<string>();
  const ask = (path: string, keys: readonly string[] | null): void => {
    if (!changed.data.has(path)) return;
    if (keys === null) whole.add(path);
    const known = asked.get(path) ?? new Set();
    asked.set(path, known);
    for (const key of keys ?? []) known.add(key);
  };
  for (const { files, data, absent, keys } of traces) {
    for (const path of files) if (changed.files.has(path)) read.add(path);
    for (const each of data) ask(each.path, each.keys);
    for (const path of absent) ask(path, keys);
  }
  const felt = [...changed.data].filter(
    ([path, { keys }]) => whole.has(path) || (keys !== null && [...keys].every((key) => asked.get(path)?.has(key) === true)),
  );
  return [...read, ...felt.map(([path]) => path)].map((path) => shownPath(path, root));
}
