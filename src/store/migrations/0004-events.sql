-- A repository that the App lost, or that went to the archive: nothing is asked of it until it comes back.
alter table repositories add column gone_at timestamptz;

-- Comments that were acknowledged: a turn needs no request for them any more.
create table reactions (
  repository bigint not null,
  comment bigint not null,
  reacted_at timestamptz not null,
  primary key (repository, comment)
);

-- Commits of GitHub's merge queue that wait to be refused; gone once that was said.
create table merge_groups (
  repository bigint not null references repositories (id),
  head text not null,
  asked_at timestamptz not null,
  primary key (repository, head)
);

-- When GitHub was asked last where the App is installed; null: it is to be asked now.
create table discoveries (
  single boolean primary key default true check (single),
  asked_at timestamptz
);
insert into discoveries (asked_at) values (null);

-- When a sweep looked at the repository last: those without open changes take turns.
alter table repositories add column swept_at timestamptz;
