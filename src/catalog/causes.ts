import type { Above } from "./containers.ts";
import { reachesSystem } from "./change.ts";
import type { ChangedText, Edit } from "./edits.ts";
import type { Cause, EffectGroup } from "./effects.ts";
import { oidOf } from "./served.ts";

export interface CauseInputs {
  groups: readonly EffectGroup[];
  edits: readonly Edit[];
  /** By certname. */
  above: ReadonlyMap<string, Above>;
  /** Changed files by path. */
  files: ReadonlyMap<string, ChangedText>;
  /** Paths of changed files by git's object id, of both sides. */
  paths: ReadonlyMap<string, string>;
  /** Manifests that groups are declared in, as they would be, by path. */
  manifests: ReadonlyMap<string, string>;
}

interface Link {
  edit: Edit;
  certain: boolean;
  reason: string;
}

/**
 * What effects come from, as far as it is known; the cause of most effects first. Certain is: what a served file's own change does, what is
 * declared on a new line, and everything where the change edits one thing. Likely, with its reason: a key of the data whose class parameter
 * changes around a resource, a declaration or a resource default with a new line in it, a template or function that the manifest names. A group
 * for which neither holds is in no cause. Linear in the groups and their nodes, for each edit.
 */
export function findCauses(inputs: CauseInputs): Cause[] {
  const found = new Map<string, Link & { groups: number[] }>();
  for (const [at, group] of inputs.groups.entries()) {
    if (!reachesSystem(group)) continue;
    const link = linkOf(group, inputs);
    if (link === null) continue;
    const key = JSON.stringify([link.edit.kind, link.edit.name, link.certain, link.reason]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...link, groups: [at] });
    else known.groups.push(at);
  }
  return [...found.values()]
    .map(({ edit, certain, reason, groups }): Cause => {
      const its = groups.flatMap((at) => inputs.groups[at] ?? []);
      const resources = new Set(its.map(({ type, title }) => `${type}[${title}]`)).size;
      const nodes = new Set(its.flatMap((group) => group.nodes)).size;
      return { kind: edit.kind, name: edit.name, places: edit.places, certain, reason, groups, resources, nodes };
    })
    .sort((a, b) => b.nodes * b.resources - a.nodes * a.resources || (a.name < b.name ? -1 : 1));
}

function linkOf(group: EffectGroup, inputs: CauseInputs): Link | null {
  const { edits } = inputs;
  const [only] = edits;
  if (only !== undefined && edits.length === 1) return { edit: only, certain: true, reason: "nothing else changes that Puppet reads" };
  return (
    servedLink(group, inputs) ??
    declaredLink(group, inputs) ??
    dataLink(group, inputs) ??
    defaultLink(group, inputs) ??
    namedLink(group, inputs)
  );
}

function servedLink({ before, after }: EffectGroup, { edits, paths }: CauseInputs): Link | null {
  for (const side of [after, before]) {
    if (typeof side !== "object" || side === null || Array.isArray(side) || typeof side["sha256"] !== "string") continue;
    const path = paths.get(oidOf(side["sha256"]) ?? "");
    const edit = edits.find(({ name }) => name === path);
    if (edit !== undefined) return { edit, certain: true, reason: "it is the file that is served" };
  }
  return null;
}

/** A resource that comes on a new line; one whose declaration has a new line, up to the line that closes it. */
function declaredLink({ source, change, attribute }: EffectGroup, { edits, files }: CauseInputs): Link | null {
  const file = source === null ? undefined : files.get(source.path);
  const edit = edits.find(({ kind, name }) => kind === "manifest" && name === source?.path);
  if (source === null || file === undefined || edit === undefined) return null;
  if (change === "removed" && attribute === null) return { edit, certain: false, reason: "it was declared in this file" };
  const { line } = source;
  if (line === null) return null;
  if (change === "added" && attribute === null && file.added.has(line))
    return { edit, certain: true, reason: "it is declared on a new line" };
  const lines = (file.after ?? "").split("\n");
  const close = lines.findIndex((text, at) => at >= line && /^\s*\}/u.test(text));
  const isEdited = [...file.added].some((each) => each >= line && each <= (close === -1 ? lines.length : close + 1));
  return isEdited ? { edit, certain: false, reason: "its declaration has a new line" } : null;
}

/** Data that a class around the resource takes as a parameter which changes. */
function dataLink(group: EffectGroup, { edits, above }: CauseInputs): Link | null {
  const data = new Map(edits.filter(({ kind }) => kind === "data").map((edit) => [edit.name, edit]));
  if (data.size === 0) return null;
  for (const certname of group.nodes)
    for (const parameter of above.get(certname)?.get(`${group.type}[${group.title}]`) ?? []) {
      const [, name, attribute] = /^Class\[(.+)\] (.+)$/su.exec(parameter) ?? [];
      const edit = name === undefined ? undefined : data.get(`${name.toLowerCase()}::${attribute ?? ""}`);
      if (edit !== undefined) return { edit, certain: false, reason: `Class[${name}] around it takes it as ${attribute}, which changes` };
    }
  return null;
}

/** A resource default with a new line that names the attribute, in any changed manifest. */
function defaultLink({ type, attribute, change }: EffectGroup, { edits, files }: CauseInputs): Link | null {
  if (attribute === null || change === "removed") return null;
  for (const edit of edits) {
    const file = edit.kind === "manifest" ? files.get(edit.name) : undefined;
    const line = file === undefined ? null : defaultLine(file, type, attribute);
    if (line === null) continue;
    const told: Edit = { kind: "default", name: `${type} { ${attribute} }`, places: [{ path: edit.name, line }], alias: null };
    return { edit: told, certain: false, reason: "the default of this type has a new line for it" };
  }
  return null;
}

function defaultLine({ after, added }: ChangedText, type: string, attribute: string): number | null {
  let isInside = false;
  for (const [at, line] of (after ?? "").split("\n").entries()) {
    const opens = line.trimStart().startsWith(`${type} {`);
    isInside ||= opens;
    if (isInside && added.has(at + 1) && line.split(/[\s{,]+/u).includes(attribute)) return at + 1;
    if (isInside && line.includes("}")) isInside = false;
  }
  return null;
}

/** A changed file that the manifest names: a template, a function, a file that is read. */
function namedLink({ source }: EffectGroup, { edits, manifests }: CauseInputs): Link | null {
  const text = source === null ? undefined : manifests.get(source.path);
  if (source === null || text === undefined) return null;
  const named = edits.filter(({ alias }) => alias !== null && text.includes(alias));
  const [edit] = named;
  return edit === undefined || named.length > 1 ? null : { edit, certain: false, reason: `${source.path} names it` };
}
