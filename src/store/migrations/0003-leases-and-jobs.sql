-- Who works on what, and until when nobody else may take it over. An epoch is given once and never again, so that a holder who was
-- taken over can be told from the one who holds the lease now, whatever its name. The job is the one that the lease was taken for.
create sequence lease_epochs;
create table leases (
  name text primary key, -- `repository 5`, `check 5#7`, `sweep`
  holder text not null, -- a process, by a number of its own for each start
  epoch bigint not null,
  queue text not null,
  job uuid not null,
  expires_at timestamptz not null
);

-- Turns are jobs of pg-boss now (schema `jobs`). What waited at this moment gets its turn by the sweep after the start.
drop index changes_waiting;
alter table changes drop column wanted, drop column done, drop column attempts, drop column not_before;
create index changes_given_up on changes (repository, number) where given_up;

-- How the last sweep saw an open change (JSON): what differs from it the next time has moved without a webhook that told of it.
alter table changes add column seen text;

-- Failed deliveries that GitHub was asked to send again, by their id.
create table redeliveries (
  guid text primary key,
  asked integer not null,
  asked_at timestamptz not null
);
