-- What the gate must not forget: deliveries, changes and where each stands, what was checked, said, intended and done.
-- JSON is kept as text: a report may hold \u0000 and lone surrogates of a hostile file, which jsonb refuses.

create table repositories (
  id bigint primary key, -- GitHub's, because names change
  installation bigint not null,
  owner text not null,
  name text not null
);

-- One row for each delivery, by GitHub's id: a second one of the same id is no news.
create table deliveries (
  id text primary key,
  name text not null,
  event text, -- JSON; null when it says nothing to us
  received_at timestamptz not null
);

-- A change and its turn. It waits while wanted > done; whoever advances it remembers the `wanted` it saw, so that a wake in the
-- meantime is another turn and is never absorbed.
create table changes (
  repository bigint not null references repositories (id),
  number integer not null,
  wanted bigint not null default 0,
  done bigint not null default 0,
  attempts integer not null default 0,
  not_before timestamptz,
  given_up boolean not null default false,
  error text,
  state text not null default 'open' check (state in ('open', 'closed', 'merged')),
  base_ref text,
  base text, -- the pair that was judged last
  head text,
  verdict text, -- JSON
  standing text,
  answers text not null default '[]', -- JSON: what the comment shows
  decided_at timestamptz,
  primary key (repository, number)
);
create index changes_waiting on changes (not_before) where wanted > done and not given_up;
create index changes_by_head on changes (repository, head) where state = 'open';

-- Who pushed what and when, which GitHub's API does not tell afterwards. user_id 0 is nobody we know.
create table pushes (
  repository bigint not null references repositories (id),
  sha text not null,
  user_id bigint not null,
  login text,
  bot boolean not null default false,
  at timestamptz,
  primary key (repository, sha, user_id)
);

-- The check of one pair: its report, the rules of its base and the paths it touches, or why there is none.
create table checks (
  repository bigint not null,
  number integer not null,
  base text not null,
  head text not null,
  attempts integer not null,
  checked text, -- JSON
  problem text, -- JSON
  ended_at timestamptz not null,
  primary key (repository, number, base, head),
  foreign key (repository, number) references changes (repository, number),
  check ((checked is null) = (problem is not null))
);

-- Comments whose commands were answered: each counts once.
create table answers (
  repository bigint not null,
  number integer not null,
  comment bigint not null,
  answered_at timestamptz not null,
  primary key (repository, comment),
  foreign key (repository, number) references changes (repository, number)
);

-- Labels that the gate itself put on a change: only these does it ever remove.
create table labels (
  repository bigint not null,
  number integer not null,
  name text not null,
  primary key (repository, number, name),
  foreign key (repository, number) references changes (repository, number)
);

-- What is to become true on GitHub, written before it is done. Newer intentions for a change supersede older ones.
create table effects (
  id bigint generated always as identity primary key,
  repository bigint not null,
  number integer not null,
  effect text not null, -- JSON
  state text not null default 'intended' check (state in ('intended', 'done', 'failed', 'superseded')),
  error text,
  intended_at timestamptz not null,
  ended_at timestamptz,
  foreign key (repository, number) references changes (repository, number)
);
create index effects_open on effects (repository, number) where state = 'intended';

-- A merge, intended before it is asked for; `outside` is one that somebody else made.
create table landings (
  id bigint generated always as identity primary key,
  repository bigint not null,
  number integer not null,
  state text not null check (state in ('intended', 'refused', 'landed', 'outside')),
  merge text, -- JSON: what was to be merged; null for outside
  outcome text, -- JSON: the landing as it is shown, or why it was refused
  intended_at timestamptz not null,
  ended_at timestamptz,
  foreign key (repository, number) references changes (repository, number)
);
create unique index landings_one_intended on landings (repository, number) where state = 'intended';
