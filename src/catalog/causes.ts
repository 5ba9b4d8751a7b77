import type { Above } from "./containers.ts";
import { reachesSystem } from "./change.ts";
import { readEdited, type Edited } from "./edited.ts";
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
 * for which neither holds is in no cause. Linear in the groups, their nodes and the texts.
 */
export function findCauses(inputs: CauseInputs): Cause[] {
  const known = indexOf(inputs);
  const found = new Map<string, Link & { groups: number[] }>();
  for (const [at, group] of inputs.groups.entries()) {
    // A changed order reaches nobody, and comes from an edit all the same.
    if (!reachesSystem(group) && group.kind !== "ordering") continue;
    const link = linkOf(group, known);
    if (link === null) continue;
    const key = JSON.stringify([link.edit.kind, link.edit.name, link.certain, link.reason]);
    const its = found.get(key);
    if (its === undefined) found.set(key, { ...link, groups: [at] });
    else its.groups.push(at);
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

/** What all groups are asked about, looked up once: there may be as many groups as a hostile catalog has resources. */
interface Index {
  inputs: CauseInputs;
  byName: ReadonlyMap<string, Edit>;
  data: ReadonlyMap<string, Edit>;
  /** Changed manifests by path. */
  edited: ReadonlyMap<string, { edit: Edit; file: Edited }>;
  /** What a list of changed parameters comes from; all resources in one container share the list. */
  fromData: Map<readonly string[], Link | null>;
  /** The one edit that a manifest names, by the manifest's path. */
  named: Map<string, Link | null>;
}

function indexOf(inputs: CauseInputs): Index {
  const edited = new Map<string, { edit: Edit; file: Edited }>();
  const byName = new Map<string, Edit>();
  for (const edit of inputs.edits) {
    if (!byName.has(edit.name)) byName.set(edit.name, edit);
    const file = edit.kind === "manifest" ? inputs.files.get(edit.name) : undefined;
    if (file !== undefined) edited.set(edit.name, { edit, file: readEdited(file) });
  }
  const data = new Map(inputs.edits.filter(({ kind }) => kind === "data").map((edit) => [edit.name, edit]));
  return { inputs, byName, data, edited, fromData: new Map(), named: new Map() };
}

function linkOf(group: EffectGroup, index: Index): Link | null {
  const { edits } = index.inputs;
  const [only] = edits;
  if (only !== undefined && edits.length === 1) return { edit: only, certain: true, reason: "nothing else that Puppet reads was edited" };
  return (
    servedLink(group, index) ?? declaredLink(group, index) ?? dataLink(group, index) ?? defaultLink(group, index) ?? namedLink(group, index)
  );
}

function servedLink({ before, after }: EffectGroup, { inputs, byName }: Index): Link | null {
  for (const side of [after, before]) {
    if (typeof side !== "object" || side === null || Array.isArray(side) || typeof side["sha256"] !== "string") continue;
    const path = inputs.paths.get(oidOf(side["sha256"]) ?? "");
    const edit = path === undefined ? undefined : byName.get(path);
    if (edit !== undefined) return { edit, certain: true, reason: "it is the file that is served" };
  }
  return null;
}

/** A resource that comes on a new line; one whose declaration has a new line, up to the line that closes it. */
function declaredLink({ source, change, attribute }: EffectGroup, { edited }: Index): Link | null {
  const found = source === null ? undefined : edited.get(source.path);
  if (source === null || found === undefined) return null;
  const { edit, file } = found;
  if (change === "removed" && attribute === null) return { edit, certain: false, reason: "they were declared in this file" };
  const { line } = source;
  if (line === null) return null;
  if (change === "added" && attribute === null && file.isNew(line)) return { edit, certain: true, reason: "new lines there declare it" };
  return file.isNewWithin(line) ? { edit, certain: false, reason: "their declarations have new lines" } : null;
}

/** Data that a class around the resource takes as a parameter which changes. */
function dataLink(group: EffectGroup, { inputs, data, fromData }: Index): Link | null {
  if (data.size === 0) return null;
  for (const certname of group.nodes) {
    const parameters = inputs.above.get(certname)?.get(`${group.type}[${group.title}]`);
    if (parameters === undefined) continue;
    let link = fromData.get(parameters);
    if (link === undefined) {
      link = dataOf(parameters, data);
      fromData.set(parameters, link);
    }
    if (link !== null) return link;
  }
  return null;
}

function dataOf(parameters: readonly string[], data: ReadonlyMap<string, Edit>): Link | null {
  for (const parameter of parameters) {
    const [, name, attribute] = /^Class\[(.+)\] (.+)$/su.exec(parameter) ?? [];
    const edit = name === undefined ? undefined : data.get(`${name.toLowerCase()}::${attribute ?? ""}`);
    if (edit !== undefined) return { edit, certain: false, reason: `they are in Class[${name}], which takes it as ${attribute}` };
  }
  return null;
}

/** A resource default with a new line that names the attribute, in any changed manifest. */
function defaultLink({ type, attribute, change }: EffectGroup, { edited }: Index): Link | null {
  if (attribute === null || change === "removed") return null;
  for (const { edit, file } of edited.values()) {
    const line = file.defaultLine(type, attribute);
    if (line === null) continue;
    const told: Edit = { kind: "default", name: `${type} { ${attribute} }`, places: [{ path: edit.name, line }], alias: null };
    return { edit: told, certain: false, reason: "the default of this type has a new line for it" };
  }
  return null;
}

/** A changed file that the manifest names: a template, a function, a file that is read. */
function namedLink({ source }: EffectGroup, { inputs, named }: Index): Link | null {
  const text = source === null ? undefined : inputs.manifests.get(source.path);
  if (source === null || text === undefined) return null;
  const known = named.get(source.path);
  if (known !== undefined) return known;
  const found = inputs.edits.filter(({ alias }) => alias !== null && text.includes(alias));
  const [edit] = found;
  const link =
    edit === undefined || found.length > 1 ? null : { edit, certain: false, reason: `${source.path}, which declares them, uses it` };
  named.set(source.path, link);
  return link;
}
