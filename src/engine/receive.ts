import type { Event, Origin } from "../gate/event.ts";
import { accept, type Delivery } from "./accept.ts";
import type { Forge } from "./ports/forge.ts";
import type { Log } from "./ports/log.ts";
import type { Store } from "./ports/store.ts";

export interface ReceivePorts {
  store: Store;
  forge: Pick<Forge, "react" | "refuseMergeGroup" | "explain">;
  now: () => Date;
  log: Log;
  /** Called when there may be something to do. */
  onNews: () => void;
}

export interface Receiver {
  /** Takes a delivery in; resolves when GitHub can be answered. */
  receive(delivery: Omit<Delivery, "receivedAt">): Promise<void>;
  /** Resolves when nothing is under way that was begun beside an answer. */
  settled(): Promise<void>;
}

/**
 * Keeps deliveries, and does at once what must not wait for a turn, which may be minutes away: a command is acknowledged, a merge queue
 * refused. GitHub's answer to the webhook waits for neither; what fails here is made up for by the turn and by the sweep.
 */
export function createReceiver(ports: ReceivePorts): Receiver {
  const { store, log, now, onNews } = ports;
  const underWay = new Set<Promise<void>>();
  const begin = (work: Promise<void>): void => {
    const ended = work.finally(() => underWay.delete(ended));
    underWay.add(ended);
  };
  return {
    receive: async (delivery) => {
      const { isNews, gone, back } = await accept(store.inbox, { ...delivery, receivedAt: now() });
      log.info({ event: delivery.name, isNews, ...aboutOf(delivery.event) }, "a webhook was kept");
      if (!isNews) return;
      for (const { repository } of gone)
        log.warn({ repository }, "the gate has no access to this repository any more, and asks nothing of it");
      for (const { origin, since } of back)
        log.warn(
          { repository: origin.repository, since, until: now() },
          "the gate has access to this repository again; it was blind meanwhile",
        );
      onNews();
      if (delivery.event !== null) begin(actAtOnce(ports, delivery.event));
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** What a webhook is about, so that the lines of its change are found by it. */
function aboutOf(event: Event | null): object {
  if (event === null) return { meaning: "none" };
  if (!("repository" in event)) return { meaning: event.kind, installation: event.installation };
  const { kind, repository } = event;
  return { meaning: kind, repository, ...(kind === "change-touched" ? { number: event.number } : {}) };
}

async function actAtOnce(ports: ReceivePorts, event: Event): Promise<void> {
  const { store, forge, now } = ports;
  if (event.kind === "change-touched" && event.comment !== undefined) {
    const { comment } = event;
    await attempt(ports, event, "a command could not be acknowledged; its turn does it", async () => {
      await forge.react(event, comment);
      await store.records.saveReacted(event.repository.id, comment, now());
    });
  } else if (event.kind === "merge-group") {
    const { head } = event;
    await attempt(ports, event, "a merge queue could not be refused; the next sweep does it", () => refuse(ports, event, head));
  }
}

/** Refuses a commit of a merge queue, and forgets that this was to be done. */
export async function refuse({ store, forge }: RefusePorts, origin: Origin, head: string): Promise<void> {
  await forge.refuseMergeGroup(origin, head);
  await store.records.endMergeGroup(origin.repository.id, head);
}

export interface RefusePorts {
  store: { records: Pick<Store["records"], "endMergeGroup"> };
  forge: Pick<Forge, "refuseMergeGroup">;
}

async function attempt({ forge, log }: ReceivePorts, { repository }: Origin, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = forge.explain(error);
    if (why === null) log.error({ repository, err: error }, what);
    else log.warn({ repository }, `${what}: ${why.text}`);
  }
}
