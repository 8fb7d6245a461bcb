#!/usr/bin/env python3
"""Fails when the repository holds what belongs to one machine or to a build: paths, registry hosts, big or odd files."""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
# Larger files are results, not sources; test vectors and corpora stay below.
max_text_bytes = 400_000
max_binary_bytes = 64_000
# Lock files name the registry they were resolved from, by their format.
lock_files = {"Cargo.lock", "package-lock.json", "go.sum"}

forbidden = [
    (re.compile(r"(?<![\w.])/(?:work|home|Users)/[\w.-]+"), "a path of one machine"),
    (re.compile(r"/tmp/[a-z]{1,2}/"), "a path of one machine"),
    (re.compile(r"https?://[\w.-]*(?:crates\.io|rust-lang\.org/crates|npmjs\.(?:org|com)|pypi\.org|pythonhosted\.org"
                r"|proxy\.golang\.org|deb\.debian\.org|security\.debian\.org)"), "a registry's host: use its client's own configuration"),
    (re.compile(r"-----BEGIN (?:RSA |EC |)PRIVATE KEY-----"), "a private key"),
]

listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, capture_output=True, check=True)
files = [root / name for name in listed.stdout.decode().split("\0") if name]
faults = []
for file in files:
    if file.is_symlink() or not file.exists():
        continue
    name = file.relative_to(root)
    content = file.read_bytes()
    binary = b"\0" in content[:8192]
    limit = max_binary_bytes if binary else max_text_bytes
    if len(content) > limit and file.name not in lock_files:
        faults.append(f"{name}: {len(content)} bytes; a {'binary' if binary else 'text'} file may have {limit}")
    executable = bool(file.stat().st_mode & 0o111)
    if content.startswith(b"#!") and not executable:
        faults.append(f"{name}: has an interpreter line but is not executable")
    if executable and not binary and not content.startswith(b"#!"):
        faults.append(f"{name}: is executable without an interpreter line")
    # This file holds the patterns.
    if binary or file.name in lock_files or file == pathlib.Path(__file__).resolve():
        continue
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        for pattern, what in forbidden:
            if found := pattern.search(line):
                faults.append(f"{name}:{number}: {found.group()}: {what}")

print("\n".join(faults) if faults else f"{len(files)} files")
sys.exit(bool(faults))
