-- Who is signed in to the pages: a cookie counts only while its row is here. By a digest of what the browser has, which opens nothing.
create table page_sessions (
  id text primary key,
  person bigint not null,
  begun_at timestamptz not null,
  ends_at timestamptz not null
);
create index page_sessions_of_person on page_sessions (person);
create index page_sessions_ended on page_sessions (ends_at);

-- What somebody is called whom the ledger knows by a number.
create index pushes_by_person on pushes (user_id, at) where login is not null;
