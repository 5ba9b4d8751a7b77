import type { Concern, EffectGroup } from "../catalog/effects.ts";
import type { Report } from "./report.ts";

/** A concern, or that what changes is a secret. */
export type Look = Concern | "secret";

/** What deserves a second look, in words: the same on every surface, and the gravest first. */
const words: Record<Look, string> = {
  deletes: "deleted from the node",
  unmanaged: "no longer managed, and left as it is",
  stops: "stopped, or no longer started",
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
export const looksOf = ({ concerns = [], kind }: Pick<EffectGroup, "concerns" | "kind">): Look[] =>
  kind === "secret" ? [...concerns, "secret"] : concerns;

/** One concern with what it is about: references of resources and certnames, each sorted and named once. */
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
    const places = placesOf(byConcern.get(concern) ?? []);
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

/** Each resource with all of its nodes, whatever of it changes there. */
const placesOf = (groups: readonly EffectGroup[]): Where[] =>
  [...Map.groupBy(groups, ({ type, title }) => `${type}[${title}]`)]
    .map(([name, same]) => ({ name, nodes: sorted(same.flatMap(({ nodes }) => nodes)) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const nodesIn = (places: readonly Where[]): string[] => sorted(places.flatMap(({ nodes }) => nodes));

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();
