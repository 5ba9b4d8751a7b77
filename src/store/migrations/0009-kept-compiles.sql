-- What base's compiles said, sealed: neither names nor bodies tell anything without the App's private key. A shelf of the cache, for servers
-- that share one; whatever is missing here is compiled anew.
create table kept_compiles (
  name text primary key,
  kind text not null check (kind in ('compile', 'record', 'mark')),
  scope text check ((scope is not null) = (kind = 'record')),
  body bytea not null,
  bytes integer not null,
  used_at timestamptz not null default clock_timestamp()
);
-- It is compressed already.
alter table kept_compiles alter column body set storage external;
create index kept_compiles_used_at on kept_compiles (used_at) where kind <> 'mark';
create index kept_compiles_scope on kept_compiles (scope, used_at) where kind = 'record';
