"""Drives the built program as a user does: starts `weft up`, talks to it over sockets, stops it with a signal."""
import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

root = pathlib.Path(__file__).resolve().parent.parent
program = pathlib.Path(os.environ.get("WEFT", root / "build/release/bin/weft"))
guests = root / "build/guests"


def guest(name):
    path = guests / f"{name}.wasm"
    if not path.exists():
        raise unittest.SkipTest(f"{path} is not built; ./dev guests {name}")
    return path


def tool(name):
    """Where a tool of scripts/tools.sh is."""
    return subprocess.run([root / "scripts/tools.sh", "path", name], check=True, capture_output=True, text=True).stdout.strip()


def run(*args, timeout=30, env=None, cwd=None, input=None):
    """`weft ARGS`, to its end."""
    return subprocess.run([program, *map(str, args)], capture_output=True, text=True, timeout=timeout, cwd=cwd, input=input,
                          env={**os.environ, **(env or {})})


class Up:
    """A running `weft up`, or another command that serves; the address is taken from what it prints. Without
    `read_errors` nobody reads what it writes to standard error. `within` is a command that ends by becoming the one it
    is given."""

    def __init__(self, *args, env=None, cwd=None, listen="127.0.0.1:0", start_timeout=30, read_errors=True, within=(),
                 command="up"):
        self.lines = []
        self.errors = []
        self.process = subprocess.Popen([*within, program, command, *map(str, args), "--listen", listen], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, cwd=cwd, env={**os.environ, **(env or {})})
        self.ready = threading.Event()
        self.base = None
        self.readers = [threading.Thread(target=self._read, args=(self.process.stdout, self.lines), daemon=True)]
        if read_errors:
            self.readers.append(threading.Thread(target=self._read, args=(self.process.stderr, self.errors), daemon=True))
        for reader in self.readers:
            reader.start()
        deadline = time.monotonic() + start_timeout
        while not self.ready.wait(0.05):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError("weft up did not start:\n" + "".join(self.lines + self.errors))
        host = re.match(r"https?://\[?([^\]]+?)\]?:(\d+)$", self.base)
        self.host, self.port = host.group(1), int(host.group(2))

    def _read(self, stream, into):
        for line in stream:
            into.append(line)
            if match := re.match(r"Serving (https?://\S+)", line):
                self.base = match.group(1)
            if self.base and line.startswith("Available Routes"):
                self.ready.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("weft up did not drain within 15 s of SIGTERM")
        for reader in self.readers:
            reader.join(5)
        crashes = (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT)
        if -self.process.returncode in crashes:
            raise AssertionError(f"weft up was ended by {signal.Signals(-self.process.returncode).name}\n{self.error_text()}")

    def request(self, method, path, body=None, headers=None, timeout=20):
        """(status, headers, body) of one request on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def connect(self, timeout=20):
        return socket.create_connection((self.host, self.port), timeout=timeout)

    def raw(self, data, timeout=20):
        """Sends bytes, and returns all bytes until the server closes."""
        with self.connect(timeout) as s:
            s.sendall(data)
            received = b""
            while chunk := s.recv(65536):
                received += chunk
            return received

    def error_text(self):
        return "".join(self.errors)

    def wait_for_error(self, text, timeout=5):
        self._wait_for(text, self.errors, timeout)

    def wait_for_line(self, text, timeout=20):
        self._wait_for(text, self.lines, timeout)

    def _wait_for(self, text, lines, timeout):
        deadline = time.monotonic() + timeout
        while text not in "".join(lines):
            if time.monotonic() > deadline:
                raise AssertionError(f"no line with {text!r}:\n" + "".join(self.lines + self.errors))
            time.sleep(0.01)

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def component(self, world, packages, shared_library=False):
        """A component with the imports and exports of `world`, whose functions trap; `packages` is WIT. Its core module
        says that it is a shared library, or not."""
        (self.folder / "world.wit").write_text(f"package test:it;\nworld it {{ {world} }}\n{packages}")
        path = self.folder / "component.wasm"
        subprocess.run([tool("wasm-tools"), "component", "embed", "--dummy", self.folder / "world.wit", "-o", path], check=True)
        if shared_library:
            code, name = path.read_bytes(), b"\x08dylink.0"
            path.write_bytes(code[:8] + bytes([0, len(name)]) + name + code[8:])
        subprocess.run([tool("wasm-tools"), "component", "new", path, "-o", path], check=True)
        return path

    def manifest(self, text, **wasm):
        """Writes spin.toml and copies guests beside it: name of the file without .wasm = name of the guest."""
        (self.folder / "spin.toml").write_text(text)
        for file, name in wasm.items():
            shutil.copy(guest(name), self.folder / f"{file}.wasm")
        return self.folder


class RedisServer:
    """A Redis server on a Unix socket in a folder; started and ended at will.

    `tls` is a file with a certificate and its key: it listens on 127.0.0.1 too, and speaks nothing but TLS there."""

    def __init__(self, folder, tls=None):
        self.socket = pathlib.Path(folder) / "redis.sock"
        self.process = None
        self.more = []
        if tls:
            with socket.create_server(("127.0.0.1", 0)) as s:
                self.port = s.getsockname()[1]
            self.more = ["--tls-port", str(self.port), "--tls-cert-file", tls, "--tls-key-file", tls, "--tls-ca-cert-file", tls,
                         "--tls-auth-clients", "no"]
        self.start()

    @property
    def url(self):
        return f"unix://{self.socket}"

    def start(self):
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no",
                                         "--dir", self.socket.parent, *self.more], stdout=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "eady to accept connections" in line:
                break
        else:
            raise AssertionError("redis-server did not start:\n" + "".join(said))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def stop(self):
        self.process.kill()
        self.process.wait()

    def command(self, *arguments):
        """One command's raw answer."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(str(self.socket))
            parts = [a if isinstance(a, bytes) else str(a).encode() for a in arguments]
            s.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
            return s.recv(65536)
