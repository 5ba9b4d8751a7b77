-- What a change is called on pages and whose it is, as it was when it was decided on last: JSON, for a title may hold what text can't.
alter table changes add column about text;
