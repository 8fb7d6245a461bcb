#!/bin/sh
# Prints where wasm-component-ld is: the linker that makes a component of a module. It comes with Rust and with
# wasi-sdk; WASM_COMPONENT_LD names another.
for found in "$WASM_COMPONENT_LD" "${WASI_SDK_PATH:-/opt/wasi-sdk}/bin/wasm-component-ld" \
  "$(command -v wasm-component-ld)" \
  "$(rustc --print sysroot 2>/dev/null)"/lib/rustlib/*/bin/wasm-component-ld \
  /usr/lib/rustlib/*/bin/wasm-component-ld; do
  if [ -x "$found" ]; then
    echo "$found"
    exit 0
  fi
done
echo "wasm-component-ld was not found. Install Rust (Debian: apt install rust-web-llvm; others: rustup.rs) or wasi-sdk," \
  "or set WASM_COMPONENT_LD." >&2
exit 1
