import type { Delivery } from "../engine/accept.ts";
import type { Tell, Told } from "../engine/ports/told.ts";
import type { Event } from "../gate/event.ts";
import type { Records, Store } from "../store/records.ts";

/** Entries whose telling is remembered, so that what is told to the ledger twice, and kept once, is counted once. */
const mostKeys = 10_000;
/** Intended effects whose kinds are remembered until they are ended. */
const mostEffects = 10_000;

/**
 * The store, telling what is kept by it: each decision, effect, entry and event, once its transaction is committed and not where that is undone. So numbers are
 * told in one place, and nobody who decides has to think of them. What repositories are called is put into `names` as it is read.
 */
export function toldStore(store: Store, tell: Tell, names: Map<number, string>): Store {
  const nameOf = (repository: number): string => names.get(repository) ?? String(repository);
  const keys = new Set<string>();
  const kinds = new Map<number, string>();
  const learn = ({ repository: { id, owner, name } }: Named): void => void names.set(id, `${owner}/${name}`);
  const isNewKey = (key: string): boolean => {
    if (keys.has(key)) return false;
    keys.add(key);
    if (keys.size > mostKeys) for (const oldest of keys) if (keys.size > mostKeys / 2) keys.delete(oldest);
    return true;
  };

  /** `note` takes what is to be told once all of it is kept. */
  const heard = (records: Records, note: (told: () => Told[]) => void): Records => ({
    ...records,
    originOf: async (repository) => {
      const origin = await records.originOf(repository);
      if (origin !== null) learn(origin);
      return origin;
    },
    allOrigins: async () => {
      const origins = await records.allOrigins();
      origins.forEach(learn);
      return origins;
    },
    saveRepository: async (origin) => {
      learn(origin);
      return records.saveRepository(origin);
    },
    addDelivery: async (delivery) => {
      const isNews = await records.addDelivery(delivery);
      note(() => deliveryTold(delivery, isNews));
      return isNews;
    },
    addTouch: async (delivery, touch) => {
      const taken = await records.addTouch(delivery, touch);
      if (taken !== "repository-unknown") note(() => deliveryTold(delivery, taken === "news"));
      return taken;
    },
    askRedelivery: async (guid, at) => {
      const isAsked = await records.askRedelivery(guid, at);
      if (isAsked) note(() => [{ kind: "redelivery" }]);
      return isAsked;
    },
    saveDecision: async (change, decided, at) => {
      const before = await records.standingOf(change);
      await records.saveDecision(change, decided, at);
      note(() => {
        const [repository, standing] = [nameOf(change.repository), decided.state === "open" ? decided.standing : decided.state];
        const seconds = before?.since ? Math.max((at.getTime() - before.since.getTime()) / 1000, 0) : null;
        return [
          { kind: "decided", repository, standing },
          ...(before?.standing === standing ? [] : [{ kind: "stands", repository, standing } as const]),
          ...(before === null || seconds === null || before.standing === standing
            ? []
            : [{ kind: "waited", repository, standing: before.standing, seconds } as const]),
        ];
      });
    },
    intendEffects: async (change, effects, at) => {
      const ids = await records.intendEffects(change, effects, at);
      for (const [index, id] of ids.entries()) kinds.set(id, effects[index]?.kind ?? "unknown");
      // Those that were superseded are never ended.
      for (const id of kinds.keys()) if (kinds.size > mostEffects) kinds.delete(id);
      return ids;
    },
    endEffect: async (id, error, at) => {
      await records.endEffect(id, error, at);
      note(() => {
        const effect = kinds.get(id) ?? "unknown";
        kinds.delete(id);
        return [{ kind: "effect", effect, outcome: error === null ? "done" : "failed" }];
      });
    },
    appendEntries: async (repository, drafts, at) => {
      await records.appendEntries(repository, drafts, at);
      note(() =>
        drafts
          .filter(({ key }) => isNewKey(`${repository} ${key}`))
          .map(({ kind }) => ({ kind: "entry", repository: nameOf(repository), entry: kind })),
      );
    },
    addNews: async (repository, events, at) => {
      await records.addNews(repository, events, at);
      note(() =>
        events.map((event) => ({
          kind: "rollout",
          repository: nameOf(repository),
          lane: "lane" in event ? event.lane : null,
          event: event.kind,
          why: event.kind === "halted" ? event.halt.why.kind : null,
        })),
      );
    },
    saveToldTo: async (repository, place, told) => {
      const before = await records.toldTo(repository, place, new Date(0));
      await records.saveToldTo(repository, place, told);
      const lost = Math.max(told.lost - before.lost, 0);
      note(() => [{ kind: "heard", place, news: Math.max(told.seq - before.seq - lost, 0), lost }]);
    },
  });

  const transaction = async <T>(
    run: (work: (records: Records) => Promise<T>) => Promise<T>,
    work: (records: Records) => Promise<T>,
  ): Promise<T> => {
    const notes: (() => Told[])[] = [];
    const result = await run((records) => {
      notes.length = 0; // of a try before this one, which was undone
      return work(heard(records, (one) => notes.push(one)));
    });
    for (const one of notes) one().forEach(tell);
    return result;
  };
  const alone = (one: () => Told[]): void => one().forEach(tell);
  const { inbox } = store;
  return {
    ...store,
    records: heard(store.records, alone),
    transaction: (work) => transaction((run) => store.transaction(run), work),
    held: (lease, work) => transaction((run) => store.held(lease, run), work),
    inbox: {
      records: heard(inbox.records, alone),
      transaction: (work) => transaction((run) => inbox.transaction(run), work),
    },
  };
}

interface Named {
  repository: { id: number; owner: string; name: string };
}

function deliveryTold({ name, event, receivedAt }: Delivery, isNews: boolean): Told[] {
  const outcome = !isNews ? "known" : event === null ? "meaningless" : "news";
  const happened = isNews && event !== null ? happenedAt(event) : null;
  return [
    { kind: "delivery", event: name, outcome },
    // GitHub's seconds are whole ones, and its clock may be ahead of this one.
    ...(happened === null ? [] : [{ kind: "late", seconds: Math.max((receivedAt.getTime() - Date.parse(happened)) / 1000, 0) } as const]),
  ];
}

/** Of what is news by itself; other events name moments of what they are about. */
function happenedAt(event: Event): string | null {
  if (event.kind === "branch-pushed") return event.push.at;
  return event.kind === "change-touched" ? (event.review?.submittedAt ?? event.push?.at ?? null) : null;
}
