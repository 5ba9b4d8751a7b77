import { sharePhrases } from "../../gate/reach.ts";
import { markup, none, type Markup } from "../html.ts";
import type { Model } from "./model.ts";

/** Names of nodes on the page: few of them as links to their own diff, many by the services they are of. */

const few = 12;
/** Services that are named. */
const mostShares = 20;

/** A link to what changes on one node. */
export const nodeLink = (model: Model, node: number): Markup =>
  markup`<a class="node" href="#node-${node}" data-node="${node}">${model.nodes[node]?.certname ?? ""}</a>`;

export function nodesMarkup(model: Model, nodes: readonly number[]): Markup {
  if (nodes.length <= few) return markup`${nodes.map((node, at) => markup`${at === 0 ? "" : ", "}${nodeLink(model, node)}`)}`;
  return markup`${nodes.length} nodes${sharesMarkup(model, nodes)}`;
}

/** ` (every node of web; 2 of 9 search nodes)` */
function sharesMarkup(model: Model, nodes: readonly number[]): Markup {
  const certnames = nodes.flatMap((node) => model.nodes[node]?.certname ?? []);
  const phrases = sharePhrases(certnames, model.report, (service) => service, mostShares);
  return phrases.length === 0 ? none : markup` (${phrases.join("; ")})`;
}
