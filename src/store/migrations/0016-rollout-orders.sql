-- What people said to a rollout, kept before it is done: each is done once, with its answer in the transaction of what it changed.
create table rollout_orders (
  seq bigserial primary key,
  repository bigint not null,
  key text not null,
  -- The pull request that it was said in; null for a shell.
  number integer,
  -- As text, because people may write what jsonb refuses.
  said text not null,
  asked_at timestamptz not null,
  answer text,
  answered_at timestamptz,
  unique (repository, key)
);
create index rollout_orders_open on rollout_orders (repository, seq) where answer is null;
create index rollout_orders_of_change on rollout_orders (repository, number) where number is not null;

-- What the last look at a rollout saw, for people who ask.
create table rollout_sights (
  repository bigint primary key,
  sight jsonb not null,
  seen_at timestamptz not null
);
