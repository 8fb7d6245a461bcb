#!/usr/bin/env bash
# Runs the suites and ends with `N passed, N failed`. Suites: style unit wast e2e fuzz (all without arguments), and three that
# are only run when they are named: gate, which measures, tsan, whose build takes half an hour on two cores, and portability,
# for which scripts/peers.sh builds another host.
# A slow suite (wast, fuzz) that passed with the same inputs is counted from its record instead of running again.
# What passed is written to build/test-record/SUITE.txt, a line each, under the names that scripts/check_seed.py describes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

suites=("$@")
((${#suites[@]})) || suites=(style unit wast e2e fuzz)
conformance=${WEFT_CONFORMANCE:-$root/../shared/conformance}
passed=0
failed=0
times=()
records=$root/build/test-record

# record NAME PASSED FAILED
record() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  (($3)) || echo "$suite:${1% (unchanged)}" >>"$records/$suite.txt"
  printf '  %-22s %s passed, %s failed\n' "$1" "$2" "$3"
}

# check NAME COMMAND...: one test that is a whole command.
check() {
  local name=$1
  shift
  if "$@" >"$cache/log/check-$name.log" 2>&1; then
    record "$name" 1 0
  else
    tail -n 40 "$cache/log/check-$name.log"
    record "$name" 0 1
  fi
}

check_shell() {
  local files=()
  mapfile -t files < <(git ls-files -co --exclude-standard | xargs -r grep -lsE '^#!.*\b(ba)?sh$')
  files+=(scripts/lib.sh)
  printf '%s\0' "${files[@]}" | xargs -0n 1 bash -n && shellcheck "${files[@]}"
}

suite_style() {
  scripts/packages.sh test >"$cache/log/packages-test.log" 2>&1
  check format ./dev fmt --check
  check shell check_shell
  check repository scripts/check_repository.py
  check gaps scripts/check_gaps.py
  check layers scripts/check_layers.py
  check readmes scripts/check_readmes.py
  check notices scripts/notices.py check
  check figures bench/publish.py --check
  check ledger scripts/check_ledger.py
}

# run_unit SECONDS PROGRAM...
run_unit() {
  local program name report seconds=$1
  shift
  for program; do
    name=$(basename "$program")
    report=$cache/log/$name.json
    rm -f "$report"
    timeout "$seconds" "$program" --gtest_brief=1 --gtest_output="json:$report" >"$cache/log/$name.log" 2>&1 || true
    if [[ -s $report ]]; then
      record "$name" "$(jq '[.tests - .failures - .errors, 0] | max' "$report")" "$(jq '.failures + .errors' "$report")"
      jq -r --arg program "$name" --arg suite "$suite" '.testsuites[].testsuite[] | select(.result == "COMPLETED" and (.failures | not)) |
        "\($suite):\($program):\(.classname).\(.name)"' "$report" >>"$records/$suite.txt"
      [[ $(jq '.failures + .errors' "$report") == 0 ]] || tail -n 60 "$cache/log/$name.log"
    else
      tail -n 60 "$cache/log/$name.log"
      echo "  $name ended without a report (a crash or the time limit)"
      record "$name" 0 1
    fi
  done
}

suite_unit() { run_unit 300 build/release/src/*/*_test build/release/src/*/*/*_test; }

# Those that have threads. A race that is found ends the program.
suite_tsan() {
  local programs=(host/host util/util http/http http2/http2 content/content telemetry/telemetry static_files/static_files wasm/wasm
    providers/redis/providers_redis providers/sqlite/providers_sqlite runtime/runtime trigger/trigger)
  programs=("${programs[@]/#/src/}")
  programs=("${programs[@]/%/_test}")
  with_build_lock
  configure tsan >/dev/null
  ninja -C build/tsan -j "$jobs" "${programs[@]}" >"$cache/log/build-tsan.log" || die "the build failed: $cache/log/build-tsan.log"
  exec 9>&-
  TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}" run_unit 900 "${programs[@]/#/build/tsan/}"
}

# remembered NAME HASH: true when this suite passed with these inputs; then its counts are taken over.
remembered() {
  local file=$cache/passed/$1-$2
  [[ -f $file && -z ${WEFT_TEST_ALL:-} ]] || return 1
  record "$1 (unchanged)" "$(cat "$file")" 0
}
remember() { mkdir -p "$cache/passed" && rm -f "$cache/passed/$1-"* && echo "$3" >"$cache/passed/$1-$2"; }

run_wast() {
  local name=$1 counts
  shift
  build/release/bin/weft-wast --wasm-tools "$(scripts/tools.sh path wasm-tools)" "$@" >"$cache/log/$name.log" 2>&1 || true
  counts=$(tail -n 1 "$cache/log/$name.log")
  if [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    ((BASH_REMATCH[2] + BASH_REMATCH[3] == 0)) || tail -n 30 "$cache/log/$name.log"
    record "$name" "${BASH_REMATCH[1]}" $((BASH_REMATCH[2] + BASH_REMATCH[3]))
    ((BASH_REMATCH[2] + BASH_REMATCH[3] == 0)) && wast_count=${BASH_REMATCH[1]}
  else
    tail -n 30 "$cache/log/$name.log"
    record "$name" 0 1
    return 1
  fi
}

suite_wast() {
  local folders=() scripts=() folder hash seed
  for folder in binary values resources linking validation async; do folders+=("$conformance/component-model/$folder"); done
  for folder in "${folders[@]}"; do
    [[ -d $folder ]] || { say "  the specification scripts $folder are missing (WEFT_CONFORMANCE names their folder)"; record wast 0 1; return; }
  done
  # What cancellable.wast is about is no part of the specification any more: "removes `cancellable` from the text format, but
  # keeps the `cancellable` immediate in the binary format and just requires it to always be `0`" (component-model
  # pull request 716).
  mapfile -t scripts < <(find "${folders[@]}" -name '*.wast' ! -name cancellable.wast | sort)
  hash=$(hash_of src/util src/abi src/task src/wasm src/component src/wast engine)-$(sha256sum "${scripts[@]}" | sha256sum | cut -c1-8)
  remembered wast "$hash" || { run_wast wast "${scripts[@]}" && remember wast "$hash" "$wast_count"; } || true
  remembered wast-mutated "$hash" || { run_wast wast-mutated --mutate "${scripts[@]}" && remember wast-mutated "$hash" "$wast_count"; } || true
  # Which ready thread runs next is free, and whether a yield lets others run (definitions.py, Store.tick and
  # Thread.wait_until): the scripts hold whatever is drawn. Two take one draw for granted: async-calls-sync.wast that of two
  # calls that may begin the one asked for first does, drop-subtask.wast that a yield blocks.
  mapfile -t scripts < <(printf '%s\n' "${scripts[@]}" | grep /async/ | grep -vE '/(async-calls-sync|drop-subtask)\.wast$')
  for seed in 1 2 3 4 5; do
    remembered "wast-seed$seed" "$hash" || { run_wast "wast-seed$seed" --seed "$seed" "${scripts[@]}" && remember "wast-seed$seed" "$hash" "$wast_count"; } || true
  done
}

suite_e2e() {
  local log=$cache/log/e2e.log
  timeout 2700 python3 tests/run.py >"$log" 2>&1 || true
  sed -n 's/^ok /e2e:/p' "$log" >>"$records/e2e.txt"
  if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    [[ ${BASH_REMATCH[2]} == 0 ]] || grep -v '^ok ' "$log" | tail -n 80
    record e2e "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  else
    tail -n 40 "$log"
    record e2e 0 1
  fi
  check first-hour tests/first-hour.sh
  sed -n 's/^  ok      /script:first-hour.sh:/p' "$cache/log/check-first-hour.log" >>"$records/e2e.txt"
}

# inputs_of FOLDER: what code of src/FOLDER is made of: itself and the folders below it.
inputs_of() {
  local folder
  for folder in $(tr '\n' ' ' <src/CMakeLists.txt | sed 's/.*foreach(folder \([^)]*\)).*/\1/'); do
    [[ ! -d src/$folder ]] || echo "src/$folder"
    [[ $folder != "$1" ]] || break
  done
}

suite_fuzz() {
  local target folder running=0 asked=()
  local -A hash=()
  scripts/packages.sh build test >"$cache/log/packages-test.log" 2>&1
  for target in $(scripts/fuzz.sh list); do
    folder=$(basename "$(dirname "$(grep -l "^weft_fuzzer($target " src/*/CMakeLists.txt)")")
    # shellcheck disable=SC2046  # folders are words
    hash[$target]=$(hash_of $(inputs_of "$folder") engine scripts/fuzz.sh)
    remembered "$target" "${hash[$target]}" && continue
    # Each keeps a core busy; one is built while others run.
    if ((running == jobs)); then wait -n || true; else running=$((running + 1)); fi
    rm -f "$cache/log/$target.passed"
    { scripts/fuzz.sh "$target" "${WEFT_FUZZ_SECONDS:-60}" >"$cache/log/$target.log" 2>&1 && : >"$cache/log/$target.passed"; } &
    asked+=("$target")
  done
  wait
  for target in "${asked[@]}"; do
    if [[ -e $cache/log/$target.passed ]]; then
      record "$target" 1 0
      remember "$target" "${hash[$target]}" 1
    else
      tail -n 30 "$cache/log/$target.log"
      record "$target" 0 1
    fi
  done
}

# What a request costs, beside what it costs without WebAssembly: a ratio. Others on the machine may spoil a try.
suite_gate() {
  local log=$cache/log/gate.log
  scripts/packages.sh bench >"$cache/log/packages-bench.log" 2>&1
  for _ in 1 2 3; do
    if bench/run.py hello --short --rounds 3 --alone --regression >"$log" 2>&1; then
      sed -n 's/^CPU per request, weft/  &/p' "$log"
      record gate 1 0
      return
    fi
  done
  cat "$log"
  record gate 0 1
}

# The same files on weft and under Wasmtime.
suite_portability() {
  local log=$cache/log/portability.log
  timeout 2700 tests/portability.py >"$log" 2>&1 || true
  grep -v '^same' "$log" | sed 's/^/  /' || true
  sed -n 's/^same *\([^ ]*\) .*/portability:\1/p' "$log" >>"$records/portability.txt"
  if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    record portability "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  else
    record portability 0 1
  fi
}

cd "$root"
rm -rf "$records"
mkdir -p "$records"
plan packages:60 engine:300 build-release:540 packages-guests:20 all-tools:800 guests:600
step packages scripts/packages.sh build
step build-release ./dev build
step packages-guests scripts/packages.sh guests
step all-tools scripts/tools.sh --all
step guests scripts/guests.sh
for suite in "${suites[@]}"; do
  declare -F "suite_$suite" >/dev/null || die "no suite '$suite'; there are: style unit wast e2e fuzz gate tsan portability"
  started=$(date +%s)
  echo "$suite"
  : >"$records/$suite.txt"
  "suite_$suite"
  times+=("$suite $(($(date +%s) - started)) s")
done
suite=ledger
echo ledger
check seed scripts/check_seed.py --record "$records"
sed -n 's/^seed: /  &/p' "$cache/log/check-seed.log"
printf 'steps:'; printf ' %s s,' "${took[@]}"; printf ' suites:'; printf ' %s,' "${times[@]}"; echo
echo "$passed passed, $failed failed"
((failed == 0))
