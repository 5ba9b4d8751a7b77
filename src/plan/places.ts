import type { Listing } from "./listing.ts";

/**
 * What Puppet's own loaders take a file for by where it lies. `name` in lower case, as a compile asks for it. `fleet` is what every compile
 * depends on, by its reason.
 */
export type Place =
  | { kind: "main" }
  /** Whoever asks for this name, or for one below it, loads the file (`Puppet::Parser::TypeLoader`, and a module's init.pp always). */
  | { kind: "manifest"; name: string }
  /** `legacy`: a function of the old interface, which Ruby can call by a method's name. */
  | { kind: "function"; names: readonly string[]; legacy: boolean }
  /** `set`: a module's init_typeset.pp, which may define any type of the module. */
  | { kind: "type"; name: string; set: boolean }
  | { kind: "fleet"; why: string };

/**
 * What a file is to Puppet's loaders: none of it where it is read only by what names it, such as a template. Rules: `Puppet::Module`,
 * `Puppet::Pops::Loader::LoaderPaths`, `Puppet::Pops::Lookup`, Puppet 7.
 */
export function placesOf(path: string, { root, modulepath, manifest }: Pick<Listing, "root" | "modulepath" | "manifest">): Place[] {
  const places: Place[] = [];
  if (path === manifest || (path.startsWith(`${manifest}/`) && path.endsWith(".pp"))) places.push({ kind: "main" });
  if (path.startsWith(`${root}/`)) places.push(...ofEnvironment(path.slice(root.length + 1)));
  for (const folder of modulepath) {
    if (!path.startsWith(`${folder}/`)) continue;
    const [module = "", ...rest] = path.slice(folder.length + 1).split("/");
    places.push(...ofModule(module.toLowerCase(), rest));
  }
  return places;
}

function ofEnvironment(path: string): Place[] {
  const [top = "", ...rest] = path.split("/");
  if (rest.length === 0 && /^(?:hiera\.yaml|environment\.conf|Puppetfile|metadata\.json)$/u.test(top))
    return [{ kind: "fleet", why: "every compile depends on it" }];
  if (top === "functions" && path.endsWith(".pp")) return [functionOf(["environment"], rest)];
  if (top === "types" && path.endsWith(".pp")) return [{ kind: "fleet", why: "data types of the environment are known to all of it" }];
  return ofLib(top, rest);
}

function ofModule(module: string, [top = "", ...rest]: string[]): Place[] {
  if (rest.length === 0) {
    if (top === "hiera.yaml") return [{ kind: "fleet", why: "it says where the module's data is" }];
    if (top === "metadata.json") return [{ kind: "fleet", why: "it says what other modules the module sees" }];
    return [];
  }
  const last = rest.at(-1) ?? "";
  if (!last.endsWith(".pp")) return ofLib(top, rest);
  const names = nameParts(rest);
  if (top === "manifests")
    return [{ kind: "manifest", name: (rest.length === 1 && names[0] === "init" ? [module] : [module, ...names]).join("::") }];
  if (top === "functions") return [functionOf([module], rest)];
  if (top !== "types") return ofLib(top, rest);
  const set = rest.length === 1 && names[0] === "init_typeset";
  return [{ kind: "type", name: set ? module : [module, ...names].join("::"), set }];
}

/** Ruby of a module or the environment: a function is loaded by its name, all else by whoever wants it. */
function ofLib(top: string, rest: readonly string[]): Place[] {
  if (top === ".resource_types") return [{ kind: "fleet", why: "it describes resource types" }];
  if (top !== "lib") return [];
  const [, functions] = /^puppet\/(parser\/functions|functions)\/.+\.rb$/u.exec(rest.join("/")) ?? [];
  if (functions === undefined) return [{ kind: "fleet", why: "what lies in lib may be loaded by any compile" }];
  const parts = nameParts(rest.slice(functions.split("/").length + 1));
  return [{ kind: "function", names: [parts.join("::")], legacy: functions !== "functions" }];
}

/** One in Puppet's language. An environment's are known by its prefix; whether without as well is a matter of the loader. */
function functionOf(prefix: readonly string[], rest: readonly string[]): Place {
  const parts = nameParts(rest);
  const names = [[...prefix, ...parts].join("::")];
  if (prefix[0] === "environment") names.push(parts.join("::"));
  return { kind: "function", names, legacy: false };
}

function nameParts(rest: readonly string[]): string[] {
  const parts = rest.map((part) => part.toLowerCase());
  const last = parts.at(-1) ?? "";
  return [...parts.slice(0, -1), last.replace(/\.(?:pp|rb)$/u, "")];
}
