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


def tidy(folder):
    """The runner leaves the links that a test made, in the folder which all tests of a group share."""
    for left in pathlib.Path(folder).glob("*.cleanup"):
        if left.is_symlink():
            left.unlink()


def compute_argv(test_path, args_env_root, proposals, wasi_world, wasi_version):
    args, env, folder = args_env_root
    if wasi_world == "wasi:http/service":
        # The runner reads the address from the first line of standard error.
        return ["bash", "-c", 'exec "$0" "$@" > >(sed -un "/^Serving/p" >&2)', WEFT, "up", "-f", application(test_path, env),
                "--listen", "127.0.0.1:0", "--log-dir", ""]
    options = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
    if folder:
        tidy(folder)
        options += ["--dir", f"{folder}::/"]
    if "http" in proposals or "sockets" in proposals:
        options += ["--allow-outbound-hosts", "*://*:*"]
    if "sockets" in proposals:
        options += ["--allow-listen", "*://*:*"]
    return [WEFT, "run", *options, str(test_path), *args]
