#!/bin/sh
# Makes build/items.wasm with clang (CXX names another), libc++ for WebAssembly, and nlohmann/json.
set -e
sdk=../../sdk
mkdir -p build/include
# Of the system's headers only these.
ln -sfn "${NLOHMANN_JSON:-/usr/include/nlohmann}" build/include/nlohmann
"${CXX:-clang++-19}" --target=wasm32-wasi -std=c++23 -fno-exceptions -Wall -Wextra -Os -s -mexec-model=reactor \
  "-fuse-ld=$($sdk/component-ld.sh)" -Wl,--component-type,$sdk/c/weft_http.wit \
  -I$sdk/c -I$sdk/cpp -isystem build/include src/*.cc -o build/items.wasm
