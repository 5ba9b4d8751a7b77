-- Organisations, by GitHub's id, of which a policy was read, with the digest of its text: one that is not found any more is missed.
create table organisation_policies (
  owner bigint primary key,
  sha256 text not null,
  seen_at timestamptz not null
);
