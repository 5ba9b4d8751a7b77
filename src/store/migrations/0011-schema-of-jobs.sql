-- pg-boss makes its tables by itself. The schema is made here, where those who start at the same time go one after the other: pg-boss waits
-- for a lock of its own, and whoever waited has looked for the schema before, remembers that there was none, and fails over the other's.
create schema if not exists jobs;
