"""The servers that are compared: each is started for one turn and ended after it."""
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

import machine

weft = pathlib.Path(os.environ.get("WEFT", machine.root / "build/release/bin/weft"))
guests = machine.root / "build/guests"

manifest = """spin_manifest_version = 2
[application]
name = "bench"
[[trigger.http]]
route = "/wasm"
component = "hello"
[[trigger.http]]
route = "/static"
static_response = {{ status_code = 200, headers = {{ content-type = "text/plain" }}, body = {body} }}
[component.hello]
source = "{wasm}"
"""


def guest(name):
    path = guests / f"{name}.wasm"
    if not path.exists():
        raise machine.Refused(f"{path} is not built: ./dev guests {name}")
    return path


def wasmtime():
    """`wasmtime` as scripts/peers.sh builds it, else that on PATH, else None."""
    built = subprocess.run([machine.root / "scripts/peers.sh", "path", "wasmtime"], capture_output=True, text=True, check=True)
    return built.stdout.strip() or shutil.which("wasmtime")


def spin():
    """Spin on PATH, if it is Spin: weft answers to that name too."""
    path = shutil.which("spin")
    if path is None:
        return None
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    return path if version.startswith("spin ") and "weft" not in version else None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fill_cache(wasm, home, patience=300):
    """Puts the code of a component, as well compiled as it gets, into a folder to be used as XDG_CACHE_HOME."""
    plans = lambda: len(list(home.glob("weft/code/*.plan")))
    before = plans()
    home.mkdir(exist_ok=True)
    with Server([weft, "up", wasm, "--listen", "127.0.0.1:{port}"], env={"XDG_CACHE_HOME": str(home)}) as server:
        server.first_answer("/")
        deadline = time.monotonic() + patience
        names = lambda: [p.name for p in (home / "weft/code").iterdir()]
        # Better code takes the place of what was compiled quickly; the plan is written last of what a start writes.
        while any(".quick." in name or name.startswith(".new-") for name in names()) or plans() == before:
            if time.monotonic() > deadline:
                raise machine.Refused(f"the code of {wasm} was not compiled to its end in {patience} s")
            time.sleep(0.02)


class Server:
    """A running server. `command` has {port} where its port belongs."""

    def __init__(self, command, cwd=None, env=None):
        self.port = free_port()
        self.began = time.perf_counter()
        self.output = []
        self.process = subprocess.Popen([str(part).format(port=self.port) for part in command], cwd=cwd, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, env={**os.environ, **(env or {})})
        # Read for as long as it runs: a server must never wait for whoever reads its log.
        self.reader = threading.Thread(target=lambda: self.output.extend(self.process.stdout), daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()

    def first_answer(self, path, timeout=120):
        """Seconds from its start to the first 200, and the body."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with contextlib.suppress(ConnectionError):
                status, body = self.get(path)
                if status != 200:
                    raise machine.Refused(f"{self.process.args[0]} answers {status} at {path}:\n" + "".join(self.output))
                return time.perf_counter() - self.began, body
            if self.process.poll() is not None:
                self.reader.join(5)
                raise machine.Refused(f"{' '.join(self.process.args)} ended:\n" + "".join(self.output))
            time.sleep(0.0002)
        raise machine.Refused(f"{' '.join(self.process.args)} did not answer in {timeout} s")

    def pids(self):
        return machine.tree(self.process.pid)
