# What every script shares: where things are cached, one line per step, and one lock for all builds.
# Sourced, never run.
# shellcheck shell=bash disable=SC2034

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Everything that is expensive to make and independent of the checkout: engine, tools, guests, compiler cache.
cache=${WEFT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weft-dev}
mkdir -p "$cache/log" "$cache/time"
export CCACHE_DIR="$cache/ccache" CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
# Precompiled headers of the system: cmake/Precompiled.cmake.
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1
jobs=${WEFT_JOBS:-$(nproc)}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
# Debian's own Rust: the newest a bare Debian 12 can have, whatever else is on PATH.
debian_cargo() { PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc /usr/bin/cargo "$@"; }

# configure PRESET: what to build in build/PRESET, with what is kept outside the checkout.
configure() { (cd "$root" && cmake --preset "$1" -DWEFT_ENGINE="$(scripts/engine.sh)" -DWEFT_PRECOMPILED="$cache/precompiled"); }

# hash_of PATH...: one hash of the content of files and folders (of a git checkout: what is tracked or new, not ignored).
hash_of() {
  (cd "$root" && git ls-files -co --exclude-standard -z -- "$@" | sort -z | xargs -0r sha256sum 2>/dev/null | sha256sum | cut -c1-16)
}

# plan NAME:SECONDS...: the steps to come, with a first guess of their cost; `step` then tells the time left.
declare -A guess=()
planned=()
plan() {
  local item
  for item in "$@"; do
    planned+=("${item%%:*}")
    guess[${item%%:*}]=${item##*:}
    if [[ -f $cache/time/${item%%:*} ]]; then guess[${item%%:*}]=$(cat "$cache/time/${item%%:*}"); fi
  done
}

time_left() {
  local sum=0 item
  for item in "${planned[@]}"; do sum=$((sum + guess[$item])); done
  if ((sum >= 90)); then echo "up to $(((sum + 30) / 60)) min left"; else echo "up to $sum s left"; fi
}

# step NAME COMMAND...: runs it with its output in a log, prints one line; on failure the log's end and where it is.
step() {
  local name=$1 start end rest=() item
  shift
  [[ -n ${guess[$name]:-} ]] || plan "$name:1"
  printf '  %-22s %s\n' "$name" "$(time_left)" >&2
  start=$(date +%s)
  if ! "$@" >"$cache/log/$name.log" 2>&1; then
    tail -n 40 "$cache/log/$name.log" >&2
    die "step '$name' failed; the whole log is $cache/log/$name.log"
  fi
  end=$(date +%s)
  # What is cached by content is there the next time too. A build that had nothing to do says nothing about the next one.
  if [[ $name != build-* ]] || ((end - start >= 2)); then echo $((end - start)) >"$cache/time/$name"; fi
  for item in "${planned[@]}"; do [[ $item == "$name" ]] || rest+=("$item"); done
  planned=("${rest[@]}")
  took+=("$name $((end - start))")
}
took=()

# One build at a time on a machine: two would only slow each other and spoil what a bench measures.
with_build_lock() {
  exec 9>"$cache/build.lock"
  if ! flock -n 9; then
    say "  another weft build holds $cache/build.lock; waiting for it"
    flock 9
  fi
}
