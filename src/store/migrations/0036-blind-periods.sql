-- What the gate can't see now, and since when: 0 is the installation. `told`: whether the ledger knows that it began.
create table blindness (
  repository bigint not null,
  what text not null,
  since timestamptz not null,
  why text not null,
  told boolean not null default false,
  primary key (repository, what)
);

-- When the gate looked for what no webhook told of last: a pause in it is a time in which it did not see anything.
create table heartbeat (
  single boolean primary key default true check (single),
  at timestamptz
);
insert into heartbeat (at) values (null);

create index deliveries_received on deliveries (received_at);

-- Up to which of GitHub's own records of a lane's branch every move is known for one of ours, or was recorded as none.
create table lane_walks (
  repository bigint not null,
  branch text not null,
  upto timestamptz not null,
  sha text not null,
  walked_at timestamptz not null,
  primary key (repository, branch)
);
