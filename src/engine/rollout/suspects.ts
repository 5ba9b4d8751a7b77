import type { Clue, Evidence } from "../../rollout/evidence.ts";
import type { LineStep } from "../../rollout/line.ts";
import { rank, type Suspect, type Trace } from "../../rollout/suspects.ts";

/** What git says of the release's own line. */
export interface SuspectMirror {
  /** Who of it wrote a file's lines; null where it has no such file, or one that is no text. Null of a line: it is older. */
  blame(range: Range, path: string): Promise<{ text: string; commit: string | null }[] | null>;
  /** Paths that each of its commits changes. */
  changedIn(range: Range): Promise<{ commit: string; paths: string[] }[]>;
}

interface Range {
  after: string;
  to: string;
}

/** A release with more of them is asked about as one, by its lines alone. */
const most = { commits: 200, files: 60 };

/**
 * The suspects of a release by what went wrong. Each clue is followed to the commits that wrote its line, the rest of what is declared there, the file, or the
 * pin of the module that has the file. Rejects where git can't be asked.
 */
export async function findSuspects(
  mirror: SuspectMirror,
  { after, release }: { after: string; release: readonly LineStep[] },
  evidence: readonly Evidence[],
): Promise<Suspect[]> {
  const to = release.at(-1)?.sha;
  if (to === undefined) return [];
  const range = { after, to };
  const changed = release.length > most.commits ? [] : await mirror.changedIn(range);
  const files = new Map<string, Awaited<ReturnType<SuspectMirror["blame"]>>>();
  const blamed = async (path: string): Promise<Awaited<ReturnType<SuspectMirror["blame"]>>> => {
    const known = files.get(path);
    if (known !== undefined) return known;
    if (files.size >= most.files) return null;
    const lines = await mirror.blame(range, path);
    files.set(path, lines);
    return lines;
  };
  const touching = (path: string): string[] => changed.flatMap(({ commit, paths }) => (paths.includes(path) ? [commit] : []));

  async function follow(clue: Clue): Promise<Trace[]> {
    const lines = await blamed(clue.path);
    const traces = lines === null || clue.line === null ? [] : inLines(clue, lines, clue.line);
    if (traces.length > 0) return traces;
    const touched = touching(clue.path);
    if (touched.length > 0) return [{ clue, how: "file", commits: touched }];
    const module = lines === null ? moduleOf(clue.path) : null;
    if (module === null) return [];
    const pins = pinOf(module, (await blamed("Puppetfile")) ?? []);
    return pins.length === 0 ? [] : [{ clue, how: "pin", commits: pins }];
  }

  const traces: Trace[][] = [];
  for (const { clues } of evidence) {
    const own: Trace[] = [];
    for (const clue of clues) own.push(...(await follow(clue)));
    traces.push(own);
  }
  return rank(release, evidence, traces);
}

type Lines = readonly { text: string; commit: string | null }[];

/** Who wrote the line, and who the others of the same declaration or key. */
function inLines(clue: Clue, lines: Lines, line: number): Trace[] {
  const first = lines[line - 1]?.commit ?? null;
  const block = lines.slice(line, endOfBlock(lines, line));
  const rest = [...new Set(block.flatMap(({ commit }) => commit ?? []))].filter((commit) => commit !== first);
  return [
    ...(first === null ? [] : [{ clue, how: "line" as const, commits: [first] }]),
    ...(rest.length === 0 ? [] : [{ clue, how: "block" as const, commits: rest }]),
  ];
}

/** How far a declaration goes, or a key of the data, by its indentation: up to the next line that is no deeper, but for items of a list. */
function endOfBlock(lines: Lines, line: number): number {
  const depth = depthOf(lines[line - 1]?.text ?? "");
  let at = line;
  for (; at < lines.length; at += 1) {
    const text = lines[at]?.text ?? "";
    if (text.trim() !== "" && depthOf(text) <= depth && !/^\s*- /u.test(text)) break;
  }
  return at;
}

const depthOf = (text: string): number => text.length - text.trimStart().length;

/** The module that a file belongs to by its path; null for one that is in none. */
const moduleOf = (path: string): string | null =>
  /(?:^|\/)([a-z]\w*)\/(?:manifests|lib|templates|files|functions|types|data|plans)\//u.exec(path)?.[1] ?? null;

/** Who of the range wrote what the Puppetfile says of a module. */
function pinOf(module: string, puppetfile: Lines): string[] {
  const starts = new RegExp(`^\\s*mod\\s*\\(?\\s*['"](?:[\\w.-]+[/-])?${module}['"]`, "u");
  const commits = new Set<string>();
  let isOwn = false;
  for (const { text, commit } of puppetfile) {
    if (/^\s*mod\b/u.test(text)) isOwn = starts.test(text);
    if (isOwn && commit !== null) commits.add(commit);
  }
  return [...commits];
}
