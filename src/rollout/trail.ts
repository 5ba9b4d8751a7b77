/** A place that the review knows of a resource: where it is declared, or what its change comes from. */
export interface Step {
  by: "declared" | "cause";
  path: string;
  /** Null for the whole file, or for a line that is gone. */
  line: number | null;
  /** The key of the data; null for anything else. */
  key: string | null;
  certain: boolean;
}

/** What the review saw of what a release does: enough to find the commit of it later, when the report is not there any more. */
export interface Trails {
  /** Of resources that the release changes or restarts. */
  resources: readonly { resource: string; steps: readonly Step[] }[];
  /** Where catalogs did not compile. */
  failures: readonly { path: string; line: number | null }[];
  /** How many resources are left out. */
  more: number;
}

interface Place {
  path: string;
  line: number | null;
}

/** What a report says of effects, of what they come from, and of what does not compile. */
export interface Seen {
  groups: readonly { type: string; title: string; kind: string; source: Place | null }[];
  findings: readonly { check: string; severity: string; path: string | null; line: number | null }[];
  /** `groups`: places in the list of groups. */
  causes?: readonly { kind: string; name: string; places: readonly Place[]; certain: boolean; groups: readonly number[] }[] | undefined;
  radius: { restarts: readonly { type: string; title: string; cause: string }[] };
}

/** A release that does more is no one thing, and git alone has to tell. */
const most = { resources: 2_000, steps: 8, failures: 100, restarts: 500 };

/** Linear in the groups and their causes, but for restarts, which are bounded. */
export function trailsOf({ groups, findings, causes = [], radius }: Seen): Trails {
  const found = new Map<string, Step[]>();
  const nameOf = ({ type, title }: { type: string; title: string }): string => `${type}[${title}]`;
  const add = (resource: string, step: Step): void => {
    const steps = found.get(resource) ?? [];
    found.set(resource, steps);
    const isKnown = steps.some(({ by, path, line, key }) => by === step.by && path === step.path && line === step.line && key === step.key);
    if (!isKnown && steps.length < most.steps) steps.push(step);
  };
  for (const { groups: ofCause, kind, name, places, certain } of causes)
    for (const at of ofCause) {
      const group = groups[at];
      if (group === undefined) continue;
      for (const { path, line } of places) add(nameOf(group), { by: "cause", path, line, key: kind === "data" ? name : null, certain });
    }
  for (const group of groups)
    if ((group.kind === "system" || group.kind === "secret") && group.source !== null)
      add(nameOf(group), { by: "declared", ...group.source, key: null, certain: false });
  // What restarts is as it was: what made it restart is the trail.
  for (const restart of radius.restarts.slice(0, most.restarts)) {
    const made = [...found].filter(([resource]) => restart.cause.includes(resource));
    for (const [, steps] of made) for (const step of steps) add(nameOf(restart), step);
  }
  const resources = [...found].map(([resource, steps]) => ({ resource, steps }));
  const failures = findings.flatMap(({ check, severity, path, line }) =>
    check === "compile" && severity === "error" && path !== null ? [{ path, line }] : [],
  );
  return {
    resources: resources.slice(0, most.resources),
    failures: failures.slice(0, most.failures),
    more: Math.max(0, resources.length - most.resources),
  };
}
