/**
 * For whoever may not see data of nodes: what a page is made of, with every certname in it replaced, wherever it stands. The names are those that the
 * values themselves list as `certnames` or `certname`, and those that are given.
 */
export function withoutNames<T>(value: T, more: Iterable<string> = []): T {
  const names = new Set([...more].map((name) => name.toLowerCase()));
  collect(value, names);
  return replaced(value, names) as T;
}

const instead = "a node";

function collect(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) collect(one, names);
  else if (typeof value === "object" && value !== null && !(value instanceof Date))
    for (const [key, one] of Object.entries(value)) {
      if (key === "certname" && typeof one === "string") names.add(one.toLowerCase());
      else if (key === "certnames" && Array.isArray(one))
        for (const name of one) if (typeof name === "string") names.add(name.toLowerCase());
      collect(one, names);
    }
}

function replaced(value: unknown, names: ReadonlySet<string>): unknown {
  if (typeof value === "string") return textWithout(value, names);
  if (Array.isArray(value)) return value.map((one) => replaced(one, names));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one, names)]));
}

/** Certnames have these signs, and no sentence ends within one: a dot at a word's end is the sentence's. */
const words = /[a-z0-9_][a-z0-9._-]*/giu;

const textWithout = (text: string, names: ReadonlySet<string>): string =>
  names.size === 0
    ? text
    : text.replace(words, (word) => {
        const bare = word.replace(/(?<![.\-_])[.\-_]+$/u, "");
        return names.has(bare.toLowerCase()) ? `${instead}${word.slice(bare.length)}` : names.has(word.toLowerCase()) ? instead : word;
      });
