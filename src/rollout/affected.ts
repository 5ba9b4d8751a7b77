import type { Service } from "../policy/schema.ts";
import type { Event } from "./effects.ts";
import type { Member } from "./members.ts";

/** A service that is in trouble by a release. */
export interface Affected {
  name: string;
  /** As the policy names them: `@ann`, `@acme/web`; empty where it names none. */
  owners: readonly string[];
  /** An https address, or a path of the repository; null where the policy names none. */
  runbook: string | null;
  /** How many of its nodes are. */
  nodes: number;
}

/**
 * The same event, with the services of the nodes that stopped the lane, those with most nodes first. A node whose services are not known counts for none: nobody
 * is called for a guess.
 */
export function withAffected(event: Event, services: readonly Service[], members: readonly Member[]): Event {
  if (event.kind !== "halted" || event.halt.why.kind !== "verdict" || event.halt.why.verdict.kind !== "failed") return event;
  const troubled = new Set(event.halt.why.verdict.troubles.flatMap(({ certnames }) => certnames));
  const nodes = new Map<string, number>();
  for (const { certname, services: own } of members)
    if (troubled.has(certname) && own.known) for (const name of own.value) nodes.set(name, (nodes.get(name) ?? 0) + 1);
  const configured = new Map(services.map((service) => [service.name, service]));
  const affected = [...nodes].map(([name, count]): Affected => {
    const { owners = [], runbook = null } = configured.get(name) ?? {};
    return { name, owners, runbook, nodes: count };
  });
  return { ...event, affected: affected.sort((a, b) => b.nodes - a.nodes || (a.name < b.name ? -1 : 1)) };
}
