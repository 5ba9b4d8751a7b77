-- What happened to releases, in the order in which it did in each repository: to be told at every place.
create table rollout_news (
  seq bigserial primary key,
  repository bigint not null,
  at timestamptz not null,
  event jsonb not null
);
create index rollout_news_of_repository on rollout_news (repository, seq);

-- Up to which of them a place has heard. A place where the next one could not be told is asked again from `next_at` on; `lost` are those that it never heard.
create table rollout_told (
  repository bigint not null,
  place text not null,
  seq bigint not null,
  attempts integer not null default 0,
  next_at timestamptz,
  why text,
  lost integer not null default 0,
  primary key (repository, place)
);
