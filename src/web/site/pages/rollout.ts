import { holdsOf, isWorthNaming, nodeWords, statusTail, takesOf, waitsOfLanes } from "../../../rollout/status-words.ts";
import type { LaneStatus, RolloutStatus, StageStatus } from "../../../rollout/status.ts";
import { forms, type OrderVerb, verbs } from "../../../rollout/word.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer } from "../answers.ts";
import type { RolloutSaid, RolloutAnswer } from "../ports.ts";
import { withoutNames } from "../names.ts";
import { agoMark, toldMarkup } from "./parts.ts";
import { haltMarkup } from "./halt.ts";
import { mostLinks, waitedSection } from "./waited.ts";

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
  now: Date;
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
    <div id="said" data-live>${saidMarkup(said, view.now)}</div>`;
  return {
    kind: "page",
    status: answered === undefined || answered.ok ? 200 : 422,
    title: `Rollout of ${name}`,
    body,
    place: { name, here: "rollout" },
  };
}

function lanesMarkup(name: string, status: RolloutStatus, github: string): Markup {
  const [holds, waits, tail] = [holdsOf(status), waitsOfLanes(status), statusTail(status)];
  const now = new Date(status.now);
  return markup`
    ${holds.length === 0 ? none : markup`<div class="looks"><h2>Held</h2>${holds.map(({ text, next }) => markup`<p>${text}${next === null ? none : markup` ${toldMarkup(next)}`}</p>`)}</div>`}
    <ol class="lanes">
      ${status.lanes.map((lane, at) => laneMarkup(name, lane, { wait: waits[at] ?? "", github, now }))}
    </ol>
    ${waitedSection(name, status.waited ?? [])}
    ${tail.map((line) => markup`<p class="note">${toldMarkup(line)}</p>`)}`;
}

/** What is wrong and what to do come first; then how far it is, what it has and brings, and its nodes. Nothing is said twice. */
function laneMarkup(name: string, lane: LaneStatus, { wait, github, now }: { wait: string; github: string; now: Date }): Markup {
  const { stage, halt, behind } = lane;
  const takes = halt === null ? takesOf(lane) : [];
  return markup`<li class="lane ${halt !== null ? "stands" : stage === null ? "" : "moves"}" id="lane-${lane.lane}">
    <h2 data-tell id="state-${lane.lane}">${lane.lane} ${markOf(lane)}</h2>
    ${halt === null ? none : haltMarkup(name, halt, lane, now)}
    ${wait === "" ? none : markup`<p>${toldMarkup(wait)}.</p>`}
    ${stage === null ? none : progressMarkup(lane.lane, stage)}
    ${takes.length === 0 ? none : markup`<p>It still takes</p><ul>${takes.map((one) => markup`<li>${one}</li>`)}</ul>`}
    <dl>
      <dt>Branch</dt><dd><code>${lane.environment}</code></dd>
      ${stage === null ? none : markup`<dt>${stage.phase === "watched" ? "Has" : "Gets"}</dt><dd>${commitLink(name, stage.release, github)}</dd>`}
      ${stage === null || stage.changes.length === 0 ? none : markup`<dt>${stage.way === "back" ? "Leaves" : "Brings"}</dt><dd>${landedLinks(name, stage.changes, github)}</dd>`}
      <dt>${stage === null ? "Has" : "Good before"}</dt><dd>${commitLink(name, lane.verified, github)}</dd>
      ${behind.length === 0 ? none : markup`<dt>Waiting</dt><dd>${landedLinks(name, behind, github)}</dd>`}
    </dl>
    ${stage === null || stage.nodes.length === 0 ? none : nodesMarkup(lane, stage.nodes)}
  </li>`;
}

function markOf({ stage, halt }: LaneStatus): Markup {
  if (halt !== null) return markup`<span class="tag fail">stands still</span>`;
  if (stage === null) return markup`<span class="tag pass">good</span>`;
  return markup`<span class="tag pending">${stage.way === "back" ? "goes back" : "on its way"}</span>`;
}

function progressMarkup(lane: string, { phase, observedMinutes, bakeMinutes, way }: StageStatus): Markup {
  if (phase === "intended") return markup`<p>Its branch is about to be moved.</p>`;
  if (phase === "moved") return markup`<p>Compilers have yet to prove that they serve it.</p>`;
  if (bakeMinutes === null) return markup`<p>${way === "back" ? "It is back there." : "Its nodes are watched."}</p>`;
  const [observed, most] = [Math.floor(observedMinutes), Math.max(1, Math.ceil(bakeMinutes))];
  return markup`<p class="watched"><progress max="${most}" value="${Math.min(observed, most)}" aria-label="Minutes for which ${lane} was observed">${observed} of ${bakeMinutes} minutes</progress> ${observed} of ${bakeMinutes} min observed</p>`;
}

/** By what each did: those that somebody has to look at by name, unless the halt has named them; the others folded. */
const nodesMarkup = ({ lane, halt }: LaneStatus, nodes: StageStatus["nodes"]): Markup =>
  markup`<ul class="tally">${nodes
    .toSorted((one, other) => Number(isWorthNaming(other.kind)) - Number(isWorthNaming(one.kind)))
    .map(({ kind, count, certnames }) => {
      const what = markup`<b>${count}</b> ${nodeWords[kind]}`;
      if (certnames.length === 0) return markup`<li>${what}</li>`;
      const names = markup`<span class="note">${certnames.join(", ")}${count > certnames.length ? ` and ${count - certnames.length} more` : ""}</span>`;
      return isWorthNaming(kind) && halt === null
        ? markup`<li>${what}<br />${names}</li>`
        : markup`<li><details id="nodes-${lane}-${kind}"><summary>${what}</summary>${names}</details></li>`;
    })}</ul>`;

const commitLink = (name: string, sha: string, github: string): Markup =>
  markup`<a href="${github}/${name}/commit/${sha}"><code>${sha.slice(0, 10)}</code></a>`;

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

function saidMarkup(said: readonly RolloutSaid[], now: Date): Markup {
  if (said.length === 0) return none;
  return markup`<section aria-labelledby="heard"><h2 id="heard">What was said</h2>
    <ul class="said">
      ${said.map(
        ({ who, verb, text, at, via, answer }) =>
          markup`<li><b>${who}</b> <code>${verb} ${text}</code> <span class="note">${agoMark(at, now)}, ${via}</span><br />${answer === null ? markup`<span class="note">not heard yet</span>` : answer}</li>`,
      )}
    </ul>
  </section>`;
}
