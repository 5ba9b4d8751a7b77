import { markup, none, type Markup } from "../../html.ts";
import { ago, momentOf } from "../words.ts";

/** What several pages are made of. */

export const option = (value: string, text: string, chosen: string): Markup =>
  markup`<option value="${value}"${value === chosen ? markup` selected` : none}>${text}</option>`;

/** A moment as people think of it; the exact one is there for the pointer, on paper, and for programs. */
export const agoMark = (at: Date | string | number, now: Date): Markup =>
  markup`<time class="ago" datetime="${new Date(at).toISOString()}" title="${momentOf(at)}">${ago(at, now)}</time>`;

/** A sentence of ours with what is to be said in it between backticks. */
export const toldMarkup = (text: string): Markup =>
  markup`${text.split("`").map((part, at) => (at % 2 === 1 ? markup`<code>${part}</code>` : part))}`;

/** A table that scrolls by itself where the screen is narrow, by keyboard too. */
export const table = (label: string, head: readonly (string | Markup)[], rows: readonly Markup[]): Markup =>
  markup`<div class="wide" tabindex="0" role="region" aria-label="${label}"><table>
    <thead><tr>${head.map((cell) => markup`<th scope="col">${cell}</th>`)}</tr></thead>
    <tbody>${rows}</tbody>
  </table></div>`;

/** An address's part behind the question mark, without what is null or empty. */
export function query(parts: Readonly<Record<string, string | number | null>>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== null && value !== "") written.set(name, String(value));
  return written.size === 0 ? "" : `?${written.toString()}`;
}

/** A name for a file to download. */
export const fileName = (...parts: readonly string[]): string =>
  `${parts
    .join("-")
    .replaceAll(/[^\w.-]/gu, "-")
    .slice(0, 150)}.csv`;

const days = /^\d{4}-\d\d-\d\d$/u;

/** The beginning of a day of UTC, in milliseconds since 1970; null where a text is none. */
export function dayOf(text: string): number | null {
  const at = days.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? null : at;
}

export const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

export const dayMs = 86_400_000;

/** `12 min`, `3.4 h`, `2.1 d`; a dash for nothing. */
export function lasts(ms: number | null): string {
  if (ms === null) return "–";
  const minutes = ms / 60_000;
  if (minutes < 1) return "under 1 min";
  if (minutes < 120) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${(minutes / 60).toFixed(1)} h` : `${(minutes / 1440).toFixed(1)} d`;
}

export const percent = (share: number | null): string =>
  share === null ? "–" : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
