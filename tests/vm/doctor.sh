#!/usr/bin/env bash
# The doctor where control groups are of version 2: boots Debian with systemd in a virtual machine, runs `puppet-gate doctor` in it as root, as
# an ordinary user, with the kernel's switches off and in containers (tests/vm/inside.sh), and says whether it said what is expected.
#
#   tests/vm/doctor.sh [SUITE]      trixie where nothing is said
#
# As root, with mmdebstrap and qemu-system-x86: 6 GB below TMPDIR, and half an hour without hardware help (ACCEL=kvm where there is some).
set -euo pipefail
suite=${1:-trixie}
root=$(cd "$(dirname "$0")/../.." && pwd)
skip() { echo "skipped: $1"; exit 0; }
[ "$(uname -m)" = x86_64 ] || skip "the machine that is booted is an x86_64"
[ "$(id -u)" = 0 ] || skip "only root can make the machine's file system"
for program in mmdebstrap qemu-system-x86_64 mke2fs; do command -v $program >/dev/null || skip "$program is not installed"; done

work=$(mktemp -d "${TMPDIR:-/tmp}/puppet-gate-vm-XXXXXX")
trap 'rm -rf "$work"' EXIT
packages=systemd,systemd-sysv,udev,dbus,dbus-user-session,libpam-systemd,linux-image-cloud-amd64,initramfs-tools,procps,kmod,iproute2
packages=$packages,bubblewrap,ruby,puppet-agent,puppet-lint,git,podman,crun,uidmap,passt,slirp4netns,netavark,apparmor
mmdebstrap --quiet --variant=minbase --include=$packages "$suite" "$work/tree"
mkdir -p "$work/tree/gate"
cp -a "$root"/{src,tests,policies,package.json} "$work/tree/gate/"
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

timeout "${SECONDS_MAX:-3600}" qemu-system-x86_64 -accel "${ACCEL:-tcg}" -cpu max -M q35 -m 3000 -smp 2 -nodefaults -no-reboot -display none \
  -kernel "$work/vmlinuz" -initrd "$work/initrd.img" -append "root=/dev/vda rw console=ttyS0" \
  -drive "file=$work/root.img,if=virtio,format=raw" -serial "file:$work/console" -serial "file:$work/out" || echo "the machine did not end by itself"
tr -d '\r' <"$work/out" | tee "$work/said"
grep -q '^every expectation holds$' "$work/said" || { tail -n 20 "$work/console"; exit 1; }
