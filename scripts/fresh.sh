#!/usr/bin/env bash
# fresh.sh [--keep]: runs the README's two commands as a newcomer would: in a bare Debian 12 with nothing but git and
# ca-certificates, on a clone of HEAD, with no cache of this machine. Then makes the packages there and tries them in
# another bare root. Takes more than an hour; --keep leaves the root behind.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/debian_root.sh"
cd "$root"

home=/root/weft
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

new_root
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

package_command() { in_root bash -c "echo '\$ ./dev package --try'; ./dev package --try"; }

# What would answer in place of the server in the root: it shares this machine's network.
if (: </dev/tcp/127.0.0.1/3000) 2>/dev/null; then die "something listens on 127.0.0.1:3000, where ./dev run is to listen"; fi
plan fresh-base:100 fresh-root:10 fresh-clone:5 fresh-run:2400 fresh-run-again:3 fresh-test:2400 fresh-package:300
with_build_lock
run_step fresh-base make_base
run_step fresh-root make_root
run_step fresh-clone make_clone
run_step fresh-run run_command
run_step fresh-run-again run_command
run_step fresh-test test_command
run_step fresh-package package_command
tail -n 1 "$cache/log/fresh-test.log"
