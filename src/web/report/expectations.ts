import type { Told } from "../../catalog/expect/told.ts";
import { evidenceWords, expectationsShown, outcomeWords, titleOfTold } from "../../gate/expectations.ts";
import type { Report } from "../../gate/report.ts";
import { markup, none, type Markup } from "../html.ts";

/** What became of what reviewers look for: trouble one by one, and what holds as a count. */

const most = { shown: 100, evidence: 20, reasons: 5 };

export function expectationsMarkup({ expectations = [] }: Report): Markup {
  if (expectations.length === 0) return none;
  const { shown, rest } = expectationsShown(expectations);
  return markup`<section aria-labelledby="expectations">
    <h2 id="expectations">Expectations <span class="count">${expectations.length}</span></h2>
    ${shown.slice(0, most.shown).map(toldMarkup)}
    ${shown.length > most.shown ? markup`<p class="note">And ${shown.length - most.shown} more: the JSON report has them.</p>` : none}
    ${rest === "" ? none : markup`<p class="note">${rest}</p>`}
  </section>`;
}

const tags: Partial<Record<Told["outcome"], Markup>> = {
  broken: markup` <span class="tag fail">broken</span>`,
  unknown: markup` <span class="tag unknown">unknown</span>`,
};

function toldMarkup(told: Told): Markup {
  const left = told.evidence.length - most.evidence + told.more;
  return markup`<details class="module">
    <summary>${titleOfTold(told)}${tags[told.outcome] ?? none} <span class="note">${outcomeWords(told)}</span></summary>
    <p>${told.why} Ask ${told.ask.join(", ")}.</p>
    <ul>
      ${told.evidence.slice(0, most.evidence).map((one) => {
        const place = one.path === null ? none : markup` <span class="note">${one.path}${one.line === null ? "" : `:${one.line}`}</span>`;
        return markup`<li>${evidenceWords(one)}${one.old === true ? ", before this change already" : ""}${place}</li>`;
      })}
      ${left > 0 ? markup`<li class="note">and ${left} more</li>` : none}
      ${told.unknown.slice(0, most.reasons).map(({ reason }) => markup`<li>${reason}</li>`)}
    </ul>
  </details>`;
}
