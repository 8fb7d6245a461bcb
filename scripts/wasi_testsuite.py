#!/usr/bin/env python3
"""Builds the tests of github.com/WebAssembly/wasi-testsuite, and lets its own runner run them with weft.

    scripts/wasi_testsuite.py SUITE [--components] [GROUP...]
                                 a checkout of it; all groups, or those named: c, assemblyscript, rust, rust-p3

The tests for preview 1 are core modules, and run as they are; with --components they are made components of WASI 0.2 by the
linker that the guests are built with, and its adapter. So is what those for 0.3 need of Rust's own library. What is built is
kept in SUITE/weft-build. Ends with the runner's summary.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
adapter = root / "scripts/wasi_testsuite_adapter.py"
# As scripts/guests.sh has them.
linker = "/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld"
rust_flags = "-C link-self-contained=no -C linker-flavor=wasm-ld -L /usr/lib/wasm32-wasi -C link-arg=--wasm-ld-path=/usr/bin/wasm-ld-19"

# The versions that the suite names.
ASSEMBLYSCRIPT = ("assemblyscript@0.27.31", "@assemblyscript/wasi-shim@0.1.0")

# The suite builds with buck2; its crates are those of its third-party/rust.
CARGO = """[package]
name = "wasi-testsuite"
version = "0.0.0"
edition = "{edition}"
publish = false
[lib]
name = "{library}"
path = "src/lib.rs"
[dependencies]
futures = "0.3"
libc = "0.2"
once_cell = "1"
wasip1 = "1"
wit-bindgen = {{ version = "0.58", features = ["async-spawn"] }}
[workspace]
"""
TARGET = """[[{kind}]]
name = "{name}"
path = "src/bin/{name}.rs"
{more}
"""


# Whether the linker makes components.
components = False


def cargo(suite, made, source, library, edition, kind, more):
    """The tests of a folder of the suite; the modules by the tests' names."""
    names = sorted(path.stem for path in (source / "src/bin").glob("*.rs"))
    package = made / "package"
    package.mkdir(parents=True, exist_ok=True)
    for linked in ("src", "wit"):
        if (source / linked).exists() and not (package / linked).exists():
            (package / linked).symlink_to(source / linked)
    text = CARGO.format(library=library, edition=edition) + "".join(TARGET.format(kind=kind, name=name, more=more) for name in names)
    (package / "Cargo.toml").write_text(text)
    flags = rust_flags + (" -C link-arg=/usr/lib/wasm32-wasi/crt1-command.o" if kind == "bin" else "")
    if kind == "bin" and not components:
        flags += " -C link-arg=--skip-wit-component"
    env = {**os.environ, "PATH": "/usr/bin:/bin", "RUSTC": "/usr/bin/rustc", "RUSTC_BOOTSTRAP": "1", "CARGO_TARGET_DIR": str(made / "target"),
           "CARGO_TARGET_WASM32_WASIP1_LINKER": linker, "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS": flags}
    subprocess.run(["/usr/bin/cargo", "build", "-Zbuild-std=std,panic_abort", "--target", "wasm32-wasip1", "--manifest-path",
                    package / "Cargo.toml", f"--{kind}s"], check=True, env=env)
    built = made / "target/wasm32-wasip1/debug"
    return {name: built / "examples" / f"{name.replace('-', '_')}.wasm" if kind == "example" else built / f"{name}.wasm" for name in names}


def build_rust(suite, made):
    source = suite / "tests/rust/wasm32-wasip1"
    return source / "src/bin", cargo(suite, made, source, "wasi_tests", 2021, "bin", "")


def build_rust_p3(suite, made):
    source = suite / "tests/rust/wasm32-wasip3"
    # Without a `main` of Rust's, which would be a command of WASI 0.2 beside that of 0.3.
    return source / "src/bin", cargo(suite, made, source, "test_wasm32_wasip3", 2024, "example", 'crate-type = ["cdylib"]')


def build_c(suite, made):
    source = suite / "tests/c/src"
    modules = {}
    made.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.c")):
        modules[path.stem] = made / f"{path.stem}.wasm"
        link = [f"-fuse-ld={linker}"] if components else []
        subprocess.run(["clang-19", "--target=wasm32-wasi", "-O1", *link, path, "-o", modules[path.stem]], check=True)
    return source, modules


def build_assemblyscript(suite, made):
    source, modules = suite / "tests/assemblyscript/wasm32-wasip1/src", {}
    made.mkdir(parents=True, exist_ok=True)
    node = subprocess.run([root / "scripts/tools.sh", "path", "node"], check=True, capture_output=True, text=True).stdout.strip()
    env = {**os.environ, "PATH": f"{pathlib.Path(node).parent}:/usr/bin:/bin"}
    if not (made / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", made, *ASSEMBLYSCRIPT], check=True, env=env)
    # The compiler's module is linked already: all that the linker has to do is to add the adapter.
    no_linker = made / "no-linker"
    no_linker.write_text('#!/bin/sh\nmodule=$1\nwhile [ "$1" != -o ]; do shift; done\ncp "$module" "$2"\n')
    no_linker.chmod(0o755)
    # Where the adapter gets its memory: it would add pages, and AssemblyScript takes all there are for its own.
    (made / "realloc.ts").write_text("export function cabi_realloc(old: usize, size: usize, align: usize, wanted: usize): usize {\n"
                                     "  return old ? heap.realloc(old, wanted) : heap.alloc(wanted);\n}\n")
    for path in sorted(source.glob("*.ts")):
        module, modules[path.stem] = made / f"{path.stem}.core.wasm", made / f"{path.stem}.wasm"
        shutil.copy(path, made)
        if not components:
            modules[path.stem] = module
        subprocess.run(["npx", "asc", path.name, *(["realloc.ts"] if components else []), "-o", module.name, "--config", "node_modules/@assemblyscript/wasi-shim/asconfig.json"],
                       check=True, env=env, cwd=made)
        if components:
            subprocess.run([linker, f"--wasm-ld-path={no_linker}", module, "-o", modules[path.stem]], check=True)
    return source, modules


GROUPS = {"c": (build_c, "wasm32-wasip1"), "assemblyscript": (build_assemblyscript, "wasm32-wasip1"),
         "rust": (build_rust, "wasm32-wasip1"), "rust-p3": (build_rust_p3, "wasm32-wasip3")}


def assemble(group, version, source, modules, folder):
    """What the runner wants: each module with what its source has beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, module in modules.items():
        shutil.copy(module, folder / f"{name}.wasm")
    for path in source.iterdir():
        if path.is_dir():
            shutil.copytree(path, folder / path.name, symlinks=True)
        elif path.suffix not in (".rs", ".c", ".ts"):
            shutil.copy(path, folder)
    (folder / "manifest.json").write_text(json.dumps({"name": f"WASI {group}", "version": version}))


# The runner asks whether a string is one of an enumeration's values, which Python before 3.12 (Debian's) does not answer.
RUNNER = """import enum, runpy, sys
if sys.version_info < (3, 12):
    enum.EnumType.__contains__ = lambda cls, value: value in [member.value for member in cls] or isinstance(value, cls)
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def main():
    global components
    components = "--components" in sys.argv
    words = [word for word in sys.argv[1:] if word != "--components"]
    if not words or not pathlib.Path(words[0], "test-runner").is_dir() or set(words[1:]) - set(GROUPS):
        sys.exit(__doc__)
    suite, folders = pathlib.Path(words[0]).resolve(), []
    made = suite / "weft-build"
    for group in words[1:] or GROUPS:
        build, version = GROUPS[group]
        # One of them is not built from what the other left.
        kept = group + ("-components" if components and group != "rust-p3" else "")
        source, modules = build(suite, made / kept)
        folders.append(made / "tests" / kept)
        assemble(group, version, source, modules, folders[-1])
    environment = made / "python"
    if not environment.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([environment / "bin/pip", "install", "--quiet", "-r", suite / "test-runner/requirements/prod.txt"], check=True)
    runner = [environment / "bin/python", "-c", RUNNER, suite / "test-runner/wasi_test_runner.py", "--disable-colors", "-r", adapter, "-t", *folders]
    sys.exit(subprocess.run(runner).returncode)


main()
