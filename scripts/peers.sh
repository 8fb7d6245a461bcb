#!/usr/bin/env bash
# Hosts that ./dev bench compares with, built once with Debian's cargo and kept in the cache.
#   scripts/peers.sh             build what is missing (about 15 minutes)
#   scripts/peers.sh path NAME   print where the program is, if it is built
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The version of the engine that weft itself contains: what differs is the host, not the code generator.
version=$(sed -n 's/^wasmtime = { version = "=\([0-9.]*\)".*/\1/p' "$root/engine/Cargo.toml")
# What `wasmtime serve` uses with its default settings, and nothing of the other commands.
features=run,serve,compile,cache,logging,backtrace,addr2line,demangle,pooling-allocator,parallel-compilation
features+=,component-model,component-model-async,threads,gc,gc-null,gc-drc
folder=$cache/peers/wasmtime-$version-$(cksum <<<"$features" | cut -d' ' -f1)

case ${1:-all} in
  all)
    [[ ! -x $folder/bin/wasmtime ]] || exit 0
    # Below everything else, so that it may run beside other work.
    renice -n 19 $$ >/dev/null
    CARGO_TARGET_DIR=$cache/target-peers debian_cargo install \
      --locked --no-track --root "$folder" --no-default-features --features "$features" --jobs "$jobs" "wasmtime-cli@$version" >&2
    rm -rf "$cache/target-peers"
    ;;
  path)
    [[ ${2:-} == wasmtime ]] || die "no peer '${2:-}'; there is: wasmtime"
    [[ ! -x $folder/bin/wasmtime ]] || echo "$folder/bin/wasmtime"
    ;;
  *) die "usage: scripts/peers.sh [path NAME]" ;;
esac
