import { type CausedWait, waitedDays, type Whose } from "../../../rollout/caused.ts";
import { spanText } from "../../../rollout/waited-words.ts";
import { laneTexts, nodeWords, statusHead, statusTail } from "../../../rollout/status-words.ts";
import type { LaneStatus, RolloutStatus } from "../../../rollout/status.ts";
import { forms, type OrderVerb, verbs } from "../../../rollout/word.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer } from "../answers.ts";
import type { RolloutSaid, RolloutAnswer } from "../ports.ts";
import { withoutNames } from "../names.ts";
import { momentOf } from "../words.ts";

export interface RolloutView {
  /** Null where nothing was ever looked at. */
  status: RolloutStatus | null;
  /** What people said last, the newest first. */
  said: readonly RolloutSaid[];
  /** For who may say something: what their form has to hold; null for who may not. */
  formToken: string | null;
  /** What came of what was said just now. */
  answered?: RolloutAnswer;
  github: string;
  /** Whether names of nodes are shown. */
  nodes: boolean;
  /** Of the form: sent again, what it says is the same word. */
  key: string;
}

/** Where each release is, lane by lane: what it is, how far it was watched, its nodes, why it waits, and what can be said to it. */
export function rollout(name: string, seen: RolloutView): Extract<Answer, { kind: "page" }> {
  const view = seen.nodes ? seen : withoutNames(seen);
  const { status, said, formToken, answered } = view;
  const body = markup`<h1>Rollout of ${name}</h1>
    ${seen.nodes ? none : markup`<p class="note">Names of nodes are shown to whoever has more rights in this repository.</p>`}
    ${answered === undefined ? none : answerMarkup(answered)}
    <div id="rollout" data-live>${status === null ? markup`<p>Nothing is rolled out here: the policy has no lanes, or this server was not told of a site.</p>` : lanesMarkup(name, status, view.github)}</div>
    ${status === null || formToken === null ? none : sayMarkup(name, status, { token: formToken, key: view.key })}
    <div id="said" data-live>${saidMarkup(said)}</div>`;
  return {
    kind: "page",
    status: answered === undefined || answered.ok ? 200 : 422,
    title: `Rollout of ${name}`,
    body,
    place: { name, here: "rollout" },
  };
}

function lanesMarkup(name: string, status: RolloutStatus, github: string): Markup {
  const [head, texts, tail] = [statusHead(status), laneTexts(status), statusTail(status)];
  return markup`
    ${head.length === 0 ? none : markup`<div class="looks"><h2>Held</h2>${head.map((line) => markup`<p>${line}</p>`)}</div>`}
    <ol class="lanes">
      ${status.lanes.map((lane, at) => laneMarkup(name, lane, texts[at] ?? "", github))}
    </ol>
    ${waitedMarkup(name, status.waited ?? [])}
    ${tail.map((line) => markup`<p class="note">${line}</p>`)}`;
}

function laneMarkup(name: string, lane: LaneStatus, text: string, github: string): Markup {
  const { stage, halt, behind } = lane;
  const stands = halt !== null ? "stands" : stage === null ? "" : "moves";
  const mark =
    halt !== null
      ? markup`<span class="tag fail">stands still</span>`
      : stage === null
        ? markup`<span class="tag pass">good</span>`
        : markup`<span class="tag pending">${stage.way === "back" ? "goes back" : "on its way"}</span>`;
  return markup`<li class="lane ${stands}">
    <h3>${lane.lane} ${mark}</h3>
    <p>${text}.</p>
    ${stage === null || stage.bakeMinutes === null || stage.phase !== "watched" ? none : bakeMarkup(lane.lane, stage.observedMinutes, stage.bakeMinutes)}
    <dl>
      <dt>Branch</dt><dd><code>${lane.environment}</code></dd>
      <dt>Good</dt><dd>${commitLink(name, lane.verified, github)}</dd>
      ${stage === null ? none : markup`<dt>${stage.way === "back" ? "Leaves" : "Brings"}</dt><dd>${landedLinks(name, stage.changes, github)}</dd>`}
      ${behind.length === 0 ? none : markup`<dt>Waiting</dt><dd>${landedLinks(name, behind, github)}</dd>`}
      ${stage === null ? none : stage.nodes.map(({ kind, count, certnames }) => markup`<dt>${count}</dt><dd>${nodeWords[kind]}${certnames.length === 0 ? none : markup` <span class="note">${certnames.join(", ")}${count > certnames.length ? ", …" : ""}</span>`}</dd>`)}
    </dl>
  </li>`;
}

/** What one change's halt cost others. */
function waitedMarkup(name: string, waited: readonly CausedWait[]): Markup {
  if (waited.length === 0) return none;
  return markup`<section aria-labelledby="waited"><h2 id="waited">Waited for others</h2>
    <p class="note">How long changes waited in the last ${waitedDays} days because a lane stood still over somebody else's.</p>
    <table>
      <thead><tr><th>Stood still over</th><th>Lane</th><th>Since</th><th>Until</th><th>Who waited</th><th>In all</th></tr></thead>
      <tbody>
        ${waited
          .slice(0, mostLinks)
          .map(
            (one) =>
              markup`<tr><td>${one.over.length === 0 ? markup`<code>${one.release.slice(0, 10)}</code>` : whoseLinks(name, one.over)}</td><td>${one.lane}</td><td>${momentOf(new Date(one.from))}</td><td>${one.to === null ? "still" : momentOf(new Date(one.to))}</td><td>${whoseLinks(name, one.changes)}</td><td>${spanText(one.minutes)}</td></tr>`,
          )}
      </tbody>
    </table></section>`;
}

const whoseLinks = (name: string, all: readonly (Whose & { minutes?: number })[]): Markup =>
  markup`${all
    .slice(0, mostLinks)
    .map(
      ({ number, services, minutes }, at) =>
        markup`${at === 0 ? "" : ", "}<a href="/${name}/changes/${number}">#${number}</a>${services.length === 0 ? "" : ` (${services.slice(0, 3).join(", ")})`}${minutes === undefined ? "" : ` ${spanText(minutes)}`}`,
    )}${all.length > mostLinks ? ` and ${all.length - mostLinks} more` : ""}`;

const bakeMarkup = (lane: string, observed: number, bake: number): Markup =>
  markup`<progress max="${Math.max(1, Math.ceil(bake))}" value="${Math.min(Math.floor(observed), Math.max(1, Math.ceil(bake)))}" aria-label="Minutes for which ${lane} was observed">${Math.floor(observed)} of ${bake} minutes</progress>`;

const commitLink = (name: string, sha: string, github: string): Markup =>
  markup`<a href="${github}/${name}/commit/${sha}"><code>${sha.slice(0, 10)}</code></a>`;

const mostLinks = 12;

const landedLinks = (name: string, all: LaneStatus["behind"], github: string): Markup =>
  markup`${all
    .slice(-mostLinks)
    .toReversed()
    .map(
      ({ sha, number }, at) =>
        markup`${at === 0 ? "" : ", "}${number === null ? commitLink(name, sha, github) : markup`<a href="/${name}/changes/${number}">#${number}</a>`}`,
    )}${all.length > mostLinks ? ` and ${all.length - mostLinks} more` : ""}`;

/** Words that change something; `status` is what the page says anyway. */
export const words: readonly OrderVerb[] = verbs.filter((verb) => verb !== "status");

function sayMarkup(name: string, { lanes }: RolloutStatus, { token, key }: { token: string; key: string }): Markup {
  return markup`<section class="say" aria-labelledby="say">
    <h2 id="say">Say something to it</h2>
    <form method="post" action="/${name}/rollout">
      <input type="hidden" name="token" value="${token}" />
      <input type="hidden" name="key" value="${key}" />
      <label>What <select name="verb">${words.map((verb) => markup`<option>${verb}</option>`)}</select></label>
      <label>Lane <select name="lane"><option value="">where only one can be meant</option>${lanes.map(({ lane }) => markup`<option>${lane}</option>`)}</select></label>
      <label>Reason, after a time or commits where there are any <input name="text" maxlength="1000" /></label>
      <button>Say it</button>
    </form>
    <details><summary>What can be said</summary><ul>${words.map((verb) => markup`<li><code>${forms[verb]}</code></li>`)}</ul>
    <p class="note">Going wider or around takes somebody who had no part in the release; stopping takes anybody who can write here. It is kept in the ledger with your name and reason.</p></details>
  </section>`;
}

const answerMarkup = ({ ok, text, lines }: RolloutAnswer): Markup =>
  markup`<div class="looks" role="status"><h2>${ok ? "Heard" : "Not done"}</h2><p>${text}</p>${lines.map((line) => markup`<p>${line}</p>`)}</div>`;

function saidMarkup(said: readonly RolloutSaid[]): Markup {
  if (said.length === 0) return none;
  return markup`<section aria-labelledby="heard"><h2 id="heard">What was said</h2>
    <ul>
      ${said.map(
        ({ who, verb, text, at, via, answer }) =>
          markup`<li><time datetime="${at}">${momentOf(at)}</time> <b>${who}</b> <code>${verb} ${text}</code> <span class="note">${via}</span>: ${answer === null ? "not heard yet" : answer}</li>`,
      )}
    </ul>
  </section>`;
}
