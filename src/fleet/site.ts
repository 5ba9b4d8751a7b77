import { type FileHandle, open } from "node:fs/promises";
import { type Fault, faultsOf, nameOf } from "../policy/issues.ts";
import { type Path, YamlSource } from "../policy/yaml-source.ts";
import { Problem } from "../problem.ts";
import { reasonOf } from "./folder.ts";
import { type Site, type SiteFile, siteSchema, toSite } from "./site-schema.ts";

/**
 * The site's own file: where reports are, and which commands deploy. They run with this process's rights, so the file is the site's, never a
 * repository's: whoever may write it may do what this process may.
 */

/** What is wrong with the file, where (both from 1), and what to do. */
export interface SiteProblem extends Fault {
  path: string;
}

export type LoadedSite = { ok: true; site: Site } | { ok: false; problems: SiteProblem[] };

/** Reads what the file says. `path` is what its problems call it. Never throws for what a file can hold. */
export function loadSite(text: string, path: string): LoadedSite {
  const refused = (faults: readonly Fault[]): LoadedSite => ({
    ok: false,
    problems: faults.map((fault) => ({ path, ...fault })).sort((a, b) => a.line - b.line || a.column - b.column),
  });
  const yaml = YamlSource.parse(text);
  if (!yaml.ok) return refused(yaml.faults);
  const { source } = yaml;
  if (source.value === null) return refused([{ line: 1, column: 1, text: "The file is empty.", hint: "Begin it with `version: 1`." }]);
  const parsed = siteSchema.safeParse(source.value);
  if (!parsed.success) return refused(faultsOf(parsed.error.issues, siteSchema, source));
  const faults = [...eitherFaults(parsed.data, source), ...nameFaults(parsed.data, source)];
  return faults.length === 0 ? { ok: true, site: toSite(parsed.data) } : refused(faults);
}

/** Reads the file. Throws a Problem that names file, line and value where it can't be used. */
export async function readSite(path: string): Promise<Site> {
  const loaded = loadSite(await ownText(path), path);
  if (loaded.ok) return loaded.site;
  const [first, ...others] = loaded.problems;
  const place = first === undefined ? path : `${path}:${first.line}:${first.column}`;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  throw new Problem({
    code: "bad-site",
    text: `${place}: ${first?.text ?? "not understood."}${more}`,
    hint: first?.hint ?? "Mend the file.",
  });
}

const largest = 256 * 1024;

async function ownText(path: string): Promise<string> {
  const unreadable = (why: string, hint: string, cause?: unknown): Problem =>
    new Problem({ code: "site-unreadable", text: `${path} can't be used: ${why}.`, hint }, { cause });
  const exists = "Name a file that exists and that this process may read (docs/rollout-site.md shows one).";
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw unreadable(reasonOf(cause), exists, cause);
  }
  try {
    // Of what was opened, so that it is the same as what is read.
    const { mode, size, uid } = await file.stat().then((stats) => {
      if (!stats.isFile()) throw unreadable("it is no regular file", exists);
      return stats;
    });
    const others = "others than its owner may write it, and so have commands run";
    if ((mode & 0o022) !== 0) throw unreadable(others, `Take that from them: chmod go-w ${path}`);
    if (uid !== 0 && uid !== process.getuid?.()) throw unreadable("it is somebody else's", `Give it to root: chown root ${path}`);
    if (size > largest) throw unreadable(`it has ${size} bytes, more than ${largest}`, "Make it shorter.");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** Which of two sources holds would be a guess. */
function eitherFaults({ reports, compilers }: SiteFile, source: YamlSource): Fault[] {
  const pairs: ReadonlyArray<{ path: Path; keys: [string, string]; given: Record<string, unknown> }> = [
    { path: ["reports"], keys: ["folder", "puppetdb"], given: reports },
    ...compilers.map(({ served }, at) => ({
      path: ["compilers", at, "served"],
      keys: ["folder", "command"] satisfies [string, string],
      given: served,
    })),
    ...compilers.flatMap(({ environments }, at) =>
      environments === undefined
        ? []
        : [{ path: ["compilers", at, "environments"], keys: ["folder", "command"] satisfies [string, string], given: environments }],
    ),
  ];
  return pairs.flatMap(({ path, keys: [one, other], given }) => {
    const said = [one, other].filter((key) => given[key] !== undefined);
    if (said.length === 1) return [];
    if (said.length === 0)
      return [{ ...source.valueAt(path), text: `${nameOf(path)} is empty.`, hint: `Give one of \`${one}\` and \`${other}\`.` }];
    return [
      { ...source.keyAt([...path, other]), text: `${nameOf(path)} has both \`${one}\` and \`${other}\`.`, hint: "Keep one of the two." },
    ];
  });
}

function nameFaults({ compilers }: SiteFile, source: YamlSource): Fault[] {
  return compilers.flatMap(({ name }, at) => {
    const first = compilers.findIndex((each) => each.name === name);
    if (first === at) return [];
    const path = ["compilers", at, "name"];
    const { line } = source.valueAt(["compilers", first, "name"]);
    return [
      { ...source.valueAt(path), text: `${nameOf(path)} is "${name}", which line ${line} has already.`, hint: "Give each its own name." },
    ];
  });
}
