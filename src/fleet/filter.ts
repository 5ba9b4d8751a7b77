import type { FactFilter } from "../engine/ports/site.ts";
import { isMap } from "./entries.ts";

/** A node's facts without what no compile may see. `clientcert` stays: Puppet has it of the certificate. */
export function filterFacts(values: Record<string, unknown>, { only, never }: FactFilter): Record<string, unknown> {
  const [kept, hidden] = [only?.map(toPattern) ?? null, never.map(toPattern)];
  const walk = (map: Record<string, unknown>, above: readonly string[], whole: boolean): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(map).flatMap(([name, value]): Array<[string, unknown]> => {
        const path = [...above, name];
        if (hidden.some((pattern) => pattern.covers(path))) return [];
        const allowed = whole || kept === null || kept.some((pattern) => pattern.covers(path));
        if (!isMap(value)) return allowed ? [[name, value]] : [];
        if (!allowed && !(kept ?? []).some((pattern) => pattern.leadsThrough(path))) return [];
        const inner = walk(value, path, allowed);
        return allowed || Object.keys(inner).length > 0 ? [[name, inner]] : [];
      }),
    );
  const filtered = walk(values, [], false);
  return "clientcert" in values ? { ...filtered, clientcert: values["clientcert"] } : filtered;
}

interface Pattern {
  /** Whether it names this path. */
  covers: (path: readonly string[]) => boolean;
  /** Whether it names something below this path. */
  leadsThrough: (path: readonly string[]) => boolean;
}

/** A fact whose own name has dots in it is compared as the names between them. */
function toPattern(text: string): Pattern {
  const parts = text.split(".").map(matcher);
  const fits = (names: readonly string[], count: number): boolean => parts.slice(0, count).every((part, at) => part(names[at] ?? ""));
  const namesOf = (path: readonly string[]): string[] => path.flatMap((name) => name.split("."));
  return {
    covers: (path) => {
      const names = namesOf(path);
      return names.length >= parts.length && fits(names, parts.length);
    },
    leadsThrough: (path) => {
      const names = namesOf(path);
      return names.length < parts.length && fits(names, names.length);
    },
  };
}

function matcher(part: string): (name: string) => boolean {
  if (!part.includes("*")) return (name) => name === part;
  const pattern = new RegExp(
    `^${part
      .split(/\*+/u)
      .map((text) => text.replaceAll(/[\\^$.+?()[\]{}|/]/gu, String.raw`\$&`))
      .join(".*")}$`,
    "su",
  );
  return (name) => pattern.test(name);
}
