-- The commit of this line that one takes back, so that whose change was taken back is told; null where it takes back none, and for what was kept before this.
alter table rollout_line add column reverts text;
create index rollout_line_reverts on rollout_line (repository, reverts) where reverts is not null;
