import type { Catalog } from "./catalog.ts";
import { refOf } from "./catalog.ts";
import type { Change } from "./change.ts";
import { EventFlow } from "./event-flow.ts";
import { referencesIn } from "./relations.ts";

/** Senders of one node that are followed to their services; each costs as much as the catalog is large, of a very large one fewer are. */
const mostFollowed = 50;
const mostSteps = 60_000;
/** Services that are named in one note. */
const mostNamed = 3;

/**
 * Says of changed `notify` and `subscribe` what they come to: which services a later change of the same resource no longer restarts, and which it
 * restarts from now on. Nothing where the way is another and the services are the same.
 */
export function withUnhooked(changes: readonly Change[], before: Catalog | null, after: Catalog): Change[] {
  const hooks = changes.filter(isHook);
  if (hooks.length === 0 || before === null) return [...changes];
  const [was, is] = [new EventFlow(before), new EventFlow(after)];
  let left = Math.min(mostFollowed, Math.ceil(mostSteps / after.resources.length));
  const notes = new Map<Change, string[]>();
  for (const change of hooks) {
    if (left <= 0) break;
    const senders = sendersOf(change).slice(0, left);
    left -= senders.length;
    notes.set(
      change,
      senders.flatMap((sender) => noteOf(sender, was.servicesAfter(sender), is.servicesAfter(sender))),
    );
  }
  return changes.map((change) => {
    const said = notes.get(change) ?? [];
    return said.length === 0 ? change : { ...change, note: [...(change.note === undefined ? [] : [change.note]), ...said].join("; ") };
  });
}

const isHook = ({ kind, attribute }: Change): boolean => kind === "ordering" && (attribute === "notify" || attribute === "subscribe");

/** Who sends: the resource itself, or those that it listens to. */
const sendersOf = (change: Change): string[] =>
  change.attribute === "notify" ? [refOf(change)] : [...new Set([...referencesIn(change.before), ...referencesIn(change.after)])];

function noteOf(sender: string, before: readonly string[], after: readonly string[]): string[] {
  const [was, is] = [new Set(before), new Set(after)];
  const gone = before.filter((service) => !is.has(service));
  const come = after.filter((service) => !was.has(service));
  return [
    ...(gone.length === 0 ? [] : [`when ${sender} changes, ${named(gone)} no longer ${gone.length === 1 ? "restarts" : "restart"}`]),
    ...(come.length === 0 ? [] : [`when ${sender} changes, ${named(come)} ${come.length === 1 ? "restarts" : "restart"} from now on`]),
  ];
}

function named(services: readonly string[]): string {
  const names = services.slice(0, mostNamed);
  if (services.length > mostNamed) return `${names.join(", ")} and ${services.length - mostNamed} more`;
  return names.length === 1 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
