import type { Origin } from "../gate/event.ts";
import { backDrafts, lostDrafts } from "./eyes.ts";
import type { Forge } from "./ports/forge.ts";
import type { Log } from "./ports/log.ts";
import type { Records } from "./ports/records.ts";

export interface DiscoverPorts {
  store: { transaction<T>(work: (records: DiscoverRecords) => Promise<T>): Promise<T>; records: DiscoverRecords };
  forge: Pick<Forge, "installations" | "repositories" | "explain">;
  /** Looks for organisations whose policy can't be seen. */
  sight: () => Promise<void>;
  now: () => Date;
  log: Log;
}
type DiscoverRecords = Pick<
  Records,
  "allOrigins" | "appendEntries" | "askDiscovery" | "dropRepositories" | "saveRepository" | "takeDiscovery"
>;

/** Webhooks tell of every change of it; this is for those that were lost, and costs a request for each hundred repositories. */
const discoverySeconds = 3_600;

/**
 * Asks GitHub where the App is installed, when that is due: repositories that no webhook told of become known, and those that are gone are
 * asked no more. What can't be read now is neither, and is asked for again by the next sweep.
 */
export async function discover({ store, forge, sight, now, log }: DiscoverPorts): Promise<void> {
  if (!(await store.records.takeDiscovery(now(), discoverySeconds))) return;
  // First what we know: what comes to be known meanwhile is not gone for not being listed.
  const known = await store.records.allOrigins();
  const listed: Origin[] = [];
  const unread = new Set<number>();
  try {
    for (const installation of await forge.installations()) {
      try {
        listed.push(...(await forge.repositories(installation)));
      } catch (error) {
        const why = forge.explain(error);
        if (why === null) throw error;
        unread.add(installation);
        log.warn({ installation }, `its repositories can't be told now: ${why.text}`);
      }
    }
  } catch (error) {
    await store.records.askDiscovery();
    throw error;
  }
  const ids = new Set(listed.map(({ repository }) => repository.id));
  const lost = known.filter(({ installation, repository }) => !ids.has(repository.id) && !unread.has(installation));
  const knownIds = new Set(known.map(({ repository }) => repository.id));
  const found = listed.filter(({ repository }) => !knownIds.has(repository.id));
  const gone = await store.transaction(async (records) => {
    const back: { id: number; since: Date }[] = [];
    for (const origin of listed) {
      const since = await records.saveRepository(origin);
      if (since !== null) back.push({ id: origin.repository.id, since });
    }
    if (unread.size > 0) await records.askDiscovery();
    const at = now();
    const dropped = await records.dropRepositories(
      lost.map(({ repository }) => repository.id),
      at,
    );
    const ids = dropped.map(({ repository }) => repository.id);
    const drafts = [...backDrafts(back, at), ...lostDrafts(ids, at)];
    if (drafts.length > 0) await records.appendEntries(0, drafts, at);
    return dropped;
  });
  if (found.length > 0) log.info({ repositories: found.map(nameOf) }, "repositories were found that no webhook had told of");
  if (gone.length > 0)
    log.warn({ repositories: gone.map(nameOf) }, "the gate has no access to these repositories any more, and asks nothing of them");
  await sight();
}

const nameOf = ({ repository: { owner, name } }: Origin): string => `${owner}/${name}`;
