#!/usr/bin/env bash
# package.sh [--try]: makes build/packages/weft-VERSION-linux-ARCH.tar.gz and weft_VERSION_ARCH.deb of the release build.
# --try installs each in a bare Debian 12 (as root), makes an application there and asks one that is served.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/debian_root.sh"
cd "$root"

case ${1:-} in
  '' | --try) ;;
  *) die "usage: ./dev package [--try]" ;;
esac
program=build/release/bin/weft
[[ -x $program ]] || die "there is no $program; ./dev build makes it"
version=$(sed -n 's/^project(weft VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
machine=$(uname -m)
architecture=$(dpkg --print-architecture)
out=$root/build/packages
release=weft-$version-linux-$machine
archive=$out/$release.tar.gz
deb=$out/weft_${version}_$architecture.deb
made=$(mktemp -d "$cache/package.XXXXXX")
fs=
finish() {
  rm -rf "$made"
  if [[ -n $fs ]]; then rm -rf --one-file-system "$fs"; fi
}
trap finish EXIT
# Files have the time of the commit: the same sources make the same packages.
time=$(git log -1 --format=%ct)

# What both packages have, below a prefix: /usr of the one, the folder that the other unpacks to.
make_tree() {
  local tree=$made/tree
  mkdir -p "$tree/bin" "$tree/share/doc/weft" "$tree/share/bash-completion/completions" \
    "$tree/share/zsh/vendor-completions" "$tree/share/fish/vendor_completions.d" "$out"
  llvm-strip-19 -o "$tree/bin/weft" "$program"
  chmod 755 "$tree/bin/weft"
  "$program" completions bash >"$tree/share/bash-completion/completions/weft"
  "$program" completions zsh >"$tree/share/zsh/vendor-completions/_weft"
  "$program" completions fish >"$tree/share/fish/vendor_completions.d/weft.fish"
  cp README.md LICENSE "$tree/share/doc/weft/"
  scripts/notices.py print >"$tree/share/doc/weft/THIRD-PARTY-NOTICES"
}

make_archive() {
  mkdir "$made/$release"
  cp -r "$made/tree/." "$made/$release"
  tar -C "$made" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" -cf - "$release" | gzip -9n >"$archive"
}

make_deb() {
  local folder=$made/deb
  mkdir -p "$folder/DEBIAN" "$folder/usr"
  cp -r "$made/tree/." "$folder/usr"
  mv "$folder/usr/share/doc/weft/LICENSE" "$folder/usr/share/doc/weft/copyright"
  cat >"$folder/DEBIAN/control" <<END
Package: weft
Version: $version
Architecture: $architecture
Maintainer: weft maintainers <weft@localhost>
Section: net
Priority: optional
Depends: libc6 (>= 2.36)
Installed-Size: $(du -sk "$folder/usr" | cut -f1)
Description: serverless platform for WebAssembly components
 Serves Spin applications unmodified: every request in a fresh, isolated
 instance of its component, started in microseconds. Makes, builds, watches
 and serves applications in Rust, JavaScript, TypeScript, Python, Go, C and
 C++.
END
  SOURCE_DATE_EPOCH=$time dpkg-deb --root-owner-group --build "$folder" "$deb"
}

# In the root, with the program's folder in PATH: what a newcomer does first, and one request.
# shellcheck disable=SC2016  # expanded by the shell in the root
try_program='
  set -e
  PATH=$1:$PATH
  weft --version
  cd "$(mktemp -d)"
  weft new -t http-c hello --accept-defaults --no-vcs
  test -x hello/build.sh
  weft templates list >/dev/null
  cp /root/hello-c.wasm .
  weft up hello-c.wasm --listen 127.0.0.1:0 >out 2>&1 &
  server=$!
  for _ in $(seq 300); do grep -q "^Available Routes" out && break; kill -0 $server || { cat out; exit 1; }; sleep 0.1; done
  port=$(sed -n "s/^Serving .*:\([0-9]*\)$/\1/p" out)
  exec 3<>/dev/tcp/127.0.0.1/$port
  printf "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" >&3
  answer=$(cat <&3)
  echo "$answer"
  kill -TERM $server
  wait $server
  [[ $answer == "HTTP/1.1 200 OK"*"Hello from C"* ]]'

try_packages() {
  cp "$deb" "$archive" build/guests/hello-c.wasm "$fs/root/"
  in_root dpkg --install "/root/${deb##*/}"
  in_root bash -c "$try_program" bash /usr/bin
  in_root dpkg --purge weft
  in_root bash -c '! command -v weft'
  in_root tar -C /opt -xf "/root/${archive##*/}"
  in_root bash -c "$try_program" bash "/opt/$release/bin"
}

plan package-tree:10 package-archive:10 package-deb:10 ${1:+fresh-base:100 fresh-root:10 package-try:10}
step package-tree make_tree
step package-archive make_archive
step package-deb make_deb
say "made $archive ($(stat -c %s "$archive") bytes) and $deb ($(stat -c %s "$deb") bytes)"
[[ ${1:-} == --try ]] || exit 0
[[ $(id -u) == 0 ]] || die "--try makes a Debian root and changes into it: run it as root"
[[ -f build/guests/hello-c.wasm ]] || die "there is no build/guests/hello-c.wasm; ./dev guests hello-c makes it"
new_root
step fresh-base make_base
step fresh-root make_root
step package-try try_packages
say "both install and serve in a bare Debian 12; the transcript is $cache/log/package-try.log"
