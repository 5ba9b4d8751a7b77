-- Comments with a command that a delivery told were edited: beside GitHub's own word on it, whose times are whole seconds.
create table edited_comments (
  repository bigint not null,
  comment bigint not null,
  editor text, -- JSON; null where the delivery names nobody
  edited_at timestamptz not null,
  primary key (repository, comment)
);
