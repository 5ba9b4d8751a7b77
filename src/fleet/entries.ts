/** One node's facts as a file has them, whatever the format; not yet judged. */
export interface Entry {
  /** Null where the format has no name: then the file's name is the node's. */
  certname: string | null;
  facts: Record<string, unknown>;
  /** As the server gave it; undefined where there is none. */
  trusted: unknown;
}

/** A part of the file that is no facts, with what stands there instead, and the node it was for where that is known. */
export interface Misfit {
  certname: string | null;
  found: string;
}

export type EntryOrMisfit = Entry | Misfit;

/**
 * Finds the nodes in a parsed file. The formats are told apart by their shape, because none names itself:
 * - a list: PuppetDB's facts (`{certname, name, value}`, one a fact), or several nodes, each in one of the forms below;
 * - `{certname, facts, trusted?}`: PuppetDB's inventory, or its factsets where `facts` is `{data: [{name, value}]}`;
 * - `{name | certname, values}`: `Puppet::Node::Facts`, which octocatalog-diff and Puppet's YAML cache hold, and PuppetDB's wire format;
 * - `{name, parameters}`: `Puppet::Node`, as `puppet node find` prints it;
 * - anything else with one of Facter's own facts in it: what `facter` and `puppet facts show` print.
 */
export function entriesOf(value: unknown): EntryOrMisfit[] {
  if (!Array.isArray(value)) return [entryOf(value)];
  if (value.length === 0) return [{ certname: null, found: "an empty list" }];
  return value.every(isRow) ? fromRows(value) : value.map(entryOf);
}

function entryOf(value: unknown): EntryOrMisfit {
  if (!isMap(value)) return { certname: null, found: kindOf(value) };
  const certname = firstText(value.certname, value.name);
  const named = { certname, trusted: value.trusted };
  if (isMap(value.values)) return { ...named, facts: value.values };
  if (isMap(value.facts) && certname !== null) return fromFactset(value.facts, named);
  if (isMap(value.parameters) && certname !== null) return { ...named, facts: value.parameters };
  if (FACTER.some((fact) => Object.hasOwn(value, fact)) && !Array.isArray(value.facts)) {
    return {
      certname: firstText(isMap(value.trusted) ? value.trusted.certname : null, value.clientcert),
      trusted: undefined,
      facts: value,
    };
  }
  const keys = Object.keys(value)
    .slice(0, 3)
    .map((key) => JSON.stringify(key.slice(0, 40)));
  return {
    certname,
    found: keys.length === 0 ? "an empty map" : `a map of ${keys.join(", ")}${Object.keys(value).length > 3 ? ", …" : ""}`,
  };
}

/** A map without a frame is taken for facts when it has at least one of these. Facter always reports most of them. */
const FACTER = ["os", "networking", "kernel", "facterversion", "identity", "osfamily", "operatingsystem", "hostname", "fqdn", "clientcert"];

function fromFactset(facts: Record<string, unknown>, named: Omit<Entry, "facts">): EntryOrMisfit {
  if (Object.keys(facts).some((key) => key !== "data" && key !== "href") || (!("data" in facts) && !("href" in facts)))
    return { ...named, facts };
  if (!Array.isArray(facts.data)) return { certname: named.certname, found: "a factset whose facts were left out (`data` is no list)" };
  if (!facts.data.every(isPair)) return { certname: named.certname, found: "a factset with something else than {name, value} in it" };
  return fromPairs(named.certname, facts.data, named.trusted);
}

interface Pair {
  name: string;
  value: unknown;
}

function fromRows(rows: ReadonlyArray<Pair & { certname: string }>): EntryOrMisfit[] {
  return [...Map.groupBy(rows, (row) => row.certname)].map(([certname, pairs]) => fromPairs(certname, pairs, undefined));
}

function fromPairs(certname: string | null, pairs: readonly Pair[], trusted: unknown): EntryOrMisfit {
  const facts = new Map(pairs.map(({ name, value }) => [name, value]));
  if (facts.size === pairs.length) return { certname, facts: Object.fromEntries(facts), trusted };
  const names = pairs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return { certname, found: `the fact ${JSON.stringify(twice)} twice` };
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPair = (value: unknown): value is Pair => isMap(value) && typeof value.name === "string" && "value" in value;

const isRow = (value: unknown): value is Pair & { certname: string } =>
  isPair(value) && typeof (value as { certname?: unknown }).certname === "string";

const firstText = (...values: unknown[]): string | null => values.find((value) => typeof value === "string") ?? null;

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}
