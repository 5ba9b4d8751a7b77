import type { Reason } from "../../../gate/verdict.ts";
import type { Report } from "../../../gate/report.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer } from "../answers.ts";
import type { ChangeShown } from "../ports.ts";
import { entryText, momentOf, since } from "../words.ts";
import { withoutNames } from "../names.ts";
import { standingMark, waitsFor } from "./changes.ts";
import { whoText } from "./ledger.ts";
import { effectsSection, radiusSection } from "./radius.ts";

/** One change: how it stands and why, what it does, who approved it, what was said about it, and what became of it. */
export function change(
  name: string,
  seen: ChangeShown,
  { github, report, nodes, now }: { github: string; report: Report | null; nodes: boolean; now: Date },
): Answer {
  const shown = nodes ? seen : nameless(seen, report);
  const { number, about, state } = shown;
  const title = `#${number} ${about?.title ?? ""}`.trim();
  const ways = waitsFor(shown, nodes);
  const whole = nodes && report !== null ? `/${name}/changes/${number}/report` : null;
  const body = markup`<h1>${title}</h1>
    <div id="change" data-live>
      <p>
        ${standingMark(shown)} ${state === "open" ? "" : state} ${about?.opener ?? ""}${about === null || state !== "open" ? none : markup`, open for ${since(about.openedAt, now)}`}
      </p>
      <p>
        <a href="${github}/${name}/pull/${number}">On GitHub</a> · <a href="/${name}">All changes</a>
        ${whole === null ? none : markup`· <a href="${whole}">What it does to the fleet</a>`}
      </p>
      ${ways.length === 0 ? none : markup`<section aria-labelledby="ways"><h2 id="ways">Who has to do what</h2><ul>${ways.map((way) => markup`<li>${way}</li>`)}</ul></section>`}
      ${verdictSection(shown)}
      ${report === null ? none : [radiusSection(report), effectsSection(report, { nodes, whole })]}
      ${approvalsSection(shown)} ${answersSection(shown)} ${timeline(name, shown)}
    </div>`;
  return { kind: "page", status: 200, title: `${title} of ${name}`, body, place: { name, here: "changes" } };
}

/** What the gate says of a change may name nodes: by the report they are known; without one, only what they say beside names is left out. */
function nameless(shown: ChangeShown, report: Report | null): ChangeShown {
  if (report !== null)
    return withoutNames(
      shown,
      report.nodes.map(({ certname }) => certname),
    );
  const bare = ({ rule, outcome, parts, asks, observed, unblock }: Reason): Reason => ({
    rule,
    outcome,
    text: "",
    ...(parts !== undefined && { parts: parts.map(bare) }),
    ...(asks !== undefined && { asks }),
    ...(observed !== undefined && { observed }),
    ...(unblock !== undefined && { unblock }),
  });
  const verdict = shown.verdict === null ? null : { ...shown.verdict, reasons: shown.verdict.reasons.map(bare) };
  return { ...shown, verdict, answers: shown.answers.map((answer) => ({ ...answer, lines: [] })) };
}

function approvalsSection({ approvals, head }: ChangeShown): Markup {
  if (approvals.length === 0) return none;
  return markup`<section aria-labelledby="approvals">
    <h2 id="approvals">Approvals, and what became of them</h2>
    <ul class="reasons">
      ${approvals.map(({ who, commit, became }) => {
        const last = became.at(-1);
        const dropped = last?.state === "dropped";
        return markup`<li><span class="tag ${dropped ? "fail" : "pass"}">${dropped ? "does not count" : "given"}</span> <b>${whoText(who)}</b>${commit === null ? none : markup` on <code>${commit.slice(0, 10)}</code>${commit === head ? ", the head of now" : ""}`}
          <ul class="parts">${became.map(({ at, state, why }) => markup`<li><time datetime="${at}">${momentOf(at)}</time> ${entryText(`approval-${state}`)}${why === null ? "" : `: ${why}`}</li>`)}</ul></li>`;
      })}
    </ul>
  </section>`;
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
    <span class="tag ${outcome}">${outcome}</span> <b>${rule}</b>${text === "" ? "" : `: ${text}`}${observed === true ? " (only observed)" : ""}
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

/** So many of what became of it are shown, the newest; the ledger has all. */
const mostEntries = 200;

function timeline(name: string, { entries, number }: ChangeShown): Markup {
  if (entries.length === 0) return none;
  const left = entries.length - mostEntries;
  return markup`<section aria-labelledby="timeline">
    <h2 id="timeline">What became of it</h2>
    ${left > 0 ? markup`<p class="note">${left} earlier ones are in <a href="/${name}/ledger?about=pull/${number}">the ledger</a>.</p>` : none}
    <ol class="timeline">
      ${entries.slice(-mostEntries).map(({ seq, kind, at, who }) => markup`<li><time datetime="${at}">${momentOf(at)}</time> ${entryText(kind)}${who === null ? "" : `, ${whoText(who)}`} <a class="note" href="/${name}/ledger/${seq}">entry ${seq}</a></li>`)}
    </ol>
  </section>`;
}
