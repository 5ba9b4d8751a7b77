-- What a check rests on besides its pair: the organisation's policy and the versions of the programs, by digest. One that is not known is of nothing.
alter table checks add column grounds text not null default '';

-- What was shown when an approval came in: the pair that was decided on last, as JSON. Null where nothing was decided on by then.
alter table receipts add column shown text;

-- What is owed and what is frozen belongs to a branch, because policy does; and a change can land more than once.
alter table review_debts add column base_ref text not null default '', add column commit_id text not null default '';
update review_debts d set base_ref = c.base_ref from changes c
  where c.repository = d.repository and c.number = d.number and c.base_ref is not null;
alter table review_debts drop constraint review_debts_pkey, add primary key (repository, number, commit_id);
alter table frozen add column base_ref text not null default '';
update frozen f set base_ref = c.base_ref from changes c
  where c.repository = f.repository and c.number = f.number and c.base_ref is not null;
alter table frozen drop constraint frozen_pkey, add primary key (repository, base_ref);

-- A landing of ours of which nobody knows yet what tree landed.
alter table landings add column unread boolean not null default false;
