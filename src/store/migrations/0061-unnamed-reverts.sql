-- Commits that say that they take others back, of which GitHub did not tell whose they are when they were found: asked about again when they are due.
create table unnamed_reverts (
  repository bigint not null,
  branch text not null,
  commit_id text not null,
  reverted text not null,
  tries integer not null default 0,
  due_at timestamptz not null,
  primary key (repository, commit_id, reverted)
);
