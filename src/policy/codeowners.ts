import ignore from "ignore";
import { Minimatch } from "minimatch";
import { starsFault } from "./patterns.ts";

/**
 * CODEOWNERS as GitHub documents it ("About code owners"): patterns of gitignore, but without `!`, `[ ]` and `\#`, and with `docs/*` for what
 * lies directly in docs; case matters; the last line that matches a path decides. GitHub skips a line that it can't read. A gate can't: what
 * such a line was meant to protect would be anybody's, so it is a problem here, and nobody's ownership is known until it is mended.
 */
export interface Codeowners {
  /** In the order of the file. */
  readonly lines: readonly OwnedPattern[];
}

interface OwnedPattern {
  matches: (path: string) => boolean;
  owners: readonly Owner[];
}

/** As the file writes it, without `@`. GitHub compares logins and teams without regard to case. */
export type Owner = { kind: "user"; login: string } | { kind: "team"; team: string } | { kind: "email"; address: string };

/** What is wrong in a CODEOWNERS file, in which line (from 1), and what to do. */
export interface CodeownersProblem {
  line: number;
  text: string;
  hint: string;
}

export type ParsedCodeowners = { ok: true; codeowners: Codeowners } | { ok: false; problems: readonly CodeownersProblem[] };

/** Characters of a pattern: no path of a Linux file system has more. */
const longest = 4096;
/** Bytes. GitHub does not load a file of 3 MB or more. */
const largest = 3_000_000;

export function parseCodeowners(text: string): ParsedCodeowners {
  if (Buffer.byteLength(text) >= largest) {
    const size = `The file has ${Buffer.byteLength(text)} bytes, and GitHub loads none of 3 MB or more.`;
    return { ok: false, problems: [{ line: 1, text: size, hint: "Make it shorter: fewer, wider patterns." }] };
  }
  const read = text
    .replace(/^\uFEFF/u, "")
    .split(/\r\n|[\r\n]/u)
    .map((line, at) => parseLine(line, at + 1));
  const problems = read.filter((line) => line !== null && "text" in line);
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, codeowners: { lines: read.filter((line) => line !== null && "owners" in line) } };
}

/** Who owns a path of the tree; empty where no line matches it, and where the last one that does names nobody. */
export const ownersOf = ({ lines }: Codeowners, path: string): readonly Owner[] =>
  lines.findLast(({ matches }) => matches(path))?.owners ?? [];

/** `@ann`, `@acme/web` or an address, as the file says it. */
export function ownerName(owner: Owner): string {
  if (owner.kind === "email") return owner.address;
  return `@${owner.kind === "user" ? owner.login : owner.team}`;
}

function parseLine(text: string, line: number): OwnedPattern | CodeownersProblem | null {
  const problem = (what: string, hint: string): CodeownersProblem => ({ line, text: what, hint });
  // A backslash keeps a space in a pattern.
  const words = text.match(/(?:\\.|\\$|[^\s\\])+/gu) ?? [];
  const [pattern, ...rest] = words;
  if (pattern === undefined || pattern.startsWith("#")) return null;
  const fault = patternFault(pattern);
  if (fault !== null) return problem(`\`${shortened(pattern)}\` ${fault.what}.`, fault.hint);
  const comment = rest.findIndex((word) => word.startsWith("#"));
  const owners: Owner[] = [];
  for (const word of comment === -1 ? rest : rest.slice(0, comment)) {
    const owner = toOwner(word);
    if (owner === null)
      return problem(
        `\`${shortened(word)}\` is no owner.`,
        "Write a user as `@ann`, a team as `@acme/web`, or an e-mail address; a space in a path needs a `\\` before it.",
      );
    owners.push(owner);
  }
  return { matches: matcherOf(pattern), owners };
}

function patternFault(pattern: string): { what: string; hint: string } | null {
  if (pattern.length > longest) return { what: `has more than ${longest} characters, and no path has`, hint: "Write a shorter one." };
  const costly = starsFault(pattern);
  if (costly !== null) return { what: costly, hint: "Write fewer stars, or several lines." };
  if (pattern.startsWith("!"))
    return { what: "begins with `!`, which CODEOWNERS has not", hint: "Name the path in a later line without owners instead." };
  if (pattern.startsWith("\\#"))
    return { what: "begins with `\\#`, which CODEOWNERS has not", hint: "Write `?` for the `#`: it stands for any one character." };
  if (/[[\]]/u.test(pattern))
    return {
      what: "has a bracket, and CODEOWNERS has no character ranges",
      hint: "Write `?` for any one character, or one line for each path.",
    };
  if (pattern.includes("#"))
    return { what: "has a `#` in it, which may begin a comment", hint: "Write `?` for the `#`, or put a space before it." };
  if (pattern.includes("***")) return { what: "has three stars in a row", hint: "Write `*` within a folder, `**` for any folders." };
  if (/^\/+$/u.test(pattern)) return { what: "names no file", hint: "Write `*` for everything, `/*` for the files at the root." };
  if (pattern.includes("//")) return { what: "has an empty folder name", hint: "Write one `/`." };
  if (/(?<!\\)(?:\\\\)*\\$/u.test(pattern)) return { what: "ends with `\\`", hint: "Remove it." };
  return null;
}

function toOwner(word: string): Owner | null {
  if (/^@[A-Za-z0-9][A-Za-z0-9_-]*$/u.test(word)) return { kind: "user", login: word.slice(1) };
  if (/^@[A-Za-z0-9][A-Za-z0-9_-]*\/[A-Za-z0-9_.-]+$/u.test(word)) return { kind: "team", team: word.slice(1) };
  if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/u.test(word)) return { kind: "email", address: word };
  return null;
}

/**
 * A pattern of gitignore matches a folder and so all in it. One that ends with `/*` is where GitHub departs from it: "docs/getting-started.md
 * but not further nested files", so it is compared with the whole path.
 */
function matcherOf(pattern: string): (path: string) => boolean {
  if (pattern.endsWith("/*")) {
    const options = { dot: true, nobrace: true, noext: true, nocomment: true, nonegate: true, platform: "linux" } as const;
    const whole = new Minimatch(pattern.replace(/^\//u, ""), options);
    return (path) => whole.match(path);
  }
  const matcher = ignore({ ignorecase: false }).add({ pattern });
  return (path) => matcher.ignores(path);
}

const shortened = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 60)}…`);
