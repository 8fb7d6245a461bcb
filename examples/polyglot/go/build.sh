#!/bin/sh
# Makes build/main.wasm: Go (1.24 or newer) makes a module, wasm-component-ld makes a component of it.
set -e
sdk=../../../sdk
mkdir -p build
echo "{\"Replace\": {\"$(go env GOROOT)/src/runtime/mem_wasm.go\": \"$(realpath $sdk)/go/mem_wasm.go.overlay\"}}" >build/overlay.json
GOOS=wasip1 GOARCH=wasm go build -overlay build/overlay.json -buildmode=c-shared -ldflags='-s -w' -o build/module.wasm .
# Go has linked already: in place of wasm-ld the module is passed on as it is.
"$($sdk/component-ld.sh)" --wasm-ld-path $sdk/go/pass-on.sh --realloc-via-memory-grow --component-type $sdk/c/weft_http.wit \
  build/module.wasm -o build/main.wasm
