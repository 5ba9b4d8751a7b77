import { type Known, known, type Snapshot } from "../gate/facts.ts";
import type { Place } from "./api.ts";
import { type AskAccount, readCommits } from "./commits.ts";
import { learn } from "./failure.ts";
import { personOf } from "./people.ts";

/** Whose a pull request is, open or not: less than a whole snapshot asks for. */
export async function readContributions(
  place: Place,
  number: number,
  accountOf: AskAccount,
): Promise<Known<Pick<Snapshot, "number" | "opener" | "head" | "commits">>> {
  const read = await learn(() => place.api.rest.pulls.get({ ...place.repo, pull_number: number }));
  if (!read.known) return read;
  const { user, head, commits } = read.value.data;
  return known({ number, opener: personOf(user), head: head.sha, commits: await readCommits(place, number, head.sha, commits, accountOf) });
}
