#!/usr/bin/env bash
# What a newcomer does in the first hour, step by step; one line each. Ends at the first step that is broken, with what
# was expected. Everything happens on 127.0.0.1 and is stopped before the next step.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
cd "$root"

weft=$(./dev path)/weft
conformance=${WEFT_CONFORMANCE:-$root/../shared/conformance}
work=$(mktemp -d)
server=
finish() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

ok() { printf '  ok      %s\n' "$*"; }
# broken WHAT-WAS-EXPECTED [FILE-WITH-WHAT-CAME]
broken() {
  printf '  BROKEN  expected: %s\n' "$1"
  if [[ -n ${2:-} ]]; then
    echo "  what came instead:"
    tail -n 30 "$2" | sed 's/^/    /'
  fi
  exit 1
}
# expect FILE TEXT WHAT: the file contains the text.
expect() { grep -qF -- "$2" "$1" || broken "$3: a line with '$2'" "$1"; }

# await FILE TEXT: until the output of the server that is starting has the text.
await() {
  local deadline=$((SECONDS + ${3:-60}))
  until grep -q "$2" "$1"; do
    kill -0 "$server" 2>/dev/null || broken "a server that starts" "$1"
    ((SECONDS < deadline)) || broken "a server that says '$2'" "$1"
    sleep 0.05
  done
}
stop() {
  kill -INT "$server"
  local status=0
  wait "$server" || status=$?
  server=
  ((status == 0)) || broken "exit status 0 after Ctrl-C, not $status" "$1"
}

# The commands of the README, as they stand there.
readme_curl=$(sed -n '/^curl /,/[^\\]$/{p;/[^\\]$/q}' README.md)
if (: </dev/tcp/127.0.0.1/3000) 2>/dev/null; then broken "nothing on 127.0.0.1:3000, where ./dev run listens"; fi
started=$(date +%s%N)
./dev run >"$work/run" 2>&1 &
server=$!
await "$work/run" '^Available Routes' 3000
eval "$readme_curl" >"$work/greeting" 2>"$work/error" || broken "an answer to the README's curl" "$work/error"
ms=$((($(date +%s%N) - started) / 1000000))
jq -e '.message == "Hello, Ada!" and (.timestamp | type == "number" and . > 1700000000)' "$work/greeting" >/dev/null ||
  broken '{"message":"Hello, Ada!","timestamp":<seconds>}' "$work/greeting"
ok "./dev run, and the greeting's curl: $(cat "$work/greeting") after $ms ms"

status=$(curl -s -o "$work/page" -w '%{http_code}' http://127.0.0.1:3000/nowhere)
[[ $status == 404 ]] || broken "404 at a path without a route, not $status" "$work/page"
expect "$work/page" /api/greet "a 404 that lists the routes"
ok "a path without a route: 404 with the routes"
stop "$work/run"
ok "Ctrl-C ends it"

"$weft" up build/guests/hello-cpp.wasm --listen 127.0.0.1:0 >"$work/bare" 2>&1 &
server=$!
await "$work/bare" '^Available Routes'
address=$(sed -n 's/^Serving //p' "$work/bare")
curl -s "$address/any/path" >"$work/answer"
expect "$work/answer" 'Hello from C++' "the answer of a bare component"
stop "$work/bare"
ok "weft up hello-cpp.wasm: $(head -n 1 "$work/answer")"

"$weft" inspect build/guests/greeting.wasm >"$work/inspect" 2>&1 || broken "weft inspect to succeed" "$work/inspect"
expect "$work/inspect" 'export wasi:http/incoming-handler@0.2' "the component's exports as WIT"
expect "$work/inspect" 'import wasi:http/types@0.2' "the component's imports as WIT"
expect "$work/inspect" 'spin_manifest_version = 2' "the least manifest it needs"
expect "$work/inspect" '[[trigger.http]]' "the least manifest it needs"
ok "weft inspect: imports and exports as WIT, the least manifest"

cat >"$work/spin.toml" <<'END'
spin_manifest_version = 2
[application]
nam = "five"
[[trigger.http]]
route = "/..."
component = "missing"
[component.one]
sourc = "one.wasm"
allowed_outbound_hosts = ["example.com"]
key_value_stores = "default"
END
if "$weft" up -f "$work/spin.toml" --listen 127.0.0.1:0 >"$work/mistakes" 2>&1; then broken "weft up to refuse five mistakes" "$work/mistakes"; fi
for mistake in 3:nam 6:missing 8:sourc 9:allowed_outbound_hosts 10:key_value_stores; do
  grep -q "spin.toml:${mistake%%:*}:.*${mistake#*:}" "$work/mistakes" ||
    broken "line ${mistake%%:*} and key ${mistake#*:} of a mistake" "$work/mistakes"
done
remedies=$(grep -c '^ *= help: ' "$work/mistakes" || true)
((remedies >= 5)) || broken "a remedy for each of the five mistakes, not $remedies" "$work/mistakes"
ok "a manifest with five mistakes: five lines, keys and remedies"

./dev bench hello --short >"$work/bench" 2>"$work/bench-error" || broken "./dev bench hello to measure" "$work/bench-error"
expect "$work/bench" 'CPU per request, weft / no wasm' "the ratio to the same server without wasm"
lines=$(wc -l <"$work/bench")
((lines <= 40)) || broken "the bench on one screen, not $lines lines" "$work/bench"
ok "./dev bench hello: $(sed -n 's/^\(CPU per request, weft .*\)$/\1/p' "$work/bench" | tr -s ' ')"

folders=()
for folder in binary values resources linking validation; do
  [[ -d $conformance/component-model/$folder ]] || broken "the specification's scripts in $conformance/component-model/$folder"
  folders+=("$conformance/component-model/$folder")
done
./dev wast "${folders[@]}" >"$work/wast" 2>&1 || broken "the specification's scripts to pass" "$work/wast"
summary=$(tail -n 1 "$work/wast")
[[ $summary =~ ^[1-9][0-9]*\ passed,\ 0\ failed,\ 0\ skipped$ ]] || broken "N passed, 0 failed, 0 skipped" "$work/wast"
ok "./dev wast on the specification's scripts: $summary"
