#!/usr/bin/env bash
# Builds the guests (guests/README.md lists them) into build/guests/NAME.wasm.
#   scripts/guests.sh            those that the tests need
#   scripts/guests.sh --all      those too whose toolchains are slow to install
#   scripts/guests.sh NAME...    those named
# What was built once from the same sources comes from the cache.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The linker in Debian's rust-web-llvm runs wasm-ld and turns the module into a component, with the adapter for what
# is still written against WASI preview 1: std, and Debian's wasi-libc.
component_ld=/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld
made=$(mktemp -d "$cache/making.XXXXXX")  # what a recipe makes on its way
trap 'rm -rf "$made"' EXIT

# Recipes: each is called with the guest's name and the file to make.

rust_guest() { rust guests/Cargo.toml "$@"; }
rust_example() { rust "examples/$1/Cargo.toml" "$@"; }
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

c_guest() { c "guests/$1/hello.c" "$2" clang-19; }
cpp_guest() { c "guests/$1/hello.cc" "$2" clang++-19 -std=c++20 -fno-exceptions; }
c() {
  "$(scripts/tools.sh path wit-bindgen)" c wit/wasi-0.2.12 -w http-guest --out-dir "$made"
  clang-19 --target=wasm32-wasi -Oz -c "$made/http_guest.c" -o "$made/http_guest.o"
  "${@:3}" --target=wasm32-wasi -Oz -s -mexec-model=reactor -fuse-ld="$component_ld" -I "$made" \
    "$1" "$made/http_guest.o" "$made/http_guest_component_type.o" -o "$2"
}

# As its own build.sh makes it, in a copy of what it is made from.
script_example() {
  git ls-files -co --exclude-standard -z -- "examples/$1" sdk | xargs -0 cp --parents -t "$made"
  (cd "$made/examples/$1" && PATH=/usr/bin:/bin ./build.sh)
  cp "$made/examples/$1"/build/*.wasm "$2"
}

python_guest() {
  # It writes beside its input.
  cp "guests/$1/app.py" "$made"
  "$(scripts/tools.sh path componentize-py)" -d wit/wasi-0.2.12 -w weft:guest/http-guest componentize app -p "$made" -o "$2"
}

javascript_guest() {
  local modules unused=.config
  PATH=$(dirname "$(scripts/tools.sh path node)"):/usr/bin:/bin
  modules=$cache/npm/$(hash_of guests/package.json guests/package-lock.json)
  if [[ ! -d $modules ]]; then
    mkdir -p "$cache/npm" "$made/npm"
    cp guests/package.json guests/package-lock.json "$made/npm"
    npm --prefix "$made/npm" ci --no-audit --no-fund
    mv "$made/npm" "$modules"
  fi
  # All that package.json names in `config` becomes an import, used or not.
  ! grep -q "from 'fermyon:spin/" "guests/$1/index.js" || unused=.none
  jq "del($unused)" guests/package.json >"$made/package.json"
  cp -r "guests/$1/index.js" wit/spin-2.0.0 "$made"
  ln -s "$modules/node_modules" "$made/node_modules"
  (cd "$made" && npx j2w -i index.js -o "$2")
}

# guest NAME RECIPE INPUT...: what there is to build, and what it is made from.
declare -A recipe inputs
guest() { recipe[$1]=$2 && inputs[$1]="${*:3}"; }
quick=() slow=()

for folder in "$root"/guests/*-rust; do
  name=$(basename "$folder")
  guest "$name" rust_guest guests/Cargo.toml guests/Cargo.lock guests/guest-http "guests/$name"
  quick+=("$name")
done
guest hello-c c_guest guests/hello-c wit/wasi-0.2.12 scripts/tools.sh
guest hello-cpp cpp_guest guests/hello-cpp wit/wasi-0.2.12 scripts/tools.sh
guest greeting rust_example examples/greeting/{Cargo.toml,Cargo.lock,src}
guest rate-limiter rust_example examples/rate-limiter/{Cargo.toml,Cargo.lock,src}
guest items-cpp script_example examples/items-cpp/{build.sh,src} sdk
quick+=(hello-c hello-cpp greeting rate-limiter items-cpp)
guest hello-py python_guest guests/hello-py wit/wasi-0.2.12 scripts/tools.sh
guest hello-js javascript_guest guests/hello-js guests/package.json guests/package-lock.json scripts/tools.sh
guest js-kv javascript_guest guests/js-kv guests/package.json guests/package-lock.json wit/spin-2.0.0 scripts/tools.sh
slow+=(hello-py hello-js js-kv)

put() { cmp -s "$1" "$2" || cp "$1" "$2"; }

make_guest() {
  local name=$1 kept started there
  # shellcheck disable=SC2086  # a list of paths
  kept=$cache/guests/$name-$(hash_of scripts/guests.sh ${inputs[$name]}).wasm
  if [[ ! -f $kept ]]; then
    started=$(date +%s)
    rm -rf "$made" && mkdir -p "$made"
    (set -e; "${recipe[$name]}" "$name" "$made/out.wasm") >&2
    mv "$made/out.wasm" "$kept"
    say "built $name in $(($(date +%s) - started)) s, $(stat -c %s "$kept") bytes"
  fi
  put "$kept" "build/guests/$name.wasm"
  # An example is served from its own folder, from where its manifest says.
  if [[ ${recipe[$name]} == *_example ]]; then
    there=examples/$name/$(sed -n 's/^source = "\(.*\)"$/\1/p' "examples/$name/spin.toml")
    mkdir -p "$(dirname "$there")"
    put "$kept" "$there"
  fi
}

cd "$root"
mkdir -p build/guests "$cache/guests"
case ${1:-} in
  '') names=("${quick[@]}") ;;
  --all) names=("${quick[@]}" "${slow[@]}") ;;
  *) names=("$@") ;;
esac
for name in "${names[@]}"; do
  [[ -n ${recipe[$name]:-} ]] || die "no guest '$name'; there are: ${quick[*]} ${slow[*]}"
done
for name in "${names[@]}"; do make_guest "$name"; done
