import { Minimatch } from "minimatch";

/** Patterns that were read: a policy has a few, and each is compared with every path of a change. */
const matchers = new Map<string, Minimatch>();
/** Far more than one policy has; a server that has seen many begins anew. */
const mostMatchers = 1000;

const options = { dot: true, nocomment: true, nonegate: true, noext: true, platform: "linux" } as const;

/**
 * Whether the whole of a path (or a certname) matches a pattern: `*` and `?` within a folder, `**` for any folders, `{a,b}` and `[ab]`.
 * The case of letters matters, and a name that begins with a dot is a name like any other.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  const matcher = matchers.get(pattern) ?? new Minimatch(pattern, options);
  if (matchers.size >= mostMatchers) matchers.clear();
  matchers.set(pattern, matcher);
  return matcher.match(path);
}
