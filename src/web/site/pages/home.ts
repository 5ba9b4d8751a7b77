import { markup, none, type Markup } from "../../html.ts";
import type { Answer } from "../answers.ts";
import type { Readable } from "../readable.ts";
import { query } from "./parts.ts";

/** The repositories that somebody may read, so many as GitHub is asked about at once. */
export function home({ origins, name, from, next, isPart }: Readable): Answer {
  const rows = origins.map(({ repository: { owner, name: own } }) => `${owner}/${own}`).map(cardOf);
  const isAll = name === "" && from === 0 && next === null;
  const body = markup`<h1>Repositories</h1>
    ${isAll ? none : filter(name)}
    ${isPart ? markup`<p class="looks">Some are left out: GitHub could not be asked whether you may read them. Try again in a minute.</p>` : none}
    ${rows.length === 0 ? markup`<p>${isAll ? "None that you can read. The App serves the repositories that it is installed on." : "None of these that you can read."}</p>` : markup`<ul class="repositories">${rows}</ul>`}
    ${from === 0 && next === null ? none : markup`<p class="pages">${from === 0 ? none : markup`<a href="/${query({ name })}">The first ones</a> `}${next === null ? none : markup`<a href="/${query({ name, from: next })}" rel="next">More</a>`}</p>`}`;
  return { kind: "page", status: 200, title: "Repositories", body };
}

const cardOf = (name: string): Markup =>
  markup`<li><a href="/${name}">${name}</a><br /><a href="/${name}/rollout">Rollout</a> · <a href="/${name}/metrics">Metrics</a> · <a href="/${name}/ledger">Ledger</a></li>`;

const filter = (name: string): Markup =>
  markup`<form method="get" action="/" class="filter" role="search"><label>Name <input name="name" type="search" value="${name}" maxlength="200" /></label> <button>Show</button></form>`;
