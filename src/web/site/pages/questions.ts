import { questions as all } from "../../../ledger/questions/questions.ts";
import { common, personal, type Row } from "../../../ledger/questions/table.ts";
import { csv } from "../../csv.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer, Asked } from "../answers.ts";
import type { AnswerShown, AnswerWhole, QuestionAsked } from "../ports.ts";
import { momentOf } from "../words.ts";
import { subjectMarkup, subjectOf, whoText } from "./ledger.ts";
import { dayMs, dayOf, dayText, fileName, query } from "./parts.ts";

/** What auditors ask of the ledger, by the numbers of their list. */

const pageAnchors = 100;
/** An answer may have many rows for each entry that it begins with. */
const mostRows = 500;

/** What is asked for by an address; a sentence where that is nothing that there is. */
export function questionAsked({ query: asked }: Asked): (QuestionAsked & { isCsv: boolean }) | string {
  const text = (name: string): string | null => {
    const written = asked.get(name)?.trim() ?? "";
    return written === "" ? null : written;
  };
  const [about, node, below] = [text("about"), text("node"), text("below")];
  const [from, to] = [text("from"), text("to")].map((day) => (day === null ? null : (dayOf(day) ?? undefined)));
  if (from === undefined || to === undefined) return "Days are written as 2026-01-31.";
  if ((about?.length ?? 0) > 200 || (node !== null && !/^[A-Za-z0-9._-]{1,253}$/u.test(node))) return "There is nothing of such a name.";
  if (below !== null && !/^[1-9]\d{0,14}$/u.test(below)) return "No answer goes on there.";
  return {
    from: from === null ? null : new Date(from),
    to: to === null ? null : new Date(to + dayMs),
    subject: about === null ? null : subjectOf(about),
    node,
    below: below === null ? null : Number(below),
    most: pageAnchors,
    isCsv: asked.get("format") === "csv",
  };
}

/** All of them, each one click away. */
export function questions(name: string, mayAsk: (question: string) => boolean): Answer {
  const body = markup`<h1>Auditors' questions</h1>
    <p class="note">Each answer names the entries that it rests on, which prove it. <code>puppet-gate audit ask NUMBER</code> answers over the whole ledger at once, <code>audit sample</code> draws from it, and <code>audit verify</code> checks an export without this server. <a href="/${name}/ledger">The ledger</a></p>
    <ol class="questions">${all.map(({ number, name: question, asks, missing }) => markup`<li value="${number}">${mayAsk(question) ? markup`<a href="/${name}/ledger/questions/${question}">${asks}</a>` : markup`${asks} <span class="note">(names nodes: it takes more rights in this repository)</span>`}${missing === null ? none : markup`<br /><span class="note">Not in it: ${missing}.</span>`}</li>`)}</ol>`;
  return { kind: "page", status: 200, title: `Auditors' questions to ${name}`, body, place: { name, here: "ledger" } };
}

export function answered(name: string, asked: QuestionAsked, answer: AnswerShown): Answer {
  const { question, rows, range, below } = answer;
  const address = (more: Record<string, string | number>): string =>
    `/${name}/ledger/questions/${question.name}${query({ ...partsOf(asked), ...more })}`;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) => !fixed.has(column));
  const head = ["entry", "when", "about", "outcome", "who", ...columns];
  const body = markup`<h1>${question.number}: ${question.asks}</h1>
    ${filters(name, question.name, asked)}
    <p class="note">${range === null ? "Nothing of it is recorded in this time." : `Over what begins with the entries ${range.first} to ${range.last}${below === null ? "" : "; there are older ones"}.`}${question.missing === null ? "" : ` Not in it: ${question.missing}.`}${question.history === true ? " What is told beside what was before is told within this page alone." : ""}</p>
    ${
      rows.length === 0
        ? markup`<p>None.</p>`
        : markup`<div class="wide" tabindex="0" role="region" aria-label="Answer"><table>
      <thead><tr>${head.map((cell) => markup`<th scope="col">${titleOf(cell)}</th>`)}</tr></thead>
      <tbody>${rows.slice(0, mostRows).map((row) => rowMarkup(name, row, columns, answer))}</tbody>
    </table></div>`
    }
    ${rows.length > mostRows ? markup`<p class="note">${rows.length - mostRows} more rows: the CSV has them.</p>` : none}
    <p class="pages">${below === null ? none : markup`<a href="${address({ below })}" rel="next">Older ones</a> · `}<a href="${address({ format: "csv", below: "" })}">As CSV</a> · <a href="/${name}/ledger/questions">All questions</a></p>
    <p class="note">Whole, over any time: <code>puppet-gate audit ask ${question.number}</code>. The CSV is whole, too, over the time above.</p>`;
  return { kind: "page", status: 200, title: `${question.name} of ${name}`, body, place: { name, here: "ledger" } };
}

const fixed: ReadonlySet<string> = new Set(["entry", "at", "repo", "subject", "actor", "outcome"]);

/** `approvedBy` as people read it. */
const titleOf = (column: string): string => column.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);

function rowMarkup(name: string, row: Row, columns: readonly string[], answer: AnswerShown): Markup {
  const seq = row.entry + 1;
  return markup`<tr><th scope="row"><a href="/${name}/ledger/${seq}">${seq}</a></th><td><time datetime="${row.at}">${momentOf(row.at)}</time></td><td>${subjectMarkup(name, row.subject)}</td><td>${row.outcome}</td><td>${row.actor === null ? "" : whoText(answer.people(row.actor))}</td>${columns.map((column) => markup`<td>${cellOf(row, column, answer)}</td>`)}</tr>`;
}

function cellOf(row: Row, column: string, { people }: Pick<AnswerShown, "people">): string {
  const value = row[column];
  if (value === null || value === undefined) return "";
  if (!personal.has(column) || typeof value !== "string") return String(value);
  return value
    .split(" ")
    .map((one) => whoText(people(one)))
    .join(", ");
}

function filters(name: string, question: string, asked: QuestionAsked): Markup {
  const { about, node, from, to } = partsOf(asked);
  return markup`<form method="get" action="/${name}/ledger/questions/${question}" class="filter">
    <label>About <input name="about" value="${about ?? ""}" placeholder="12, lane/canary" maxlength="200" /></label>
    ${nodeQuestions.has(question) ? markup`<label>Node <input name="node" value="${node ?? ""}" placeholder="web1.example.com" maxlength="253" /></label>` : none}
    <label>From <input type="date" name="from" value="${from ?? ""}" /></label>
    <label>To, with that day <input type="date" name="to" value="${to ?? ""}" /></label>
    <button>Ask</button>
  </form>`;
}

/** Questions that a node can be named in. */
const nodeQuestions: ReadonlySet<string> = new Set(["reach", "running", "unreached", "effects"]);

const partsOf = ({ from, to, subject, node, below }: QuestionAsked): Record<string, string | number | null> => ({
  about: subject,
  node,
  from: from === null ? null : dayText(from.getTime()),
  to: to === null ? null : dayText(to.getTime() - dayMs),
  below,
});

export function answeredCsv(name: string, { question, rows }: AnswerWhole): Answer {
  const columns = [...common, ...question.columns];
  async function* parts(): AsyncGenerator<string> {
    yield csv([columns]);
    for await (const { rows: some, people } of rows)
      if (some.length > 0) yield csv(some.map((row) => columns.map((column) => csvCell(row, column, people))));
  }
  return { kind: "csv", name: fileName(name, question.name), text: parts() };
}

function csvCell(row: Row, column: string, people: AnswerShown["people"]): string | number | null {
  const value = row[column];
  // As pages have them: the first entry is 1.
  if (column === "entry") return row.entry + 1;
  return typeof value === "number" ? value : value === null || value === undefined ? null : cellOf(row, column, { people });
}
