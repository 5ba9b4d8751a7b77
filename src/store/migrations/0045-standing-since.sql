-- Since when a change stands as it does: what it waits for, and for how long, is told in numbers.
alter table changes add column standing_since timestamptz;
update changes set standing_since = decided_at where standing is not null;
