"""How the runner of WebAssembly/wasi-testsuite calls weft (scripts/wasi_testsuite.py)."""
import json
import os
import pathlib
import subprocess

WEFT = os.environ.get("WEFT", str(pathlib.Path(__file__).resolve().parent.parent / "build/release/bin/weft"))


def get_name():
    return "weft"


def get_version():
    return subprocess.run([WEFT, "--version"], encoding="utf-8", capture_output=True, check=True).stdout.split()[1]


def get_wasi_versions():
    return ["wasm32-wasip1", "wasm32-wasip3"]


def get_wasi_worlds():
    return ["wasi:cli/command", "wasi:http/service"]


def get_timeout_seconds():
    # A debug build's first start compiles it.
    return 30


APPLICATION = """spin_manifest_version = 2
[application]
name = "wasi-testsuite"
[[trigger.http]]
route = "/..."
component = "tested"
[component.tested]
source = {source}
allowed_outbound_hosts = ["http://127.0.0.1:*", "http://localhost:*"]
environment = {environment}
"""


def application(test_path, env):
    """The manifest that grants what a service needs."""
    manifest = pathlib.Path(test_path).with_suffix(".toml")
    environment = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in env.items())
    manifest.write_text(APPLICATION.format(source=json.dumps(str(pathlib.Path(test_path).resolve())), environment=f"{{ {environment} }}"))
    return str(manifest)


def compute_argv(test_path, args_env_root, proposals, wasi_world, wasi_version):
    args, env, folder = args_env_root
    if wasi_world == "wasi:http/service":
        return [WEFT, "up", "-f", application(test_path, env), "--listen", "127.0.0.1:0"]
    options = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
    options += ["--dir", f"{folder}::/"] if folder else []
    if "http" in proposals or "sockets" in proposals:
        options += ["--allow-outbound-hosts", "*://*:*"]
    if "sockets" in proposals:
        options += ["--allow-listen", "*://127.0.0.1:*", "--allow-listen", "*://[::1]:*"]
    return [WEFT, "run", *options, str(test_path), *args]
