import type { Announce, AnnouncedEvent } from "../policy/announce-schema.ts";
import type { Known } from "../policy/known.ts";
import type { Service } from "../policy/schema.ts";
import type { Event } from "./effects.ts";

/** Something that happened, as far as it decides who hears of it. */
export interface Heard {
  event: Event;
  /** Of a move: whether a release comes to the lane by it, and does not leave it. */
  isForward: boolean;
  lastLane: string;
  /** Services of the nodes that it is about. */
  services: Known<ReadonlySet<string>>;
}

/** As what each is announced; null for what is not. */
const announced: Readonly<Record<Event["kind"], AnnouncedEvent | null>> = {
  // Decided, and not done yet: `moved` is when it starts.
  entered: null,
  moved: "start",
  ready: null,
  passed: "done",
  returned: "halt",
  halted: "halt",
  // The start of what came after it is told.
  superseded: null,
  promoted: "halt",
  "let-in": null,
  returning: "halt",
  quarantined: null,
  unquarantined: null,
  paused: "halt",
  resumed: "halt",
  done: "done",
};

/** Whether anybody could hear of it at all. */
export const isAnnounced = ({ kind }: Event): boolean => announced[kind] !== null;

/** Whether what is written of a channel has it hear of this. What can't be told to be of others' services is heard. */
export function hears(entry: Announce, of: Heard, services: readonly Pick<Service, "name" | "owners">[]): boolean {
  const { event, isForward, lastLane } = of;
  const as = announced[event.kind];
  if (as === null || !entry.events.includes(as) || (event.kind === "moved" && !isForward)) return false;
  // Whoever hears of all lanes hears of the whole way, and the end of the last lane is that.
  if (event.kind === "passed" && (entry.lanes === null || event.lane === lastLane)) return false;
  const lane = event.kind === "done" ? lastLane : "lane" in event ? event.lane : null;
  if (lane !== null && entry.lanes !== null && !entry.lanes.includes(lane)) return false;
  if ((entry.services === null && entry.owners === null) || !of.services.known) return true;
  const owners = new Set((entry.owners ?? []).map((owner) => owner.toLowerCase()));
  const owned = services.filter((service) => service.owners.some((owner) => owners.has(owner.toLowerCase()))).map(({ name }) => name);
  const { value } = of.services;
  return [...(entry.services ?? []), ...owned].some((name) => value.has(name));
}
