#!/usr/bin/env bash
# fuzz.sh list | TARGET [SECONDS]: builds (with sanitizers) and runs one libFuzzer target, keeping its corpus in the cache.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

if [[ ${1:-} == list ]]; then
  sed -n 's/^weft_fuzzer(\([a-z_]*\) .*/\1/p' src/*/CMakeLists.txt
  exit
fi
target=${1:?target}
seconds=${2:-60}
scripts/packages.sh build test
engine=$(scripts/engine.sh)
cmake --preset fuzz -DWEFT_ENGINE="$engine" >/dev/null
ninja -C build/fuzz -j "$jobs" "$target"
corpus=$cache/corpus/$target
mkdir -p "$corpus"
seeds=()
for folder in src/*/"$target".corpus; do [[ -d $folder ]] && seeds+=("$folder"); done
program=$(echo build/fuzz/src/*/"$target")
exec "$program" -max_total_time="$seconds" -rss_limit_mb=3000 -timeout=20 -print_final_stats=1 \
  -artifact_prefix="$cache/log/$target-" "$corpus" "${seeds[@]}"
