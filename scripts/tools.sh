#!/usr/bin/env bash
# Programs that no Debian package has, built once per version with Debian's cargo.
#   scripts/tools.sh             build what is missing
#   scripts/tools.sh path NAME   print where the program is (built first when it is missing)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

declare -A version=([wasm-tools]=1.263.0 [wit-bindgen]=0.63.0)
declare -A crate=([wasm-tools]=wasm-tools [wit-bindgen]=wit-bindgen-cli)
# Only the commands in use: all of wasm-tools takes three times as long.
declare -A features=([wasm-tools]=component,json-from-wast,parse,print,validate [wit-bindgen]=c,cpp,go,rust)

program() { echo "$cache/tools/$1-${version[$1]}-$(cksum <<<"${features[$1]}" | cut -d' ' -f1)/bin/$1"; }

build() {
  local name=$1 folder
  folder=$(dirname "$(dirname "$(program "$name")")")
  [[ ! -x $folder/bin/$name ]] || return 0
  # What runs for a moment each time need not be compiled for speed. One target folder: the two share most of what they need.
  CARGO_TARGET_DIR=$cache/target-tools CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    debian_cargo install --locked --no-track --root "$folder" --no-default-features --features "${features[$name]}" \
    "${crate[$name]}@${version[$name]}" >&2
}

case ${1:-all} in
  all) for name in wasm-tools wit-bindgen; do build "$name"; done ;;
  path)
    [[ -n ${version[${2:-}]:-} ]] || die "no tool '${2:-}'; there are: ${!version[*]}"
    build "$2"
    program "$2"
    ;;
  *) die "usage: scripts/tools.sh [path NAME]" ;;
esac
