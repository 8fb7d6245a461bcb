#!/usr/bin/env bash
# Installs what is missing of the given groups of packages.txt. Silent and quick when nothing is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wanted=()
for group in "$@"; do
  while read -ra line; do wanted+=("${line[@]}"); done < <(sed -n "s/^$group  *//p" "$root/scripts/packages.txt")
done
mapfile -t missing < <(
  comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^ii *//p' | sort -u))
((${#missing[@]})) || exit 0
[[ $(id -u) == 0 ]] || die "missing packages: ${missing[*]}
install them as root: apt-get install --no-install-recommends ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends "${missing[@]}"
