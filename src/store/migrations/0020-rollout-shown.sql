-- What a pull request was told last of where it is: a digest of it, and whether that was the last there is to say.
create table rollout_shown (
  repository bigint not null,
  number integer not null,
  digest text not null,
  shown_at timestamptz not null,
  settled boolean not null,
  primary key (repository, number)
);
