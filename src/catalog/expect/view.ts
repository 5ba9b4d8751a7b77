import { modeGrants } from "./mode.ts";
import type { Item, Recorder } from "./recorder.ts";
import type { WireCatalog, WireChange, WireHole, WireResource } from "./wire.ts";

/**
 * What expressions see of catalogs. Classes, because the CEL library knows a value's type by its class; `language.ts` gives them their names and
 * functions. Whatever an expression reads is told to the recorder, and what nobody can read is a hole: it ends the evaluation, as unknown.
 */
export class ResourceView {
  readonly #wire: WireResource;
  readonly #recorder: Recorder;
  /** False stands for a resource that is not in the catalog: its attributes are empty. */
  readonly exists: boolean;
  #attributes: ReadonlyMap<string, unknown> | null = null;

  constructor(wire: WireResource, recorder: Recorder, exists = true) {
    this.#wire = wire;
    this.#recorder = recorder;
    this.exists = exists;
  }

  get type(): string {
    return this.#wire.type;
  }
  get title(): string {
    return this.#wire.title;
  }
  get ref(): string {
    return `${this.#wire.type}[${this.#wire.title}]`;
  }
  get kind(): string {
    return this.#wire.kind;
  }
  get exported(): boolean {
    return this.#wire.exported;
  }
  /** Of the manifest that declares it; empty where Puppet does not say. */
  get path(): string {
    return this.#wire.path ?? "";
  }

  names(): string[] {
    return [...this.#all().keys()];
  }

  has(name: string): boolean {
    this.#note(name);
    return this.#value(name) !== null;
  }

  isSecret(name: string): boolean {
    this.#note(name);
    return holeIn(this.#value(name))?.get("kind") === "secret";
  }

  isDeferred(name: string): boolean {
    this.#note(name);
    return holeIn(this.#value(name))?.get("kind") === "deferred";
  }

  /** Whether both say the same, of secrets too. Two that say nothing are no two that say the same. */
  same(name: string, other: ResourceView, otherName: string): boolean {
    this.#note(name);
    other.#note(otherName);
    const [one, two] = [this.#value(name), other.#value(otherName)];
    return one !== null && two !== null && plainText(one) === plainText(two);
  }

  /** Null where it has none. Puppet takes a list of one for what is in it, and so does this. */
  param(name: string): unknown {
    this.#note(name);
    return toCel(this.#readable(name));
  }

  /** Numbers and booleans as Puppet writes them; empty where it has none. */
  text(name: string): string {
    this.#note(name);
    const value = this.#readable(name);
    if (value === null) return "";
    const text = asText(value);
    if (text !== null) return text;
    throw this.#recorder.hole(`\`${name}\` of ${this.ref} is a ${Array.isArray(value) ? "list" : "hash"}, and was read as a text`);
  }

  /** As its type takes it, where it takes it for something else than what is written: `644` for `0644`, `present` for `installed`. */
  taken(name: string): string {
    const written = this.text(name);
    const { taken } = this.#wire;
    const at = taken.findIndex((each, index) => index % 2 === 0 && each === name);
    return (at === -1 ? null : asText(alone(taken[at + 1]))) ?? written;
  }

  /** Each as a text; one value is a list of one, and none an empty list. */
  texts(name: string): string[] {
    this.#note(name);
    const value = this.#readable(name);
    const list = value === null ? [] : Array.isArray(value) ? value.flat(10) : [value];
    return list.map((each: unknown) => {
      const text = asText(each);
      if (text !== null) return text;
      throw this.#recorder.hole(`\`${name}\` of ${this.ref} holds more than texts`);
    });
  }

  grants(who: string, permission: string): boolean {
    const mode = this.text("mode");
    if (mode === "") return false;
    const granted = /^[ugo]$/u.test(who) && /^[rwx]$/u.test(permission) ? modeGrants(mode, who as "u", permission as "r") : null;
    if (granted !== null) return granted;
    throw this.#recorder.hole(`what the mode \`${mode}\` of ${this.ref} gives \`${who}\` is not known before an agent sets it`);
  }

  item(): Item {
    return { subject: this.ref, attribute: null, value: null, path: this.#wire.path, line: this.#wire.line };
  }

  #all(): ReadonlyMap<string, unknown> {
    if (this.#attributes !== null) return this.#attributes;
    const all = new Map<string, unknown>();
    const { written } = this.#wire;
    for (let at = 0; at + 1 < written.length; at += 2) all.set(String(written[at]), alone(written[at + 1]));
    this.#attributes = all;
    return all;
  }

  #value(name: string): unknown {
    return this.#all().get(name) ?? null;
  }

  #readable(name: string): unknown {
    const value = this.#value(name);
    const hole = holeIn(value);
    if (hole !== null) throw this.#recorder.hole(holeWords(hole, name, this.ref));
    return value;
  }

  #note(name: string): void {
    this.#recorder.note(() => {
      const { path, line } = this.#wire;
      if (!this.exists) return nothing(this.ref);
      return { subject: this.ref, attribute: name, value: shown(this.#wire.written, name), path, line };
    });
  }
}

const asText = (value: unknown): string | null =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : null;

const isHole = (value: unknown): value is WireHole => value instanceof Map;

/** The first thing in a value that nobody can read. */
function holeIn(value: unknown): WireHole | null {
  if (value === null || typeof value !== "object") return null;
  if (isHole(value)) return value;
  for (const each of Object.values(value)) {
    const found = holeIn(each);
    if (found !== null) return found;
  }
  return null;
}

function holeWords(hole: WireHole, name: string, ref: string): string {
  const what = `\`${name}\` of ${ref}`;
  if (hole.get("kind") === "secret") return `${what} is a secret, which no expectation can read: ask \`secret\` or \`same\` of it`;
  if (hole.get("kind") === "deferred") return `${what} is made by the agent (${hole.get("about") ?? ""}), so nobody knows it yet`;
  return `${what} is too long to be read (${hole.get("about") ?? ""} bytes)`;
}

const alone = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value);

/** Two values with one text are equal; holes by their ids. */
function plainText(value: unknown): string {
  if (isHole(value)) return value.get("id") ?? "";
  if (Array.isArray(value)) return `[${value.map(plainText).join(",")}]`;
  if (value !== null && typeof value === "object")
    return `{${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => `${JSON.stringify(name)}:${plainText(each)}`)
      .join(",")}}`;
  return JSON.stringify(String(value));
}

/** CEL's whole numbers are BigInt. */
function toCel(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (value === null || typeof value !== "object") return value;
  return new Map(Object.entries(value).map(([name, each]) => [name, toCel(each)]));
}

const longestShown = 200;
/** Names of what may be a secret, whoever forgot to say so. */
const secretive = /pass(?:word|wd|phrase)?|secret|token|credential|(?:^|_)key(?:$|_)|private/iu;
const hiddenValue = "(not shown)";

/** Whether an attribute is called so that its value is shown nowhere by an expectation. */
export const isSecretive = (name: string): boolean => secretive.test(name);

function shown(written: readonly unknown[], name: string): string | null {
  const at = written.findIndex((each, index) => index % 2 === 0 && each === name);
  if (at === -1) return null;
  // What is found to be no secret by a mistake is not to be made known by the finding.
  const value = alone(written[at + 1]);
  if (isHole(value)) return `(${value.get("kind") ?? ""})`;
  if (secretive.test(name)) return hiddenValue;
  const text = JSON.stringify(withoutHoles(value)) ?? "";
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}

function withoutHoles(value: unknown): unknown {
  if (isHole(value)) return `(${value.get("kind") ?? ""})`;
  if (Array.isArray(value)) return value.map(withoutHoles);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      secretive.test(name) && typeof each === "string" ? hiddenValue : withoutHoles(each),
    ]),
  );
}

/** A node's catalog. Resources are found by title and by what identifies them, as references do. */
export class CatalogView {
  readonly #wire: WireCatalog;
  readonly #recorder: Recorder;
  #all: ResourceView[] | null = null;
  #byType: Map<string, ResourceView[]> | null = null;
  #byRef: Map<string, ResourceView> | null = null;

  constructor(wire: WireCatalog, recorder: Recorder) {
    this.#wire = wire;
    this.#recorder = recorder;
  }

  get classes(): readonly string[] {
    return this.#wire.classes;
  }

  includes(name: string): boolean {
    const wanted = name.toLowerCase().replace(/^::/u, "");
    const found = this.#wire.classes.includes(wanted);
    if (!found) this.#recorder.note(() => nothing(`Class[${typeName(wanted)}]`));
    return found;
  }

  resources(): readonly ResourceView[] {
    return (this.#all ??= this.#wire.resources.filter(({ exported }) => !exported).map((each) => new ResourceView(each, this.#recorder)));
  }

  ofType(type: string): readonly ResourceView[] {
    this.#byType ??= Map.groupBy(this.resources(), (each) => each.type);
    return this.#byType.get(typeName(type)) ?? [];
  }

  exported(type: string): readonly ResourceView[] {
    const name = typeName(type);
    return this.#wire.resources.filter((each) => each.exported && each.type === name).map((each) => new ResourceView(each, this.#recorder));
  }

  /** One that `exists` says is not there where it is not. */
  resource(type: string, title: string): ResourceView {
    const name = typeName(type);
    this.#byRef ??= indexed(this.resources(), this.#wire);
    const found = this.#byRef.get(`${name}[${title}]`);
    const absent = {
      type: name,
      title,
      key: title,
      kind: "native",
      exported: false,
      path: null,
      line: null,
      written: [],
      taken: [],
    } as const;
    const view = found ?? new ResourceView(absent, this.#recorder, false);
    if (found === undefined) this.#recorder.note(() => nothing(view.ref));
    return view;
  }

  has(type: string, title: string): boolean {
    return this.resource(type, title).exists;
  }
}

const nothing = (subject: string): Item => ({ subject, attribute: null, value: "missing", path: null, line: null });

/** Titles win over what identifies another. */
function indexed(views: readonly ResourceView[], { resources }: WireCatalog): Map<string, ResourceView> {
  const here = resources.filter(({ exported }) => !exported);
  return new Map([
    ...views.map((view, at): [string, ResourceView] => [`${view.type}[${here[at]?.key ?? view.title}]`, view]),
    ...views.map((view): [string, ResourceView] => [view.ref, view]),
  ]);
}

/** As Puppet writes types: `nagios_service` is `Nagios_service`, `profile::web` is `Profile::Web`. */
export const typeName = (name: string): string =>
  name
    .replace(/^::/u, "")
    .split("::")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join("::");

/** One difference between a node's catalogs, without the values. */
export class ChangeView {
  readonly #wire: WireChange;
  readonly #recorder: Recorder;
  constructor(wire: WireChange, recorder: Recorder) {
    this.#wire = wire;
    this.#recorder = recorder;
  }
  get type(): string {
    return this.#noted().type;
  }
  get title(): string {
    return this.#noted().title;
  }
  get ref(): string {
    return `${this.#noted().type}[${this.#noted().title}]`;
  }
  /** Empty for a whole resource. */
  get attribute(): string {
    return this.#noted().attribute ?? "";
  }
  get change(): string {
    return this.#noted().change;
  }
  get kind(): string {
    return this.#noted().kind;
  }
  get concerns(): readonly string[] {
    return this.#noted().concerns;
  }
  get path(): string {
    return this.#noted().path ?? "";
  }
  #noted(): WireChange {
    this.#recorder.note(() => this.item());
    return this.#wire;
  }
  item(): Item {
    const { type, title, attribute, change, path, line } = this.#wire;
    return { subject: `${type}[${title}]`, attribute, value: change, path, line };
  }
}
