#!/usr/bin/env python3
"""Fails when a folder of src/ includes one that stands above it, or one its CMakeLists.txt does not name."""
import pathlib
import re
import sys

src = pathlib.Path(__file__).resolve().parent.parent / "src"
order = re.search(r"foreach\(folder ([^)]*)\)", (src / "CMakeLists.txt").read_text()).group(1).split()
# A foreign library that only one folder may see, so that it can be replaced in one place.
owned_headers = {"wasmtime.h": "wasm", "weft_engine.h": "wasm", "toml++/toml.h": "manifest", "toml++/toml.hpp": "manifest",
                 "sqlite3.h": "providers/sqlite", "hiredis/hiredis.h": "providers/redis", "nghttp2/nghttp2.h": "http2"}
faults = []

# A folder is what has a CMakeLists.txt of its own: src/util, src/providers/sqlite.
folders = sorted(str(p.parent.relative_to(src)) for p in src.rglob("CMakeLists.txt") if p.parent != src)
faults += [f"{p.relative_to(src.parent)}: in no folder with a CMakeLists.txt" for p in src.rglob("*.cc")
           if not any((src / name) in p.parents for name in folders)]


def folder_of(include):
    """The folder that an included path is in, or none."""
    parts = include.split("/")
    return next((name for name in ("/".join(parts[:2]), parts[0]) if name in order), None)


for folder in folders:
    if folder not in order:
        faults.append(f"src/{folder}: not in the order of src/CMakeLists.txt")
        continue
    build = (src / folder / "CMakeLists.txt").read_text()
    deps = set(re.findall(r"[a-z_0-9]+", build)) | set(re.findall(r"[a-z_0-9]+/[a-z_0-9]+", build))
    for file in sorted((src / folder).rglob("*.[ch]*")):
        if file.suffix not in (".h", ".cc"):
            continue
        for line, text in enumerate(file.read_text().splitlines(), 1):
            quoted = re.match(r'#include "([a-z_0-9/]+/)', text)
            angled = re.match(r"#include <([^>]+)>", text)
            where = f"{file.relative_to(src.parent)}:{line}"
            used = folder_of(quoted.group(1)) if quoted else None
            if used and used != folder:
                if order.index(used) > order.index(folder):
                    faults.append(f"{where}: {folder} includes {used}, which stands above it")
                elif used not in deps:
                    faults.append(f"{where}: src/{folder}/CMakeLists.txt does not name {used}")
            if angled and angled.group(1) in owned_headers and owned_headers[angled.group(1)] != folder:
                faults.append(f"{where}: only {owned_headers[angled.group(1)]} may include <{angled.group(1)}>")

print("\n".join(faults) if faults else f"{len(order)} folders in order")
sys.exit(bool(faults))
