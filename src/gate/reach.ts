import type { Capacity, Cause } from "../catalog/effects.ts";
import type { Report } from "./report.ts";

/** How far a change reaches, by service and datacentre, for every surface to show alike. */
export interface Reach {
  /** In order; null where a node's is not known. */
  datacentres: Array<string | null>;
  rows: ReachRow[];
}

export interface ReachRow {
  /** Null: nodes of no service. */
  service: string | null;
  nodes: number;
  changing: number;
  restarting: number;
  /** One for each of `datacentres`; null where the service has no node there. */
  cells: Array<ReachCell | null>;
}

/** `broken` would no longer compile; `unseen` could not be compared for another reason, so that nobody knows whether they change. */
export type ReachCell = Capacity & { broken: number; unseen: number };

/** The service of which most nodes change comes first. */
export function reachOf({ nodes: all, radius: { capacity = [] } }: Report): Reach {
  const datacentres = [...new Set(capacity.map(({ datacentre }) => datacentre))].sort(nullLast);
  const dark = darkNodes(all);
  const rows = [...Map.groupBy(capacity, ({ service }) => service)].map(([service, cells]): ReachRow => {
    const byDatacentre = new Map(cells.map((cell) => [cell.datacentre, cell]));
    const sum = (count: "nodes" | "changing" | "restarting"): number => cells.reduce((total, cell) => total + cell[count], 0);
    const [nodes, changing, restarting] = [sum("nodes"), sum("changing"), sum("restarting")];
    const cellOf = (datacentre: string | null): ReachCell | null => {
      const cell = byDatacentre.get(datacentre);
      return cell === undefined ? null : { ...cell, ...(dark.get(keyOf(service, datacentre)) ?? { broken: 0, unseen: 0 }) };
    };
    return { service, nodes, changing, restarting, cells: datacentres.map(cellOf) };
  });
  return { datacentres, rows: rows.sort((a, b) => b.changing - a.changing || nullLast(a.service, b.service)) };
}

const keyOf = (service: string | null, datacentre: string | null): string => JSON.stringify([service, datacentre]);

/** Of each service in each datacentre, the nodes of which nothing is known. */
function darkNodes(nodes: Report["nodes"]): Map<string, Pick<ReachCell, "broken" | "unseen">> {
  const dark = new Map<string, Pick<ReachCell, "broken" | "unseen">>();
  for (const { outcome, services, datacentre } of nodes) {
    if (outcome !== "broken" && outcome !== "pre-existing" && outcome !== "not-analysable") continue;
    for (const service of services.length === 0 ? [null] : services) {
      const cell = dark.get(keyOf(service, datacentre)) ?? { broken: 0, unseen: 0 };
      dark.set(keyOf(service, datacentre), cell);
      cell[outcome === "broken" ? "broken" : "unseen"] += 1;
    }
  }
  return dark;
}

function nullLast(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : Number(a > b);
}

/** Some of the nodes by the services they belong to: how many of how many. The service with most of them first; null: of no service. */
export interface Share {
  service: string | null;
  of: number;
  some: number;
}

export function sharesOf(certnames: readonly string[], { nodes }: Pick<Report, "nodes">): Share[] {
  const some = new Set(certnames);
  const shares = new Map<string | null, Share>();
  for (const { certname, services } of nodes) {
    for (const service of services.length === 0 ? [null] : services) {
      const share = shares.get(service) ?? { service, of: 0, some: 0 };
      shares.set(service, share);
      share.of += 1;
      if (some.has(certname)) share.some += 1;
    }
  }
  return [...shares.values()].filter((share) => share.some > 0).sort((a, b) => b.some - a.some || nullLast(a.service, b.service));
}

/**
 * The same as phrases, at most so many services: `every node of ads and web`, `the only node of dns`, `2 of 9 search nodes`; or, where it is just that, `every node in
 * lon and sto` or `every node`. None where no service of theirs is known. `name` makes the name of a service or datacentre safe to show.
 */
export function sharePhrases(
  certnames: readonly string[],
  report: Pick<Report, "nodes">,
  name: (service: string) => string,
  most: number,
): string[] {
  const shares = sharesOf(certnames, report);
  if (shares.length > 1 && new Set(certnames).size === report.nodes.length) return ["every node"];
  if (shares.every(({ service, some, of }) => service === null && (some === of || of === report.nodes.length))) return [];
  const places = shares.every(({ some, of }) => some === of) ? [] : wholeDatacentres(certnames, report);
  if (places.length > 0) return [`every node in ${listed(places.map(name))}`];
  const shown = shares.slice(0, most);
  const every = new Set(certnames).size === 1 ? "the only node" : "every node";
  const named = ({ service }: Share): string => (service === null ? "no service" : name(service));
  const whole = shown.filter(({ some, of }) => some === of).map(named);
  const left = shares.length - shown.length;
  return [
    ...(whole.length === 0 ? [] : [`${every} of ${listed(whole)}`]),
    ...shown
      .filter(({ some, of }) => some !== of)
      .map((share) => `${share.some} of ${share.of} ${share.service === null ? "nodes of no service" : `${named(share)} nodes`}`),
    ...(left === 0 ? [] : [`nodes of ${left} more ${left === 1 ? "service" : "services"}`]),
  ];
}

const listed = (names: readonly string[]): string =>
  [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((text) => text !== "").join(" and ");

/** Datacentres of which these are all the nodes, if they are just that, of several services, and not the whole fleet. */
function wholeDatacentres(certnames: readonly string[], { nodes }: Pick<Report, "nodes">): string[] {
  const some = new Set(certnames);
  const inside = nodes.filter(({ certname }) => some.has(certname));
  const places = new Set(inside.map(({ datacentre }) => datacentre));
  const services = new Set(inside.flatMap((node) => node.services));
  const isWhole = nodes.every(({ certname, datacentre }) => some.has(certname) === places.has(datacentre));
  return isWhole && services.size > 1 && inside.length < nodes.length ? [...places].flatMap((place) => place ?? []).sort() : [];
}

/** Certnames of the nodes whose system would change, sorted. */
export const changingNodes = ({ groups }: Pick<Report, "groups">): string[] =>
  [...new Set(groups.flatMap(({ kind, nodes }) => (kind === "system" || kind === "secret" ? nodes : [])))].sort();

/** What a cause is called, before its name. */
export const causeWords: Record<Cause["kind"], string> = {
  data: "data key",
  manifest: "manifest",
  default: "resource default",
  template: "template",
  function: "function",
  "served-file": "served file",
  file: "file",
};
