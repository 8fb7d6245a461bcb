#!/bin/sh
# Makes build/main.wasm with clang (CXX names another) and libc++ for WebAssembly.
set -e
sdk=../../../sdk
mkdir -p build
"${CXX:-clang++-19}" --target=wasm32-wasi -std=c++23 -fno-exceptions -Wall -Wextra -Os -s -mexec-model=reactor \
  "-fuse-ld=$($sdk/component-ld.sh)" -Wl,--component-type,$sdk/c/weft_http.wit -I$sdk/c -I$sdk/cpp main.cc -o build/main.wasm
