#!/bin/sh
# Makes main.wasm: Go (1.24 or newer) makes a module, wasm-component-ld makes a component of it.
set -e
linker=$(weft/component-ld.sh)
echo "{\"Replace\": {\"$(go env GOROOT)/src/runtime/mem_wasm.go\": \"$PWD/weft/mem_wasm.go.overlay\"}}" >.overlay.json
GOOS=wasip1 GOARCH=wasm go build -overlay .overlay.json -buildmode=c-shared -ldflags='-s -w' -o .module.wasm .
# Go has linked already: in place of wasm-ld the module is passed on as it is.
"$linker" --wasm-ld-path weft/pass-on.sh --realloc-via-memory-grow --component-type weft/weft_http.wit .module.wasm -o main.wasm
