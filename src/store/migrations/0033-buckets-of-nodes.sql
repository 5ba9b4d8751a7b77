-- The share of the fleet that a node was counted to when a look saw it first: who is in a lane by a share stays there whatever later versions count by.
create table node_buckets (
  repository bigint not null,
  certname text not null,
  bucket integer not null,
  seen_at timestamptz not null,
  primary key (repository, certname)
);
