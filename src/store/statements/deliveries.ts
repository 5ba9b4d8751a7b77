import type { Event } from "../../gate/event.ts";
import type { Executor } from "../executor.ts";

export interface Delivery {
  /** GitHub's id of the delivery; a redelivery has the same. */
  id: string;
  name: string;
  /** What it means to us; null for nothing. */
  event: Event | null;
  receivedAt: Date;
}

/** Keeps a delivery. False when its id is known already: then it is no news. */
export async function addDelivery(executor: Executor, { id, name, event, receivedAt }: Delivery): Promise<boolean> {
  const { affectedRows } = await executor.query(
    "insert into deliveries (id, name, event, received_at) values ($1, $2, $3, $4) on conflict (id) do nothing",
    [id, name, event === null ? null : JSON.stringify(event), receivedAt],
  );
  return affectedRows === 1;
}

/** Forgets deliveries, and effects that were ended, from before a moment. GitHub delivers nothing again that is older than three days. */
export async function forgetOld(executor: Executor, before: Date): Promise<void> {
  await executor.query("delete from deliveries where received_at < $1", [before]);
  await executor.query("delete from redeliveries where asked_at < $1", [before]);
  await executor.query("delete from reactions where reacted_at < $1", [before]);
  await executor.query("delete from merge_groups where asked_at < $1", [before]);
  await executor.query("delete from effects where state <> 'intended' and ended_at < $1", [before]);
}

/** Which of these deliveries came in, whatever GitHub was told. */
export async function knownDeliveries(executor: Executor, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await executor.query<{ id: string }>("select id from deliveries where id = any($1)", [[...ids]]);
  return new Set(rows.map(({ id }) => id));
}

/** Two minutes after the first time, then four, … : a delivery that fails for its own sake fails seven times in four hours. */
const mostRedeliveries = 7;

/** Notes that a delivery is asked for again. False when that is not its time, or was in vain often enough. */
export async function askRedelivery(executor: Executor, guid: string, at: Date): Promise<boolean> {
  const { rows } = await executor.query(
    `insert into redeliveries (guid, asked, asked_at) values ($1, 1, $2)
     on conflict (guid) do update set asked = redeliveries.asked + 1, asked_at = excluded.asked_at
     where redeliveries.asked < $3 and redeliveries.asked_at + 2 ^ redeliveries.asked * interval '1 minute' <= excluded.asked_at
     returning guid`,
    [guid, at, mostRedeliveries],
  );
  return rows.length === 1;
}
