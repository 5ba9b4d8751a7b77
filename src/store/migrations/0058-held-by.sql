-- Rules that an open change waits for, each with how it came out, as the last decision had them: counted for whoever watches, without reading verdicts.
alter table changes add column held_by text[];
-- Changes that expectations caught are few beside those that were held against one.
create index expectation_results_caught on expectation_results (repository, number) where caught_at is not null;
