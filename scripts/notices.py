#!/usr/bin/env python3
"""What the built program contains of others, and under which licences.

    scripts/notices.py check         fail when a licence or a library is not on the lists below (the style suite does)
    scripts/notices.py print         the notices with all texts, as packages ship them: THIRD-PARTY-NOTICES

Not committed: it follows from engine/Cargo.lock and from what the build used, so it is made when a package is made.
Needs a release build.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build = root / "build/release"

# Licences that code linked into an Apache-2.0 program may have.
allowed_licences = {"Apache-2.0", "Apache-2.0 WITH LLVM-exception", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "Unicode-3.0",
                    "0BSD", "BSL-1.0", "Unlicense", "CC0-1.0"}
# Debian source packages whose headers or archives are in the program, by the licence of the parts used. A new one is
# added here after its copyright file was read.
debian_licences = {
    "boost1.81": "BSL-1.0",
    "brotli": "MIT",
    "cli11": "BSD-3-Clause",
    "fmtlib": "MIT",
    "gcc-12": "GPL-3.0 with the GCC Runtime Library Exception",
    "glibc": "LGPL-2.1 (linked dynamically; headers)",
    "hiredis": "BSD-3-Clause",
    "libzstd": "BSD-3-Clause",
    "linux": "GPL-2.0 WITH Linux-syscall-note (headers)",
    "llvm-toolchain-19": "Apache-2.0 WITH LLVM-exception (compiler's headers and builtins)",
    "nghttp2": "MIT",
    "nlohmann-json3": "MIT",
    "openssl": "Apache-2.0",
    "rustc-web": "MIT OR Apache-2.0",
    "spdlog": "MIT",
    "sqlite3": "public domain",
    "tomlplusplus": "MIT",
    "zlib": "Zlib",
}
# What is in the repository and becomes part of the program, by its folder: a name, the licence, and the file with its text.
vendored = {
    "src/http/mozilla_roots": ("Mozilla's root certificates, as certifi packs them", "MPL-2.0", "LICENSE"),
}


def is_allowed(expression):
    """An SPDX expression (or the old `A/B`): some choice of it is allowed throughout."""
    text = expression.replace("/", " OR ")
    for open_close in re.findall(r"\(([^()]*)\)", text):
        text = text.replace(f"({open_close})", "MIT" if is_allowed(open_close) else "REFUSED")
    return any(all(term.strip() in allowed_licences for term in choice.split(" AND ")) for choice in text.split(" OR "))


def crates():
    """The crates linked into the engine library: what the root needs on this platform, build scripts apart."""
    done = subprocess.run(["/usr/bin/cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform",
                           "x86_64-unknown-linux-gnu"], cwd=root / "engine", capture_output=True, text=True, check=True,
                          env={**os.environ, "PATH": "/usr/bin:/bin", "RUSTC": "/usr/bin/rustc"})
    metadata = json.loads(done.stdout)
    packages = {p["id"]: p for p in metadata["packages"]}
    nodes = {n["id"]: n for n in metadata["resolve"]["nodes"]}
    wanted, todo = set(), [metadata["resolve"]["root"]]
    while todo:
        node = nodes[todo.pop()]
        for dep in node["deps"]:
            if dep["pkg"] not in wanted and any(kind["kind"] is None for kind in dep["dep_kinds"]):
                wanted.add(dep["pkg"])
                todo.append(dep["pkg"])
    return sorted((packages[i] for i in wanted), key=lambda p: (p["name"], p["version"]))


def debian_sources():
    """Debian source package -> one binary package of it, for every system header and archive that the program is made of."""
    files = set()
    for command in subprocess.run(["ninja", "-C", build, "-t", "commands", "bin/weft"], capture_output=True, text=True,
                                  check=True).stdout.splitlines():
        files.update(re.findall(r"(?:^|\s)(/usr/\S+\.(?:a|so))(?=\s|$)", command))
    objects = subprocess.run(["ninja", "-C", build, "-t", "inputs", "bin/weft"], capture_output=True, text=True, check=True)
    compiled = {line for line in objects.stdout.splitlines() if line.endswith(".o")}
    # `ninja -t deps` prints `OBJECT: ...` and an indented line for each file that was included.
    current = None
    for line in subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("    "):
            if current in compiled and line.strip().startswith("/usr/"):
                files.add(os.path.realpath(line.strip()))
        elif line:
            current = line.split(":", 1)[0]
    if not any(f.endswith(".h") for f in files):
        sys.exit(f"{build} has no record of what was compiled; ./dev build first")
    # Rust's standard library is in the engine library.
    files.update(str(f) for f in pathlib.Path("/usr/lib/rustlib/x86_64-unknown-linux-gnu/lib").glob("libstd-*.rlib"))
    # One file of each folder is asked for: a folder of headers belongs to one package, but for the common ones.
    common = {"/usr/include", "/usr/include/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"}
    asked = {}
    for file in sorted(files):
        folder = os.path.dirname(file)
        asked.setdefault(file if folder in common else folder, file)
    found = subprocess.run(["dpkg", "-S", *asked.values()], capture_output=True, text=True)
    if found.returncode != 0:
        sys.exit(f"files of no package are part of the program:\n{found.stderr}")
    packages = sorted({line.split(": ", 1)[0].split(", ")[0] for line in found.stdout.splitlines()})
    named = subprocess.run(["dpkg-query", "-W", "-f", "${source:Package} ${Package}\n", *packages], capture_output=True, text=True,
                           check=True)
    sources = {}
    for line in named.stdout.splitlines():
        source, package = line.split()
        sources.setdefault(source, package)
    return sources


def texts_of(folder):
    names = sorted(p for p in folder.iterdir() if re.match(r"(?i)(licen[cs]e|copying|notice|unlicense|copyright)", p.name) and p.is_file())
    return "\n".join(p.read_text(errors="replace").strip() + "\n" for p in names)


def check():
    faults = []
    linked = crates()
    for crate in linked:
        if not is_allowed(crate["license"] or "none"):
            faults.append(f"crate {crate['name']} {crate['version']}: licence {crate['license']} is not on the list")
    sources = debian_sources()
    for source, package in sorted(sources.items()):
        if source not in debian_licences:
            faults.append(f"Debian source {source} ({package}): not on the list; read /usr/share/doc/{package}/copyright")
    for folder, (_, _, text) in vendored.items():
        if not (root / folder / text).is_file():
            faults.append(f"{folder}/{text}: the licence of what is vendored there is missing")
    print("\n".join(faults) if faults else f"{len(linked)} crates, {len(sources)} Debian sources: {' '.join(sorted(sources))}")
    return bool(faults)


def print_notices():
    print("weft contains or links the following works of others.\n")
    by_text = {}
    for crate in crates():
        text = texts_of(pathlib.Path(crate["manifest_path"]).parent) or "(no text in the package; see its licence expression)\n"
        by_text.setdefault(text, []).append(f"{crate['name']} {crate['version']} ({crate['license']})")
    for text, names in by_text.items():
        print("=" * 100 + "\n" + "\n".join(names) + "\n\n" + text)
    for source, package in sorted(debian_sources().items()):
        print("=" * 100 + f"\n{source}: {debian_licences.get(source, 'see below')}\n")
        print(pathlib.Path(f"/usr/share/doc/{package}/copyright").read_text(errors="replace"))
    for folder, (name, licence, text) in vendored.items():
        print("=" * 100 + f"\n{name}: {licence}; its source is {folder} of weft's repository\n")
        print((root / folder / text).read_text())
    return 0


commands = {"check": check, "print": print_notices}
if len(sys.argv) != 2 or sys.argv[1] not in commands:
    sys.exit(__doc__)
sys.exit(commands[sys.argv[1]]())
