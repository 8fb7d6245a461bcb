#!/bin/sh
# Makes build/app.wasm. What requirements.txt names is installed into .venv when it has changed.
set -e
if ! cmp -s requirements.txt .venv/installed.txt; then
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt .venv/installed.txt
fi
mkdir -p build
VIRTUAL_ENV=$PWD/.venv PATH=$PWD/.venv/bin:$PATH \
  componentize-py -d ../../../wit/wasi-0.2.12 -w weft:guest/http-guest componentize app -p . -p ../../../sdk/python -o build/app.wasm
