#!/usr/bin/env python3
"""Builds and runs the tests of github.com/WebAssembly/wasi-testsuite with `weft run`.

    scripts/wasi_testsuite.py SUITE [NAME...]     a checkout of it; all tests, or those named

The tests for preview 1 are made components of WASI 0.2 by the linker that the guests are built with, and its adapter; those
for 0.3 are left out. What is built is kept in SUITE/weft-build. Prints a line for each test that fails, with what it said, and
ends with `N passed, N failed`.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
program = pathlib.Path(os.environ.get("WEFT", root / "build/release/bin/weft"))
# As scripts/guests.sh has them.
linker = "/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld"
rust_flags = "-C link-self-contained=no -C linker-flavor=wasm-ld -L /usr/lib/wasm32-wasi -C link-arg=--wasm-ld-path=/usr/bin/wasm-ld-19"
seconds = 30

CARGO = """[package]
name = "wasi-testsuite"
version = "0.0.0"
edition = "2024"
publish = false
[lib]
name = "wasi_tests"
path = "{suite}/tests/rust/wasm32-wasip1/src/lib.rs"
[dependencies]
once_cell = "1"
wasip1 = "1"
[workspace]
"""


def build_rust(suite, made):
    sources = sorted((suite / "tests/rust/wasm32-wasip1/src/bin").glob("*.rs"))
    made.mkdir(parents=True, exist_ok=True)
    bins = "".join(f'[[bin]]\nname = "{s.stem}"\npath = "{s}"\n' for s in sources)
    (made / "Cargo.toml").write_text(CARGO.format(suite=suite) + bins)
    env = {**os.environ, "PATH": "/usr/bin:/bin", "RUSTC": "/usr/bin/rustc", "RUSTC_BOOTSTRAP": "1", "CARGO_TARGET_DIR": str(made / "target"),
           "CARGO_TARGET_WASM32_WASIP1_LINKER": linker, "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS": rust_flags}
    subprocess.run(["/usr/bin/cargo", "build", "-Zbuild-std=std,panic_abort", "--target", "wasm32-wasip1", "--manifest-path",
                    made / "Cargo.toml", "--bins"], check=True, env=env)
    return [(made / f"target/wasm32-wasip1/debug/{s.stem}.wasm", s) for s in sources]


def build_c(suite, made):
    made.mkdir(parents=True, exist_ok=True)
    tests = []
    for source in sorted((suite / "tests/c/src").glob("*.c")):
        module = made / f"{source.stem}.wasm"
        if not module.exists() or module.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["clang-19", "--target=wasm32-wasi", "-O1", f"-fuse-ld={linker}", source, "-o", module], check=True)
        tests.append((module, source))
    return tests


def run(module, source):
    """What is wrong; nothing if the test passes. As doc/specification.md of the suite says."""
    said = source.with_suffix(".json")
    config = json.loads(said.read_text()) if said.exists() else {}
    with tempfile.TemporaryDirectory(prefix="weft-wasi-") as folder:
        options = []
        for name, value in config.get("env", {}).items():
            options += ["--env", f"{name}={value}"]
        if config.get("root"):
            shutil.copytree(source.parent / config["root"], f"{folder}/root", symlinks=True)
            options += ["--dir", f"{folder}/root::/"]
        command = [program, "run", *options, module, *config.get("args", [])]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, input="")
        except subprocess.TimeoutExpired:
            return f"did not end within {seconds} s"
    faults = []
    if done.returncode != config.get("exit_code", 0):
        faults.append(f"exit code {done.returncode}")
    for stream in ("stdout", "stderr"):
        if stream in config and getattr(done, stream) != config[stream]:
            faults.append(f"another {stream}")
    return "\n".join(faults + [done.stderr.strip()]) if faults else ""


def main():
    if len(sys.argv) < 2 or not pathlib.Path(sys.argv[1], "tests/rust").is_dir():
        sys.exit(__doc__)
    suite, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    tests = build_rust(suite, suite / "weft-build/rust") + build_c(suite, suite / "weft-build/c")
    passed = failed = 0
    for module, source in tests:
        if names and source.stem not in names:
            continue
        fault = run(module, source)
        passed, failed = passed + (not fault), failed + bool(fault)
        if fault:
            print(f"FAILED {source.parent.relative_to(suite)}/{source.name}: " + fault.replace("\n", "\n  "), flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
