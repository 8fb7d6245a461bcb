# A bare Debian 12 with nothing but git and ca-certificates, made once a month with debootstrap and unpacked for each use.
# Sourced, never run; needs root. `home` is the folder commands run in.
#
# Taken from this machine is what reaches package registries, nothing else: apt's Debian sources and Acquire settings,
# local certificate authorities, proxy variables, cargo's configuration. Every command in the root has mount and process
# namespaces of its own, so that all mounts and processes end with it, however it ends.
# shellcheck shell=bash disable=SC2154

suite=bookworm
home=/root

new_root() {
  mkdir -p "$cache/fresh"
  fs=$(mktemp -d "$cache/fresh/root.XXXXXX")
  base=$cache/fresh/$suite-$(date +%Y%m).tar
}

# The machine's apt entries of this Debian release: `URI SUITE COMPONENT` a line; none on a machine that has no such.
debian_sources() {
  apt-get indextargets --format "\$(ORIGIN) \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Identifier: Packages' 2>/dev/null |
    sed -n "s/^Debian \(.* ${suite}[a-z-]* .*\)/\1/p" | sort -u
}

make_base() {
  [[ ! -f $base ]] || { echo "$base"; return; }
  scripts/packages.sh fresh || return
  local mirror
  mirror=$(debian_sources | sed -n "s/ $suite .*//p" | head -n 1)
  rm -rf "$base.root"
  # shellcheck disable=SC2086  # without a mirror of the machine's, debootstrap takes its own
  debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$base.root" $mirror || return
  tar -C "$base.root" -cf "$base.part" . && mv "$base.part" "$base" && rm -rf "$base.root"
}

# in_root COMMAND...: in the root, in the folder `home`, with a newcomer's environment. npm and pip have lists of authorities of
# their own: they are told of the system's.
in_root() {
  local proxies=() name
  for name in {http,https,ftp,no,all}_proxy {HTTP,HTTPS,FTP,NO,ALL}_PROXY; do
    [[ -z ${!name:-} ]] || proxies+=("$name=${!name}")
  done
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount --pid --fork --kill-child bash -c '
    set -e
    mount --bind "$0" "$0"
    mount -t proc proc "$0/proc"
    mount --rbind /sys "$0/sys"
    mount --rbind /dev "$0/dev"
    exec chroot "$0" "$@"' "$fs" \
    env -i -C "$home" HOME=/root USER=root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    "${proxies[@]}" "$@" 9>&-
}

make_root() {
  tar -C "$fs" -xf "$base" && cp /etc/resolv.conf /etc/hosts "$fs/etc/" || return
  local file list=$fs/etc/apt/machine.list
  debian_sources | sed 's|^|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' >"$list"
  if [[ -s $list ]]; then mv "$list" "$fs/etc/apt/sources.list"; fi
  # Proxies, mirrors' oddities, time-outs; not what describes index files.
  apt-config dump Acquire | grep -v '^Acquire::\(IndexTargets\|Changelogs\|cdrom\)' >"$fs/etc/apt/apt.conf.d/00machine" || true
  mkdir -p "$fs/root/.cargo" "$fs$home"
  for file in ~/.cargo/config.toml ~/.cargo/config; do [[ ! -f $file ]] || cp "$file" "$fs/root/.cargo/"; done
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$fs/usr/local/share/ca-certificates/" \; 2>/dev/null || true
  in_root update-ca-certificates
}
