import { parseCheckpoint } from "../../../ledger/checkpoint.ts";
import { parseNote } from "../../../ledger/note.ts";
import { csv } from "../../csv.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer, Asked } from "../answers.ts";
import { entryKinds, entryText, momentOf } from "../words.ts";
import type { EntriesAsked, EntryListed, EntryPage, EntryShown, LogHead, Somebody } from "../ports.ts";
import { dayMs, dayOf, dayText, fileName, option, query, table } from "./parts.ts";

/** The ledger of a repository: what was recorded, by whom, and the proof of it. */

export interface LedgerAsked extends EntriesAsked {
  isCsv: boolean;
}

const longest = 200;
const pageSize = 50;
const mostOfCsv = 5_000;

/** What a list is asked for by its address; a sentence where that is nothing that there is. */
export function ledgerAsked({ query: asked }: Asked): LedgerAsked | string {
  const text = (name: string): string | null => {
    const written = asked.get(name)?.trim() ?? "";
    return written === "" ? null : written;
  };
  const [kind, about, person, words] = [text("kind"), text("about"), text("person"), text("text")];
  if ([about, person, words].some((each) => each !== null && each.length > longest))
    return `What is looked for has ${longest} signs at most.`;
  if (kind !== null && !/^[a-z-]{1,60}$/u.test(kind)) return "No entry is of such a kind.";
  const [from, to] = [dayIn(text("from")), dayIn(text("to"))];
  if (from === undefined || to === undefined) return "Days are written as 2026-01-31.";
  const below = text("below");
  const isCsv = asked.get("format") === "csv";
  if (below !== null && !/^[1-9]\d{0,14}$/u.test(below)) return "No list goes on there.";
  if (person !== null && !/^@?[A-Za-z0-9][A-Za-z0-9-]{0,99}$/u.test(person)) return "A person is a login of GitHub's, or a number.";
  return {
    kinds: kind === null ? null : [kind],
    subject: about === null ? null : subjectOf(about),
    person: person?.replace(/^@/u, "") ?? null,
    text: words,
    from: from === null ? null : new Date(from),
    to: to === null ? null : new Date(to + dayMs),
    below: below === null ? null : Number(below),
    most: isCsv ? mostOfCsv : pageSize,
    isCsv,
  };
}

const dayIn = (text: string | null): number | null | undefined => (text === null ? null : (dayOf(text) ?? undefined));

/** `#12` and `12` are a change. */
export const subjectOf = (about: string): string => (/^#?[1-9]\d{0,8}$/u.test(about) ? `pull/${about.replace("#", "")}` : about);

export function ledger(name: string, asked: LedgerAsked, page: EntryPage, head: LogHead): Answer {
  const address = (more: Record<string, string | number>): string => `/${name}/ledger${query({ ...partsOf(asked), ...more })}`;
  const body = markup`<h1>Ledger</h1>
    <p class="note">${headText(head)} <a href="/-/ledger">The signed head</a> · <a href="/${name}/ledger/questions">Auditors' questions</a></p>
    ${filters(name, asked)}
    ${
      page.rows.length === 0
        ? markup`<p>${page.looked === null ? "None." : `None of the ${page.looked} newest entries that were read says that.`}</p>`
        : table(
            "Entries",
            ["Entry", "When", "What", "About", "Who"],
            page.rows.map((row) => rowOf(name, row)),
          )
    }
    <p class="pages">
      ${page.below === null ? none : markup`<a href="${address({ below: page.below })}" rel="next">Older ones</a> · `}
      ${asked.below === null ? none : markup`<a href="${address({ below: "" })}">The newest</a> · `}
      <a href="${address({ format: "csv", below: "" })}">As CSV</a>
      ${page.looked === null ? none : markup`<span class="note">${page.looked} entries were read for the text.</span>`}
    </p>`;
  return { kind: "page", status: 200, title: `Ledger of ${name}`, body, place: { name, here: "ledger" } };
}

const partsOf = ({ kinds, subject, person, text, from, to, below }: LedgerAsked): Record<string, string | number | null> => ({
  kind: kinds?.[0] ?? null,
  about: subject,
  person,
  text,
  from: from === null ? null : dayText(from.getTime()),
  to: to === null ? null : dayText(to.getTime() - dayMs),
  below,
});

function filters(name: string, asked: LedgerAsked): Markup {
  const { kind, about, person, text, from, to } = partsOf(asked);
  const chosen = String(kind ?? "");
  return markup`<form method="get" action="/${name}/ledger" class="filter" role="search">
    <label>What <select name="kind">${option("", "anything", chosen)}${entryKinds.map((each) => option(each, entryText(each), chosen))}</select></label>
    <label>About <input name="about" value="${about ?? ""}" placeholder="12, lane/canary, branch/main" maxlength="${longest}" /></label>
    <label>Who <input name="person" value="${person ?? ""}" placeholder="login or number" maxlength="100" /></label>
    <label>Text <input name="text" type="search" value="${text ?? ""}" maxlength="${longest}" /></label>
    <label>From <input type="date" name="from" value="${from ?? ""}" /></label>
    <label>To, with that day <input type="date" name="to" value="${to ?? ""}" /></label>
    <button>Search</button>
  </form>`;
}

const rowOf = (name: string, { seq, entry: { kind, at, subject }, who }: EntryListed): Markup =>
  markup`<tr><th scope="row"><a href="/${name}/ledger/${seq}">${seq}</a></th><td><time datetime="${at}">${momentOf(at)}</time></td><td>${entryText(kind)}</td><td>${subjectMarkup(name, subject)}</td><td>${whoText(who)}</td></tr>`;

export function subjectMarkup(name: string, subject: string): Markup {
  const change = /^pull\/([1-9]\d{0,8})$/u.exec(subject)?.[1];
  if (change !== undefined) return markup`<a href="/${name}/changes/${change}">#${change}</a>`;
  return subject.startsWith("lane/") || subject === "rollout" ? markup`<a href="/${name}/rollout">${subject}</a>` : markup`${subject}`;
}

export function whoText(who: Somebody): string {
  if (who === null) return "";
  if (who.id === null) return `somebody who is not known any more (${who.commitment.slice(0, 12)})`;
  return who.login === null ? `number ${who.id}` : who.login;
}

export function ledgerCsv(name: string, { rows }: EntryPage): Answer {
  const head = ["entry", "at", "kind", "about", "person", "login", "evidence"];
  const lines = rows.map(({ seq, entry: { at, kind, subject, evidence }, who }) => [
    seq,
    at,
    kind,
    subject,
    who?.id ?? who?.commitment ?? null,
    who?.login ?? null,
    evidence.join(" "),
  ]);
  return { kind: "csv", name: fileName(name, "ledger"), text: csv([head, ...lines]) };
}

export function entry(name: string, { seq, entry: kept, who, texts, hidden }: EntryShown, head: LogHead): Answer {
  const signed = sizeOf(head) ?? 0;
  const body = markup`<h1>Entry ${seq}</h1>
    <p><b>${entryText(kept.kind)}</b>, ${subjectMarkup(name, kept.subject)}${who === null ? "" : `, ${whoText(who)}`}, <time datetime="${kept.at}">${momentOf(kept.at)}</time></p>
    <p>${seq <= signed ? markup`<a href="/${name}/ledger/${seq}/proof">Download its proof</a> <span class="note">with the entry itself, C2SP tlog-proof; <code>puppet-gate audit verify FILE --key KEY</code> checks it without this server.</span>` : markup`<span class="note">It is signed with the next head, within a minute; then its proof is here.</span>`}</p>
    <section aria-labelledby="record"><h2 id="record">As it is recorded</h2>
      <dl class="pairs">${Object.entries(kept).map(([key, value]) => markup`<dt>${key}</dt><dd><code>${typeof value === "string" ? value : JSON.stringify(value)}</code></dd>`)}</dl>
    </section>
    <section aria-labelledby="rests"><h2 id="rests">What it rests on</h2>
      ${hidden ? markup`<p>It may name nodes, which the policy shows to whoever has more rights in this repository.</p>` : none}
      ${texts.map(({ sha256, text }) => markup`<h3><code>${sha256.slice(0, 16)}…</code></h3>${text === null ? markup`<p class="note">${hidden ? "Not shown." : "Its text was forgotten; the entry proves that it was there."}</p>` : evidenceMarkup(text)}`)}
      ${texts.length === 0 ? markup`<p class="note">Nothing.</p>` : none}
    </section>
    <p><a href="/${name}/ledger${query({ about: kept.subject })}">All about ${kept.subject}</a> · <a href="/${name}/ledger">The ledger</a></p>`;
  return { kind: "page", status: 200, title: `Entry ${seq} of ${name}`, body, place: { name, here: "ledger" } };
}

/** Lines of a text that are shown at most; whoever wants more exports it. */
const mostLines = 400;

function evidenceMarkup(text: string): Markup {
  const lines = pretty(text).split("\n");
  return markup`<pre class="evidence" tabindex="0">${lines.slice(0, mostLines).map((line) => markup`${line}${newLine}`)}</pre>${lines.length > mostLines ? markup`<p class="note">${lines.length - mostLines} more lines: <code>puppet-gate audit export</code> has them.</p>` : none}`;
}

const newLine = markup`
`;

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // some evidence is plain words
  }
}

/** How many entries the newest signed head is of; null where there is none. */
const sizeOf = ({ note }: LogHead): number | null => (note === null ? null : (parseCheckpoint(parseNote(note)?.text ?? "")?.size ?? null));

export function headText(head: LogHead): string {
  const signed = sizeOf(head);
  if (signed === null || head.signedAt === null) return `${head.size} entries, of which no head is signed yet.`;
  const rest = head.size - signed;
  return `Signed up to entry ${signed} at ${momentOf(head.signedAt)}${rest > 0 ? `; ${rest} came in since` : ""}.`;
}

/** The head of the whole log, which is that of the installation. */
export function signedHead(head: LogHead): Answer {
  const checkpoint = head.note === null ? null : parseCheckpoint(parseNote(head.note)?.text ?? "");
  const published =
    head.places === 0
      ? "It is published nowhere yet."
      : `It is published at ${head.places} ${head.places === 1 ? "place" : "places"}${head.failing === 0 ? "" : `, of which ${head.failing} can't be reached now`}.`;
  const body = markup`<h1>The signed head of the ledger</h1>
    <p>${headText(head)} ${published}</p>
    ${
      checkpoint === null || head.note === null
        ? none
        : markup`<dl class="pairs"><dt>Log</dt><dd><code>${checkpoint.origin}</code></dd><dt>Entries</dt><dd>${checkpoint.size}</dd><dt>Root</dt><dd><code>${checkpoint.root.toString("base64")}</code></dd></dl>
      <pre class="evidence" tabindex="0">${head.note.split("\n").map((line) => markup`${line}${newLine}`)}</pre>
      <p><a href="/-/ledger/checkpoint">Download it</a> <span class="note">Keep it: whoever has it can tell later whether anything before it was changed.</span></p>`
    }
    <p class="note">The ledger is one for all repositories of this installation; its entries are on each repository's own pages.</p>`;
  return { kind: "page", status: 200, title: "The signed head of the ledger", body };
}
