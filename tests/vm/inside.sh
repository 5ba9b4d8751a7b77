#!/usr/bin/env bash
# Runs in the virtual machine of tests/vm/doctor.sh, as root, in a service that is not delegated.
cd / || exit 1
failed=0
user=(setpriv --reuid 1000 --regid 1000 --init-groups env HOME=/home/gate USER=gate LOGNAME=gate XDG_RUNTIME_DIR=/run/user/1000)
doctor=(/gate/node_modules/.bin/node /gate/src/cli.ts doctor)
cat >/run/container <<'X'
exec podman --log-level=error run --rm --network=none "$@" --rootfs /srv/tree /gate/node_modules/.bin/node /gate/src/cli.ts doctor
X

# expect NAME WORDS COMMAND…: words that have to be said, parted by |
expect() {
  local name=$1 wanted=$2 said words
  shift 2
  said=$("$@" 2>&1)
  printf '=== %s\n%s\n' "$name" "$(grep -av -e '^  pass' -e '^$' <<<"$said")"
  while read -r words; do
    grep -aqF -- "$words" <<<"$said" || { echo "NOT SAID: $words"; failed=1; }
  done < <(tr '|' '\n' <<<"$wanted")
}

groups='a control group for each (version 2)|READY  changes'
looks='looks at the memory ten times a second|READY  changes'
loginctl enable-linger gate
for _ in $(seq 300); do [ ! -S /run/user/1000/bus ] || break; sleep 1; done
[ -S /run/user/1000/bus ] || { echo "systemd of the user did not start in five minutes"; exit 1; }
mkdir -p /srv/tree && mount --bind / /srv/tree
touch /srv/tree/run/.containerenv /etc/hosts /etc/hostname /etc/resolv.conf
# Of the files that this machine itself runs on, nothing is written: a user's container can't make what its engine puts over them.
fixed=(--read-only --read-only-tmpfs=false --tmpfs /tmp:rw,notmpcopyup,mode=1777 --tmpfs /run:rw,notmpcopyup)

expect "root, in a group that is not delegated" "which is not delegated|systemd-run --scope -p Delegate=yes|$looks" "${doctor[@]}"
expect "root, in a delegated scope, below a shell" "$groups" systemd-run --scope -q -p Delegate=yes bash -c '"$@" | cat' doctor "${doctor[@]}"
expect "a user without a group" "systemd-run --user --scope -p Delegate=yes|$looks" "${user[@]}" "${doctor[@]}"
expect "a user, in a delegated scope" "$groups" "${user[@]}" systemd-run --user --scope -q -p Delegate=yes "${doctor[@]}"
expect "a user's service" "$groups" systemd-run -q --wait --pipe -p User=gate -p Delegate=yes "${doctor[@]}"
if [ "$(systemctl --version | awk 'NR == 1 { print $2 }')" -ge 254 ]; then
  leaf=(-p User=gate -p Delegate=yes -p DelegateSubgroup=supervisor)
  expect "a user's service, started in the leaf" "$groups" systemd-run -q --wait --pipe "${leaf[@]}" "${doctor[@]}"
fi
for off in user.max_user_namespaces=0 kernel.unprivileged_userns_clone=0; do
  before=$(sysctl -n "${off%=*}") && sysctl -qw "$off"
  expect "root, with $off" "sysctl -w ${off%=*}=|NOT READY" "${doctor[@]}"
  sysctl -qw "${off%=*}=$before"
done

# The unit that is shipped, with doctor in place of serve: all that it takes away, and the sandbox holds all the same.
ln -s /gate /opt/puppet-gate
mkdir -p /etc/puppet-gate && touch /etc/puppet-gate/environment
useradd --system --home-dir /var/lib/puppet-gate puppet-gate
sed -e 's/ serve$/ doctor/' -e 's/^Type=exec/Type=oneshot\nStandardOutput=file:\/run\/said\nStandardError=file:\/run\/said/' -e '/^Restart/d' \
  /gate/docs/systemd/puppet-gate.service >/run/systemd/system/puppet-gate.service
systemctl daemon-reload
expect "the unit that is shipped" "$groups" bash -c 'systemctl start puppet-gate; cat /run/said'

given=(--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt unmask=/sys/fs/cgroup)
expect "Podman of root, as it is" "--security-opt seccomp=unconfined|unmask=/sys/fs/cgroup|NOT READY" bash /run/container "${fixed[@]}"
expect "Podman of root, as doctor says" "$groups" bash /run/container "${fixed[@]}" "${given[@]}"
expect "Podman of a user, as doctor says" "$groups" "${user[@]}" systemd-run --user --scope -q bash /run/container "${fixed[@]}" "${given[@]}"

[ $failed = 0 ] || exit 1
echo "every expectation holds"
