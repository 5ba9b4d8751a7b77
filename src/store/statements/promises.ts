import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Glass, Person, Wish } from "../../gate/facts.ts";
import type { Executor } from "../executor.ts";

/** Keeps who said `/ok-to-test` for a head: the first counts. */
export async function addTrust(
  executor: Executor,
  { repository, number }: ChangeKey,
  { head, by, comment }: { head: string; by: Person; comment: number },
  at: Date,
): Promise<void> {
  await executor.query(
    "insert into trusts (repository, number, head, person, comment, trusted_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    [repository, number, head, JSON.stringify(by), comment, at],
  );
}

export async function trustOf(executor: Executor, { repository, number }: ChangeKey, head: string): Promise<Person | null> {
  const { rows } = await executor.query<{ person: string }>(
    "select person from trusts where repository = $1 and number = $2 and head = $3",
    [repository, number, head],
  );
  const [row] = rows;
  return row === undefined ? null : (JSON.parse(row.person) as Person);
}

/** A change has one wish at most: a new one takes the place of the old. */
export async function saveWish(executor: Executor, { repository, number }: ChangeKey, wish: Wish, at: Date): Promise<void> {
  await executor.query(
    `insert into wishes (repository, number, wish, wished_at) values ($1, $2, $3, $4)
     on conflict (repository, number) do update set wish = excluded.wish, wished_at = excluded.wished_at`,
    [repository, number, JSON.stringify(wish), at],
  );
}

export async function wishOf(executor: Executor, { repository, number }: ChangeKey): Promise<Wish | null> {
  const { rows } = await executor.query<{ wish: string }>("select wish from wishes where repository = $1 and number = $2", [
    repository,
    number,
  ]);
  const [row] = rows;
  return row === undefined ? null : (JSON.parse(row.wish) as Wish);
}

export async function endWish(executor: Executor, { repository, number }: ChangeKey): Promise<void> {
  await executor.query("delete from wishes where repository = $1 and number = $2", [repository, number]);
}

/** Keeps the newest grant of a change. Whether it has expired is the gate's to say. */
export async function saveGlass(executor: Executor, { repository, number }: ChangeKey, glass: Glass): Promise<void> {
  await executor.query(
    `insert into glasses (repository, number, glass, expires_at) values ($1, $2, $3, $4)
     on conflict (repository, number) do update set glass = excluded.glass, expires_at = excluded.expires_at`,
    [repository, number, JSON.stringify(glass), glass.expiresAt],
  );
}

export async function glassOf(executor: Executor, { repository, number }: ChangeKey): Promise<Glass | null> {
  const { rows } = await executor.query<{ glass: string }>("select glass from glasses where repository = $1 and number = $2", [
    repository,
    number,
  ]);
  const [row] = rows;
  return row === undefined ? null : (JSON.parse(row.glass) as Glass);
}

export async function endGlass(executor: Executor, { repository, number }: ChangeKey): Promise<void> {
  await executor.query("delete from glasses where repository = $1 and number = $2", [repository, number]);
}
