#!/usr/bin/env python3
"""Runs the same files on `weft up` and under `wasmtime serve`, asks both the same (answers.py), and compares.

    tests/portability.py             all guests and examples that are built
    tests/portability.py NAME...     those named

scripts/peers.sh builds wasmtime. A line for each file: `same` with its digest, `other` with what is answered otherwise, or
`not there` with what wasmtime says that it does not have. Ends with `N passed, N failed`; what wasmtime cannot run is neither.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import threading
import time
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))

import answers
import weft

# What both are told: how many requests an instance has answered before is a matter of time.
ONE_REQUEST = ("--max-instance-reuse-count", "1")
MEMORY_BYTES = 128 << 20
# Fields of a connection, which each server keeps as it likes; and what weft's routes tell a component besides, as Spin's do.
CONNECTION = ("connection", "keep-alive")
ROUTES = "spin-"
MORE_PATHS = {
    "echo-p3-rust": ("/pass", "/count", "/trailers", "/slow?2", "/unread", "/dropped", "/half", "/syntax", "/stdout", "/turn",
                     "/no-response", "/trap"),
    "files-rust": ("/none", "/etc/passwd"),
}


class Wasmtime:
    """A running `wasmtime serve`; `refused` is what it says when it does not start."""

    def __init__(self, program, wasm):
        self.errors = []
        self.address = None
        self.known = threading.Event()
        options = ["-Scli,p3", f"-Wcomponent-model-async,max-memory-size={MEMORY_BYTES}", *ONE_REQUEST, "--addr", "127.0.0.1:0"]
        self.process = subprocess.Popen([program, "serve", *options, wasm], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        deadline = time.monotonic() + 300
        while not self.known.wait(0.05) and self.process.poll() is None:
            if time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError(f"wasmtime serve {wasm} did not start within 300 s")
        self.reader.join(0 if self.address else 5)
        self.refused = None if self.address else "".join(self.errors)

    def _read(self):
        for line in self.process.stderr:
            self.errors.append(line)
            if found := re.search(r"http://(127\.0\.0\.1):(\d+)", line):
                self.address = self.host, self.port = found[1], int(found[2])
                self.known.set()

    request = weft.Up.request

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def as_both_say(answer):
    """An answer without what is the host's to say."""
    if len(answer) == 3:
        return answer
    method, path, status, named, body = answer
    # What a client is told of a fault.
    if status >= 500:
        return method, path, status
    # Blanks around a value are none of it.
    fields = [(name, of_the_client(value) if name == "x-request-headers" else value.strip()) for name, value in named if name not in CONNECTION]
    return method, path, status, fields, of_the_component(body)


def of_the_client(value):
    """The request's fields, as echo-rust saw them, without those of a route; a host may change the case of names."""
    seen = {name.lower(): values for name, values in json.loads(value).items()}
    return {name: values for name, values in seen.items() if not name.startswith(ROUTES)}


def of_the_component(body):
    """A body without what Wasmtime adds to the environment, and with names of fields, which hello-cpp counts, as above."""
    body = re.sub(r"^INSTANCE_ID=\d+\n", "", body, flags=re.M)
    body = re.sub(rf"^{ROUTES}[a-z-]+: \d+\n", "", body, flags=re.M)
    return re.sub(r"^[A-Za-z-]+(?=: \d+$)", lambda name: name[0].lower(), body, flags=re.M)


def compare(program, name):
    """(the line's first word, what follows)."""
    wasm = weft.guest(name)
    with Wasmtime(program, wasm) as there:
        if there.refused is not None:
            reason = re.search(r"^Error: (.*)", there.refused, re.M)
            if reason is None:
                raise AssertionError(f"wasmtime serve {wasm} ended:\n{there.refused}")
            return "not there", reason[1]
        theirs = [as_both_say(answer) for answer in answers.asked(there, name, more=MORE_PATHS.get(name, ()))]
    with weft.Up(wasm, *ONE_REQUEST, "--max-instance-memory", str(MEMORY_BYTES), start_timeout=120) as up:
        ours = [as_both_say(answer) for answer in answers.asked(up, name, more=MORE_PATHS.get(name, ()))]
    different = [f"\n    weft      {our}\n    wasmtime  {their}" for our, their in zip(ours, theirs, strict=True) if our != their]
    if different:
        return "other", f"{len(different)} of {len(ours)} answers" + "".join(different)
    return "same", f"sha256:{hashlib.sha256(wasm.read_bytes()).hexdigest()}, {len(ours)} answers"


def main():
    built = subprocess.run([weft.root / "scripts/peers.sh", "path", "wasmtime"], capture_output=True, text=True, check=True).stdout.strip()
    if not built:
        sys.exit("there is no wasmtime to compare with; scripts/peers.sh builds it")
    counts = {"same": 0, "other": 0, "not there": 0}
    for name in sys.argv[1:] or answers.guests():
        try:
            kind, text = compare(built, name)
        except (AssertionError, unittest.SkipTest) as fault:
            kind, text = "other", str(fault)
        counts[kind] += 1
        print(f"{kind:9} {name:24} {text}", flush=True)
    print(f"{counts['same']} passed, {counts['other']} failed")
    sys.exit(counts["other"] != 0 or counts["same"] == 0)


if __name__ == "__main__":
    main()
