import { previewLines } from "../../../rollout/going-back-words.ts";
import type { Halt } from "../../../rollout/state.ts";
import type { LaneStatus } from "../../../rollout/status.ts";
import { haltParts } from "../../../rollout/status-words.ts";
import { whyText } from "../../../rollout/suspect-words.ts";
import { markup, none, type Markup } from "../../html.ts";
import { momentOf, since } from "../words.ts";
import { toldMarkup } from "./parts.ts";

/** So many of what points to a commit are shown; the call in its pull request has more. */
const mostClues = 1;

/** Why a lane stands still: what is wrong, whom it points to, what to say next, and what going back would leave. */
export function haltMarkup(name: string, halt: Halt, lane: LaneStatus, now: Date): Markup {
  const { why, next } = haltParts(halt, lane);
  const { at, notReturned } = halt;
  return markup`<p class="since">for <time datetime="${new Date(at).toISOString()}" title="since ${momentOf(at)}">${since(at, now)}</time>:</p>
    <ul class="why">${why.map((one) => markup`<li>${one}</li>`)}</ul>
    ${suspectsMarkup(name, halt)}
    ${notReturned === undefined ? none : markup`<p>It does not go back by itself: ${notReturned}.</p>`}
    <p class="next"><b>Next:</b> ${toldMarkup(next)}.</p>
    ${staysMarkup(lane.lane, halt)}`;
}

function suspectsMarkup(name: string, { suspects }: Halt): Markup {
  if (suspects === undefined) return none;
  if (!suspects.known) return markup`<p>Whom it points to is not known: ${suspects.reason}.</p>`;
  if (suspects.value.length === 0) return none;
  return markup`<p>Suspected:</p>
    <ul>${suspects.value.map(({ commit, number, score, why }) => markup`<li>${number === null ? markup`<code>${commit.slice(0, 10)}</code>` : markup`<a href="/${name}/changes/${number}">#${number}</a>`} <b>${Math.round(100 * score)} %</b>${why.slice(0, mostClues).map((clue) => markup`<br /><span class="note">${whyText(clue)}</span>`)}</li>`)}</ul>`;
}

function staysMarkup(lane: string, { stays }: Halt): Markup {
  if (stays === undefined) return none;
  if (!stays.known) return markup`<p>What going back would leave is not known: ${stays.reason}.</p>`;
  const [title = "", ...lines] = previewLines(stays.value);
  return markup`<details id="stays-${lane}"><summary>${title.replace(/[.:]$/u, "")}</summary><ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul></details>`;
}
