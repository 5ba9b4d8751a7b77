import type { Reason } from "../../../gate/verdict.ts";
import type { Report } from "../../../gate/report.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer } from "../answers.ts";
import type { ChangeShown } from "../ports.ts";
import { counted } from "../../../gate/explain.ts";
import { list } from "../../../gate/phrases.ts";
import { ago, entryText, momentOf } from "../words.ts";
import { withoutNames } from "../names.ts";
import { standingMark, standingWay } from "./changes.ts";
import { whoText } from "./ledger.ts";
import { agoMark } from "./parts.ts";
import { effectsSection, radiusSection } from "./radius.ts";

/** One change: how it stands and why, what it does, who approved it, what was said about it, and what became of it. */
export function change(
  name: string,
  seen: ChangeShown,
  { github, report, nodes, now }: { github: string; report: Report | null; nodes: boolean; now: Date },
): Answer {
  const shown = nodes ? seen : nameless(seen, report);
  const { number, about } = shown;
  const title = `#${number} ${about?.title ?? ""}`.trim();
  const whole = nodes && report !== null ? `/${name}/changes/${number}/report` : null;
  const body = markup`<h1>${title}</h1>
    <div id="change" data-live>
      ${headline(shown, now)}
      <p>
        <a href="${github}/${name}/pull/${number}">On GitHub</a> · <a href="/${name}">All changes</a>
        ${whole === null ? none : markup`· <a href="${whole}">What it does to the fleet</a>`}
      </p>
      ${verdictSection(shown, now)}
      ${report === null ? none : [radiusSection(report, { nodes }), effectsSection(report, { nodes, whole })]}
      ${approvalsSection(shown, now)} ${answersSection(shown)} ${timeline(name, shown, now)}
    </div>`;
  return { kind: "page", status: 200, title: `${title} of ${name}`, body, place: { name, here: "changes" } };
}

function headline(shown: ChangeShown, now: Date): Markup {
  const { about, head, baseRef, entries } = shown;
  const way = head === null ? none : markup`<code>${head.slice(0, 10)}</code> into <code>${baseRef ?? "?"}</code>`;
  const landed = entries.findLast(({ kind }) => kind === "landed" || kind === "landed-outside");
  return markup`<p><span data-tell id="standing">${standingMark(shown)}</span> ${landed === undefined ? none : markup`${entryText(landed.kind)} ${agoMark(landed.at, now)}. `}${about === null ? none : markup`${about.opener ?? "somebody who is not known any more"} opened it ${agoMark(about.openedAt, now)}. `}${way}</p>`;
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

function approvalsSection({ approvals, head }: ChangeShown, now: Date): Markup {
  if (approvals.length === 0) return none;
  return markup`<section aria-labelledby="approvals">
    <h2 id="approvals">Approvals, and what became of them</h2>
    <ul class="reasons">
      ${approvals.map(({ who, commit, became }) => {
        const last = became.at(-1);
        const dropped = last?.state === "dropped";
        return markup`<li><span class="tag ${dropped ? "fail" : "pass"}">${dropped ? "does not count" : "given"}</span> <b>${whoText(who)}</b>${commit === null ? none : markup` on <code>${commit.slice(0, 10)}</code>${commit === head ? ", the head of now" : ""}`}
          <ul class="parts">${became.map(({ at, state, why }) => markup`<li>${agoMark(at, now)}: ${entryText(`approval-${state}`)}${why === null ? "" : `: ${why}`}</li>`)}</ul></li>`;
      })}
    </ul>
  </section>`;
}

/** What is in the way comes first, with who has to do what; what passed is folded behind it. */
function verdictSection(shown: ChangeShown, now: Date): Markup {
  const { verdict, decidedAt, state } = shown;
  if (verdict === null) return state === "open" ? markup`<p>Not judged yet: that is done by itself.</p>` : none;
  const of = (group: ReturnType<typeof groupOf>): Reason[] => verdict.reasons.filter((reason) => groupOf(reason) === group);
  const [open, observed, settled] = [of("open"), of("observed"), of("settled")];
  const judged = decidedAt === null ? none : markup`<p class="note">Judged ${agoMark(decidedAt, now)}.</p>`;
  const reasons = markup`${open.length === 0 ? none : markup`<ul class="reasons open">${open.map(openMarkup)}</ul>`}
    ${observed.length === 0 ? none : markup`<p>Only observed, and in nobody's way:</p><ul class="reasons">${observed.map(reasonMarkup)}</ul>`}
    ${settled.length === 0 ? none : markup`<details id="settled"><summary>${counted(settled.length, "check")} passed or did not apply</summary><ul class="reasons">${settled.map(reasonMarkup)}</ul></details>`}`;
  if (state !== "open") return markup`<details id="now"><summary>What the gate says of it since</summary>${judged}${reasons}</details>`;
  const [way] = standingWay(shown);
  return markup`<section aria-labelledby="verdict">
    <h2 id="verdict">${open.length === 0 ? "Verdict" : "What it waits for"}</h2>
    ${way === undefined ? none : markup`<p><b>Next:</b> ${way}</p>`}
    ${reasons}
    ${judged}
  </section>`;
}

function groupOf({ outcome, observed }: Reason): "open" | "observed" | "settled" {
  if (outcome === "pass" || outcome === "skipped") return "settled";
  return observed === true ? "observed" : "open";
}

/** With who has to do what, unless that is what its text says already. */
function openMarkup(reason: Reason): Markup {
  const { unblock, text } = reason;
  if (unblock === undefined) return reasonMarkup(reason);
  const same = bare(text) === bare(unblock);
  return markup`<li class="${reason.outcome}">
    <span class="tag ${reason.outcome}">${reason.outcome}</span> <b>${reason.rule}</b>: <span class="way">${unblock}</span>
    ${same || text === "" || isSaidByParts(reason) ? none : markup`<p class="note">${text}</p>`}
    ${partsMarkup(reason)}
  </li>`;
}

/** The gate's two forms of the same: `bob must approve` and `bob: approve`. */
const bare = (text: string): string => text.replaceAll(/ must |: /gu, " ");

const isSaidByParts = ({ text, parts = [] }: Reason): boolean =>
  parts.length > 0 && parts.every((part) => part.outcome === "pass" || part.outcome === "skipped" || text.includes(part.text));

const reasonMarkup = (reason: Reason): Markup =>
  markup`<li class="${reason.outcome}">
    <span class="tag ${reason.outcome}">${reason.outcome}</span> <b>${reason.rule}</b>${reason.text === "" || isSaidByParts(reason) ? "" : `: ${reason.text}`}
    ${partsMarkup(reason)}
  </li>`;

const partsMarkup = ({ parts = [], asks }: Reason): Markup =>
  parts.length === 0
    ? none
    : markup`<p class="note">${asks === "any" ? "any one of" : "all of"}</p><ul class="reasons parts">${parts.map(reasonMarkup)}</ul>`;

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

function timeline(name: string, { entries, number }: ChangeShown, now: Date): Markup {
  if (entries.length === 0) return none;
  const left = entries.length - mostEntries;
  return markup`<section aria-labelledby="timeline">
    <h2 id="timeline">What became of it</h2>
    ${left > 0 ? markup`<p class="note">${left} earlier ones are in <a href="/${name}/ledger?about=pull/${number}">the ledger</a>.</p>` : none}
    <ol class="timeline">
      ${entries.slice(-mostEntries).map(({ seq, kind, at, who, judged }) => markup`<li><time datetime="${at}" title="${ago(at, now)}">${momentOf(at)}</time> ${judged === undefined ? entryText(kind) : judgedText(judged)}${who === null ? "" : `, ${whoText(who)}`} <a class="note" href="/${name}/ledger/${seq}">entry ${seq}</a></li>`)}
    </ol>
  </section>`;
}

/** `judged: blocked by lint and peer`, by the rules that were in the way then. */
function judgedText({ outcome, rules }: NonNullable<ChangeShown["entries"][number]["judged"]>): string {
  if (outcome === "pass") return "judged: ready";
  return `judged: not ready${rules.length === 0 ? "" : `, because of ${list(rules, 4)}`}`;
}
