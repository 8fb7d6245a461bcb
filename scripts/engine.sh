#!/usr/bin/env bash
# Builds the engine crate once per content and prints the folder that holds include/ and lib/libweft_engine.a.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=$cache/engine/$(hash_of engine scripts/engine.sh)
if [[ ! -f $out/lib/libweft_engine.a ]]; then
  export CARGO_TARGET_DIR=$cache/target-engine
  cd "$root/engine"
  debian_cargo build --release --locked >&2
  api=$(dirname "$(debian_cargo metadata --locked --format-version 1 |
    jq -r '.packages[] | select(.name == "wasmtime-c-api-impl") | .manifest_path')")
  part=$out.part.$$
  mkdir -p "$part/lib" "$part/include"
  cp -r "$api/include/." "$part/include"
  cp include/weft_engine.h "$part/include"
  # The C headers ask wasmtime/conf.h which features the library was built with: the list of engine/Cargo.toml.
  sed -E -e 's/^#cmakedefine (WASMTIME_FEATURE_(ASYNC|CRANELIFT|WINCH|COMPILER|GC|GC_NULL|THREADS|POOLING_ALLOCATOR|PARALLEL_COMPILATION|ADDR2LINE|DEMANGLE|WAT)) *$/#define \1/' \
    -e '/^#cmakedefine/d' "$api/include/wasmtime/conf.h.in" >"$part/include/wasmtime/conf.h"
  cp "$CARGO_TARGET_DIR/release/libweft_engine.a" "$part/lib"
  rm -rf "$out" && mv "$part" "$out"
fi
echo "$out"
