-- A text that an entry rests on is committed to by a salt of its own, so that nobody can tell by guessing what a forgotten one said. Null: from before there were any.
alter table evidence add column salt text;

-- The Merkle tree over the entries: entry `seq` is leaf `seq - 1`. Tiles of C2SP tlog-tiles; whatever is here can be made again from the entries.
create table tiles (
  level integer not null,
  index bigint not null,
  hashes bytea not null,
  primary key (level, index)
);

-- Leaves that the tiles have; its one row is locked by whoever adds to them.
create table tree (
  single boolean primary key default true check (single),
  size bigint not null
);
insert into tree (size) values (0);

-- Signed heads of the tree, as notes.
create table checkpoints (
  size bigint primary key,
  note text not null,
  signed_at timestamptz not null
);

-- Where checkpoints are published, and since when one of these places can't be reached.
create table places (
  name text primary key,
  size bigint,
  told_at timestamptz,
  failing_since timestamptz,
  why text
);
