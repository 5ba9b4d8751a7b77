-- The base branch's own line, as looks at its rollout found it: where each commit stands on it, which pull request it landed, and when it was seen first.
create table rollout_line (
  repository bigint not null,
  sha text not null,
  place bigint not null,
  number integer,
  seen_at timestamptz not null,
  primary key (repository, sha)
);
create index rollout_line_in_order on rollout_line (repository, place);
