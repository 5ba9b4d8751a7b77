-- When a change that a release brought was taken back, and when a hotfix landed that reaches what it reached: releases that failed without a lane's halt.
alter table measured_releases add column reverted_at timestamptz, add column hotfixed_at timestamptz;
