-- What lists of changes are filtered by, and what is measured of them: kept beside `about`, whose JSON no index reads. Null where no check has said it yet.
alter table changes add column opened_at timestamptz, add column services text[], add column teams text[];
update changes set opened_at = substring(about from '"openedAt":"(\d{4}-\d\d-\d\dT[0-9:.]+Z)"')::timestamptz where about is not null;
create index changes_by_state on changes (repository, state, number);
create index changes_by_standing on changes (repository, standing, number) where state = 'open';

-- Entries of the ledger as measures: made of them in their order, and made anew by emptying these three.
create table measured_changes (
  repository bigint not null,
  number integer not null,
  opened_at timestamptz,
  reviewed_at timestamptz,
  landed_at timestamptz,
  everywhere_at timestamptz,
  own boolean,
  glass boolean not null default false,
  outside boolean not null default false,
  services text[] not null default '{}',
  teams text[] not null default '{}',
  primary key (repository, number)
);
create index measured_reviews on measured_changes (repository, reviewed_at) where reviewed_at is not null;
create index measured_landings on measured_changes (repository, landed_at) where landed_at is not null;
create index measured_arrivals on measured_changes (repository, everywhere_at) where everywhere_at is not null;
-- Those that the next release to be done may have.
create index measured_under_way on measured_changes (repository, number) where landed_at is not null and everywhere_at is null;

create table measured_releases (
  repository bigint not null,
  release text not null,
  entered_at timestamptz not null,
  failed_at timestamptz,
  failed_lane text,
  restored_at timestamptz,
  done_at timestamptz,
  services text[] not null default '{}',
  teams text[] not null default '{}',
  primary key (repository, release)
);
create index measured_releases_in_order on measured_releases (repository, entered_at);
create index measured_failures on measured_releases (repository, failed_lane) where failed_at is not null and restored_at is null;

-- The last entry that was made into measures; its one row is locked by whoever goes on.
create table measured (
  single boolean primary key default true check (single),
  seq bigint not null
);
insert into measured (seq) values (0);

-- Which permission node data takes by the policy that was judged by last, of each branch that changes go into.
create table node_viewers (
  repository bigint not null,
  base_ref text not null,
  permission text not null check (permission in ('read', 'write', 'admin')),
  primary key (repository, base_ref)
);

-- Pages of the ledger: a repository's entries, by kind, by person, by time, the newest first.
create index entries_of_repository on entries (repository, seq);
create index entries_of_repository_by_kind on entries (repository, kind, seq);
create index entries_of_actor on entries (repository, substring(entry from '^\{"actor":"([0-9a-f]{64})"'), seq);
create index entries_in_time on entries (at);
