import type { Entry } from "../../ledger/entry.ts";
import type { Measured, MeasuredChange, MeasuredRelease } from "../../measures/rows.ts";
import type { Step } from "../../measures/steps.ts";
import { toNumber, type Executor } from "../executor.ts";

/** Up to which entry the ledger was made into measures, and how many it has. */
export async function measuredTo(executor: Executor): Promise<{ seq: number; of: number }> {
  const { rows } = await executor.query<{ seq: number; of: number }>("select measured.seq, ledger.size as of from measured, ledger");
  return { seq: toNumber(rows[0]?.seq ?? 0), of: toNumber(rows[0]?.of ?? 0) };
}

export interface KeptEntry {
  seq: number;
  entry: Entry;
}

/** Entries of these kinds within so many numbers behind one, the oldest first. */
export async function entriesBehind(executor: Executor, seq: number, most: number, kinds: readonly string[]): Promise<KeptEntry[]> {
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    "select seq, entry from entries where seq > $1 and seq <= $2 and kind = any($3) order by seq",
    [seq, seq + most, kinds],
  );
  return rows.map(kept);
}

/** Entries of these kinds about some changes, the oldest first. */
export async function entriesAbout(
  executor: Executor,
  changes: readonly { repository: number; subject: string }[],
  kinds: readonly string[],
): Promise<KeptEntry[]> {
  if (changes.length === 0) return [];
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    `select e.seq, e.entry from unnest($1::bigint[], $2::text[]) as asked (repository, subject)
     join entries e on e.repository = asked.repository and e.subject = asked.subject where e.kind = any($3) order by e.seq`,
    [changes.map(({ repository }) => repository), changes.map(({ subject }) => subject), kinds],
  );
  return rows.map(kept);
}

const kept = ({ seq, entry }: { seq: number; entry: string }): KeptEntry => ({ seq: toNumber(seq), entry: JSON.parse(entry) as Entry });

/** Adds steps in their order, and notes how far that came; false, and nothing is added, where somebody else was there first. In a transaction. */
export async function addMeasures(
  executor: Executor,
  { from, to }: { from: number; to: number },
  steps: readonly Step[],
): Promise<boolean> {
  const { rows } = await executor.query<{ seq: number }>("select seq from measured for update");
  if (toNumber(rows[0]?.seq ?? 0) !== from) return false;
  for (const step of steps) await add(executor, step);
  await aboutChanges(executor, steps);
  await executor.query("update measured set seq = $1", [to]);
  return true;
}

async function add(executor: Executor, step: Step): Promise<void> {
  const { repository, at } = step;
  switch (step.kind) {
    case "reviewed":
      await executor.query(
        `insert into measured_changes as known (repository, number, reviewed_at) values ($1, $2, $3)
         on conflict (repository, number) do update set reviewed_at = least(known.reviewed_at, excluded.reviewed_at)`,
        [repository, step.number, at],
      );
      break;
    case "landed":
      // A change can land more than once: what people waited for is the first time.
      await executor.query(
        `insert into measured_changes as known (repository, number, landed_at, own, glass) values ($1, $2, $3, $4, $5)
         on conflict (repository, number) do update set landed_at = excluded.landed_at, own = excluded.own, glass = excluded.glass
         where known.landed_at is null`,
        [repository, step.number, at, step.own, step.glass],
      );
      if (step.hotfix) await addHotfix(executor, step);
      break;
    case "reverted":
      // The release that brought it: the first of the line from it on. Taken back before it came to a lane, no release failed by it.
      await executor.query(
        `update measured_releases m set reverted_at = $3
         where m.repository = $1 and m.reverted_at is null and m.entered_at <= $3 and m.entered_at > $3::timestamptz - interval '7 days'
           and m.release = (
             select r.release from rollout_line l
             join rollout_line t on t.repository = $1 and t.place >= l.place
             join measured_releases r on r.repository = $1 and r.release = t.sha
             where l.repository = $1 and l.number = $2 order by t.place limit 1
           )`,
        [repository, step.number, at],
      );
      break;
    case "outside":
      await executor.query(
        `insert into measured_changes as known (repository, number, landed_at, outside) values ($1, $2, $3, true)
         on conflict (repository, number) do update set landed_at = excluded.landed_at, outside = true where known.landed_at is null`,
        [repository, step.number, at],
      );
      break;
    case "entered":
      await executor.query(
        `insert into measured_releases (repository, release, entered_at, services, teams)
         select $1, $2, $4, coalesce(array_agg(distinct s) filter (where s is not null), '{}'), coalesce(array_agg(distinct t) filter (where t is not null), '{}')
         from rollout_line before
         join rollout_line after on after.repository = $1 and after.sha = $2
         join rollout_line l on l.repository = $1 and l.place > before.place and l.place <= after.place
         join changes c on c.repository = $1 and c.number = l.number
         left join lateral unnest(c.services) s on true left join lateral unnest(c.teams) t on true
         where before.repository = $1 and before.sha = $3
         on conflict (repository, release) do nothing`,
        [repository, step.release, step.before, at],
      );
      break;
    case "failed":
      await executor.query(
        "update measured_releases set failed_at = $3, failed_lane = $4 where repository = $1 and release = $2 and failed_at is null",
        [repository, step.release, at, step.lane],
      );
      break;
    case "well":
      await executor.query(
        "update measured_releases set restored_at = $3 where repository = $1 and failed_lane = $2 and failed_at is not null and restored_at is null and failed_at < $3",
        [repository, step.lane, at],
      );
      break;
    case "done":
      await executor.query("update measured_releases set done_at = $3 where repository = $1 and release = $2 and done_at is null", [
        repository,
        step.release,
        at,
      ]);
      await executor.query(
        `update measured_changes m set everywhere_at = $3
         from rollout_line l, rollout_line done
         where done.repository = $1 and done.sha = $2 and l.repository = $1 and l.place <= done.place
           and m.repository = $1 and m.number = l.number and m.landed_at is not null and m.landed_at <= $3 and m.everywhere_at is null`,
        [repository, step.release, at],
      );
      break;
  }
}

/** The newest release of a week that reaches what the hotfix reaches. */
async function addHotfix(executor: Executor, { repository, number, at }: Extract<Step, { kind: "landed" }>): Promise<void> {
  await executor.query(
    `update measured_releases m set hotfixed_at = $3
     where m.repository = $1 and m.hotfixed_at is null and m.release = (
       select r.release from measured_releases r join changes c on c.repository = $1 and c.number = $2
       where r.repository = $1 and r.entered_at <= $3 and r.entered_at > $3::timestamptz - interval '7 days' and r.services && c.services
       order by r.entered_at desc limit 1
     )`,
    [repository, number, at],
  );
}

/** What the changes themselves have: when each was opened, and whom it reaches. */
async function aboutChanges(executor: Executor, steps: readonly Step[]): Promise<void> {
  const touched = steps.flatMap((step) => ("number" in step ? [step] : []));
  if (touched.length === 0) return;
  await executor.query(
    `update measured_changes m set opened_at = coalesce(c.opened_at, m.opened_at), services = coalesce(c.services, m.services), teams = coalesce(c.teams, m.teams)
     from changes c, unnest($1::bigint[], $2::integer[]) as touched (repository, number)
     where m.repository = touched.repository and m.number = touched.number and c.repository = m.repository and c.number = m.number`,
    [touched.map(({ repository }) => repository), touched.map(({ number }) => number)],
  );
}

/** Which rows are asked for: those that something happened to from one time on and before another. */
export interface MeasuresAsked {
  from: Date;
  to: Date;
  service: string | null;
  team: string | null;
}

/** What is measured of a repository in a period, in no order. */
export async function measures(executor: Executor, repository: number, { from, to, service, team }: MeasuresAsked): Promise<Measured> {
  const parameters: unknown[] = [repository, from, to];
  const place = (value: unknown): string => `$${parameters.push(value)}`;
  // Written only where they are asked for: a plan for any value would go through every row.
  const of = `${service === null ? "" : `and services @> array[${place(service)}::text]`} ${team === null ? "" : `and teams @> array[${place(team)}::text]`}`;
  const within = (column: string): string => `(${column} >= $2 and ${column} < $3)`;
  // `extract` would count in decimals, at several times the cost.
  const seconds = (column: string): string => `coalesce(date_part('epoch', ${column})::bigint::text, '')`;
  // A year of a busy repository are fifty thousand rows: as one text they come in a fifth of the time that the driver takes for as many objects.
  const names = `translate(array_to_string(services, '${unit}'), e'\\t\\n', '  '), translate(array_to_string(teams, '${unit}'), e'\\t\\n', '  ')`;
  const { rows: changes } = await executor.query<{ lines: string | null }>(
    `select string_agg(concat_ws(e'\\t', number, ${["opened_at", "reviewed_at", "landed_at", "everywhere_at"].map(seconds).join(", ")},
            coalesce(own::text, ''), glass, outside, ${names}), e'\\n') as lines
     from measured_changes where repository = $1 and (${within("reviewed_at")} or ${within("landed_at")} or ${within("everywhere_at")}) ${of}`,
    parameters,
  );
  const { rows: releases } = await executor.query<{ lines: string | null }>(
    `select string_agg(concat_ws(e'\\t', release, ${["entered_at", "failed_at", "restored_at", "done_at", "reverted_at", "hotfixed_at"].map(seconds).join(", ")}, ${names}), e'\\n') as lines
     from measured_releases where repository = $1 and (${within("entered_at")} or ${within("restored_at")} or ${within("done_at")}) ${of}`,
    parameters,
  );
  const split = createSplit();
  return {
    changes: linesOf(changes[0]?.lines).map((line) => measuredChange(line, split)),
    releases: linesOf(releases[0]?.lines).map((line) => measuredRelease(line, split)),
  };
}

/** Between the names of one list: no name has it. */
const unit = "\u001f";

const linesOf = (text: string | null | undefined): string[] => (text === null || text === undefined || text === "" ? [] : text.split("\n"));

/** Lists that are the same are one: there are far fewer than changes. */
function createSplit(): (text: string) => readonly string[] {
  const known = new Map<string, readonly string[]>([["", []]]);
  return (text) => {
    const own = known.get(text) ?? text.split(unit);
    known.set(text, own);
    return own;
  };
}

const moment = (text: string | undefined): number | null => (text === undefined || text === "" ? null : Number(text) * 1000);

function measuredChange(line: string, split: (text: string) => readonly string[]): MeasuredChange {
  const [number, opened, reviewed, landed, everywhere, own, glass, outside, services = "", teams = ""] = line.split("\t");
  return {
    number: Number(number),
    openedAt: moment(opened),
    reviewedAt: moment(reviewed),
    landedAt: moment(landed),
    everywhereAt: moment(everywhere),
    own: own === "" ? null : own === "true",
    glass: glass === "t" || glass === "true",
    outside: outside === "t" || outside === "true",
    services: split(services),
    teams: split(teams),
  };
}

function measuredRelease(line: string, split: (text: string) => readonly string[]): MeasuredRelease {
  const [release = "", entered, failed, restored, done, reverted, hotfixed, services = "", teams = ""] = line.split("\t");
  return {
    release,
    enteredAt: moment(entered) ?? 0,
    failedAt: moment(failed),
    restoredAt: moment(restored),
    doneAt: moment(done),
    revertedAt: moment(reverted),
    hotfixedAt: moment(hotfixed),
    services: split(services),
    teams: split(teams),
  };
}
