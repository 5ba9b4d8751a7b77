-- What the gate promised and was told: approvals with what they were given for, trust, wishes, what is owed. And the ledger.

alter table changes add column due_at timestamptz; -- when time alone may change its verdict
create index changes_due on changes (due_at) where due_at is not null;

-- The commit that a landing made: of `exact` it is known before it is pushed.
alter table landings add column commit_id text;
update landings set commit_id = substring(outcome from '"sha":"([0-9a-f]{40,64})"') where state = 'landed';
create index landings_by_commit on landings (repository, commit_id);

-- Approvals as they came in: GitHub has been seen to move a review to a newer head. `binding` is JSON, null until that head's check was done.
create table receipts (
  repository bigint not null,
  number integer not null,
  review bigint not null,
  reviewer bigint not null,
  commit_id text not null,
  source text not null check (source in ('delivery', 'api')),
  submitted_at timestamptz not null,
  binding text,
  primary key (repository, review),
  foreign key (repository, number) references changes (repository, number)
);
create index receipts_of_change on receipts (repository, number);

-- What git said of two pairs. Both are commits, so that an answer never grows old.
create table carries (
  repository bigint not null,
  from_base text not null,
  from_head text not null,
  to_base text not null,
  to_head text not null,
  carry text not null, -- JSON
  compared_at timestamptz not null,
  primary key (repository, from_base, from_head, to_base, to_head)
);

-- Who said /ok-to-test for which head.
create table trusts (
  repository bigint not null,
  number integer not null,
  head text not null,
  person text not null, -- JSON
  comment bigint not null,
  trusted_at timestamptz not null,
  primary key (repository, number, head),
  foreign key (repository, number) references changes (repository, number)
);

create table wishes (
  repository bigint not null,
  number integer not null,
  wish text not null, -- JSON
  wished_at timestamptz not null,
  primary key (repository, number),
  foreign key (repository, number) references changes (repository, number)
);

-- The newest /break-glass of a change.
create table glasses (
  repository bigint not null,
  number integer not null,
  glass text not null, -- JSON
  expires_at timestamptz not null,
  primary key (repository, number),
  foreign key (repository, number) references changes (repository, number)
);

-- What people were told last of an approval.
create table told (
  repository bigint not null,
  number integer not null,
  review bigint not null,
  state text not null check (state in ('kept', 'dropped')),
  why text not null,
  primary key (repository, review),
  foreign key (repository, number) references changes (repository, number)
);

-- A review that is owed for a landing without one; paid once `paid_at` is there.
create table review_debts (
  repository bigint not null,
  number integer not null,
  debtor_id bigint not null,
  debtor text not null, -- login
  reason text not null,
  since timestamptz not null,
  paid_review bigint,
  paid_at timestamptz,
  primary key (repository, number),
  foreign key (repository, number) references changes (repository, number)
);
create index review_debts_open on review_debts (repository) where paid_at is null;

-- Repositories in which nothing is merged until an administrator lifts that.
create table frozen (
  repository bigint primary key references repositories (id),
  number integer not null,
  why text not null,
  since timestamptz not null
);

-- Branches that changes go into: up to `tip`, every commit is known for a landing, a merge outside or a direct push.
create table branches (
  repository bigint not null references repositories (id),
  branch text not null,
  tip text not null,
  explained_at timestamptz not null,
  primary key (repository, branch)
);

-- The ledger. `seq` has no gaps: it is counted in `ledger`, whose one row is locked by whoever appends, and rolled back with its transaction.
create table ledger (
  single boolean primary key default true check (single),
  size bigint not null
);
insert into ledger (size) values (0);

create table entries (
  seq bigint primary key check (seq > 0),
  idempotency_key text not null unique,
  repository bigint not null,
  kind text not null,
  subject text not null,
  at timestamptz not null,
  entry text not null -- its canonical form, RFC 8785: what is hashed
);
create index entries_of_subject on entries (repository, subject, seq);

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: % of % is refused', lower(tg_op), tg_table_name;
end $$;
create trigger entries_stay before update or delete on entries for each row execute function refuse_rewriting();
create trigger entries_are_not_emptied before truncate on entries for each statement execute function refuse_rewriting();

-- Texts that entries rest on, by their SHA-256. An entry proves its text; that a text was forgotten does not break the entry.
create table evidence (
  sha256 text primary key,
  content bytea not null
);

-- Salts of the commitments that stand for people in entries. To forget a person is to delete their row.
create table actors (
  id bigint primary key,
  salt text not null
);
