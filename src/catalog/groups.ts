import type { Source } from "./catalog.ts";
import type { Change } from "./change.ts";
import type { EffectGroup } from "./effects.ts";
import { toJson } from "./values.ts";

/**
 * One row for each distinct effect, with the nodes that share it; the most widely shared first, then by type, title and attribute. Nodes in
 * order of name. Effects are told apart as a report shows them: two secrets look alike. An added or removed resource has its attributes as
 * `after` or `before`. Linear but for the sorting.
 */
export function toEffectGroups(changesByNode: ReadonlyMap<string, readonly Change[]>): EffectGroup[] {
  const groups = new Map<string, EffectGroup>();
  const certnames = [...changesByNode.keys()].sort();
  for (const certname of certnames) {
    for (const change of changesByNode.get(certname) ?? []) {
      const { type, title, attribute, kind, source, note, concerns = [] } = change;
      const before = toJson(change.before);
      const after = toJson(change.after);
      const key = JSON.stringify([type, title, attribute, change.change, kind, before, after, note]);
      const group = groups.get(key);
      if (group === undefined) {
        const nodes = [certname];
        const told = { type, title, attribute, change: change.change, kind, before, after, nodes, source: copyOf(source) };
        groups.set(key, {
          ...told,
          ...(note === undefined ? {} : { note }),
          ...(concerns.length === 0 ? {} : { concerns: [...concerns] }),
        });
      } else {
        if (group.nodes.at(-1) !== certname) group.nodes.push(certname);
        group.source ??= copyOf(source);
        if (concerns.length > 0) group.concerns = [...new Set([...(group.concerns ?? []), ...concerns])].sort();
      }
    }
  }
  return [...groups.values()].sort(inOrder);
}

const copyOf = (source: Source | null): EffectGroup["source"] => (source === null ? null : { path: source.path, line: source.line });

/** What is equal in all of these keeps the order of its first node. */
const inOrder = (a: EffectGroup, b: EffectGroup): number =>
  b.nodes.length - a.nodes.length ||
  compare(a.type, b.type) ||
  compare(a.title, b.title) ||
  compare(a.attribute ?? "", b.attribute ?? "") ||
  compare(a.change, b.change);
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
