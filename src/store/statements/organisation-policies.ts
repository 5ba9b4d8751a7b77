import type { Executor } from "../executor.ts";

/** Keeps that an organisation has a policy, with the sha256 of its text. `owner` is GitHub's id of the organisation, which outlives its name. */
export async function saveOrganisationPolicy(executor: Executor, owner: number, sha256: string, at: Date): Promise<void> {
  await executor.query(
    `insert into organisation_policies (owner, sha256, seen_at) values ($1, $2, $3)
     on conflict (owner) do update set sha256 = excluded.sha256, seen_at = excluded.seen_at`,
    [owner, sha256, at],
  );
}

/** The digest of the policy that was read last; null where there never was one, or it was taken away in plain sight. */
export async function organisationPolicyOf(executor: Executor, owner: number): Promise<string | null> {
  const { rows } = await executor.query<{ sha256: string }>("select sha256 from organisation_policies where owner = $1", [owner]);
  return rows[0]?.sha256 ?? null;
}

/** Forgets it: that it is gone was seen. */
export async function dropOrganisationPolicy(executor: Executor, owner: number): Promise<void> {
  await executor.query("delete from organisation_policies where owner = $1", [owner]);
}
