#!/usr/bin/env bash
# fuzz.sh list | TARGET [SECONDS] [--record]: builds (with sanitizers) and runs one libFuzzer target, keeping its corpus
# in the cache. --record adds the run to docs/assurance.tsv, under the commit that was run.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

if [[ ${1:-} == list ]]; then
  sed -n 's/^weft_fuzzer(\([a-z_]*\) .*/\1/p' src/*/CMakeLists.txt
  exit
fi
target=${1:?target}
seconds=${2:-60}
record=${3:-}
[[ -z $record || $record == --record ]] || die "unknown option $record; usage: ./dev fuzz TARGET [SECONDS] [--record]"
[[ -z $record || -z $(git status --porcelain -- src engine cmake) ]] || die "commit first: a recorded run names its commit"
scripts/packages.sh build test
with_build_lock
configure fuzz >/dev/null
ninja -C build/fuzz -j "$jobs" "$target"
exec 9>&-
corpus=$cache/corpus/$target
mkdir -p "$corpus"
seeds=()
for folder in src/*/"$target".corpus; do [[ -d $folder ]] && seeds+=("$folder"); done
program=$(echo build/fuzz/src/*/"$target")
log=$cache/log/fuzz-$target.txt
status=0
"$program" -max_total_time="$seconds" -rss_limit_mb=3000 -timeout=20 -print_final_stats=1 \
  -artifact_prefix="$cache/log/$target-" "$corpus" "${seeds[@]}" 2>&1 | tee "$log" || status=$?
if [[ -n $record ]]; then
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  result=clean
  if ((status)); then result="failed: $(sed -n 's/^SUMMARY: //p' "$log" | head -n 1)"; fi
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(date -u +%F)" "$(git rev-parse --short=12 HEAD)" "fuzz $target" "$seconds" \
    "${executions:-0}" "$result" >>docs/assurance.tsv
fi
exit "$status"
