import { createHash } from "node:crypto";
import { coverageOf, debtWords, limitsPage } from "../../gate/explain.ts";
import type { Report } from "../../gate/report.ts";
import { changesMarkup, nodesSection } from "./changes.ts";
import { expectationsMarkup } from "./expectations.ts";
import { causesMarkup, keyOf, looksMarkup, radiusMarkup, restartsMarkup, verdictMarkup } from "./head.ts";
import { cut, markup, island, none, own, shown, type Markup } from "../html.ts";
import { modelOf, ranges, type Model } from "./model.ts";
import { modulesMarkup } from "./modules.ts";
import { script } from "./script.ts";
import { style } from "../style.ts";

/** What a page may hold, so that every browser shows it at once: lines of differences, links from nodes to effects. */
const room = { lines: 60_000, links: 20_000 };
const mostFindings = 500;

const digestOf = (text: string): string => `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;

/** What a page needs of the Content-Security-Policy, as its own head says it. */
export const pagePolicy = `default-src 'none'; style-src ${digestOf(style)}; script-src ${digestOf(script)}; base-uri 'none'; form-action 'none'`;

/**
 * A report as one page of HTML that asks nothing of any network: style and script are in it, allowed by their digests and nothing else. All of
 * the report's text is escaped, what would hide or reorder text is shown. It is whole without its script, which adds the filters.
 */
export function renderPage(report: Report): string {
  const model = modelOf(report);
  const title = `puppet-gate: ${report.head.ref} into ${report.base.ref}`;
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${own(pagePolicy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${cut(title, 200)}</title>
        <style>${own(style)}</style>
      </head>
      <body>
        <main>
          ${verdictMarkup(report)} ${looksMarkup(report)} ${radiusMarkup(report)} ${restartsMarkup(report)} ${causesMarkup(report)}
          ${expectationsMarkup(report)}
          ${modulesMarkup(report)}
          ${changesMarkup(model, { lines: room.lines })} ${nodesSection(model, { links: room.links })} ${findingsMarkup(report)}
          <footer>
            <p>${coverageOf(report) === null ? none : markup`Looked at: ${coverageOf(report) ?? ""}. `}<a href="${limitsPage}">What no catalog shows</a></p>
            <p>Head ${report.head.sha ?? report.head.ref}, base ${report.base.sha ?? report.base.ref}, merge result ${report.tree ?? "none"}.${groundsOf(report)}</p>
          </footer>
        </main>
        <script type="application/json" id="data">${island(dataOf(model))}</script>
        <script>${own(script)}</script>
      </body>
    </html> `.text;
}

const sources = { folder: "a folder", puppetdb: "PuppetDB", tree: "the repository", assumed: "the shipped set" } as const;

/** What was known of the nodes when this was judged: another id is another snapshot. */
function groundsOf({ facts }: Report): string {
  if (facts === undefined) return "";
  const standIns = facts.standIns === undefined ? "" : `, stand-ins ${facts.standIns.slice(0, 10)}`;
  return ` Node facts from ${sources[facts.from]}, snapshot ${facts.id.slice(0, 10)}${standIns}.`;
}

/** What the script filters by: nodes as name, services and datacentre; effects as their nodes. */
const dataOf = ({ nodes, effects }: Model): unknown => ({
  nodes: nodes.map(({ certname, services, datacentre }) => [
    shown(certname),
    (services.length === 0 ? [null] : services).map((service) => shown(keyOf(service))),
    shown(keyOf(datacentre)),
  ]),
  effects: effects.map((effect) => ranges(effect.nodes)),
});

function findingsMarkup({ findings, debt }: Report): Markup {
  if (findings.length === 0 && debt.lint === 0) return none;
  const lines = findings.slice(0, mostFindings).map(({ severity, check, path, line, column, message }) => {
    const place = [path ?? "", line ?? "", column ?? ""].filter((part) => part !== "").join(":");
    return markup`<li>
      <span class="tag ${severity === "error" ? "fail" : severity === "warning" ? "unknown" : ""}">${severity}</span>
      ${check}${path === null ? none : markup` <code>${place}</code>`}: ${message}
    </li>`;
  });
  return markup`<section aria-labelledby="findings">
    <h2 id="findings">Findings <span class="count">${findings.length}</span></h2>
    <ul class="reasons">
      ${lines}
    </ul>
    ${findings.length > mostFindings ? markup`<p class="note">And ${findings.length - mostFindings} more.</p>` : none}
    ${debt.lint === 0 ? none : markup`<p class="note">${debtWords(debt.lint)}.</p>`}
  </section>`;
}
