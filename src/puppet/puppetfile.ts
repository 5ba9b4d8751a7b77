import type { PuppetfileModules, WantedModule } from "../engine/ports/modules.ts";
import { sourceOf } from "./puppetfile-source.ts";
import { type Statement, statementsOf, type Word } from "./puppetfile-words.ts";

/** Characters of a Puppetfile that is read at all: a thousand modules need a fifth of it. */
const longest = 256 * 1024;

/**
 * Reads a Puppetfile as the list that it usually is. A Puppetfile is Ruby, which r10k and librarian-puppet evaluate; here it is only
 * cut into words. Understood are `forge`, `moduledir` and `mod` with literal arguments: strings without interpolation, symbols,
 * numbers, `true`, `false`, `nil`. Any other statement is reported as not understood.
 */
export function readPuppetfile(text: string): PuppetfileModules {
  if (text.length > longest) return { forge: null, modules: [], notUnderstood: [{ line: 1, text: `more than ${longest / 1024} KiB` }] };
  const lines = text.split("\n");
  const modules: WantedModule[] = [];
  const notUnderstood: Array<{ line: number; text: string }> = [];
  let forge: string | null = null;
  let moduledir = "modules";
  for (const statement of statementsOf(text)) {
    const { line } = statement;
    const call = callOf(statement);
    const [title] = call?.args ?? [];
    const name = title === undefined ? undefined : /^(?:\w+[-/])?(\w+)$/.exec(title)?.[1];
    if (call?.method === "moduledir" && title !== undefined) moduledir = title;
    else if (call?.method === "mod" && title !== undefined && name !== undefined) {
      const folder = (call.options.get("install_path") ?? moduledir).replace(/(?<=.)\/+$/, "");
      modules.push({ name, title, line, folder, source: sourceOf(call.args, call.options) });
    } else if (call?.method === "forge" && title !== undefined) forge = title;
    else notUnderstood.push({ line, text: (lines[line - 1] ?? "").trim().slice(0, 200) });
  }
  return { forge, modules, notUnderstood };
}

interface Call {
  method: string;
  args: string[];
  options: Map<string, string>;
}

/** A statement as a call with literal arguments, with or without parentheses; null where it is anything else. */
function callOf({ words }: Statement): Call | null {
  const [first, second, ...others] = words;
  if (first?.kind !== "name") return null;
  const call: Call = { method: first.text, args: [], options: new Map() };
  const isWrapped = second?.kind === "mark" && second.text === "(";
  const rest = isWrapped ? others : words.slice(1);
  if (isWrapped && !isMark(rest.pop(), ")")) return null;
  for (let at = 0; at < rest.length;) {
    const word = rest[at];
    const value = rest[at + (isMark(rest[at + 1], "=>") ? 2 : 1)];
    if (word?.kind === "text" && isMark(rest[at + 1], "=>") && isLiteral(value)) {
      call.options.set(word.text, value.text);
      at += 3;
    } else if (word?.kind === "key" && isLiteral(value)) {
      call.options.set(word.text, value.text);
      at += 2;
    } else if (isLiteral(word)) {
      call.args.push(word.text);
      at += 1;
    } else return null;
    if (at < rest.length && !isMark(rest[at++], ",")) return null;
  }
  return call;
}

const isMark = (word: Word | undefined, text: string): boolean => word?.kind === "mark" && word.text === text;

const isLiteral = (word: Word | undefined): word is Word =>
  word !== undefined && (word.kind === "text" || (word.kind === "name" && ["true", "false", "nil"].includes(word.text)));
