#!/bin/sh
# Makes @project-name@.wasm with clang and wasi-libc and libc++: those of wasi-sdk (WASI_SDK_PATH), else the system's.
# CXX names another compiler.
set -e
linker=$(weft/component-ld.sh)
for compiler in "$CXX" "${WASI_SDK_PATH:-/opt/wasi-sdk}/bin/clang++" clang++-19 clang++; do
  if [ -n "$compiler" ] && command -v "$compiler" >/dev/null; then break; fi
done
# shellcheck disable=SC2086  # several flags in one variable
"$compiler" --target=wasm32-wasi -std=c++23 -fno-exceptions -Wall -Os -s -mexec-model=reactor "-fuse-ld=$linker" "-Wl,--component-type,$(echo weft/*.wit)" \
  -Iweft $CXXFLAGS src/*.cc -o @project-name@.wasm
