#!/usr/bin/env bash
# fresh.sh [--keep]: runs the README's two commands as a newcomer would: in a bare Debian 12 with nothing but git and
# ca-certificates, on a clone of HEAD, with no cache of this machine. Takes about an hour; --keep leaves the root behind.
#
# Taken from this machine is what reaches package registries, nothing else: apt's Debian sources and Acquire settings,
# local certificate authorities, proxy variables, cargo's configuration. Every command in the root has mount and process
# namespaces of its own, so that all mounts and processes end with it, however it ends.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

suite=bookworm
keep=
case ${1:-} in
  '') ;;
  --keep) keep=1 ;;
  *) die "usage: ./dev fresh [--keep]" ;;
esac
[[ $(id -u) == 0 ]] || die "./dev fresh makes a Debian root and changes into it: run it as root"
commit=$(git rev-parse --short HEAD)
[[ -z $(git status --porcelain) ]] || say "  note: what is not committed is not in the clone"
readme_curl=$(sed -n '/^curl /,/[^\\]$/p' README.md)
for command in './dev run' './dev test'; do grep -qx "$command" README.md || die "README.md has no line '$command'"; done
[[ -n $readme_curl ]] || die "README.md has no line that starts with 'curl '"

mkdir -p "$cache/fresh"
fs=$(mktemp -d "$cache/fresh/root.XXXXXX")
base=$cache/fresh/$suite-$(date +%Y%m).tar
transcript=$cache/log/fresh-$(date +%Y%m%d-%H%M%S)-$commit.txt
steps=()

finish() {
  local status=$? name
  {
    echo "weft $commit in a bare Debian root ($suite), $(date -u '+%Y-%m-%d %H:%M UTC'), $(nproc) cores"
    for name in "${steps[@]}"; do
      printf '\n== %s ==\n' "$name"
      cat "$cache/log/$name.log" 2>/dev/null || true
    done
    printf '\n== '; printf '%s s, ' "${took[@]}"; echo "exit status $status"
  } >"$transcript"
  if ((status)) && [[ -d $fs/root/.cache/weft-dev/log ]]; then
    cp -r "$fs/root/.cache/weft-dev/log" "${transcript%.txt}-logs"
    say "  the logs of the steps in the root are in ${transcript%.txt}-logs"
  fi
  if [[ -n $keep ]]; then say "  the root is $fs"; else rm -rf --one-file-system "$fs"; fi
  say "  the transcript is $transcript"
}
trap finish EXIT

run_step() { steps+=("$1") && step "$@"; }

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

# in_root COMMAND...: in the root, in the clone, with a newcomer's environment.
in_root() {
  local proxies=() name
  for name in {http,https,ftp,no,all}_proxy {HTTP,HTTPS,FTP,NO,ALL}_PROXY; do
    [[ -z ${!name:-} ]] || proxies+=("$name=${!name}")
  done
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount --pid --fork --kill-child bash -c '
    set -e
    mount -t proc proc "$0/proc"
    mount --rbind /sys "$0/sys"
    mount --rbind /dev "$0/dev"
    exec chroot "$0" "$@"' "$fs" \
    env -i -C /root/weft HOME=/root USER=root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    "${proxies[@]}" "$@" 9>&-
}

make_root() {
  tar -C "$fs" -xf "$base" && cp /etc/resolv.conf /etc/hosts "$fs/etc/" || return
  local file list=$fs/etc/apt/machine.list
  debian_sources | sed 's|^|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' >"$list"
  if [[ -s $list ]]; then mv "$list" "$fs/etc/apt/sources.list"; fi
  # Proxies, mirrors' oddities, time-outs; not what describes index files.
  apt-config dump Acquire | grep -v '^Acquire::\(IndexTargets\|Changelogs\|cdrom\)' >"$fs/etc/apt/apt.conf.d/00machine" || true
  mkdir -p "$fs/root/.cargo" "$fs/root/weft"
  for file in ~/.cargo/config.toml ~/.cargo/config; do [[ ! -f $file ]] || cp "$file" "$fs/root/.cargo/"; done
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$fs/usr/local/share/ca-certificates/" \; 2>/dev/null || true
  in_root update-ca-certificates
}

make_clone() {
  git clone --quiet --no-local "$root" "$fs/root/weft" || return
  git -C "$fs/root/weft" log -1 --format='%H %s'
  # Where the tests look for the specification's scripts: beside the checkout.
  local conformance=${WEFT_CONFORMANCE:-$root/../shared/conformance}
  mkdir -p "$fs/root/shared" && cp -r "$conformance" "$fs/root/shared/conformance"
}

# `./dev run` until the README's curl has its answer.
run_command() {
  # shellcheck disable=SC2016  # expanded by the shell in the root
  in_root bash -c '
    echo "\$ ./dev run &"
    started=$SECONDS
    ./dev run &
    server=$!
    # ./dev run becomes the server: what answers before that is not ours.
    until [[ $(readlink /proc/$server/exe) == */weft ]] && answer=$(eval "$1" 2>/dev/null) &&
      [[ $answer == *\"message\"*\"timestamp\"* ]]; do
      kill -0 $server 2>/dev/null || { echo "./dev run ended with status $(wait $server; echo $?)"; exit 1; }
      sleep 0.2
    done
    echo "\$ $1"
    echo "$answer"
    echo "answered after $((SECONDS - started)) s"
    kill -TERM $server
    wait $server' bash "$readme_curl"
}

test_command() { in_root bash -c "echo '\$ ./dev test'; ./dev test"; }

# What would answer in place of the server in the root: it shares this machine's network.
if (: </dev/tcp/127.0.0.1/3000) 2>/dev/null; then die "something listens on 127.0.0.1:3000, where ./dev run is to listen"; fi
plan fresh-base:100 fresh-root:10 fresh-clone:5 fresh-run:2400 fresh-run-again:3 fresh-test:2400
with_build_lock
run_step fresh-base make_base
run_step fresh-root make_root
run_step fresh-clone make_clone
run_step fresh-run run_command
run_step fresh-run-again run_command
run_step fresh-test test_command
tail -n 1 "$cache/log/fresh-test.log"
