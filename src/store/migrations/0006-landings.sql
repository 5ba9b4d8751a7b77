-- Reviews, as JSON, that were there when a landing without one was decided on: the one that is owed is none of them. Of older debts, what
-- had come in by then.
alter table review_debts add column seen text not null default '[]';
update review_debts d set seen = (
  select coalesce(json_agg(r.review), '[]')::text from receipts r
  where r.repository = d.repository and r.number = d.number and r.submitted_at <= d.since);

-- Landings whose tree is to be read still.
update landings set unread = true where state = 'landed' and outcome like '%"landed":{"known":false%';
create index landings_unread on landings (repository, number) where unread;
