import type { Reason } from "../../../gate/verdict.ts";
import { csv } from "../../csv.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer, Asked } from "../answers.ts";
import type { ChangeRow, ChangesAsked } from "../ports.ts";
import { agoMark, option, query } from "./parts.ts";
import { isStanding, standingWords } from "../words.ts";

/** Changes of a repository: why each waits, and for whom. */

const pageSize = 50;
const mostOfCsv = 10_000;
const longestName = 500;
const states = ["open", "merged", "closed"] as const;

/** What a list is asked for by its address; null where that asks for what there is not. */
export function changesAsked({ query: asked }: Asked): (ChangesAsked & { isCsv: boolean }) | null {
  const state = states.find((each) => each === (asked.get("state") ?? "open"));
  const standing = asked.get("standing") ?? "";
  const below = asked.get("below");
  const isCsv = asked.get("format") === "csv";
  const [service, team] = [asked.get("service")?.trim() ?? "", asked.get("team")?.trim() ?? ""];
  if (service.length > longestName || team.length > longestName) return null;
  if (state === undefined || (standing !== "" && !isStanding(standing)) || (below !== null && !/^[1-9]\d{0,8}$/u.test(below))) return null;
  return {
    state,
    standing: standing === "" ? null : standing,
    service: service === "" ? null : service,
    team: team === "" ? null : team,
    below: below === null ? null : Number(below),
    most: isCsv ? mostOfCsv : pageSize + 1,
    isCsv,
  };
}

export function changesCsv(name: string, rows: readonly ChangeRow[], nodes: boolean): Answer {
  const head = ["number", "title", "by", "opened", "state", "standing", "waits for", "into", "head", "decided"];
  const lines = rows.map((row) => [
    row.number,
    row.about?.title ?? null,
    row.about?.opener ?? null,
    row.about?.openedAt ?? null,
    row.state,
    row.standing,
    waitsFor(row, nodes).join("; "),
    row.baseRef,
    row.head,
    row.decidedAt?.toISOString() ?? null,
  ]);
  return { kind: "csv", name: `${name.replaceAll(/[^\w.-]/gu, "-")}-changes.csv`, text: csv([head, ...lines]) };
}

export function changes(
  name: string,
  asked: ChangesAsked,
  all: readonly ChangeRow[],
  { now, nodes }: { now: Date; nodes: boolean },
): Answer {
  const rows = all.slice(0, pageSize);
  const last = all.length > pageSize ? rows.at(-1)?.number : undefined;
  const body = markup`<h1>Changes of ${name}</h1>
    ${filters(name, asked)}
    <div id="changes" data-live>
      ${
        rows.length === 0
          ? markup`<p>None.</p>`
          : markup`<div class="wide" tabindex="0" role="region" aria-label="Changes"><table>
              <thead><tr><th scope="col">Change</th><th scope="col">Stands</th><th scope="col">${asked.state === "open" ? "Who has to do what" : "Judged"}</th><th scope="col">Opened</th></tr></thead>
              <tbody>${rows.map((row) => rowOf(name, row, { now, nodes }))}</tbody>
            </table></div>`
      }
    </div>
    <p>
      ${last === undefined ? none : markup`<a href="/${name}${queryOf(asked, { below: String(last) })}" rel="next">Older ones</a> `}
      <a href="/${name}${queryOf(asked, { format: "csv", below: "" })}">As CSV</a>
    </p>`;
  return { kind: "page", status: 200, title: `Changes of ${name}`, body, place: { name, here: "changes" } };
}

function filters(name: string, { state, standing, service, team }: ChangesAsked): Markup {
  return markup`<form method="get" action="/${name}" class="filter">
    <label>State <select name="state">${states.map((each) => option(each, each, state))}</select></label>
    <label>Stands <select name="standing">${option("", "any way", standing ?? "")}${Object.entries(standingWords).map(([value, text]) => option(value, text, standing ?? ""))}</select></label>
    <label>Service that it reaches <input name="service" value="${service ?? ""}" maxlength="${longestName}" /></label>
    <label>Team that owns one <input name="team" value="${team ?? ""}" placeholder="acme/web" maxlength="${longestName}" /></label>
    <button>Show</button>
  </form>`;
}

const queryOf = ({ state, standing, service, team, below }: ChangesAsked, more: Record<string, string>): string =>
  query({ state, standing, service, team, below, ...more });

function rowOf(name: string, row: ChangeRow, { now, nodes }: { now: Date; nodes: boolean }): Markup {
  const ways = waitsFor(row, nodes);
  return markup`<tr id="change-${row.number}">
    <th scope="row"><a href="/${name}/changes/${row.number}"><span class="number">#${row.number}</span> ${row.about?.title ?? ""}</a><br /><span class="note">${row.about?.opener ?? ""}</span></th>
    <td>${row.standing === null && row.state === "open" ? "not judged yet" : standingMark(row)}</td>
    <td>${ways.length === 0 ? none : markup`<ul>${ways.map((way) => markup`<li>${way}</li>`)}</ul>`}${row.decidedAt === null ? none : markup`<span class="note">judged ${agoMark(row.decidedAt, now)}</span>`}</td>
    <td>${row.about === null ? "" : agoMark(row.about.openedAt, now)}</td>
  </tr>`;
}

/** How it stands; of one that is no longer open, that. */
export function standingMark({ standing, state }: Pick<ChangeRow, "standing" | "state">): Markup {
  if (state !== "open") return markup`<span class="tag ${state === "merged" ? "pass" : ""}">${state}</span>`;
  if (standing === null) return none;
  const tag = standing === "pass" ? "pass" : standing === "blocked" ? "fail" : standing === "waiting" ? "pending" : "unknown";
  return markup`<span class="tag ${tag}">${standingWords[standing]}</span>`;
}

/** Who has to do what, as the verdict says it; of one that can land, who can say so. Reasons may name nodes: without `nodes` only the rule is told. */
export function waitsFor(row: ChangeRow, nodes: boolean): string[] {
  if (row.state !== "open" || row.verdict === null) return [];
  return row.standing === "pass" ? standingWay(row) : row.verdict.reasons.flatMap((reason) => waysOf(reason, nodes));
}

/** Of a change that can land, who can say so. */
export const standingWay = ({ state, standing, about }: ChangeRow): string[] =>
  state === "open" && standing === "pass" ? [`${about?.opener ?? "its author"}: say /merge`] : [];

function waysOf({ outcome, observed, unblock, text, rule }: Reason, nodes: boolean): string[] {
  if (observed === true || outcome === "pass" || outcome === "skipped") return [];
  return [unblock ?? (nodes ? `${rule}: ${text}` : rule)];
}
