import { createHash } from "node:crypto";
import { Secret, type Catalog, type Resource, type Value } from "../../../src/catalog/catalog.ts";
import { Taints } from "../../../src/catalog/taints.ts";
import type { CompileError, CompileOutcome, OutsideRead } from "../../../src/engine/ports/compile.ts";
import type { EnvironmentLayout } from "../../../src/engine/ports/environment.ts";
import type { NodeFacts } from "../../../src/engine/ports/nodes.ts";
import type { Definition } from "../../../src/plan/definitions.ts";
import type { Trace } from "../../../src/plan/trace.ts";
import { resource } from "../../catalog/build.ts";

/**
 * Compiles by a language of one line a statement, which reads what Puppet would read and tells of it as the worker does. Manifests lie where Puppet looks
 * for them; data are lines `key: value` of data/CERTNAME.yaml and data/common.yaml.
 *
 *     node web01 role::web                    of the main manifest: a node's classes; `default` is whoever has no line
 *     include profile::motd                   or one that the data name: include ${key}
 *     param NAME ${key}                       a parameter of the class
 *     looks key                               looks it up, and does nothing with it
 *     File[/etc/motd] {"content": "${key}"}   also ${fact.NAME}, and ${chance}, which is another at every compile; @@ before it exports. A value may be
 *                                             {"sensitive": TEXT}, {"template": "profile/motd.erb"}, or {"untold": …} for a template that
 *                                             is read without a word of it
 *     secret TEXT, encrypted TEXT             what must not be shown
 *     used dns NAME, missing hiera NAME       what lies outside the tree
 *     collects Type                           what others export
 *     impure WHY, untraced                    what nobody can rely on
 *     fails CODE WORDS                        ends it
 */
export interface CompilerInput {
  /** Texts by path. */
  files: ReadonlyMap<string, string>;
  layout: EnvironmentLayout;
}

/** What every compile of a process sees another of. */
let chance = 0;

export const rootOf = ({ name }: EnvironmentLayout): string => `/etc/puppetlabs/code/environments/${name}`;

class Stop extends Error {
  readonly said: CompileError;
  constructor(said: CompileError) {
    super(said.message);
    this.said = said;
  }
}

export function compile({ files, layout }: CompilerInput, { certname, values }: NodeFacts): CompileOutcome {
  const read = { manifests: [] as string[], files: [] as string[], absent: [] as string[], keys: [] as string[], impure: [] as string[] };
  const data = new Map<string, string[]>();
  const facts = new Map<string, string[]>();
  const [used, missing]: [OutsideRead[], OutsideRead[]] = [[], []];
  const [collectors, encrypted]: [string[], string[]] = [[], []];
  const [resources, contains]: [Resource[], Array<Catalog["contains"][number]>] = [[], []];
  const taints = new Taints();
  const root = rootOf(layout);
  let isTraced = true;
  chance += 1;

  const lookUp = (key: string): string => {
    read.keys.push(key);
    for (const path of [`data/${certname}.yaml`, "data/common.yaml"]) {
      const text = files.get(path);
      if (text === undefined) read.absent.push(`${root}/${path}`);
      else data.set(`${root}/${path}`, [...(data.get(`${root}/${path}`) ?? []), key]);
      const line = text?.split("\n").find((each) => each.startsWith(`${key}: `));
      if (line !== undefined) return line.slice(key.length + 2);
    }
    throw new Stop({ code: "compile", message: `no value for ${key}`, path: null, line: null });
  };
  const value = (name: string): string => {
    if (name === "chance") return String(chance);
    if (!name.startsWith("fact.")) return lookUp(name);
    const fact = name.slice("fact.".length);
    facts.set(fact, [fact]);
    return String(values[fact]);
  };
  const textOf = (written: string): string => written.replaceAll(/\$\{([^}]+)\}/gu, (_, name: string) => value(name));
  const valueOf = (json: unknown): Value => {
    if (typeof json === "string") return textOf(json);
    if (Array.isArray(json)) return json.map(valueOf);
    if (typeof json !== "object" || json === null) return json as Value;
    if ("sensitive" in json) {
      const text = valueOf(json.sensitive);
      if (typeof text !== "string") throw new TypeError("a sensitive value is a text here");
      taints.add(text);
      return new Secret(createHash("sha256").update(text).digest("hex"));
    }
    if ("template" in json || "untold" in json) {
      const path = templateOf(String("template" in json ? json.template : json.untold), { files, layout });
      if ("template" in json) read.files.push(`${root}/${path}`);
      return files.get(path) ?? "";
    }
    return Object.fromEntries(Object.entries(json).map(([name, each]) => [name, valueOf(each)]));
  };
  const declare = (name: string): void => {
    if (read.manifests.includes(name)) return;
    read.manifests.push(name);
    const path = manifestOf(name, { files, layout });
    if (path === undefined) throw new Stop({ code: "compile", message: `Could not find class ::${name}`, path: null, line: null });
    const parameters = new Map<string, Value>();
    resources.push(resource([`Class[${name}]`, {}, { source: { path, line: 1 }, parameters }]));
    for (const [at, line] of (files.get(path) ?? "").split("\n").entries()) {
      const [, parameter, written] = /^param (\S+) (.*)$/u.exec(line) ?? [];
      if (parameter !== undefined && written !== undefined) parameters.set(parameter, textOf(written));
      else state(name, line, { path, line: at + 1 });
    }
  };
  const state = (name: string, line: string, source: { path: string; line: number }): void => {
    const [, word = "", rest = ""] = /^(\S+)(?: (.*))?$/u.exec(line) ?? [];
    const outside = (): OutsideRead => {
      const [kind = "", ...words] = rest.split(" ");
      return { kind: kind as OutsideRead["kind"], name: words.join(" ") };
    };
    if (word === "include") declare(textOf(rest));
    else if (word === "looks") lookUp(rest);
    else if (word === "secret") taints.add(rest);
    else if (word === "encrypted") encrypted.push(rest);
    else if (word === "used") used.push(outside());
    else if (word === "missing") missing.push(outside());
    else if (word === "collects") collectors.push(rest);
    else if (word === "impure") read.impure.push(rest);
    else if (word === "untraced") isTraced = false;
    else if (word === "fails") {
      const [code = "", ...words] = rest.split(" ");
      throw new Stop({ code: code as CompileError["code"], message: words.join(" "), ...source });
    } else if (/^(?:@@)?[A-Z]/u.test(word)) {
      const [, exports = "", reference = "", parameters = "{}"] = /^(@@)?([^[]+\[[^\]]+\])(?: (\{.*\}))?/u.exec(line) ?? [];
      const json = valueOf(JSON.parse(parameters)) as Record<string, Value>;
      resources.push(resource([reference, json, { source, exported: exports !== "" }]));
      contains.push({ container: `Class[${name}]`, contained: reference });
    }
  };

  try {
    const statements = nodesOf({ files, layout });
    const own = statements.get(certname) ?? statements.get("default");
    if (own === undefined) throw new Stop({ code: "no-node", message: "no node statement", path: null, line: null });
    for (const name of own.classes) declare(name);
    const trace: Trace = {
      ...read,
      functions: [],
      types: [],
      folders: [],
      data: [...data].map(([path, keys]) => ({ path, keys })),
      node: statements.has(certname) ? certname : "default",
      outside: used.length + missing.length + collectors.length > 0,
    };
    return {
      certname,
      ok: true,
      catalog: { certname, resources, contains, classes: [...read.manifests] },
      taints,
      encrypted,
      reads: {
        facts: [...facts.values()],
        used,
        missing,
        collectors: collectors.map((type) => ({ type, filter: null })),
        ...(isTraced ? { trace } : {}),
      },
    };
  } catch (error) {
    if (error instanceof Stop) return { certname, ok: false, error: error.said, taints, missing };
    throw error;
  }
}

/** The node statements of the main manifest, by what they match. */
export function nodesOf({ files, layout }: CompilerInput): Map<string, { classes: string[]; path: string }> {
  const found = new Map<string, { classes: string[]; path: string }>();
  for (const [path, text] of files) {
    if (path !== layout.manifest && !path.startsWith(`${layout.manifest}/`)) continue;
    for (const [, name = "", classes = ""] of text.matchAll(/^node (\S+)(.*)$/gmu))
      found.set(name, { path, classes: classes.split(" ").filter((each) => each !== "") });
  }
  return found;
}

/** What a manifest defines; comments are no part of it. Null for one that does not parse. */
export function definitionsOf(input: CompilerInput, path: string): Definition[] | null {
  const text = input.files.get(path);
  if (text === undefined || text.includes("!syntax")) return null;
  const digest = (of: string): string => createHash("sha256").update(of).digest("hex");
  const nodes = [...nodesOf(input)].filter(([, statement]) => statement.path === path);
  if (nodes.length > 0) return nodes.map(([name, { classes }]) => ({ kind: "node", name, digest: digest(classes.join(" ")) }));
  const [, module = "", rest = ""] = /([^/]+)\/manifests\/(.+)\.pp$/u.exec(path) ?? [];
  const name = rest === "init" ? module : [module, ...rest.split("/")].join("::");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return [{ kind: "class", name, digest: digest(lines.join("\n")) }];
}

const placesOf = ({ layout }: CompilerInput): string[] => layout.modulepath.flatMap((entry) => (entry.in === "tree" ? [entry.path] : []));

function manifestOf(name: string, input: CompilerInput): string | undefined {
  const [module = "", ...rest] = name.split("::");
  const file = rest.length === 0 ? "init" : rest.join("/");
  return placesOf(input)
    .map((place) => `${place}/${module}/manifests/${file}.pp`)
    .find((path) => input.files.has(path));
}

function templateOf(name: string, input: CompilerInput): string {
  const [module = "", ...rest] = name.split("/");
  const found = placesOf(input)
    .map((place) => `${place}/${module}/templates/${rest.join("/")}`)
    .find((path) => input.files.has(path));
  if (found === undefined) throw new Stop({ code: "compile", message: `no template ${name}`, path: null, line: null });
  return found;
}
