-- What was learnt once of a commit on the base branch's own line: the pull request that it landed (null for a push around the gate), and whether that
-- asked to be alone in its release.
create table line_steps (
  repository bigint not null,
  sha text not null,
  number integer,
  solo boolean not null,
  learnt_at timestamptz not null,
  primary key (repository, sha)
);
