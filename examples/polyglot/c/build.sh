#!/bin/sh
# Makes build/main.wasm with clang (CC names another) and wasi-libc.
set -e
sdk=../../../sdk
mkdir -p build
"${CC:-clang-19}" --target=wasm32-wasi -std=c17 -Wall -Wextra -Os -s -mexec-model=reactor \
  "-fuse-ld=$($sdk/component-ld.sh)" -Wl,--component-type,$sdk/c/weft_http.wit -I$sdk/c main.c -o build/main.wasm
