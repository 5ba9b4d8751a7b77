-- What each expectation came to on each change, by the change's newest check: of checks themselves only the newest is kept.
create table expectation_results (
  repository bigint not null,
  number integer not null,
  name text not null,
  origin text not null check (origin in ('base', 'new', 'changed')),
  path text not null,
  severity text not null check (severity in ('block', 'warn', 'approval')),
  -- Of the newest check.
  outcome text not null,
  head text not null,
  at timestamptz not null,
  -- When a head of the change broke what was held before; null where none did.
  caught_at timestamptz,
  -- Whether a check of the change could not tell.
  dark boolean not null,
  primary key (repository, number, name, origin)
);

-- What went wrong after it landed: a halt that points to a change, or a revert of it. Each drafts an expectation, or says why none can be.
create table expectation_drafts (
  repository bigint not null,
  -- The pull request that it is said in.
  number integer not null,
  -- The same for the same event.
  key text not null,
  cause text not null check (cause in ('halt', 'revert')),
  -- Of a revert: the commit that it landed with, and its pull request where it has one.
  commit_id text,
  reverted_by integer,
  -- The expectation that was drafted; null where none could be, and before it was told.
  name text,
  at timestamptz not null,
  told_at timestamptz,
  primary key (repository, number, key)
);
create index expectation_drafts_untold on expectation_drafts (repository) where told_at is null;
create index expectation_drafts_reverts on expectation_drafts (repository, reverted_by) where reverted_by is not null;
