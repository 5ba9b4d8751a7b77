/**
 * How a file of a control repo is parsed, told by its path alone: `manifest` and `plan` by Puppet's parser, `epp` and `erb` templates,
 * `hiera` data as the `yaml_data` function would take it, other `yaml`, and `json`. Null for what isn't parsed.
 */
export type SyntaxKind = "manifest" | "plan" | "epp" | "erb" | "hiera" | "yaml" | "json";

/**
 * Folders whose YAML and JSON are nobody's data but the author's: served as they are, rendered, or broken on purpose by a test.
 * A template without `.erb` or `.epp` could be of either kind, and is not guessed at.
 */
const anything = new Set(["files", "templates", "spec", "test", "tests", "fixtures", "examples", "docs"]);
/** Folders that hold hiera data by custom. Data kept elsewhere is parsed as plain YAML. */
const dataFolders = new Set(["data", "hieradata", "hiera", "hiera-data", "hiera_data"]);
/** Folders of a module for Puppet code. Below one of them, or above, the names of its other folders are but names. */
const partFolders = new Set(["manifests", "functions", "types"]);

/** A path that is not UTF-8 is quoted as git does; its extension and most folders read the same. */
export function syntaxKind(path: string): SyntaxKind | null {
  const segments = path.replace(/^"(.*)"$/, "$1").split("/");
  const file = segments.at(-1) ?? "";
  const folders = segments.slice(0, -1);
  const extension = /\.([a-z]+)$/.exec(file)?.[1];
  if (extension === "pp") return isServed(folders) ? null : isPlan(folders) ? "plan" : "manifest";
  if (extension === "epp" || extension === "erb") return extension;
  if (folders.some((folder) => anything.has(folder) || folder.startsWith("."))) return null;
  if (extension === "eyaml") return "hiera";
  if (extension === "yaml" || extension === "yml") return isData(folders) ? "hiera" : "yaml";
  if (extension === "json") return isData(folders) || file === "metadata.json" ? "json" : null;
  return null;
}

const isData = (folders: readonly string[]): boolean => folders.some((folder) => dataFolders.has(folder));

/** What a module serves is not parsed: SELinux's compiled policies end with `.pp` too. */
const isServed = (folders: readonly string[]): boolean =>
  folders.includes("files") && !folders.some((folder) => partFolders.has(folder) || folder === "plans");

/** Plans have keywords of their own, and lie in a module's folder `plans` or in the repository's. A module may be called `plans` too. */
const isPlan = (folders: readonly string[]): boolean => folders.includes("plans") && !folders.some((folder) => partFolders.has(folder));
