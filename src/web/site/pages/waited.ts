import { type CausedWait, waitedDays, type Whose } from "../../../rollout/caused.ts";
import { spanText } from "../../../rollout/waited-words.ts";
import { definitions } from "../../../measures/definitions.ts";
import { markup, none, type Markup } from "../../html.ts";
import { momentOf } from "../words.ts";
import { table } from "./parts.ts";

/** Links to changes in one place, at most. */
export const mostLinks = 12;

/** What a halt of some cost others: the same on the page of the rollout and on that of the measures. */
export function waitedSection(name: string, waited: readonly CausedWait[], when = `In the last ${waitedDays} days.`): Markup {
  if (waited.length === 0) return none;
  const head = ["Stood still over", "Lane", "Since", "Until", "Who waited", "In all"];
  return markup`<section aria-labelledby="waited"><h2 id="waited">Waiting that halts caused</h2>
    <p class="note">${when} ${definitions.waited}</p>
    ${table(
      "Halts that others waited for",
      head,
      waited.slice(0, mostLinks).map((one) => rowOf(name, one)),
    )}
    ${waited.length > mostLinks ? markup`<p class="note">And ${waited.length - mostLinks} more that cost less.</p>` : none}
  </section>`;
}

const rowOf = (name: string, { over, release, lane, from, to, changes, minutes }: CausedWait): Markup =>
  markup`<tr><td>${over.length === 0 ? markup`<code>${release.slice(0, 10)}</code>` : whoseLinks(name, over)}</td><td>${lane}</td><td>${momentOf(new Date(from))}</td><td>${to === null ? markup`<span class="tag fail">still</span>` : momentOf(new Date(to))}</td><td>${whoseLinks(name, changes)}</td><td>${spanText(minutes)}</td></tr>`;

const whoseLinks = (name: string, all: readonly (Whose & { minutes?: number })[]): Markup =>
  markup`${all
    .slice(0, mostLinks)
    .map(
      ({ number, services, minutes }, at) =>
        markup`${at === 0 ? "" : ", "}<a href="/${name}/changes/${number}">#${number}</a>${services.length === 0 ? "" : ` (${services.slice(0, 3).join(", ")})`}${minutes === undefined ? "" : ` ${spanText(minutes)}`}`,
    )}${all.length > mostLinks ? ` and ${all.length - mostLinks} more` : ""}`;
