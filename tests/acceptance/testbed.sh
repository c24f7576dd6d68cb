#!/usr/bin/env bash
# A really booted systemd with a web server, httpd.service as on RHEL, for the acceptance tests.
#
#   testbed.sh build        makes the root file system, unless it is there already
#   testbed.sh boot NAME    boots a copy that lives in memory, again where it reboots; ends with it
#   testbed.sh clear NAME   takes away the empty control groups that are left behind
#
# $WATCHCALL_TESTBED is the folder for everything, by default /var/cache/watchcall-testbed.
# $WATCHCALL_TESTBED_BIND is "SOURCE:TARGET ...", shown inside read-only.
# $WATCHCALL_TESTBED_WITH is "PACKAGE ...": what these add is laid over the root file system, which
# stays as it is: what WatchCall's own package needs must not come along with another.
#
# It needs root, Debian's apt and some 400 MB. Nothing is installed on the machine: mmdebstrap and
# systemd-nspawn are unpacked into the folder where they are not there. Every mount is in a mount
# namespace of its own and is gone with the process; the network inside is a loopback of its own.
# Several may run at once on one root file system.
set -euo pipefail
umask 022

TB=${WATCHCALL_TESTBED:-/var/cache/watchcall-testbed}
PACKAGES=systemd,systemd-sysv,libnss-systemd,dbus,python3,python3-venv,apache2,procps,iproute2
TOOLS=$TB/tools
WITH=${WATCHCALL_TESTBED_WITH:-}
SELF=$(readlink -f "$0")
# With mounts and processes of its own, which are gone with whoever started it.
APART=(setpriv --pdeathsig KILL unshare --mount --propagation private
       --pid --fork --kill-child --mount-proc --)

die() { echo "testbed: $*" >&2; exit 1; }

[[ $TB == /*/* && $TB != *[:,\ ]* ]] || die "WATCHCALL_TESTBED must be a folder of its own: $TB"
[ "$(id -u)" = 0 ] || die "needs root"

# -- the root file system

stamp() { # another recipe makes another one; the old one stays, since one may run on it
  { echo "$PACKAGES"; declare -f recipe; dpkg --print-architecture; } | sha256sum | cut -c1-16; }

privately() { # an apt command with lists and caches in our folder: the machine's own stay as they are
  "$1" -q -o "Dir::State::lists=$TB/apt/lists" -o "Dir::Cache=$TB/apt/cache" \
    -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Retries=3 "${@:2}"; }

noted() { # runs a command; what it says is shown where it fails
  "$@" >>"$TB/apt.log" 2>&1 || { tail -20 "$TB/apt.log" >&2; die "cannot do: $*"; }; }

look_up_packages() {
  rm -f "$TB/apt.log"
  mkdir -p "$TB"/apt/{lists,cache/archives}/partial
  noted privately apt-get update; }

unpack() { # $1: into which folder; the others: which packages
  local into=$1 deb
  mkdir -p "$TB/apt/debs" "$into"
  (cd "$TB/apt/debs" && noted privately apt-get download "${@:2}")
  for deb in "$TB"/apt/debs/*.deb; do dpkg-deb -x "$deb" "$into"; done
  rm -rf "$TB/apt"; }

fetch_tools() {
  local wanted=()
  [ -x "$(tool mmdebstrap)" ] || wanted+=(mmdebstrap)
  [ -x "$(tool systemd-nspawn)" ] || wanted+=(systemd-container)
  [ ${#wanted[@]} -gt 0 ] || return 0
  look_up_packages
  unpack "$TOOLS" "${wanted[@]}"; }

tool() { command -v "$1" || echo "$TOOLS/usr/bin/$1"; }

bootstrap() { # in namespaces of its own: one that is cut short leaves no mounts and no processes
  local sources=() file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    if grep -qsE '^(deb |Types:)' "$file"; then sources+=("$file"); fi; done
  PATH=$PATH:$TOOLS/usr/bin "${APART[@]}" \
    perl "$(tool mmdebstrap)" --mode=root --variant=minbase --format=directory \
    --include="$PACKAGES" --dpkgopt=force-unsafe-io \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Retries "3"' --aptopt='APT::Install-Recommends "false"' \
    "$(. /etc/os-release; echo "$VERSION_CODENAME")" "$1" "${sources[@]}" \
    >"$TB/build.log" 2>&1 </dev/null || { tail -30 "$TB/build.log" >&2; die "mmdebstrap failed"; }; }

recipe() { # $1: the new root file system, not yet in its place
  local unit system=$1/etc/systemd/system
  echo testbed >"$1/etc/hostname"
  printf '127.0.0.1 localhost testbed\n' >"$1/etc/hosts"
  : >"$1/etc/machine-id" # not "uninitialized": a first boot enables all that is there, apache2 too
  rm -f "$1/etc/resolv.conf"
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
              e2scrub_reap.service fstrim.timer console-getty.service getty.target; do
    ln -sfn /dev/null "$system/$unit"; done
  mkdir -p "$1/etc/systemd/journald.conf.d"
  printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' \
    >"$1/etc/systemd/journald.conf.d/testbed.conf"
  # Debian's apache2 under the name and with the unit of RHEL's. A hard link, because comm and
  # /proc/PID/exe are called by the file that was executed, and a symbolic link is none.
  rm -f "$system"/multi-user.target.wants/apache*
  ln -f "$1/usr/sbin/apache2" "$1/usr/sbin/httpd"
  mkdir -p "$1/etc/httpd" "$1/var/log/httpd" "$system/multi-user.target.wants"
  echo 'it works' >"$1/var/www/html/index.html"
  cat >"$1/etc/httpd/httpd.conf" <<'CONF'
ServerRoot /etc/httpd
ServerName localhost
PidFile /run/httpd/httpd.pid
DefaultRuntimeDir /run/httpd
Listen 80
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
User www-data
Group www-data
StartServers 2
ErrorLog /var/log/httpd/error_log
DocumentRoot /var/www/html
<Directory /var/www/html>
  Require all granted
</Directory>
CONF
  cat >"$system/httpd.service" <<'UNIT'
[Unit]
Description=The Apache HTTP Server
After=network.target
# A test starts it more often than five times in ten seconds.
StartLimitIntervalSec=0
[Service]
Type=exec
ExecStart=/usr/sbin/httpd -f /etc/httpd/httpd.conf -DFOREGROUND
ExecReload=/usr/sbin/httpd -f /etc/httpd/httpd.conf -k graceful
RuntimeDirectory=httpd
KillSignal=SIGWINCH
KillMode=mixed
PrivateTmp=true
OOMPolicy=continue
[Install]
WantedBy=multi-user.target
Alias=web.service
UNIT
  ln -sfn ../httpd.service "$system/multi-user.target.wants/httpd.service"
  ln -sfn httpd.service "$system/web.service"; }

add_layer() { # the packages of $WITH, and what they need
  local debs=$TB/mnt/root/tmp/debs
  look_up_packages
  noted privately apt-get -y -o "Dir::State::status=$ROOTFS/var/lib/dpkg/status" \
    --download-only install $WITH
  lay_over "$ROOTFS"
  mkdir "$debs"
  mv "$TB"/apt/cache/archives/*.deb "$debs"
  DEBIAN_FRONTEND=noninteractive PATH=$PATH:/usr/sbin:/sbin chroot "$TB/mnt/root" \
    sh -c 'dpkg --force-unsafe-io --install /tmp/debs/*.deb' >"$TB/build.log" 2>&1 \
    || { tail -30 "$TB/build.log" >&2; die "dpkg failed"; }
  rm -rf "$debs" "$TB/apt" "$LAYER.new"
  cp -a "$TB/mnt/upper" "$LAYER.new"
  mv "$LAYER.new" "$LAYER"; }

build() {
  mkdir -p "$TB/mnt"
  exec 9>"$TB/lock"
  flock -w 900 9 || die "somebody else builds in $TB"
  fetch_tools
  if [ ! -d "$ROOTFS" ]; then
    rm -rf --one-file-system "$ROOTFS.new"
    bootstrap "$ROOTFS.new" 9>&-
    recipe "$ROOTFS.new"
    mv "$ROOTFS.new" "$ROOTFS"
  fi
  [ -z "$LAYER" ] || [ -d "$LAYER" ] || "${APART[@]}" "$SELF" add-layer 9>&-; }

lay_over() { # $1: folders, "UPPER:LOWER"; what is written into $TB/mnt/root stays in memory
  mount -t tmpfs -o mode=755 tmpfs "$TB/mnt"
  mkdir "$TB"/mnt/{upper,work,root}
  mount -t overlay -o "lowerdir=$1,upperdir=$TB/mnt/upper,workdir=$TB/mnt/work" \
    overlay "$TB/mnt/root"; }

# -- a running one

only_cgroups_v2() { # nspawn wants one tree; the machine's may be v1, hybrid or none
  umount -R /sys/fs/cgroup 2>/dev/null || umount -l /sys/fs/cgroup 2>/dev/null || true
  mount -t cgroup2 cgroup2 /sys/fs/cgroup; }

REBOOTED=133 # nspawn's status with --keep-unit where whoever started it is to start it again

inside_namespace() { # runs nspawn; what is written inside outlives a reboot inside
  local name=$1 args bind libraries loader nspawn status
  only_cgroups_v2
  mkdir -p "/sys/fs/cgroup/$name"
  echo 0 >"/sys/fs/cgroup/$name/cgroup.procs" # whoever writes
  mkdir -p /run/systemd
  mount -t tmpfs -o mode=755 tmpfs /run/systemd # nspawn keeps its own state below it
  lay_over "${LAYER:+$LAYER:}$ROOTFS"
  args=(-D "$TB/mnt/root" -M "$name" --hostname=testbed --boot --register=no --keep-unit --settings=no
        --console=read-only --resolv-conf=off --timezone=off --link-journal=no --private-network
        # with these, IPAddressAllow= and IPAddressDeny= take effect inside
        --capability=CAP_NET_ADMIN,CAP_BPF,CAP_PERFMON --system-call-filter=bpf)
  for bind in ${WATCHCALL_TESTBED_BIND:-}; do args+=(--bind-ro="$bind"); done
  cd /
  nspawn=(systemd-nspawn)
  if ! command -v systemd-nspawn >/dev/null; then
    # An unpacked one runs with the libraries of the root file system, which are of its version.
    loader=$(echo "$ROOTFS"/lib64/ld-linux*.so.* "$ROOTFS"/lib/ld-linux*.so.*)
    libraries=$(dirname "$(echo "$ROOTFS"/usr/lib/*/systemd/libsystemd-shared-*.so)")
    nspawn=("${loader%% *}" --library-path "$libraries:$(dirname "$libraries")"
            "$TOOLS/usr/bin/systemd-nspawn")
  fi
  while status=0; "${nspawn[@]}" "${args[@]}" || status=$?; [ "$status" = "$REBOOTED" ]; do :; done
  return "$status"; }

[ "${BASH_SOURCE[0]}" = "$0" ] || return 0 # kernel.sh builds with what stands above
ROOTFS=$TB/rootfs-$(stamp)
LAYER=${WITH:+$ROOTFS-with-$({ echo "$WITH"; declare -f add_layer; } | sha256sum | cut -c1-16)}
case "${1:-} ${2:-}" in
  "build ") build ;;
  "add-layer ") add_layer ;;
  "boot "?*)
    mkdir -p "$TB/mnt"
    # Killed with whoever started it, and everything inside with it: above nspawn is the first
    # process of a namespace, which the kernel empties when it ends. Killed alone nspawn would leave
    # a systemd.
    exec "${APART[@]}" "$SELF" inside "$2" ;;
  "inside "?*) inside_namespace "$2" ;;
  "clear "?*)
    exec unshare --mount --propagation private -- "$SELF" uncover "$2" ;;
  "uncover "?*)
    only_cgroups_v2
    [ ! -d "/sys/fs/cgroup/$2" ] || find "/sys/fs/cgroup/$2" -depth -type d -exec rmdir {} + ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "$SELF" | sed '$d' >&2; exit 2 ;;
esac
