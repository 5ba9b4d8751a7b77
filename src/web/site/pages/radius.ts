import { changeOf, counted, editKeyOf, effectsOf, kindWordsOf } from "../../../gate/explain.ts";
import type { Family } from "../../../catalog/families.ts";
import type { Report } from "../../../gate/report.ts";
import { looksOf, concernWords } from "../../../gate/second-look.ts";
import { cut, markup, none, type Markup } from "../../html.ts";
import { gridMarkup, restartsMarkup } from "../../report/head.ts";
import { changeMarkup, type Room } from "../../report/values.ts";
import { stacked } from "./chart.ts";

/** What a change does to the fleet, in short: how far it reaches as a picture, what restarts, and its effects with what they change. */

const outcomes = [
  ["changed", "would change"],
  ["broken", "would break"],
  ["fixed", "would be mended"],
  ["not-analysable", "could not be analysed"],
  ["pre-existing", "broken already"],
  ["unchanged", "untouched"],
] as const;

export function radiusSection(report: Report, { nodes: seesNodes }: { nodes: boolean }): Markup {
  const { nodes, radius } = report;
  if (nodes.length === 0) return none;
  const counts = Map.groupBy(nodes, ({ outcome }) => outcome);
  const parts = outcomes.flatMap(([kind, words]) => {
    const value = counts.get(kind)?.length ?? 0;
    return value === 0 ? [] : [{ kind, words, value }];
  });
  const told = parts.map(({ value, words }) => `${value} ${words}`).join(", ");
  const restarts = radius.restarts.length;
  return markup`<section aria-labelledby="radius"><h2 id="radius">How far it reaches</h2>
    <p>${stacked(`Of ${nodes.length} nodes ${told}`, parts)}</p>
    <p>${parts.map(({ kind, value, words }) => markup`<span class="part"><span class="key ${kind}"></span> ${value} ${words}</span> `)}</p>
    <p class="note">${radius.nodes === 0 ? "Nothing changes on any node that could be compared." : markup`Size ${radius.size}: ${counted(radius.services.length, "service")}, ${counted(radius.datacentres.length, "datacentre")}${restarts === 0 ? "" : `, ${counted(restarts, "resource")} to be restarted`}.`}</p>
    ${radius.nodes === 0 ? none : gridMarkup(report, false)}
  </section>
  ${seesNodes ? restartsMarkup(report) : none}`;
}

const most = { groups: 20, lines: 400, open: 12, title: 200 };

/** The effects that most nodes share, those first that deserve a second look. What changes is for whoever may see data of nodes. */
export function effectsSection(report: Report, { nodes, whole }: { nodes: boolean; whole: string | null }): Markup {
  const { families, parameters } = effectsOf(report);
  if (families.length === 0) return none;
  const weighed = families.map((family) => ({ family, looks: [...new Set(family.groups.flatMap(looksOf))] }));
  const sorted = weighed.sort((one, other) => other.looks.length - one.looks.length || other.family.nodes.length - one.family.nodes.length);
  const room: Room = { lines: most.lines, open: most.open };
  return markup`<section aria-labelledby="effects"><h2 id="effects">What it does</h2>
    <ul class="effects">${sorted.slice(0, most.groups).map(({ family, looks }) => effectMarkup(family, looks, nodes ? room : null))}</ul>
    <p class="note">${families.length > most.groups ? `${families.length - most.groups} more effects. ` : ""}${parameters === 0 ? "" : `Besides, ${counted(parameters, "parameter")} of classes and defines, without an effect of their own. `}${whole === null ? "Names and values of nodes are shown to whoever has more rights in this repository." : markup`<a href="${whole}">The whole report</a> has every node and value.`}</p>
  </section>`;
}

/** `room` null: without what changes. */
function effectMarkup({ groups, nodes }: Family, looks: readonly Parameters<typeof concernWords>[0][], room: Room | null): Markup {
  const [group] = groups;
  const change = changeOf(group);
  const kind = kindWordsOf(group);
  const edits = room === null ? 0 : new Set(groups.map(editKeyOf)).size;
  return markup`<li><span class="sign ${change}" aria-hidden="true">${signs[change]}</span> ${change} <code>${group.type}[${cut(group.title, most.title)}]</code>${group.attribute === null ? none : markup` <code>${group.attribute}</code>`} on ${counted(nodes.length, "node")}${kind === "" ? none : markup` <span class="tag">${kind}</span>`}${looks.map((look) => markup` <span class="tag look">${concernWords(look)}</span>`)}
    ${room === null ? none : changeMarkup(group, room)}
    ${edits < 2 ? none : markup`<p class="note">And ${counted(edits - 1, "other edit")} of it on other nodes: the whole report has them.</p>`}</li>`;
}

const signs = { added: "+", removed: "−", changed: "~", renamed: "→" } as const;
