import type { ASTNode, Environment } from "@marcbachmann/cel-js";

/**
 * `matches` makes its pattern anew each time it is called, and an expression may ask it of every attribute of a catalog: that was a quarter of all time. Patterns are
 * written out in an expression (`policy/patterns.ts` has looked at each), so that each can be made once. What is evaluated calls this instead; what is
 * checked and told stays as people wrote it.
 */
const quick = "matchez";

/** An error about it, in the words of whoever wrote the expression. */
export const asWritten = (text: string): string => text.replaceAll(quick, "matches");

const made = new Map<string, RegExp>();
/** Far more than expectations have. */
const mostMade = 2000;

function patternOf(text: string): RegExp {
  const known = made.get(text);
  if (known !== undefined) return known;
  if (made.size >= mostMade) made.clear();
  const pattern = new RegExp(text);
  made.set(text, pattern);
  return pattern;
}

const environments = new WeakMap<Environment, Environment>();

/** The environment that `withQuickPatterns` is evaluated in. Nobody's text is checked against it, so that nobody can call what it has besides. */
export function quickEnvironment(environment: Environment): Environment {
  const known = environments.get(environment);
  if (known !== undefined) return known;
  const clone = environment
    .clone()
    .registerFunction(`string.${quick}(string): bool`, (text: string, pattern: string) => patternOf(pattern).test(text));
  environments.set(environment, clone);
  return clone;
}

/** The same expression, where each `matches` with a pattern that is written out is the quick one; each of its characters stays where it is. */
export function withQuickPatterns(text: string, ast: ASTNode): string {
  let quickened = text;
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) {
      for (const each of part) walk(each);
      return;
    }
    if (!isNode(part)) return;
    if (part.op === "rcall" && Array.isArray(part.args)) {
      const [name, receiver, given]: unknown[] = part.args;
      const pattern: unknown = Array.isArray(given) ? given[0] : undefined;
      if (name === "matches" && isNode(receiver) && isNode(pattern) && pattern.op === "value") {
        const at = /^[\s)]*\.\s*(?=matches\b)/u.exec(text.slice(receiver.end))?.[0].length;
        if (at !== undefined) {
          const from = receiver.end + at;
          quickened = quickened.slice(0, from) + quick + quickened.slice(from + quick.length);
        }
      }
    }
    walk(part.args);
  };
  walk(ast);
  return quickened;
}

const isNode = (value: unknown): value is ASTNode => typeof value === "object" && value !== null && "op" in value && "args" in value;
