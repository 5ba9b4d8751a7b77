import type { EffectGroup } from "../../../catalog/effects.ts";
import type { Report } from "../../../gate/report.ts";
import { looksOf, concernWords } from "../../../gate/second-look.ts";
import { cut, markup, none, type Markup } from "../../html.ts";
import { stacked } from "./chart.ts";
import { table } from "./parts.ts";

/** What a change does to the fleet, in short: how far it reaches as a picture, and its effects by how many nodes share each. */

const outcomes = [
  ["changed", "would change"],
  ["broken", "would break"],
  ["fixed", "would be mended"],
  ["not-analysable", "could not be analysed"],
  ["pre-existing", "broken already"],
  ["unchanged", "untouched"],
] as const;

export function radiusSection({ nodes, radius }: Report): Markup {
  if (nodes.length === 0) return none;
  const counts = Map.groupBy(nodes, ({ outcome }) => outcome);
  const parts = outcomes.flatMap(([kind, words]) => {
    const value = counts.get(kind)?.length ?? 0;
    return value === 0 ? [] : [{ kind, words, value }];
  });
  const told = parts.map(({ value, words }) => `${value} ${words}`).join(", ");
  const { capacity = [], restarts } = radius;
  return markup`<section aria-labelledby="radius"><h2 id="radius">How far it reaches</h2>
    <p>${stacked(`Of ${nodes.length} nodes ${told}`, parts)}</p>
    <p>${parts.map(({ kind, value, words }) => markup`<span class="part"><span class="key ${kind}"></span> ${value} ${words}</span> `)}</p>
    <p class="note">Size ${radius.size}: ${counted(radius.services.length, "service")}, ${counted(radius.datacentres.length, "datacentre")}, ${counted(restarts.length, "kind")} of restarts.</p>
    ${capacity.length === 0 ? none : table("Services by datacentre", ["Service", "Datacentre", "Changing", "Restarting", "Of"], capacity.slice(0, mostRows).map(capacityRow))}
    ${capacity.length > mostRows ? markup`<p class="note">and ${capacity.length - mostRows} more in the report.</p>` : none}
  </section>`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const mostRows = 30;

const capacityRow = ({ service, datacentre, nodes, changing, restarting }: NonNullable<Report["radius"]["capacity"]>[number]): Markup => {
  const of = service ?? "no service";
  const bar = stacked(`${changing} of ${nodes} nodes of ${of} change, ${restarting} with a restart`, [
    { kind: "broken", value: restarting },
    { kind: "changed", value: Math.max(0, changing - restarting) },
    { kind: "unchanged", value: Math.max(0, nodes - changing) },
  ]);
  return markup`<tr><th scope="row">${of}</th><td>${datacentre ?? "–"}</td><td>${changing}</td><td>${restarting}</td><td>${nodes} ${bar}</td></tr>`;
};

const mostGroups = 20;

/** The effects that most nodes share, those first that deserve a second look. Values only for whoever may see data of nodes. */
export function effectsSection({ groups }: Report, { nodes, whole }: { nodes: boolean; whole: string | null }): Markup {
  if (groups.length === 0) return none;
  const weighed = groups.map((group) => ({ group, looks: looksOf(group) }));
  const sorted = weighed.sort((one, other) => other.looks.length - one.looks.length || other.group.nodes.length - one.group.nodes.length);
  return markup`<section aria-labelledby="effects"><h2 id="effects">What it does</h2>
    <ul class="effects">${sorted.slice(0, mostGroups).map(({ group, looks }) => markup`<li><span class="sign ${group.change}" aria-hidden="true">${signs[group.change]}</span> <code>${group.type}[${cut(group.title, 200)}]</code>${group.attribute === null ? none : markup` <code>${group.attribute}</code>`} ${group.change} on ${group.nodes.length} ${group.nodes.length === 1 ? "node" : "nodes"}${looks.map((look) => markup` <span class="tag look">${concernWords(look)}</span>`)}${nodes && group.attribute !== null ? markup`<br><span class="note"><code>${valueText(group.before)}</code> → <code>${valueText(group.after)}</code></span>` : none}</li>`)}</ul>
    <p class="note">${groups.length > mostGroups ? `${groups.length - mostGroups} more effects. ` : ""}${whole === null ? "Names and values of nodes are shown to whoever has more rights in this repository." : markup`<a href="${whole}">The whole report</a> has every node and value.`}</p>
  </section>`;
}

const signs: Readonly<Record<EffectGroup["change"], string>> = { added: "+", removed: "−", changed: "~", renamed: "→" };

const valueText = (value: unknown): string => cut(typeof value === "string" ? value : (JSON.stringify(value) ?? ""), 120);
