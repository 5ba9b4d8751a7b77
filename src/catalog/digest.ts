import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { EffectGroup, NodeOutcome, Radius } from "./effects.ts";
import type { Json } from "./values.ts";

/** The parts of a report that say what a change does to catalogs. */
export interface CatalogDiff {
  nodes: readonly NodeOutcome[];
  groups: readonly EffectGroup[];
  radius: Pick<Radius, "restarts">;
}

/**
 * SHA-256 over what a change does to every node's catalog: equal for two pairs that do the same, whatever the order in which it was told, how
 * long it took and on which lines of its files it stands, because a rebase moves those. Nodes to which it does nothing are left out: that
 * base got one more is no difference of the change. Secrets look alike in a report, and so they do here.
 */
export function diffDigest({ nodes, groups, radius }: CatalogDiff): string {
  const touched = nodes.filter(({ outcome }) => outcome !== "unchanged");
  const parts = {
    nodes: inOneOrder(touched.map(nodePart)),
    groups: inOneOrder(groups.map(groupPart)),
    restarts: inOneOrder(radius.restarts.map(({ certnames = [], ...restart }) => ({ ...restart, certnames: certnames.toSorted() }))),
  };
  return createHash("sha256").update(canonical(parts), "utf8").digest("hex");
}

const nodePart = ({ certname, outcome, reason, old, services, datacentre }: NodeOutcome): Json => ({
  certname,
  outcome,
  reason: reason === null ? null : withoutLines(reason),
  old: old ?? false,
  services: services.toSorted(),
  datacentre,
});

/** What a change is called out for follows from what it is. */
const groupPart = ({ type, title, attribute, change, kind, before, after, nodes, source, note }: EffectGroup): Json => ({
  type,
  title,
  attribute,
  change,
  kind,
  before,
  after,
  ...(note === undefined ? {} : { note }),
  nodes: nodes.toSorted(),
  path: source === null ? null : source.path,
});

/** Places as Puppet and reports write them: `site.pp:12:3`, `(file: site.pp, line: 12, column: 3)`. */
const withoutLines = (text: string): string =>
  text.replaceAll(/(\.\w+)(?::\d+){1,2}(?!\d)/gu, "$1").replaceAll(/\b(line|column)(:?) \d+/gu, "$1$2");

const inOneOrder = (parts: readonly Json[]): Json[] =>
  parts
    .map((part) => ({ part, text: canonical(part) }))
    .sort((one, other) => (one.text < other.text ? -1 : Number(one.text > other.text)))
    .map(({ part }) => part);

/** RFC 8785, which has no form for lone surrogates: a hostile catalog may hold them, and still has to have a digest of its own. */
function canonical(value: Json): string {
  const text = canonicalize(escaped(value));
  if (text === undefined) throw new Error("a value of a report has no canonical form");
  return text;
}

function escaped(value: Json): Json {
  if (typeof value === "string") return escapedText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(escaped);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [escapedText(key), escaped(each)]));
}

/** What is not well-formed is written as JSON does, behind a mark; what begins with the mark is too, so that no two texts become one. */
const escapedText = (text: string): string => (text.isWellFormed() && !text.startsWith(MARK) ? text : MARK + JSON.stringify(text));
const MARK = "\u0001";
