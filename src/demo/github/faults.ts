/** Faults on demand: each is armed by a test or a story, and happens to the next thing it fits. */

export type Fault =
  /** The route answers 5xx without having done anything. */
  | { kind: "error-before"; route: string; status?: number; times?: number }
  /** The route does its work, and answers 5xx. */
  | { kind: "error-after"; route: string; status?: number; times?: number }
  /** The connection breaks before the route did anything, or after it did its work: no answer at all. */
  | { kind: "dropped-before" | "dropped-after"; route: string; times?: number }
  /** The route answers what the same address answered last, as a replica that lags does. Waits for an address that was read before. */
  | { kind: "stale"; route: string; times?: number }
  /** The route is refused with the secondary limit's words; `retryAfter` in seconds, 60 without it, null for no such header. */
  | { kind: "secondary-limit"; route: string; status?: 403 | 429; retryAfter?: number | null; times?: number }
  /** The route is refused as if the hour's requests were used up; they come back after `resetAfter` seconds, 3600 without it. */
  | { kind: "primary-limit"; route: string; resetAfter?: number; times?: number }
  /** A list of several pages answers 5xx for its last. */
  | { kind: "last-page-fails"; route: string; status?: number; times?: number }
  /** Something happens between the request's arrival and the route's work: a push, a withdrawn approval. */
  | { kind: "meanwhile"; route: string; run: () => Promise<unknown>; times?: number }
  /** After the next force-push to a pull request, its reviews of the head before name the new one: GitHub has been seen to do so. */
  | { kind: "reviews-move"; times?: number }
  /** The next delivery of an event is sent twice, later (by `deliverLate`), or after the one that follows it. */
  | { kind: "duplicate" | "late" | "reordered"; event: string; times?: number }
  /** It fails on the way, and is listed as a failed delivery; or it is never attempted, and nothing tells that it should have been. */
  | { kind: "lost" | "vanished"; event: string; times?: number };

/** A connection that broke: what `fetch` rejects with where there was no answer. */
export class DroppedError extends TypeError {
  constructor() {
    super("fetch failed", { cause: new Error("The GitHub stand-in dropped the connection, as it was asked to.") });
  }
}

type RouteFault = Extract<Fault, { route: string }>;
type DeliveryFault = Extract<Fault, { event: string }>;

export interface Faults {
  /** Arms a fault. Throws where no route or event has that name, for a fault that can't happen proves nothing. */
  next(fault: Fault): void;
  /** Faults that have not happened yet. */
  armed(): readonly Fault[];
  /** Takes back the one that was armed last. */
  disarm(): void;
  takeRoute(route: string, kind: RouteFault["kind"]): RouteFault | null;
  takeDelivery(event: string): DeliveryFault | null;
  takeReviewsMove(): boolean;
}

/** @param routes `GET /repos/{owner}/{repo}` and so on, filled in after the faults exist. */
export function createFaults(routes: ReadonlySet<string>, events: ReadonlySet<string>): Faults {
  const armed: { fault: Fault; left: number }[] = [];
  const take = (fits: (fault: Fault) => boolean): Fault | null => {
    const index = armed.findIndex(({ fault }) => fits(fault));
    const entry = armed[index];
    if (entry === undefined) return null;
    entry.left -= 1;
    if (entry.left === 0) armed.splice(index, 1);
    return entry.fault;
  };
  return {
    next: (fault) => {
      if ("route" in fault && !routes.has(fault.route)) throw new Error(`No route is called "${fault.route}".`);
      if ("event" in fault && !events.has(fault.event)) throw new Error(`No event is called "${fault.event}".`);
      armed.push({ fault, left: fault.times ?? 1 });
    },
    armed: () => armed.map(({ fault }) => fault),
    disarm: () => void armed.pop(),
    takeRoute: (route, kind) => take((fault) => "route" in fault && fault.route === route && fault.kind === kind) as RouteFault | null,
    takeDelivery: (event) => take((fault) => "event" in fault && fault.event === event) as DeliveryFault | null,
    takeReviewsMove: () => take(({ kind }) => kind === "reviews-move") !== null,
  };
}
