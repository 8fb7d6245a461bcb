#!/usr/bin/env bash
# Builds the guests (guests/README.md lists them) into build/guests/NAME.wasm: those named, or all that the tests need.
# What was built once from the same sources comes from the cache.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export CARGO_TARGET_DIR=$cache/target-guests

# The linker in Debian's rust-web-llvm runs wasm-ld and turns its module into a component.
component_ld=/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld

# guest_cargo ARGS...: cargo for components. std is built from Debian's sources and linked with Debian's wasi-libc.
guest_cargo() {
  RUSTC_BOOTSTRAP=1 \
    CARGO_TARGET_WASM32_WASIP1_LINKER=$component_ld \
    CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="-C link-self-contained=no -C linker-flavor=wasm-ld -L /usr/lib/wasm32-wasi -C link-arg=--wasm-ld-path=/usr/bin/wasm-ld-19" \
    debian_cargo build -Zbuild-std=std,panic_abort --release --locked --target wasm32-wasip1 "$@"
}

build_rust() {
  local name=$1
  guest_cargo --manifest-path guests/Cargo.toml -p "$name"
  cp "$CARGO_TARGET_DIR/wasm32-wasip1/release/${name//-/_}.wasm" "$2"
}

cd "$root"
mkdir -p build/guests
for name in "$@"; do
  kept=$cache/guests/$name-$(hash_of guests/Cargo.toml guests/Cargo.lock "guests/$name" scripts/guests.sh).wasm
  if [[ ! -f $kept ]]; then
    mkdir -p "$cache/guests"
    build_rust "$name" "$kept.part"
    mv "$kept.part" "$kept"
  fi
  cp "$kept" "build/guests/$name.wasm"
done
