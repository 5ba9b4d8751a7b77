import { blindRestarts, counted, countsOf, noRestarts, sentence, uncompared } from "../../gate/explain.ts";
import { causeWords, reachOf, sharesOf, type ReachRow } from "../../gate/reach.ts";
import type { Report } from "../../gate/report.ts";
import { secondLooks } from "../../gate/second-look.ts";
import { markup, none, type Markup } from "../html.ts";

/** The page's beginning: the verdict and why, how far it reaches, what restarts, what deserves a second look, where it comes from. */

const most = { names: 12, rows: 40, restarts: 60, resources: 6, causes: 30 };

const outcomes: Record<Report["verdict"]["outcome"], string> = {
  pass: "The checks pass",
  blocked: "Blocked",
  unknown: "Unknown, which blocks",
};

export function verdictMarkup(report: Report): Markup {
  const { outcome, reasons } = report.verdict;
  const open = reasons.filter((reason) => reason.outcome === "fail" || reason.outcome === "unknown");
  const waiting = reasons.filter((reason) => reason.outcome === "pending");
  const settled = reasons.filter((reason) => reason.outcome === "pass" || reason.outcome === "skipped");
  return markup`<header>
      <h1><span class="outcome ${outcome}">${outcomes[outcome]}</span></h1>
      <p class="counts">${sentence(countsOf(report))}</p>
      ${uncompared(report).map(({ words, certnames, after }) => markup`<p>${words}: ${namesOf(certnames)}${after}.</p>`)}
      <p class="note">${sideOf(report.head)} into ${sideOf(report.base)}</p>
    </header>
    <section aria-labelledby="why">
      <h2 id="why">Why</h2>
      ${
        [...open, ...waiting].length === 0
          ? none
          : markup`<ul class="reasons">
              ${[...open, ...waiting].map(reasonMarkup)}
            </ul>`
      }
      ${settled.length === 0 ? none : markup`<details${open.length === 0 && waiting.length === 0 ? markup` open` : none}><summary>${counted(settled.length, "check")} passed or did not apply</summary><ul class="reasons">${settled.map(reasonMarkup)}</ul></details>`}
    </section>`;
}

/** Some names; all of them are further down. */
function namesOf(certnames: readonly string[]): Markup {
  const few = certnames.slice(0, most.names).map((each, at) => markup`${at === 0 ? "" : ", "}<code>${each}</code>`);
  return markup`${few}${certnames.length > most.names ? ` and ${certnames.length - most.names} more` : ""}`;
}

const sideOf = ({ ref, sha }: Report["base"]): string => (sha === null || ref === sha ? ref : `${ref} (${sha.slice(0, 10)})`);

const reasonWords: Record<Report["verdict"]["reasons"][number]["outcome"], string> = {
  pass: "pass",
  fail: "fail",
  pending: "pending",
  unknown: "unknown",
  skipped: "skipped",
};

const reasonMarkup = ({ rule, outcome, text }: Report["verdict"]["reasons"][number]): Markup =>
  markup`<li><span class="tag ${outcome}">${reasonWords[outcome]}</span> <b>${rule}</b>: ${text}</li>`;

export function radiusMarkup(report: Report): Markup {
  const { radius } = report;
  if (radius.nodes === 0) return none;
  return markup`<section aria-labelledby="radius">
    <h2 id="radius">Blast radius</h2>
    <p><b>${radius.size}</b>: ${counted(radius.nodes, "node")}, ${Math.round(radius.share * 100)} % of all nodes.</p>
    ${gridMarkup(report, true)}
  </section>`;
}

/** Services by datacentres, shaded by the share of their nodes that changes. `leads`: whether its cells are links to what changes there. */
export function gridMarkup(report: Report, leads: boolean): Markup {
  const { datacentres, rows } = reachOf(report);
  if (rows.length === 0) return none;
  const head = markup`<tr>
    <th scope="col">Service</th>
    ${datacentres.map((each) => markup`<th scope="col">${each ?? "no datacentre known"}</th>`)}
    <th scope="col">All</th>
  </tr>`;
  const row = (each: ReachRow): Markup =>
    markup`<tr>
      <th scope="row">${each.service ?? "no service"}</th>
      ${each.cells.map((cell, at) => (cell === null ? markup`<td></td>` : cellMarkup(cell, leads ? { service: each.service, datacentre: datacentres[at] ?? null } : null)))}${cellMarkup(each, leads ? { service: each.service } : null)}
    </tr>`;
  const restarts = rows.some(({ restarting }) => restarting > 0) ? markup` ↻ says on how many of them something restarts.` : none;
  return markup`<div class="wide" role="region" aria-label="Services by datacentres" tabindex="0">
      <table class="grid">
        <caption>
          Nodes that change, of all nodes of the service there; the stronger the colour, the larger their share.${restarts}
        </caption>
        <thead>
          ${head}
        </thead>
        <tbody>
          ${rows.slice(0, most.rows).map(row)}
        </tbody>
      </table>
    </div>
    ${rows.length > most.rows ? markup`<p class="note">And ${rows.length - most.rows} more services.</p>` : none}`;
}

/** A cell leads to what changes there, where it is given which that is. */
function cellMarkup(
  { changing, restarting, nodes }: Pick<ReachRow, "changing" | "restarting" | "nodes">,
  at: { service: string | null; datacentre?: string | null } | null,
): Markup {
  const shade = changing === 0 ? 0 : Math.max(1, Math.floor((changing / nodes) * 10));
  const restart = restarting === 0 ? none : markup` <span title="restarts">↻ ${restarting}</span>`;
  const text = markup`${changing} of ${nodes}${restart}`;
  if (at === null) return markup`<td class="s${shade}">${text}</td>`;
  const datacentre = at.datacentre === undefined ? none : markup` data-datacentre="${keyOf(at.datacentre)}"`;
  return markup`<td class="s${shade}">
    ${changing === 0 ? text : markup`<a class="cell" href="#changes" data-service="${keyOf(at.service)}" ${datacentre}>${text}</a>`}
  </td>`;
}

/** How the filters name a service or datacentre: no name that a policy gives is that of the unknown one. */
export const keyOf = (name: string | null): string => (name === null ? "?" : `=${name}`);

export function restartsMarkup(report: Report): Markup {
  const { restarts } = report.radius;
  const blind = blindRestarts(report);
  const nothing = noRestarts(report);
  if (restarts.length + blind.length === 0 && nothing === null) return none;
  const lines = restarts.slice(0, most.restarts).map(({ type, title, nodes, cause, certnames = [] }) => {
    const shares = sharesOf(certnames, report).map(({ service, some, of }) => `${service ?? "no service"} ${some} of ${of}`);
    return markup`<tr>
      <th scope="row"><code>${type}[${title}]</code></th>
      <td>${nodes}</td>
      <td>${shares.join(", ")}</td>
      <td>${cause}</td>
    </tr>`;
  });
  const table = markup`<div class="wide" role="region" aria-label="What restarts" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Restarts</th>
          <th scope="col">Nodes</th>
          <th scope="col">Of the service</th>
          <th scope="col">Because</th>
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </div>`;
  return markup`<section aria-labelledby="restarts">
    <h2 id="restarts">Restarts</h2>
    ${lines.length > 0 ? table : nothing === null ? none : markup`<p>${sentence(nothing)}</p>`}
    ${blind.slice(0, most.restarts).map(({ certname, reason }) => markup`<p>What restarts on <code>${certname}</code> is not known in full: ${reason}.</p>`)}
    ${restarts.length > most.restarts ? markup`<p class="note">And ${restarts.length - most.restarts} more.</p>` : none}
  </section>`;
}

export function looksMarkup(report: Report): Markup {
  const looks = secondLooks(report);
  if (looks.length === 0) return none;
  const lines = looks.map(({ concern, words, resources, nodes, each }) => {
    const few = resources.slice(0, most.resources).map((one, at) => markup`${at === 0 ? "" : ", "}<code>${one}</code>`);
    const more = resources.length > most.resources ? ` and ${resources.length - most.resources} more` : "";
    return markup`<li>
      <a class="look" href="#changes" data-concern="${concern}">${words}</a>: ${few}${more} on ${each ? "" : "one or more of "}${counted(nodes.length, "node")}
    </li>`;
  });
  return markup`<section class="looks" aria-labelledby="looks">
    <h2 id="looks">Look twice</h2>
    <ul>
      ${lines}
    </ul>
  </section>`;
}

export function causesMarkup({ causes = [] }: Report): Markup {
  if (causes.length === 0) return none;
  const lines = causes.slice(0, most.causes).map(({ kind, name, places, certain, reason, resources, nodes }) => {
    const where = places.slice(0, most.resources).map(({ path, line }) => (line === null ? path : `${path}:${line}`));
    const place = places.every(({ path, line }) => path === name && line === null) ? none : markup` in <code>${where.join(", ")}</code>`;
    return markup`<li>
      ${causeWords[kind]} <code>${name}</code>${place} → ${counted(resources, "resource")} on ${counted(nodes, "node")}
      <span class="note">(${certain ? "" : "likely: "}${reason})</span>
    </li>`;
  });
  return markup`<section aria-labelledby="causes">
    <h2 id="causes">Where it comes from</h2>
    <ul>
      ${lines}
    </ul>
    ${causes.length > most.causes ? markup`<p class="note">And ${causes.length - most.causes} more.</p>` : none}
  </section>`;
}
