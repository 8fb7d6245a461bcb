#!/bin/sh
# Makes app.wasm. What requirements.txt names is installed into .venv when it has changed.
set -e
if ! cmp -s requirements.txt .venv/installed.txt; then
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt .venv/installed.txt
fi
VIRTUAL_ENV=$PWD/.venv PATH=$PWD/.venv/bin:$PATH \
  componentize-py -d weft_http_p3.wit -w weft:http-guest/http-guest componentize app -o app.wasm
