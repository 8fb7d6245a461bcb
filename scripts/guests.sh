#!/usr/bin/env bash
# Builds the guests (guests/README.md lists them) and the examples into build/guests/NAME.wasm, and the components of an
# example to where its manifest expects them.
#   scripts/guests.sh            all
#   scripts/guests.sh NAME...    those named; `polyglot` names all its components
# What was built once from the same sources in the same way comes from the cache: nothing is looked up elsewhere then.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The linker in Debian's rust-web-llvm runs wasm-ld and turns the module into a component, with the adapter for what
# is still written against WASI preview 1: std, and Debian's wasi-libc.
component_ld=/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld
work=$(mktemp -d "$cache/making.XXXXXX")
beside=  # the process that makes what Cargo does not
trap '[[ -z $beside ]] || kill "$beside" 2>/dev/null; rm -rf "$work"' EXIT

# Recipes: each is called with the guest's name and the file to make, and has an empty folder, $made.

rust_guest() { rust guests/Cargo.toml "$@"; }
rust_example() { rust "${folder[$1]}/Cargo.toml" "$@"; }
# std is built from Debian's sources, once for all guests: the target folder, and everything that std's hash depends on
# (flags and profile), are the same for all.
rust() {
  RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$cache/target-guests \
    CARGO_PROFILE_RELEASE_LTO=true CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    CARGO_TARGET_WASM32_WASIP1_LINKER=$component_ld \
    CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="-C link-self-contained=no -C linker-flavor=wasm-ld -L /usr/lib/wasm32-wasi -C link-arg=--wasm-ld-path=/usr/bin/wasm-ld-19" \
    debian_cargo build -Zbuild-std=std,panic_abort --release --locked --target wasm32-wasip1 --manifest-path "$1" -p "$2"
  cp "$cache/target-guests/wasm32-wasip1/release/${2//-/_}.wasm" "$3"
}

c_guest() { c wasi-0.2.12 "guests/$1/hello.c" "$2" clang-19; }
c_p3_guest() { c wasi-0.3.2 "guests/$1/hello.c" "$2" clang-19; }
# Core modules: without the linker that makes components of them.
core_c_guest() { clang-19 --target=wasm32-wasi -O2 -s "guests/$1/tool.c" -o "$2"; }
core_c_http_guest() {
  "$(scripts/tools.sh path wit-bindgen)" c wit/wasi-0.2.12 -w http-guest --out-dir "$made"
  clang-19 --target=wasm32-wasi -Oz -s -mexec-model=reactor -I "$made" \
    guests/hello-c/hello.c "$made/http_guest.c" "$made/http_guest_component_type.o" -o "$2"
}
cpp_guest() { c wasi-0.2.12 "guests/$1/hello.cc" "$2" clang++-19 -std=c++20 -fno-exceptions; }
c() {
  "$(scripts/tools.sh path wit-bindgen)" c "wit/$1" -w http-guest --out-dir "$made"
  clang-19 --target=wasm32-wasi -Oz -c "$made/http_guest.c" -o "$made/http_guest.o"
  "${@:4}" --target=wasm32-wasi -Oz -s -mexec-model=reactor -fuse-ld="$component_ld" -I "$made" \
    "$2" "$made/http_guest.o" "$made/http_guest_component_type.o" -o "$3"
}

# Of a world of its own, which is named as it is.
c_library() {
  local world=${1%-c}
  "$(scripts/tools.sh path wit-bindgen)" c "guests/$1/wit" -w "$world" --out-dir "$made"
  clang-19 --target=wasm32-wasi -Oz -c "$made/$world.c" -o "$made/bindings.o"
  clang-19 --target=wasm32-wasi -Oz -s -Wall -Wextra -Werror -mexec-model=reactor -fuse-ld="$component_ld" -I "$made" \
    "guests/$1/$world.c" "$made/bindings.o" "$made/${world}_component_type.o" -o "$2"
}

python_guest() {
  # It writes beside its input.
  cp "guests/$1/app.py" "$made"
  "$(scripts/tools.sh path componentize-py)" -d wit/wasi-0.2.12 -w weft:guest/http-guest componentize app -p "$made" -o "$2"
}

# With the SDK that requirements.txt names, whose world is that of Spin.
spin_python_guest() {
  local tool
  tool=$(scripts/tools.sh path componentize-py)
  cp "guests/$1/app.py" "$made"
  "$(dirname "$tool")/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r "guests/$1/requirements.txt" --target "$made/sdk"
  "$tool" -w spin:up/http-trigger@4.1.0 componentize app -p "$made" -p "$made/sdk" -o "$2"
}

# use_node LOCKED-FOLDER: node and npm on PATH, and what package-lock.json names as node_modules in $made/FOLDER.
use_node() {
  local modules
  PATH=$(dirname "$(scripts/tools.sh path node)"):/usr/bin:/bin
  modules=$cache/npm/$(hash_of "$1/package.json" "$1/package-lock.json")
  if [[ ! -d $modules ]]; then
    mkdir -p "$cache/npm" "$made/npm"
    cp "$1/package.json" "$1/package-lock.json" "$made/npm"
    npm --prefix "$made/npm" ci --no-audit --no-fund
    mv "$made/npm" "$modules"
  fi
  mkdir -p "$made/$1"
  ln -s "$modules/node_modules" "$made/$1/node_modules"
}

javascript_guest() {
  local unused=.config
  use_node guests
  # All that package.json names in `config` becomes an import, used or not.
  ! grep -q "from 'fermyon:spin/" "guests/$1/index.js" || unused=.none
  jq "del($unused)" guests/package.json >"$made/guests/package.json"
  cp -r "guests/$1/index.js" wit/spin-2.0.0 "$made/guests"
  (cd "$made/guests" && npx j2w -i index.js -o "$2")
}

# Examples are built as their own build commands do it, in a copy of what they are made from.
copy_inputs() {
  # shellcheck disable=SC2086  # a list of paths
  git ls-files -co --exclude-standard -z -- ${inputs[$1]} | xargs -0 cp --parents -t "$made"
}
built_example() { cp "$made/${place[$1]}" "$2"; }

script_example() {
  copy_inputs "$1"
  (cd "$made/${folder[$1]}" && PATH=/usr/bin:/bin ./build.sh)
  built_example "$@"
}

go_example() {
  copy_inputs "$1"
  (
    PATH=$(dirname "$(scripts/tools.sh path go)"):/usr/bin:/bin
    cd "$made/${folder[$1]}"
    GOCACHE=$cache/go-build GOMODCACHE=$cache/go-modules GOTOOLCHAIN=local GOFLAGS=-trimpath ./build.sh
  )
  built_example "$@"
}

python_example() {
  local there=$made/${folder[$1]} tool
  tool=$(scripts/tools.sh path componentize-py)
  copy_inputs "$1"
  # Of the version that it names, its environment need not be made again.
  if [[ $(cat "$there/requirements.txt") == "componentize-py==$("$tool" --version | cut -d' ' -f2)" ]]; then
    mkdir "$there/.venv"
    ln -s "$(dirname "$(dirname "$tool")")"/* "$there/.venv"
    cp "$there/requirements.txt" "$there/.venv/installed.txt"
  fi
  (cd "$there" && PATH=/usr/bin:/bin ./build.sh)
  built_example "$@"
}

javascript_example() {
  copy_inputs "$1"
  use_node "${folder[$1]}"
  (cd "$made/${folder[$1]}" && npm run "build:${1##*-}")
  built_example "$@"
}

declare -A recipe inputs folder place
names=()
# guest NAME RECIPE INPUT...: what there is to build, and what it is made from.
guest() { names+=("$1") && recipe[$1]=$2 && inputs[$1]="${*:3}"; }
# example NAME RECIPE FOLDER COMPONENT INPUT...: the same for a component of the application in examples/FOLDER, or in the
# folder above it. It is served from where its manifest says.
example() {
  local app=examples/${3%%/*}
  guest "$1" "$2" "examples/$3" "${@:5}"
  folder[$1]=examples/$3
  place[$1]=$app/$(sed -n "/^\[component\.$4\]\$/,/^\$/s/^source = \"\(.*\)\"\$/\1/p" "$root/$app/spin.toml")
}

for path in "$root"/guests/*-rust; do
  guest "$(basename "$path")" rust_guest guests/Cargo.toml guests/Cargo.lock guests/guest-http "guests/$(basename "$path")"
done
guest hello-c c_guest guests/hello-c wit/wasi-0.2.12
guest core-c core_c_guest guests/core-c
guest core-http-c core_c_http_guest guests/hello-c wit/wasi-0.2.12
guest hello-p3-c c_p3_guest guests/hello-p3-c wit/wasi-0.3.2
guest count-p3-c c_p3_guest guests/count-p3-c wit/wasi-0.3.2
guest values-c c_library guests/values-c
guest spin1-c c_library guests/spin1-c
guest simple-c c_library guests/simple-c
guest november-c c_library guests/november-c
guest october-c c_library guests/october-c
guest hello-cpp cpp_guest guests/hello-cpp wit/wasi-0.2.12
guest hello-py python_guest guests/hello-py wit/wasi-0.2.12
guest spin-py spin_python_guest guests/spin-py
guest hello-js javascript_guest guests/hello-js guests/package.json guests/package-lock.json
guest js-kv javascript_guest guests/js-kv guests/package.json guests/package-lock.json wit/spin-2.0.0

for name in greeting rate-limiter rate-limiter-atomic users; do example "$name" rust_example "$name" "$name"; done
example items-rust rust_example items-rust items
example http-handler rust_example http-handler counter wit/wasi-0.2.12
example items-cpp script_example items-cpp items sdk
example polyglot-rust rust_example polyglot/rust rust
example polyglot-c script_example polyglot/c c sdk
example polyglot-cpp script_example polyglot/cpp cpp sdk
example polyglot-go go_example polyglot/go go sdk
example polyglot-python python_example polyglot/python python sdk wit/wasi-0.2.12
example polyglot-js javascript_example polyglot/javascript js
example polyglot-ts javascript_example polyglot/javascript ts

# text_of FUNCTION: its text, and that of each function which it names.
text_of() {
  local word
  [[ " $read " != *" $1 "* ]] || return 0
  read+=" $1"
  declare -f "$1"
  for word in $(declare -f "$1" | grep -oE '[a-z_]+'); do
    ! declare -F "$word" >/dev/null || text_of "$word"
  done
}

# key_of NAME: a hash of all that the guest is made of: its inputs, how it is made, and the versions of the tools for it.
key_of() {
  local read='' text tools=() input
  for input in ${inputs[$1]}; do [[ -e $input ]] || die "there is no $input, which $1 is made of"; done
  text=$(text_of "${recipe[$1]}")
  mapfile -t tools < <(grep -oP 'tools\.sh path \K[a-z-]+' <<<"$text" | sort -u)
  # shellcheck disable=SC2086  # a list of paths
  {
    echo "$text" "${folder[$1]:-}" "${place[$1]:-}" "$(hash_of ${inputs[$1]})"
    ((!${#tools[@]})) || scripts/tools.sh version "${tools[@]}"
  } | sha256sum | cut -c1-16
}

put() { cmp -s "$1" "$2" || cp --remove-destination "$1" "$2"; }

make_guest() {
  local name=$1 made=$work/$1 kept started
  kept=$cache/guests/$name-$(key_of "$name").wasm
  if [[ ! -f $kept ]]; then
    started=$(date +%s)
    mkdir -p "$made"
    (set -e; "${recipe[$name]}" "$name" "$made/out.wasm") >&2
    mv "$made/out.wasm" "$kept"
    rm -rf "$made"
    say "built $name in $(($(date +%s) - started)) s, $(stat -c %s "$kept") bytes"
  fi
  put "$kept" "build/guests/$name.wasm"
  if [[ -n ${place[$name]:-} ]]; then
    mkdir -p "$(dirname "${place[$name]}")"
    put "$kept" "${place[$name]}"
  fi
}

cd "$root"
mkdir -p build/guests "$cache/guests"
wanted=()
for asked in "$@"; do
  if [[ $asked == polyglot ]]; then
    for name in "${names[@]}"; do [[ $name != polyglot-* ]] || wanted+=("$name"); done
  else
    [[ -n ${recipe[$asked]:-} ]] || die "no guest '$asked'; there are: ${names[*]}"
    wanted+=("$asked")
  fi
done
(($#)) || wanted=("${names[@]}")

# Cargo makes one guest at a time, and half of that time uses one core: the others are made beside it.
make_those() {
  local name
  for name in "${wanted[@]}"; do
    if [[ ${recipe[$name]} == rust_* ]]; then [[ $1 == rust ]] || continue; else [[ $1 != rust ]] || continue; fi
    make_guest "$name"
  done
}
make_those others &
beside=$!
make_those rust
wait "$beside"
beside=
