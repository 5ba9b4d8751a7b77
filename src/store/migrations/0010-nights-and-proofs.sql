-- How far the nightly compile of a branch's tip has come: the night by the day that it began on (UTC), and the last node that was looked at.
create table nights (
  repository bigint not null,
  branch text not null,
  night text not null,
  after text,
  through boolean not null,
  not_before timestamptz,
  primary key (repository, branch)
);

-- Nodes of which what was kept, or concluded from it, was compared with a compile, and of how many it was wrong. Never removed.
create table proofs (
  repository bigint not null,
  day date not null,
  source text not null check (source in ('sample', 'night')),
  verdicts bigint not null,
  missed bigint not null,
  primary key (repository, day, source)
);
