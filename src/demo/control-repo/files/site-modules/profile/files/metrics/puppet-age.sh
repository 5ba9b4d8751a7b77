#!/bin/sh
# Seconds since Puppet last ran to its end, for monitoring to worry about.
set -eu
last=$(stat -c %Y /var/cache/puppet/state/last_run_summary.yaml)
out=/var/lib/prometheus/textfile/puppet.prom
echo "puppet_age_seconds $(( $(date +%s) - last ))" > "$out.new"
mv "$out.new" "$out"
