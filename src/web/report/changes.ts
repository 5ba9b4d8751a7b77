import { changeOf, counted, kindWordsOf, notesOf } from "../../gate/explain.ts";
import { concernWords, looksOf, type Look } from "../../gate/second-look.ts";
import { keyOf } from "./head.ts";
import { markup, none, type Markup } from "../html.ts";
import { ranges, type Effect, type Model } from "./model.ts";
import { nodeLink, nodesMarkup } from "./names.ts";
import { changeMarkup, type Room } from "./values.ts";

/** What changes: one fold for each effect, the ones on most nodes first. */

const most = { open: 3, edits: 200, names: 40, effects: 5_000 };

const signs = { added: "+", removed: "−", changed: "~", renamed: "→" } as const;

export function changesMarkup(model: Model, room: Room): Markup {
  const { effects, parameters } = model;
  const besides =
    parameters === 0
      ? none
      : markup`<p class="note">Besides, ${counted(parameters, "parameter")} of classes and defines, without an effect of their own.</p>`;
  const nothing =
    model.report.tree === null ? "There is no merge result to look at." : "Nothing changes in the catalogs that could be compared.";
  return markup`<section aria-labelledby="changes">
    <h2 id="changes" tabindex="-1">What changes <span class="count">${effects.length}</span></h2>
    ${
      effects.length === 0
        ? markup`<p>${nothing}</p>`
        : markup`${filtersMarkup(model)}
            <div id="effects">${effects.slice(0, most.effects).map((effect) => effectMarkup(model, effect, room))}</div>
            ${effects.length > most.effects ? markup`<p class="note">And ${effects.length - most.effects} more effects; the JSON report has them.</p>` : none}
            <p id="nothing" hidden>No effect is like that. Clear the filters to see all.</p>`
    }
    ${besides}
  </section>`;
}

/** The filters need the script, which shows them. */
function filtersMarkup({ nodes, effects }: Model): Markup {
  const options = (label: string, values: readonly Markup[]): Markup =>
    markup`<option value="">${label}</option>
      ${values}`;
  const named = (names: readonly (string | null)[], unknown: string): Markup[] => {
    const sorted = [...new Set(names)].sort((a, b) => Number(a === null) - Number(b === null) || ((a ?? "") < (b ?? "") ? -1 : 1));
    return sorted.map((name) => markup`<option value="${keyOf(name)}">${name ?? unknown}</option>`);
  };
  const reached = new Set(effects.flatMap((effect) => effect.nodes));
  const placed = nodes.filter((_, at) => reached.has(at));
  const services = placed.flatMap((node): Array<string | null> => (node.services.length === 0 ? [null] : node.services));
  const types = [...new Set(effects.map(({ family }) => family.groups[0].type))].sort();
  const concerns = [...new Set(effects.flatMap(concernsOf))];
  const choice = (id: string, label: string, values: Markup): Markup =>
    markup`<label
      >${label}
      <select id="${id}">
        ${values}
      </select></label>`;
  return markup`<form id="filters" hidden>
    ${choice("service", "Service", options("all", named(services, "no service")))}
    ${choice(
      "datacentre",
      "Datacentre",
      options(
        "all",
        named(
          placed.map(({ datacentre }) => datacentre),
          "not known",
        ),
      ),
    )}
    ${choice(
      "type",
      "Type",
      options(
        "all",
        types.map((type) => markup`<option value="${type}">${type}</option>`),
      ),
    )}
    ${
      concerns.length === 0
        ? none
        : choice(
            "concern",
            "Look twice",
            options(
              "all",
              concerns.map((each) => markup`<option value="${each}">${concernWords(each)}</option>`),
            ),
          )
    }
    <label>Search <input id="text" type="search" autocomplete="off" placeholder="title, text or node" /></label>
    <button type="button" id="all">Open all</button> <button type="reset" id="clear">Clear</button>
    <p id="one" hidden>Only <b></b> <button type="button">all nodes</button></p>
    <output id="shown"></output>
  </form>`;
}

const concernsOf = ({ family }: Effect): Look[] => [...new Set(family.groups.flatMap(looksOf))];

function effectMarkup(model: Model, effect: Effect, room: Room): Markup {
  const { number, family, nodes, edits } = effect;
  const [group] = family.groups;
  const concerns = concernsOf(effect);
  const kind = kindWordsOf(group) === "" ? none : markup` <span class="tag">${kindWordsOf(group)}</span>`;
  const source =
    group.source === null
      ? none
      : markup`<p class="note">declared in <code>${group.source.path}${group.source.line === null ? "" : `:${group.source.line}`}</code></p>`;
  const isOpen = model.effects.length <= most.open * 3 || number < most.open;
  return markup`<details
    class="effect ${changeOf(group)}"
    id="effect-${number}"
    data-number="${number}"
    data-type="${group.type}"
    data-concerns="${concerns.join(" ")}"
    ${isOpen ? markup` open` : none}
  >
    <summary>
      <span class="sign" aria-hidden="true">${signs[changeOf(group)]}</span> ${changeOf(group)}
      <code>${group.type}[${group.title}]</code>${group.attribute === null ? none : markup` <code>${group.attribute}</code>`}${kind}${concerns.filter((each) => each !== "secret").map((each) => markup` <span class="tag look">${concernWords(each)}</span>`)}
      <span class="where">${counted(nodes.length, "node")}</span>
    </summary>
    <p>On ${nodesMarkup(model, nodes)}.${nodes.length > most.names ? markup` <a href="#nodes">Their names</a>` : none}</p>
    ${notesOf(family).map((note) => markup`<p class="note">${note}</p>`)} ${source} ${edits.slice(0, most.edits).map((edit, at) => editMarkup(model, edit, { at, alone: edits.length === 1 }, room))}
    ${edits.length > most.edits ? markup`<p class="note">And ${edits.length - most.edits} more edits of this; the JSON report has them.</p>` : none}
  </details>`;
}

function editMarkup(model: Model, edit: Effect["edits"][number], { at, alone }: { at: number; alone: boolean }, room: Room): Markup {
  const change = changeMarkup(edit.group, room);
  if (alone) return change;
  return markup`<details class="edit" data-nodes="${ranges(edit.nodes)}" ${at < most.open ? markup` open` : none}>
    <summary>on ${counted(edit.nodes.length, "node")}</summary>
    <p>${nodesMarkup(model, edit.nodes)}</p>
    ${change}
  </details>`;
}

/** Every node that changes, with its own diff as links; nodes with the same effects together. `links` are what the page may still hold. */
export function nodesSection(model: Model, room: { links: number }): Markup {
  const { patterns, nodes } = model;
  const trouble = nodes.filter(({ outcome }) => outcome !== "changed" && outcome !== "unchanged");
  const troubles =
    trouble.length === 0
      ? none
      : markup`<h3>Nodes that do not compile, or did not</h3>
          <ul>
            ${trouble.slice(0, 200).map(({ certname, outcome, reason }) => markup`<li><b>${certname}</b>, ${outcome}: ${reason ?? "no reason was given"}</li>`)}
          </ul>
          ${trouble.length > 200 ? markup`<p class="note">And ${trouble.length - 200} more.</p>` : none}`;
  if (patterns.length === 0 && trouble.length === 0) return none;
  return markup`<section aria-labelledby="nodes">
    <h2 id="nodes">Nodes</h2>
    ${troubles}
    ${
      patterns.length === 0
        ? none
        : markup`<h3>Nodes that change, those alike together</h3>
            ${patterns.map((pattern) => patternMarkup(model, pattern, room))}`
    }
  </section>`;
}

function patternMarkup(model: Model, { nodes, effects }: Model["patterns"][number], room: { links: number }): Markup {
  const shown = effects.slice(0, Math.max(0, room.links));
  room.links -= shown.length;
  const links = shown.map((number) => {
    const group = model.effects[number]?.family.groups[0];
    return markup`<li>
      <a href="#effect-${number}"><code>${group?.type ?? ""}[${group?.title ?? ""}]</code> ${group?.attribute ?? ""}</a>
    </li>`;
  });
  const more =
    effects.length > shown.length
      ? markup`<li>${effects.length - shown.length} more: press a node's name, or see the JSON report</li>`
      : none;
  const names = nodes.map((node, at) => markup`${at === 0 ? "" : ", "}<span id="node-${node}">${nodeLink(model, node)}</span>`);
  return markup`<details class="pattern" data-nodes="${ranges(nodes)}">
    <summary>
      ${counted(nodes.length, "node")}, ${counted(effects.length, "effect")}:
      ${nodes.slice(0, 3).map((node, at) => markup`${at === 0 ? "" : ", "}${model.nodes[node]?.certname ?? ""}`)}${nodes.length > 3 ? ", …" : ""}
    </summary>
    <p>${names}</p>
    <ul>
      ${links}${more}
    </ul>
  </details>`;
}
