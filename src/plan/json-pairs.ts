/**
 * The top-level pairs of a JSON object by their keys, each as its text without white space: numbers by their digits and objects in their
 * order, as Ruby tells them apart. Null where it is no object, has a key twice, or is nested deeper than Ruby reads.
 */
export function jsonPairs(source: string): Map<string, string> | null {
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  // What JSON.parse has read is JSON: from here on, texts and brackets are all that has to be told apart.
  const tokens = source.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gu) ?? [];
  const pairs = new Map<string, string>();
  let depth = 0;
  let key: string | null = null;
  let value = "";
  for (const token of tokens) {
    if (token === "}" || token === "]") depth -= 1;
    const isTop = depth === 1 || depth === 0;
    if (depth > 0 && key === null && isTop && token.startsWith('"')) {
      key = String(JSON.parse(token));
      if (pairs.has(key)) return null;
    } else if (key !== null && ((depth === 1 && token === ",") || depth === 0)) {
      pairs.set(key, value.slice(1));
      key = null;
      value = "";
    } else if (key !== null) value += token;
    if (token === "{" || token === "[") depth += 1;
    if (depth > deepest) return null;
  }
  return pairs;
}

/** Ruby's parser stops at a hundred. */
const deepest = 90;
