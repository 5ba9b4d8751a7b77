-- Auditors' questions are about entries of some kinds: without this, each would read the whole ledger.
create index entries_of_kind on entries (kind, seq);

-- Whose turn it is to sign the ledger: one process at a time looks at it, whatever the number of servers. Time is the database's.
create table signing (
  single boolean primary key default true check (single),
  holder text not null,
  held_until timestamptz not null
);
insert into signing (holder, held_until) values ('', '-infinity');
