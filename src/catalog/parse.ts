import { z } from "zod";
import { type Catalog, type Resource, Secret, type Source, type Value } from "./catalog.ts";
import { MalformedCatalog } from "./malformed.ts";
import { Names } from "./names.ts";
import { noteSecrets, RichData, type Seal } from "./rich-data.ts";
import { Taints } from "./taints.ts";

export { MalformedCatalog } from "./malformed.ts";
export { Taints } from "./taints.ts";

export interface ParseOptions {
  /** Where the tree is in the sandbox, absolute; sources below it become relative to it, others become null. */
  root?: string;
  /** Secrets known from elsewhere (other nodes, the other side). This catalog's are added to them. */
  taints?: Taints;
}

const text = z.string();
const resourceSchema = z.object({
  type: text.max(256).regex(/^[A-Z]\w*(?:::[A-Z]\w*)*$/u, "must be the name of a resource type"),
  title: text.min(1),
  file: text.nullish(),
  line: z.int().nullish(),
  exported: z.boolean().optional(),
  tags: z.array(text.max(1_000)).max(10_000).optional(),
  parameters: z.record(text.min(1).max(256), z.unknown()).optional(),
  sensitive_parameters: z.array(text).optional(),
});
const place = z.int().nonnegative();
const answerSchema = z.object({
  certname: text.min(1).max(256),
  ok: z.literal(true),
  catalog: z.object({
    name: text,
    resources: z.array(resourceSchema),
    edges: z.array(z.object({ source: text, target: text })),
    classes: z.array(text.max(256)),
  }),
  keys: z.array(z.array(text.nullable()).nullable()),
  kinds: z.array(z.enum(["class", "define", "native"])),
  munged: z.array(z.tuple([place, text.min(1).max(256), z.unknown()])),
  unmunged: z.array(z.tuple([place, text.min(1).max(256)])).default([]),
  auto: z.array(z.tuple([place, place, z.boolean()])),
});
type Answer = z.infer<typeof answerSchema>;
type RawResource = Answer["catalog"]["resources"][number];

/** Types whose instances are told apart by title alone, whatever they say (`@isomorphic = false`): two Execs may run one command. */
const toldByTitle = new Set(["Exec", "Tidy"]);
/** Types that Puppet itself brings and that so can be no class and no define: a forged kind must not hide what they do. */
const alwaysNative = new Set([
  "Exec",
  "File",
  "Filebucket",
  "Group",
  "Notify",
  "Package",
  "Resources",
  "Schedule",
  "Service",
  "Tidy",
  "User",
]);
/** Attributes that hold references to resources. */
const relations = new Set(["before", "require", "notify", "subscribe"]);

/**
 * Makes a catalog of the line that a worker answered, which is hostile until then. No secret is left in clear text: every Sensitive,
 * at any depth, every parameter that Puppet lists as sensitive, and every value that holds the text of one, is a `Secret`; in names
 * (titles, references, paths) the text is replaced. `seal` is a keyed digest. Linear in the size of the answer.
 *
 * Names of types, attributes and classes are left as they are: they are code, not data.
 *
 * Throws MalformedCatalog, and nothing else.
 */
export function parseCatalog(answer: unknown, seal: Seal, options: ParseOptions = {}): Catalog {
  const { catalog, certname, keys, kinds, munged, unmunged, auto } = checked(answer);
  const taints = options.taints ?? new Taints();
  const { resources } = catalog;
  if (keys.length !== resources.length || kinds.length !== resources.length)
    throw new MalformedCatalog(`${resources.length} resources came with ${keys.length} keys and ${kinds.length} kinds`);
  for (const [index] of [...munged, ...unmunged, ...auto.flatMap(([earlier, later]) => [[earlier], [later]])])
    if ((index ?? 0) >= resources.length) throw new MalformedCatalog(`resource ${index} is spoken of, and there are ${resources.length}`);
  for (const [at, resource] of resources.entries()) {
    const sensitive = new Set(resource.sensitive_parameters);
    for (const [name, raw] of Object.entries(resource.parameters ?? {}))
      noteSecrets(raw, sensitive.has(name), taints, `resources[${at}].${name}`);
  }

  const names = new Names(taints, seal);
  for (const [at, { type, title }] of resources.entries())
    if (!names.declare(type, title)) throw new MalformedCatalog(`resources[${at}] is declared twice`);
  const rich = new RichData(seal, taints);
  const mungedAt = Map.groupBy(munged, ([at]) => at);
  const unmungedAt = Map.groupBy(unmunged, ([at]) => at);
  return {
    certname,
    resources: resources.map((raw, at) => {
      const kind = kindOf(raw, kinds[at] ?? "native", at);
      const parameters = parametersOf(raw, at, rich, names);
      const taken = mungedOf(parameters, mungedAt.get(at) ?? [], rich);
      return {
        type: raw.type,
        title: names.title(raw.type, raw.title),
        key: names.key(kind === "native" && !toldByTitle.has(raw.type) ? keyOf(keys[at] ?? null, raw.title) : raw.title),
        parameters,
        ...(taken.size > 0 ? { munged: taken } : {}),
        ...(unmungedAt.has(at) ? { unmunged: new Set(unmungedAt.get(at)?.map(([, name]) => name)) } : {}),
        exported: raw.exported ?? false,
        ...(raw.exported === true ? { tags: (raw.tags ?? []).map((tag) => taints.redact(tag)) } : {}),
        source: sourceOf(raw, options.root, taints),
        kind,
      };
    }),
    contains: catalog.edges.map(({ source, target }, at) => {
      const container = names.declared(source);
      const contained = names.declared(target);
      if (container === null || contained === null) throw new MalformedCatalog(`edges[${at}] names a resource that is not in the catalog`);
      return { container, contained };
    }),
    classes: catalog.classes,
    auto: auto.map(([earlier, later, refreshes]) => ({ earlier, later, refreshes })),
  };
}

function checked(answer: unknown): Answer {
  const result = answerSchema.safeParse(answer);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue?.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part).slice(0, 100)}`)).join("") ?? "";
    throw new MalformedCatalog(`${path.replace(/^\./u, "") || "the answer"}: ${issue?.message ?? "not a catalog"}`);
  }
  if (result.data.catalog.name !== result.data.certname) throw new MalformedCatalog("catalog.name is not the node that was asked for");
  return result.data;
}

function kindOf(raw: RawResource, said: Resource["kind"], at: number): Resource["kind"] {
  if (raw.type === "Class" || raw.type === "Stage") return "class";
  if (said === "class" || (said === "define" && alwaysNative.has(raw.type)))
    throw new MalformedCatalog(`resources[${at}] is a ${raw.type} and can't be a ${said}`);
  return said;
}

/** One namevar is its own key; several are joined by NUL, which no name has. */
function keyOf(parts: ReadonlyArray<string | null> | null, title: string): string {
  if (parts === null || parts.every((part) => part === null)) return title;
  return parts.map((part) => part ?? "").join("\0");
}

function parametersOf(raw: RawResource, at: number, rich: RichData, names: Names): ReadonlyMap<string, Value> {
  const sensitive = new Set(raw.sensitive_parameters);
  return new Map(
    Object.entries(raw.parameters ?? {}).map(([name, value]): [string, Value] => {
      const where = `resources[${at}].${name}`;
      if (sensitive.has(name)) return [name, rich.sealed(value, where)];
      return [name, relations.has(name) ? referencesOf(value, rich, names, where) : rich.value(value, where)];
    }),
  );
}

/** What the type takes the attributes for. A secret is compared by its digest alone. */
function mungedOf(written: ReadonlyMap<string, Value>, said: Answer["munged"], rich: RichData): Map<string, Value> {
  const taken = new Map<string, Value>();
  for (const [at, name, raw] of said) {
    const value = written.get(name);
    if (value !== undefined && !(value instanceof Secret)) taken.set(name, rich.value(raw, `munged[${at}].${name}`));
  }
  return taken;
}

/** References keep their form, so that a secret in a title does not hide what depends on what. */
function referencesOf(raw: unknown, rich: RichData, names: Names, where: string): Value {
  if (typeof raw === "string") return names.reference(raw);
  if (Array.isArray(raw) && raw.every((each) => typeof each === "string")) return raw.map((each) => names.reference(each));
  return rich.value(raw, where);
}

function sourceOf(raw: RawResource, root: string | undefined, taints: Taints): Source | null {
  if (typeof raw.file !== "string" || raw.file === "") return null;
  const prefix = root === undefined ? null : `${root.replace(/\/+$/u, "")}/`;
  const path = prefix !== null && raw.file.startsWith(prefix) ? raw.file.slice(prefix.length) : raw.file;
  // What lies elsewhere (a module of this machine) is no file of the tree; what climbs out of it is no file at all.
  if (path.startsWith("/") || path.split("/").includes("..")) return null;
  return { path: taints.redact(path), line: typeof raw.line === "number" && raw.line > 0 ? raw.line : null };
}
