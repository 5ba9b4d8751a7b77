-- When a place was told last that it never hears something: what was lost long ago is nobody's trouble any more.
alter table rollout_told add column lost_at timestamptz;
