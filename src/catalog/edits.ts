import type { Cause } from "./effects.ts";

/** A file that the change touches, as text; null where a side has none, or none that could be read. */
export interface ChangedText {
  path: string;
  before: string | null;
  after: string | null;
  /** Lines of the new file that the old one does not have. */
  added: ReadonlySet<number>;
}

/** One thing that the change edits: a key of the data, or a file. */
export interface Edit {
  kind: Cause["kind"];
  /** The key, or the path. */
  name: string;
  places: Cause["places"];
  /** How other files name it, where they do: `ntp/ntp.conf.epp`, `ntp::peers`. */
  alias: string | null;
}

/** Above so many, a change is not one thing, and nobody asks what of it was the cause. */
const mostEdits = 10_000;

/** What no compile reads: a change to it causes nothing. */
const inert = /^(?:\.github\/|\.git[a-z]*$|docs\/|\.puppet-lint\.rc$)|(?:^|\/)(?:README|LICENSE|CHANGELOG)[^/]*$|\.md$/u;

/**
 * What a change edits, each key of the data once over all files. Data is read by its lines: a top-level key begins at the line's first
 * character and ends before the next, so that nothing of a head is parsed. None where there are more than ten thousand. Linear in the texts.
 */
export function editsOf(files: readonly ChangedText[]): Edit[] {
  const edits = new Map<string, Edit>();
  for (const file of files.filter(({ path }) => !inert.test(path))) {
    const keys = /\.(?:ya?ml|eyaml)$/u.test(file.path) ? changedKeys(file) : [];
    if (edits.size > mostEdits) return [];
    const found = keys.length > 0 ? keys.map(({ key, line }) => dataEdit(key, file.path, line)) : [fileEdit(file.path)];
    for (const edit of found) {
      const known = edits.get(`${edit.kind} ${edit.name}`);
      if (known === undefined) edits.set(`${edit.kind} ${edit.name}`, edit);
      else known.places.push(...edit.places);
    }
  }
  return [...edits.values()];
}

const dataEdit = (key: string, path: string, line: number | null): Edit => ({
  kind: "data",
  name: key,
  places: [{ path, line }],
  alias: null,
});

const inModule = /(?:^|\/)([a-z]\w*)\/(templates|files|functions|lib\/puppet\/functions)\/(.+)$/u;

function fileEdit(path: string): Edit {
  const [, module = "", folder, rest = ""] = inModule.exec(path) ?? [];
  const places = [{ path, line: null }];
  if (folder === "templates") return { kind: "template", name: path, places, alias: `${module}/${rest}` };
  if (folder === "files") return { kind: "served-file", name: path, places, alias: `${module}/${rest}` };
  if (folder !== undefined) {
    const parts = rest.replace(/\.(?:pp|rb)$/u, "").split("/");
    return { kind: "function", name: path, places, alias: (folder === "functions" ? [module, ...parts] : parts).join("::") };
  }
  return { kind: path.endsWith(".pp") ? "manifest" : "file", name: path, places, alias: null };
}

/** Top-level keys whose lines differ, with the new file's line, null where the key goes. */
function changedKeys({ before, after }: ChangedText): Array<{ key: string; line: number | null }> {
  const old = keysOf(before ?? "");
  const now = keysOf(after ?? "");
  const gone = [...old.keys()].filter((key) => !now.has(key)).map((key) => ({ key, line: null }));
  const come = [...now].filter(([key, { text }]) => old.get(key)?.text !== text).map(([key, { line }]) => ({ key, line }));
  return [...come, ...gone];
}

/** The top-level key that a line begins with. Each step looks at the line once: of a long line, every place might begin the end of a key. */
function keyOf(line: string): string | undefined {
  const quoted = /^["']([^"']+)["'] *:(?=\s|$)/u.exec(line)?.[1];
  const colon = line.search(/:(?=\s|$)/u);
  if (quoted !== undefined || colon < 1 || !/^[^\s#"'{}[\]&*!|>%@`-]/u.test(line)) return quoted;
  const name = line.slice(0, colon);
  return name.includes("#") ? undefined : name.trimEnd();
}

function keysOf(text: string): Map<string, { line: number; text: string }> {
  const keys = new Map<string, { line: number; text: string }>();
  let key: string | null = null;
  for (const [at, line] of text.split("\n").entries()) {
    const name = keyOf(line);
    if (name !== undefined) {
      key = name;
      keys.set(name, { line: at + 1, text: line.trimEnd() });
    } else if (key !== null && !/^\s*(?:#|$)/u.test(line)) {
      const known = keys.get(key);
      if (known !== undefined) keys.set(key, { ...known, text: `${known.text}\n${line.trimEnd()}` });
    }
  }
  return keys;
}
