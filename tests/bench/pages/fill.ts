import { commitmentTo } from "../../../src/ledger/entry.ts";
import { Client } from "pg";
import { reportOfFleet } from "./report.ts";

/** What is filled, by SQL: one repository with all of it, because that is the hardest. */
export interface Filled {
  repository: number;
  changes: number;
  entries: number;
  /** Of these changes the last are open. */
  open: number;
  /** The first moment, and the present: two years later. */
  from: number;
  to: number;
}

export const people = 200;
export const repositoryOf = { id: 7, owner: "acme", name: "control" };
const years = 2;

/** Two years of a busy control repo: ten entries for each change, a release for each ten, and a report for each open change. */
export async function fill(url: string, { changes, open, to }: { changes: number; open: number; to: number }): Promise<Filled> {
  // Not the store's own connection, whose statements are over after a minute.
  const database = new Client({ connectionString: url });
  await database.connect();
  try {
    return await fillOver(database, { changes, open, to });
  } finally {
    await database.end();
  }
}

async function fillOver(database: Client, { changes, open, to }: { changes: number; open: number; to: number }): Promise<Filled> {
  const from = to - years * 365 * 86_400_000;
  const filled: Filled = { repository: repositoryOf.id, changes, entries: changes * 10, open, from, to };
  const step = (to - from) / changes;
  const salt = (id: number): string => id.toString(16).padStart(64, "0");
  await database.query("insert into actors (id, salt) select * from unnest($1::bigint[], $2::text[])", [
    Array.from({ length: people }, (_, at) => at + 1),
    Array.from({ length: people }, (_, at) => salt(at + 1)),
  ]);
  const commitments = Array.from({ length: people }, (_, at) => commitmentTo(at + 1, salt(at + 1)));
  for (let other = 1; other <= 40; other += 1)
    await database.query("insert into repositories (id, installation, owner, name) values ($1, 1, 'acme', $2)", [
      other === 1 ? repositoryOf.id : 1_000 + other,
      other === 1 ? repositoryOf.name : `module${other}`,
    ]);
  // Made anew behind the rows: that takes a third of the time.
  const { rows: indexes } = await database.query<{ indexname: string; indexdef: string }>(
    "select indexname, indexdef from pg_indexes where tablename = 'entries' and indexname not in (select conname from pg_constraint)",
  );
  for (const { indexname } of indexes) await database.query(`drop index ${indexname}`);
  await database.query(`
    create unlogged table filled_entries as
    select *, encode(sha256(convert_to(about, 'UTF8')), 'hex') as sha from (
      select *,
        case when kind = 'rollout-done' then 'rollout' when kind like 'lane-%' then 'lane/' || (array['canary','wide','rest'])[n / 10 % 3 + 1] else 'pull/' || n end as subject,
        case
          when kind = 'verdict' then '{"base":"' || md5(n::text) || '","head":"' || md5('h' || n) || '","policy":"' || md5('p') || '","verdict":{"outcome":"blocked","reasons":[' ||
            '{"rule":"compile","outcome":"pass","text":"40 nodes compile, attempt ' || seq || '"},{"rule":"lint","outcome":"pass","text":"nothing on changed lines"},{"rule":"peer","outcome":"pending","text":"1 approval is missing"}]}}'
          when kind like 'approval-%' then '{"commit":"' || md5('h' || n) || '","review":' || n || ',"submittedAt":"' || to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '","seq":' || seq || '}'
          when kind = 'merge-intended' then '{"head":"' || md5('h' || n) || '","glass":null,"approvals":[{"review":' || n || ',"permission":"write"}]}'
          when kind = 'contributed' then '{"head":"' || md5('h' || n) || '","did":"wrote","n":' || n || '}'
          when kind = 'landed' then '{"commit":"' || md5('c' || n) || '","head":"' || md5('h' || n) || '","base":"main","checked":"' || md5('t' || n) || '"}'
          else '{"release":"' || md5('c' || n) || '","before":"' || md5('c' || (n - 10)) || '","lane":"canary","halt":{"why":{"kind":"verdict"}},"n":' || seq || '}' end as about
      from (
        select n, k, (n - 1) * 10 + k as seq, to_timestamp(${from / 1000} + ((n - 1)::float8 * ${step} + k * ${step / 11}) / 1000.0) as at,
          case when k in (1, 4) then 'verdict' when k = 2 then 'approval-received' when k = 3 then 'approval-bound'
               when n > ${changes - open} then 'verdict'
               when k = 5 then 'contributed' when k = 6 then 'merge-intended' when k = 7 then 'landed'
               when n % 10 = 0 and k = 8 then 'lane-entered' when n % 10 = 0 and k = 9 then case when n % 200 = 0 then 'lane-halted' else 'lane-passed' end
               when n % 10 = 0 then 'rollout-done' when k = 9 then 'approval-kept' else 'verdict' end as kind
        from generate_series(1, ${changes}) n, generate_series(1, 10) k
      ) placed
    ) told;
  `);
  await database.query(
    `insert into entries (seq, idempotency_key, repository, kind, subject, at, entry)
     select seq, '7/' || seq, 7, kind, subject, at,
       '{"actor":' || case when kind in ('verdict', 'landed', 'rollout-done') or kind like 'lane-%' then 'null' else '"' || ($1::text[])[n % ${people} + 1] || '"' end
       || ',"at":"' || to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","evidence":["' || sha || '"],"idempotencyKey":"7/' || seq
       || '","kind":"' || kind || '","repo":7,"subject":"' || subject || '","v":1}'
     from filled_entries order by seq`,
    [commitments],
  );
  for (const { indexdef } of indexes) await database.query(indexdef);
  const ends = changes - open;
  await database.query(`
    insert into evidence (sha256, content) select sha, convert_to(about, 'UTF8') from filled_entries on conflict do nothing;
    update ledger set size = ${filled.entries};
    insert into changes (repository, number, state, base_ref, base, head, verdict, standing, answers, decided_at, about, opened_at, services, teams)
    select 7, n, case when n > ${ends} then 'open' when n % 20 = 0 then 'closed' else 'merged' end, 'main', md5('b' || n), md5('h' || n),
      '{"outcome":"blocked","reasons":[{"rule":"compile","outcome":"pass","text":"40 nodes compile"},{"rule":"peer","outcome":"pending","text":"1 approval is missing","unblock":"one person with write access: approve"}]}',
      (array['waiting','pass','blocked','unknown'])[n % 4 + 1], '[]', at,
      '{"title":"A change number ' || n || '","opener":"person' || n % ${people} || '","openedAt":"' || to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '"}',
      at, array['service' || n % 60, 'service' || n % 7], array['acme/team' || n % 12]
    from filled_entries where k = 1;
    insert into node_viewers values (7, 'main', 'read');
    insert into rollout_line (repository, sha, place, number, seen_at) select 7, md5('c' || n), n, n, at from filled_entries
    where k = 7 and n <= ${ends} and at > to_timestamp(${(to - 100 * 86_400_000) / 1000});
    insert into measured_changes (repository, number, opened_at, reviewed_at, landed_at, everywhere_at, own, services, teams)
    select 7, n, at - make_interval(mins => n % 600), at, case when n <= ${ends} then at + interval '20 minutes' end,
      case when n <= ${ends} then at + interval '3 hours' end, n % 5 <> 0, array['service' || n % 60, 'service' || n % 7], array['acme/team' || n % 12]
    from filled_entries where k = 2;
    insert into measured_releases (repository, release, entered_at, failed_at, failed_lane, restored_at, done_at, services, teams)
    select 7, md5('c' || n), at, case when n % 200 = 0 then at + interval '9 minutes' end, case when n % 200 = 0 then 'canary' end,
      case when n % 200 = 0 then at + interval '50 minutes' end, at + interval '2 hours', array['service' || n % 60], array['acme/team' || n % 12]
    from filled_entries where k = 8 and n % 10 = 0;
    update measured set seq = ${filled.entries};
    insert into pushes (repository, sha, user_id, login, at) select 7, md5('h' || n), n % ${people} + 1, 'person' || n % ${people} + 1, at from filled_entries where k = 1 and n <= 5000;
  `);
  const report = JSON.stringify({
    report: reportOfFleet(),
    policy: { rules: [] },
    policyDigest: "",
    policyChange: "same",
    paths: [],
    links: [],
  });
  await database.query(
    `insert into checks (repository, number, base, head, attempts, checked, ended_at)
     select 7, n, md5('b' || n), md5('h' || n), 1, $1, now() from generate_series($2::int, $3::int) as n(n)`,
    [report, changes - open + 1, changes],
  );
  // As a busy day has it: each lane a few releases behind the one before.
  const { rows } = await database.query<{ sha: string }>(
    "select md5('c' || n) as sha from unnest($1::int[]) with ordinality as u(n, at) order by at",
    [[0, 30, 60].map((behind) => ends - behind)],
  );
  const lanes = ["canary", "wide", "rest"].map((lane, at) => ({
    lane,
    environment: `production_${lane}`,
    verified: rows[at]?.sha ?? "",
    stage: null,
    halt: null,
    let: null,
  }));
  await database.query("insert into rollouts (repository, state, stepped_at) values (7, $1, now())", [
    JSON.stringify({ lanes, quarantined: [], paused: null }),
  ]);
  await database.query(
    `insert into rollout_news (repository, at, event) select 7, at, jsonb_build_object('kind', 'passed', 'lane', 'canary', 'release', md5('c' || n), 'verdict', '{"kind":"passed","counts":{}}'::jsonb)
     from filled_entries where k = 9 and n % 10 = 0 and at > to_timestamp(${(to - 90 * 86_400_000) / 1000});
     drop table filled_entries;`,
  );
  await database.query("vacuum analyze");
  return filled;
}
