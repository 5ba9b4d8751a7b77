#!/usr/bin/env bash
# The doctor where control groups are of version 2: boots Debian with systemd in a virtual machine, runs `puppet-gate doctor` in it as root, as
# an ordinary user, with the kernel's switches off and in containers (tests/vm/inside.sh), and says whether it said what is expected.
#
#   tests/vm/doctor.sh [--dry-run] [SUITE [MIRROR…]]      trixie where nothing is said; whatever mmdebstrap takes as a mirror
#
# As root, with mmdebstrap and qemu-system-x86: 8 GB below TMPDIR, and half an hour by emulation (ACCEL=kvm where there is some).
# `--dry-run` looks whether everything is there, and whether the suite has every package, and makes nothing. A machine that can't do it skips,
# and says why.
set -euo pipefail
dry=no
[ "${1:-}" != --dry-run ] || { dry=yes; shift; }
suite=${1:-trixie}
[ $# = 0 ] || shift
root=$(cd "$(dirname "$0")/../.." && pwd)
skip() { echo "skipped: $1"; exit 0; }
[ "$(uname -m)" = x86_64 ] || skip "the machine that is booted is an x86_64"
[ "$(id -u)" = 0 ] || skip "only root can make the machine's file system"
for program in mmdebstrap qemu-system-x86_64 mke2fs; do command -v $program >/dev/null || skip "$program is not installed"; done
[ -x "$root/node_modules/.bin/node" ] || skip "node_modules is not there: npm run setup makes it"
free=$(df --output=avail -k "${TMPDIR:-/tmp}" | tail -n 1)
[ "$free" -ge 8000000 ] || skip "${TMPDIR:-/tmp} has $((free / 1024)) MiB free, and 8 GB are needed"
memory=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
[ "$memory" -ge 3500000 ] || skip "$((memory / 1024)) MiB of memory are free, and 3.5 GB are needed"
accel=${ACCEL:-tcg}

work=$(mktemp -d "${TMPDIR:-/tmp}/puppet-gate-vm-XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
packages=systemd,systemd-sysv,udev,dbus,dbus-user-session,libpam-systemd,linux-image-cloud-amd64,initramfs-tools,procps,kmod,iproute2
packages=$packages,bubblewrap,ruby,puppet-agent,puppet-lint,git,podman,crun,uidmap,passt,slirp4netns,netavark,apparmor
for type in augeas cron host mailalias mount selinux sshkeys; do packages=$packages,puppet-module-puppetlabs-$type-core; done
if [ $dry = yes ]; then
  mmdebstrap --quiet --simulate --variant=minbase --include=$packages "$suite" /dev/null "$@" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
  echo "would boot Debian $suite by $accel; every package is there"
  exit
fi
mmdebstrap --quiet --variant=minbase --include=$packages "$suite" "$work/tree" "$@"
mkdir -p "$work/tree/gate"
cp -a "$root"/{src,tests,policies,docs,package.json} "$work/tree/gate/"
cp -aL "$root/node_modules" "$work/tree/gate/"
chmod -R a+rX "$work/tree/gate"
chroot "$work/tree" useradd --create-home --uid 1000 gate
echo '/dev/vda / ext4 rw 0 0' >"$work/tree/etc/fstab"
cat >"$work/tree/etc/systemd/system/trial.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
ExecStart=/bin/sh -c 'exec bash /gate/tests/vm/inside.sh >/dev/ttyS1 2>&1'
ExecStopPost=systemctl poweroff
[Install]
WantedBy=multi-user.target
UNIT
ln -s ../trial.service "$work/tree/etc/systemd/system/multi-user.target.wants/trial.service"
cp -L "$work"/tree/{vmlinuz,initrd.img} "$work/"
mke2fs -q -t ext4 -d "$work/tree" "$work/root.img" 5G
rm -rf "$work/tree"

timeout "${SECONDS_MAX:-3600}" qemu-system-x86_64 -accel "$accel" -cpu max -M q35 -m 3000 -smp 2 -nodefaults -no-reboot -display none \
  -kernel "$work/vmlinuz" -initrd "$work/initrd.img" -append "root=/dev/vda rw console=ttyS0" \
  -drive "file=$work/root.img,if=virtio,format=raw" -serial "file:$work/console" -serial "file:$work/out" </dev/null || echo "the machine did not end by itself"
tr -d '\r' <"$work/out" | tee "$work/said"
grep -qx 'every expectation holds' "$work/said" || { tail -n 20 "$work/console"; exit 1; }
