-- From here on `seen_at` is when a node was seen last, so that the bucket of one that is gone can be forgotten. When those that are kept were seen last nobody knows: now.
update node_buckets set seen_at = now();
create index node_buckets_seen on node_buckets (repository, seen_at);
