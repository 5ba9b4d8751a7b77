import type { Finding } from "./effects.ts";
import type { ChangedLines, SideTexts } from "./lint-debt.ts";

/**
 * Functions that run Ruby or a command where catalogs are compiled: as a call, in a chain, or as a name that `call` or `Deferred` is given; and names
 * that are put together for these two. `inline_epp` is Puppet's own language: with a plain text, what it calls stands in that text and is found there.
 */
const calls =
  /(?<![\w:$])(?:::)?(inline_template|generate)\s*(?:\(|#|\/\*|$)|\.\s*(?:::)?(inline_template|generate|inline_epp)\b|["'](?:::)?(inline_template|generate|inline_epp)["']|(?<![\w:$])(?:::)?(inline_epp)\s*(?!\s*\(\s*')(?:\(|#|\/\*|$)|(?<![\w:$])(call|Deferred)\s*\(\s*(?!\s|["'][a-z_:\d]+["'])/gmu;

/**
 * Where a change touches a manifest or an EPP template that runs Ruby without being a Ruby file: rules ask for an owner by `code`. A file that calls
 * such a function and changes elsewhere is one, too: what is run may be put together anywhere in it. So is one that could not be read.
 */
export function rubyCalls(changed: readonly ChangedLines[], texts: SideTexts): Finding[] {
  return changed.filter(runsPuppet).flatMap((file): Finding[] => {
    const text = texts.head.get(file.path);
    if (text === undefined)
      return [finding(file, null, "could not be read, so it is not known whether it runs Ruby: an owner has to look")];
    const found = callsIn(text);
    const [first] = found;
    if (first === undefined) return [];
    const added = found.filter(({ line }) => file.added.has(line));
    if (added.length > 0) return added.map(({ name, line }) => finding(file, line, `${wordsOf(name)}: an owner has to look`));
    return [
      finding(file, first.line, `${wordsOf(first.name)}, and this file changes, so that something else may be run: an owner has to look`),
    ];
  });
}

const wordsOf = (name: string): string =>
  name === "call" || name === "Deferred"
    ? `${name} is given a function by a name that is put together, which may run Ruby`
    : name === "generate"
      ? "generate runs a command where catalogs are compiled"
      : name === "inline_epp"
        ? "inline_epp evaluates a text that is put together, which may run Ruby where catalogs are compiled"
        : "inline_template runs Ruby where catalogs are compiled";

/** A path that is not UTF-8 is quoted as git does, and so ends with a quotation mark. */
const runsPuppet = ({ status, path }: ChangedLines): boolean => status !== "removed" && /\.(?:pp|epp)"?$/u.test(path);

/** Once a line. A line that is a comment and nothing else calls nothing, unless it stands in a text that is evaluated. */
function callsIn(text: string): Array<{ name: string; line: number }> {
  const lines = text.split("\n");
  const found = new Map<number, string>();
  let [line, passed] = [1, 0];
  for (const match of text.matchAll(calls)) {
    const name = match.slice(1).find((group) => group !== undefined) ?? "";
    for (let at = text.indexOf("\n", passed); at !== -1 && at < match.index; at = text.indexOf("\n", passed))
      [line, passed] = [line + 1, at + 1];
    const whole = lines[line - 1] ?? "";
    if (!found.has(line) && !(/^\s*#/u.test(whole) && !whole.includes("${"))) found.set(line, name);
  }
  return [...found].map(([at, name]) => ({ name, line: at }));
}

const finding = (file: ChangedLines, line: number | null, message: string): Finding => ({
  check: "compile",
  severity: "notice",
  path: file.path,
  line,
  column: null,
  code: "runs-ruby",
  message,
  onChangedLine: line !== null && file.added.has(line),
});
