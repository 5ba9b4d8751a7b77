import type { ModuleSource } from "../engine/ports/modules.ts";

/** Options that say where a module comes from, or at which point of it; one that is not here may mean anything. */
const known = new Set(["git", "ref", "tag", "commit", "branch", "install_path", "default_branch", "local", "exclude_spec"]);

/**
 * Where a `mod` has its module from, as r10k's Puppetfile documentation has it (doc/puppetfile.mkd): from git at a commit, tag, branch or any of
 * them (`ref`), from a forge at a version, or in the tree (`local`). Anything else is unknown, with the reason.
 */
export function sourceOf(args: readonly string[], options: ReadonlyMap<string, string>): ModuleSource {
  const [title = "", version] = args;
  const other = [...options.keys()].find((name) => !known.has(name));
  if (other !== undefined) return unknown(`it has the option \`${other}\``);
  if (options.get("local") === "true") return { kind: "tree" };
  const url = options.get("git");
  if (url !== undefined) return gitSource(url, options);
  if (!/^\w+[-/]\w+$/.test(title)) return unknown("it names neither an author of a forge nor a git repository");
  if (version === undefined || version === "latest" || version === "nil") return { kind: "forge", slug: slugOf(title), version: null };
  if (/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version)) return { kind: "forge", slug: slugOf(title), version };
  return unknown(`${JSON.stringify(version)} is no version, nor \`latest\``);
}

const slugOf = (title: string): string => title.replace("/", "-").toLowerCase();
const unknown = (why: string): ModuleSource => ({ kind: "unknown", why });

function gitSource(url: string, options: ReadonlyMap<string, string>): ModuleSource {
  const points = (["commit", "tag", "branch", "ref"] as const).flatMap((kind) => {
    const name = options.get(kind);
    return name === undefined ? [] : [{ kind, name }];
  });
  const [point = null, second] = points;
  if (second !== undefined) return unknown(`it has both \`${point?.kind}\` and \`${second.kind}\``);
  if (point?.name === "control_branch") return unknown("its branch is named after the environment's (`control_branch`)");
  if (point?.kind === "commit" && !/^[0-9a-f]{40}$/.test(point.name)) return unknown(`${JSON.stringify(point.name)} is no full commit id`);
  return { kind: "git", url, point };
}
