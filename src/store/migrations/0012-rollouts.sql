-- Where the releases of a repository are, as `rollout/` has it.
create table rollouts (
  repository bigint primary key,
  state jsonb not null,
  stepped_at timestamptz not null
);

-- What the nodes of a lane were like before a release came to it, by the name that its stage has for it: who was silent, in noop or failing by then. Never changed.
create table baselines (
  repository bigint not null,
  lane text not null,
  name text not null,
  before jsonb not null,
  taken_at timestamptz not null,
  primary key (repository, lane, name)
);

-- What a release changes of what was there before it, on the whole fleet, by the commits of both.
create table predictions (
  repository bigint not null,
  before text not null,
  release text not null,
  prediction jsonb not null,
  made_at timestamptz not null,
  primary key (repository, before, release)
);
