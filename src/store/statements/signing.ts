import type { Executor } from "../executor.ts";

/** Takes the turn to sign for so many seconds, or prolongs it. Null where it is taken, else who has it. */
export async function takeSigning(executor: Executor, holder: string, seconds: number): Promise<string | null> {
  const { rows } = await executor.query(
    `update signing set holder = $1, held_until = clock_timestamp() + $2::float8 * interval '1 second'
     where holder = $1 or held_until < clock_timestamp() returning 1`,
    [holder, seconds],
  );
  if (rows.length > 0) return null;
  const { rows: held } = await executor.query<{ holder: string }>("select holder from signing");
  return held[0]?.holder ?? "";
}

/** Gives it back; who does not have it gives nothing. */
export async function endSigning(executor: Executor, holder: string): Promise<void> {
  await executor.query("update signing set held_until = '-infinity' where holder = $1", [holder]);
}
