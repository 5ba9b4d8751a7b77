import type { Origin } from "../../../gate/event.ts";
import { markup } from "../../html.ts";
import type { Answer } from "../answers.ts";

/** The repositories that somebody may read. */
export function home(origins: readonly Origin[]): Answer {
  const sorted = origins.map(({ repository: { owner, name } }) => `${owner}/${name}`).sort((a, b) => a.localeCompare(b, "en"));
  const rows = sorted.map(
    (name) =>
      markup`<li><a href="/${name}">${name}</a><br /><a href="/${name}/rollout">Rollout</a> · <a href="/${name}/metrics">Metrics</a> · <a href="/${name}/ledger">Ledger</a></li>`,
  );
  const body =
    rows.length === 0
      ? markup`<p>None that you can read. The App serves the repositories that it is installed on.</p>`
      : markup`<ul class="repositories">${rows}</ul>`;
  return { kind: "page", status: 200, title: "Repositories", body: markup`<h1>Repositories</h1>${body}` };
}
