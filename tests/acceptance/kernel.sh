#!/usr/bin/env bash
# A machine with a kernel of its own, Debian's, in which AppArmor, SELinux and the out-of-memory
# killer are real: the testbed's system on a disk, for qemu. tests/acceptance/kernel.py boots it.
#
#   kernel.sh build         makes kernel and root file system, unless they are there; says where
#   kernel.sh disk DEB      makes the disk on which that package is installed; says where it is
#
# It needs what testbed.sh needs, mke2fs and, to be booted, qemu-system-x86. No module and no
# initial RAM disk: NVMe, ext4 and the serial port are built into this kernel. Where a processor is
# emulated dpkg takes minutes, and seconds here: hence a disk for each package.
set -euo pipefail

HERE=$(dirname "$(readlink -f "$0")")
. "$HERE/testbed.sh"
PACKAGES=$PACKAGES,apparmor,selinux-policy-default,policycoreutils,auditd
KERNEL=linux-image-cloud-amd64
SIZE=1536M # of the disk, which is sparse
# What the policy says of each file; a first boot would take minutes to write it to them.
CONTEXTS=/etc/selinux/default/contexts/files/file_contexts
KEPT=3     # disks, the newest, so that two branches do not take turns

stamp() { # another recipe makes another one; the old one stays, since one may run on it
  { echo "$PACKAGES $KERNEL"; declare -f recipe; cat "$HERE/watchcall.cil"; } \
    | sha256sum | cut -c1-16; }

stamp_disk() { # $1: the package
  { declare -f install_into driven; cat "$HERE/agent.py" "$1"; } | sha256sum | cut -c1-16; }

alone() { # $1: a root file system; the others: what to run in it, with a /proc of its own
  unshare --mount --propagation private sh -c \
    'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$@"; }

driven() { # $1: the root file system, to be driven over a serial line
  local name unit=$1/etc/systemd/system
  install -D -m 755 "$HERE/agent.py" "$1/opt/agent.py"
  cat >"$unit/agent.service" <<'UNIT'
[Unit]
Description=Runs what the tests want to be run in here
[Service]
ExecStart=/usr/bin/python3 /opt/agent.py /dev/ttyS1
OOMScoreAdjust=-1000
[Install]
WantedBy=multi-user.target
UNIT
  ln -sfn ../agent.service "$unit/multi-user.target.wants/agent.service"
  # Nothing here needs them, and each is slow where a processor is emulated.
  for name in apparmor.service systemd-logind.service systemd-user-sessions.service; do
    ln -sfn /dev/null "$unit/$name"; done; }

build_machine() {
  exec 9>"$TB/lock"
  flock -w 900 9 || die "somebody else builds in $TB"
  [ ! -d "$BUILT" ] || return 0
  fetch_tools
  rm -rf --one-file-system "$BUILT.new"
  mkdir "$BUILT.new"
  look_up_packages
  unpack "$BUILT.new/kernel" "$(privately apt-cache depends "$KERNEL" | sed -n 's/ *Depends: //p')"
  mv "$BUILT.new"/kernel/boot/vmlinuz-* "$BUILT.new/vmlinuz"
  rm -rf "$BUILT.new/kernel"
  bootstrap "$BUILT.new/root" 9>&-
  recipe "$BUILT.new/root"
  cp "$HERE/watchcall.cil" "$BUILT.new/root/opt"
  alone "$BUILT.new/root" semodule --noreload --install /opt/watchcall.cil \
    >>"$TB/build.log" 2>&1 || { tail -30 "$TB/build.log" >&2; die "no policy"; }
  mv "$BUILT.new" "$BUILT"; }

build_disk() { # $1: the package
  exec 8>"$BUILT/lock"
  flock -w 900 8 || die "somebody else builds in $BUILT"
  if [ ! -f "$DISK" ]; then
    install_into "$1" "$DISK.new" >"$BUILT/log" 2>&1 8>&- \
      || { tail -30 "$BUILT/log" >&2; die "no disk"; }
    mv "$DISK.new" "$DISK"
  fi
  touch "$DISK"
  ls -t "$BUILT"/disk-* | tail -n "+$((KEPT + 1))" | xargs -r rm -f; }

install_into() { # $1: the package, $2: the disk; without set -e, since its end is asked for
  local root=$2.root # a copy: from an overlay mke2fs takes the labels of folders only
  rm -rf --one-file-system "$root" "$2" \
    && cp -a "$BUILT/root" "$root" \
    && driven "$root" \
    && cp "$1" "$root/opt/watchcall.deb" \
    && alone "$root" dpkg --force-unsafe-io --install /opt/watchcall.deb \
    && rm "$root/opt/watchcall.deb" \
    && alone "$root" setfiles -F -e /proc "$CONTEXTS" / \
    && mke2fs -q -t ext4 -E root_owner=0:0 -d "$root" "$2" "$SIZE" \
    && rm -rf --one-file-system "$root"; }

SELF=$(readlink -f "$0")
BUILT=$TB/kernel-$(stamp)
mkdir -p "$TB"
case "${1:-} ${2:-}" in
  "build ") build_machine; echo "$BUILT" ;;
  "disk "?*)
    DISK=$BUILT/disk-$(stamp_disk "$2")
    build_machine
    build_disk "$2"
    echo "$DISK" ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "$SELF" | sed '$d' >&2; exit 2 ;;
esac
