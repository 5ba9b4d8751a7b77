import type { Config } from "../config.ts";
import type { Log } from "../engine/ports/log.ts";
import type { OrganisationPolicies } from "../github/organisation.ts";
import { openDatabase, openPostgres } from "../store/database.ts";
import { createStore, type Store } from "../store/records.ts";

/** How organisations' policies are looked for; what is remembered of them outlives this process. */
export const policiesOf = ({ organisationPolicy: mode }: Config, { records }: Store, now: () => Date): OrganisationPolicies => ({
  mode,
  seen: (owner) => records.organisationPolicyOf(owner),
  save: (owner, sha256) => records.saveOrganisationPolicy(owner, sha256, now()),
  drop: (owner) => records.dropOrganisationPolicy(owner),
});

export async function openStore({ dataFolder, databaseUrl }: Config, log: Log): Promise<Store> {
  const onError = (error: Error): void => log.warn({ err: error }, "a connection to the database was lost, or its queues have trouble");
  // Over millions of rows one takes minutes, in which nothing else is said.
  const onStep = (migration: string): void => log.info({ migration }, "the database is brought to the form that this version needs");
  const database =
    databaseUrl === undefined ? await openDatabase(dataFolder, { onStep }) : await openPostgres(databaseUrl, onError, { onStep });
  try {
    return await createStore(database, onError);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Once another version's migrations are found in the database: what is under way ends, nothing more is begun, and the log says why. */
export function stopOverForeign(store: Store, log: Log, stop: () => void): void {
  store.onForeign(({ text, hint }) => {
    log.error({ hint }, `this server takes up nothing any more: ${text}`);
    stop();
  });
}

/** After a start: what is older than that is forgotten, what was given up is tried again, and a sweep finds the rest of what was missed meanwhile. */
export async function resume(store: Store, forgotten: Date): Promise<void> {
  await store.records.forgetOld(forgotten);
  await store.transaction(async (records) => {
    await records.wakeAll(await records.givenUp());
    await records.askDiscovery();
    await records.askSweep();
  });
}
