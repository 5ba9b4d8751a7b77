import type { EffectGroup } from "../../catalog/effects.ts";
import { cut, markup, none, visible, type Markup } from "../html.ts";
import { lineDiff, type Line } from "./lines.ts";

/** What an effect changes, as lines: text by its lines, anything else as one. */

const most = { shown: 40, lines: 400, width: 2_000, values: 200 };

/** How many lines a page may still hold: what no browser could show in time is said to be in the JSON report. */
export interface Room {
  lines: number;
  /** Lines of one difference that are not folded; missing for as many as are read at once. */
  open?: number;
}

export function changeMarkup(group: EffectGroup, room: Room): Markup {
  if (group.kind === "secret") return markup`<p class="note">changed (secret)</p>`;
  if (group.attribute === null && group.change !== "renamed") return resourceMarkup(group, room);
  const before = group.change === "added" ? "" : textOf(group.before);
  const after = group.change === "removed" ? "" : textOf(group.after);
  if (before === after) return markup`<p class="note">The two read alike: they differ in what is not shown.</p>`;
  return linesMarkup(lineDiff(before, after), room);
}

/** A resource that comes or goes: its attributes, each with its value. */
function resourceMarkup({ change, before, after }: EffectGroup, room: Room): Markup {
  const side = change === "removed" ? before : after;
  if (typeof side !== "object" || side === null || Array.isArray(side)) return none;
  const kind = change === "removed" ? "removed" : "added";
  const lines = Object.entries(side)
    .slice(0, most.values)
    .flatMap(([name, value]): Line[] => {
      // A resource's attributes have values: one that is shown as none is a secret.
      const text = value === null ? "(secret)" : textOf(value).replace(/\n$/u, "");
      const texts = text.includes("\n") ? [`${name} =>`, ...text.split("\n").map((line) => `  ${line}`)] : [`${name} => ${text}`];
      return texts.map((line) => ({ kind, parts: [{ text: line, differs: false }] }));
    });
  return lines.length === 0 ? markup`<p class="note">It has no attributes of its own.</p>` : linesMarkup(lines, room);
}

/** A value as text; one with lines keeps them. */
export function textOf(value: EffectGroup["before"]): string {
  if (typeof value === "string") return value.includes("\n") ? value : `${value}\n`;
  return `${oneLine(value)}\n`;
}

function oneLine(value: EffectGroup["before"]): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(nested).join(", ")}]`;
  const keys = Object.keys(value);
  const { sha256, git, size, deferred, args } = value;
  if (keys.length === 2 && typeof size === "number") {
    if (typeof sha256 === "string") return `${size} bytes that are not shown, sha256 ${sha256}`;
    if (typeof git === "string") return `${size} bytes, too many to show, git object ${git}`;
  }
  if (keys.length === 2 && typeof deferred === "string" && Array.isArray(args))
    return `Deferred ${deferred}(${args.map(nested).join(", ")})`;
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)} => ${nested(each)}`)
    .join(", ")}}`;
}

const nested = (value: EffectGroup["before"]): string =>
  value === null ? "(secret or undef)" : typeof value === "string" ? JSON.stringify(value) : oneLine(value);

/** The first lines, and the others folded. */
function linesMarkup(lines: readonly Line[], room: Room): Markup {
  const some = lines.slice(0, Math.min(most.lines, Math.max(0, room.lines)));
  room.lines -= some.length;
  const left = lines.length - some.length;
  const open = room.open ?? most.shown;
  const first = some.slice(0, open);
  const rest = some.slice(open);
  return markup`${first.length === 0 ? none : markup`<pre class="diff">${first.map(lineMarkup)}</pre>`}
  ${
    rest.length === 0
      ? none
      : markup`<details class="more">
          <summary>${rest.length} more lines</summary>
          <pre class="diff">${rest.map(lineMarkup)}</pre>
        </details>`
  }
  ${left === 0 ? none : markup`<p class="note">${left} more lines are not shown here; the JSON report has them.</p>`}`;
}

const elements: Record<Line["kind"], (content: Markup) => Markup> = {
  same: (content) => markup`<span>  ${content}</span>`,
  removed: (content) => markup`<del><b>-</b> ${content}</del>`,
  added: (content) => markup`<ins><b>+</b> ${content}</ins>`,
  skipped: (content) => markup`<i>  ⋯ ${content}</i>`,
};

function lineMarkup({ kind, parts }: Line): Markup {
  let width = most.width;
  const shown = parts.map(({ text, differs }, at) => {
    const line = cut(visible(text), Math.max(0, width));
    width -= line.length;
    const isLast = at === parts.length - 1;
    const told = isLast && kind !== "same" ? line.replace(/ +$/u, (blanks) => "·".repeat(blanks.length)) : line;
    return differs ? markup`<em>${told}</em>` : markup`${told}`;
  });
  return elements[kind](markup`${shown}`);
}
