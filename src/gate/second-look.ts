import type { Concern, EffectGroup } from "../catalog/effects.ts";
import type { Report } from "./report.ts";

/**
 * A concern, or that what changes is a secret. Two concerns are told more exactly: of a service that is not stopped but no longer starts by itself,
 * and of a resource that comes into the catalog as absent, which nobody knows to be there.
 */
export type Look = Concern | "secret" | "unstarted" | "absent";

/** What deserves a second look, in words: the same on every surface, and the gravest first. */
const words: Record<Look, string> = {
  deletes: "deleted",
  absent: "deleted where it is there",
  unmanaged: "no longer managed, and what is there stays",
  stops: "stopped",
  unstarted: "no longer started at boot",
  disarmed: "disarmed by noop",
  armed: "armed, because noop ends",
  sudo: "sudo rules",
  accounts: "users and groups",
  "ssh-keys": "SSH keys",
  login: "how people log in",
  firewall: "firewall",
  mounts: "mounts",
  secret: "secrets, whose values are not shown",
  "root-cron": "root's cron",
  setuid: "setuid or setgid files",
};

export const concernWords = (concern: Look): string => words[concern];

/** What of a group deserves a second look. */
export function looksOf(group: EffectGroup): Look[] {
  const { concerns = [], kind, change, attribute } = group;
  const looks = concerns.map((concern): Look => {
    if (concern === "deletes" && change === "added" && attribute === null) return "absent";
    return concern === "stops" && !mentions(group, "ensure") ? "unstarted" : concern;
  });
  return kind === "secret" ? [...looks, "secret"] : looks;
}

/** Whether a group is about an attribute, by itself or as part of a whole resource. */
const mentions = ({ attribute, after }: EffectGroup, name: string): boolean =>
  attribute === null ? typeof after === "object" && after !== null && name in after : attribute === name;

/**
 * One concern with what it is about: resources and certnames, each sorted and named once. A resource that is guarded is named with what changes of it,
 * where that is not all, and with what it is part of: `Concat_fragment[rules] content, part of /etc/sudoers`.
 */
export interface SecondLook {
  concern: Look;
  words: string;
  resources: string[];
  nodes: string[];
  /** Whether each of the resources is on all of the nodes: nobody may take one node's sudo rule for everybody's. */
  each: boolean;
}

/** As many lines of one concern as there are sets of nodes; where they are more than these, one line for all. */
const mostSets = 3;

export function secondLooks({ groups }: Pick<Report, "groups">): SecondLook[] {
  const byConcern = new Map<Look, EffectGroup[]>();
  for (const group of groups) for (const concern of looksOf(group)) byConcern.set(concern, [...(byConcern.get(concern) ?? []), group]);
  return (Object.keys(words) as Look[]).flatMap((concern) => {
    const places = placesOf(byConcern.get(concern) ?? [], acts.has(concern));
    const sets = [...Map.groupBy(places, ({ nodes }) => JSON.stringify(nodes)).values()];
    const lines = sets.length > mostSets ? [places] : sets.toSorted((a, b) => nodesIn(b).length - nodesIn(a).length);
    return lines.flatMap((line) =>
      line.length === 0
        ? []
        : [
            {
              concern,
              words: words[concern],
              resources: line.map(({ name }) => name),
              nodes: nodesIn(line),
              each: sets.length <= mostSets,
            },
          ],
    );
  });
}

interface Where {
  name: string;
  nodes: string[];
}

/** Each resource with all of its nodes, whatever of it changes there. What an act is done to needs no attribute. */
const placesOf = (groups: readonly EffectGroup[], isAct: boolean): Where[] =>
  [...Map.groupBy(groups, ({ type, title }) => `${type}[${title}]`)]
    .map(([name, same]) => ({ name: isAct ? name : `${name}${partsOf(same)}`, nodes: sorted(same.flatMap(({ nodes }) => nodes)) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

function partsOf(groups: readonly EffectGroup[]): string {
  const attributes = sorted(groups.flatMap(({ attribute }) => attribute ?? []));
  const isWhole = attributes.length > mostAttributes || attributes.includes("ensure") || groups.some(({ attribute }) => attribute === null);
  const part = groups.flatMap(({ note = "" }) => note.split("; ")).find((note) => note.startsWith("part of "));
  return `${isWhole ? "" : ` ${attributes.join(", ")}`}${part === undefined ? "" : `, ${part}`}`;
}
const mostAttributes = 3;

/** What happens to a resource, whatever it guards. */
const acts: ReadonlySet<Look> = new Set<Look>(["deletes", "absent", "unmanaged", "stops", "unstarted", "disarmed", "armed"]);

const nodesIn = (places: readonly Where[]): string[] => sorted(places.flatMap(({ nodes }) => nodes));

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();
