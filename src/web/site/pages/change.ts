import type { Reason } from "../../../gate/verdict.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer } from "../answers.ts";
import type { ChangeShown } from "../ports.ts";
import { entryText, momentOf, since } from "../words.ts";
import { standingMark, waitsFor } from "./changes.ts";

/** One change: how it stands and why, what was said about it, and what became of it. */
export function change(
  name: string,
  shown: ChangeShown,
  { github, hasReport, now }: { github: string; hasReport: boolean; now: Date },
): Answer {
  const { number, about, state } = shown;
  const title = `#${number} ${about?.title ?? ""}`.trim();
  const ways = waitsFor(shown);
  const body = markup`<h1>${title}</h1>
    <div id="change" data-live>
      <p>
        ${standingMark(shown)} ${state === "open" ? "" : state} ${about?.opener ?? ""}${about === null || state !== "open" ? none : markup`, open for ${since(about.openedAt, now)}`}
      </p>
      <p>
        <a href="${github}/${name}/pull/${number}">On GitHub</a> · <a href="/${name}">All changes</a>
        ${hasReport ? markup`· <a href="/${name}/changes/${number}/report">What it does to the fleet</a>` : none}
      </p>
      ${ways.length === 0 ? none : markup`<section aria-labelledby="ways"><h2 id="ways">Who has to do what</h2><ul>${ways.map((way) => markup`<li>${way}</li>`)}</ul></section>`}
      ${verdictSection(shown)} ${answersSection(shown)} ${timeline(shown)}
    </div>`;
  return { kind: "page", status: 200, title: `${title} of ${name}`, body };
}

function verdictSection({ verdict, decidedAt, head, baseRef }: ChangeShown): Markup {
  if (verdict === null) return markup`<p>Not judged yet.</p>`;
  return markup`<section aria-labelledby="verdict">
    <h2 id="verdict">Verdict</h2>
    <p class="note">Head ${head?.slice(0, 10) ?? ""} into ${baseRef ?? ""}${decidedAt === null ? "" : `, as of ${momentOf(decidedAt)}`}</p>
    <ul class="reasons">${verdict.reasons.map(reasonMarkup)}</ul>
  </section>`;
}

const reasonMarkup = ({ rule, outcome, text, parts = [], asks, observed }: Reason): Markup =>
  markup`<li>
    <span class="tag ${outcome}">${outcome}</span> <b>${rule}</b>: ${text}${observed === true ? " (only observed)" : ""}
    ${parts.length === 0 ? none : markup`<p class="note">${asks === "any" ? "any one of" : "all of"}</p><ul class="reasons parts">${parts.map(reasonMarkup)}</ul>`}
  </li>`;

function answersSection({ answers }: ChangeShown): Markup {
  if (answers.length === 0) return none;
  return markup`<section aria-labelledby="answers">
    <h2 id="answers">What was said to it</h2>
    <ul>
      ${answers.map(
        ({ by, command, text, lines, accepted }) =>
          markup`<li><b>${by}</b> ${command === "" ? none : markup`<code>${command}</code>`} <span class="tag ${accepted ? "pass" : "fail"}">${accepted ? "heard" : "refused"}</span> ${text}${lines.length === 0 ? none : markup`<ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul>`}</li>`,
      )}
    </ul>
  </section>`;
}

function timeline({ entries }: ChangeShown): Markup {
  if (entries.length === 0) return none;
  return markup`<section aria-labelledby="timeline">
    <h2 id="timeline">What became of it</h2>
    <ol class="timeline">
      ${entries.map(({ seq, kind, at }) => markup`<li><time datetime="${at}">${momentOf(at)}</time> ${entryText(kind)} <span class="note">entry ${seq}</span></li>`)}
    </ol>
  </section>`;
}
