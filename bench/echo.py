"""One large body, streamed in and back at once: through guests of both generations, and through the same server without wasm."""
import pathlib
import re
import socket
import tempfile
import threading
import time

import machine
import servers
from spread import Spread, in_turn, ratio_table

title = "echo: a body streamed in and back at the same time over one connection"
measures = [("mib_s", "MiB/s", "{:,.0f}"), ("cpu_s", "CPU s/GiB", "{:.2f}"), ("peak_mb", "peak MB", "{:.1f}")]
# Name, numerator, denominator, measure.
ratios = [(f"MiB/s, {name} / no wasm", name, "no wasm", "mib_s")
          for name in ("weft, 0.2", "weft, 0.3", "weft, 0.3 passed on", "wasmtime serve, 0.2")]
piece = bytes(range(256)) * 4096  # 1 MiB
gib = 1 << 30


def contenders(folder):
    """name -> (command, path), and the names of the peers that are not here."""
    up = lambda guest: [servers.weft, "up", servers.guest(guest), "--listen", "127.0.0.1:{port}"]
    found = {"no wasm": ([servers.weft.parent / "weft-echo-bench", "{port}"], "/"), "weft, 0.2": (up("echo-rust"), "/"),
             "weft, 0.3": (up("echo-p3-rust"), "/"), "weft, 0.3 passed on": (up("echo-p3-rust"), "/pass")}
    absent = []
    if program := servers.wasmtime():
        found["wasmtime serve, 0.2"] = ([program, "serve", "-Scli", "--addr", "127.0.0.1:{port}", servers.guest("echo-rust")], "/")
    else:
        absent.append("wasmtime serve (scripts/peers.sh builds it)")
    return found, absent


def peak_mb(pids):
    """The most memory that each had resident, together."""
    status = lambda pid: pathlib.Path(f"/proc/{pid}/status").read_text()
    return sum(int(re.search(r"VmHWM:\s+(\d+)", status(pid)).group(1)) for pid in pids) / 1000


def stream(port, path, size):
    """Sends and receives `size` bytes; returns how long that took. The answer is in chunks: those are taken apart."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

        def send():
            for _ in range(size // len(piece)):
                connection.sendall(piece)

        began = time.monotonic()
        connection.sendall(f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {size}\r\n\r\n".encode())
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        with connection.makefile("rb", buffering=1 << 20) as answer:
            status = answer.readline()
            if b" 200 " not in status:
                raise machine.Refused(f"the server answers {status!r}")
            fields = {name.strip().lower(): value.strip() for name, _, value in
                      (line.decode("latin-1").partition(":") for line in iter(answer.readline, b"\r\n"))}
            buffer = memoryview(bytearray(1 << 20))

            def take(count):
                while count:
                    got = answer.readinto(buffer[:min(count, len(buffer))])
                    if not got:
                        raise machine.Refused("the answer was cut short")
                    count -= got

            received = 0
            if "content-length" in fields:
                received = int(fields["content-length"])
                take(received)
            else:
                while chunk := int(answer.readline().split(b";")[0], 16):
                    take(chunk)
                    answer.readline()
                    received += chunk
        elapsed = time.monotonic() - began
        sender.join(10)
    if received != size:
        raise machine.Refused(f"{received} of {size} bytes came back")
    return elapsed


def turn(command, path, options, cache):
    size = options.mib << 20
    with servers.Server(command, env={"XDG_CACHE_HOME": str(cache)}) as server:
        server.first_answer("/")
        stream(server.port, path, 16 << 20)
        pids = server.pids()
        cpu = machine.cpu_seconds(pids)
        elapsed = stream(server.port, path, size)
        cpu = machine.cpu_seconds(pids) - cpu
        return {"mib_s": options.mib / elapsed, "cpu_s": cpu * gib / size, "peak_mb": peak_mb(pids)}


def run(options):
    options.mib = 128 if options.short else 1024
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        found, absent = contenders(pathlib.Path(name))
        cache = pathlib.Path(name) / "cache"
        servers.fill_cache(servers.guest("echo-rust"), cache)
        turns = {name: [] for name in found}
        for i in range(options.rounds):
            for name in in_turn(found, i):
                options.progress(f"round {i + 1} of {options.rounds}: {name}")
                turns[name].append(turn(*found[name], options, cache))
    result = {"method": {"rounds": options.rounds, "mib": options.mib}, "absent": absent,
              "contenders": {name: {key: [t[key] for t in rounds] for key, _, _ in measures} for name, rounds in turns.items()}}
    result["ratios"] = {name: [a / b for a, b in zip(result["contenders"][over][key], result["contenders"][under][key])]
                        for name, over, under, key in ratios if over in found}
    return result


def show(result):
    lines = [f"{title}; {result['method']['rounds']} rounds of {result['method']['mib']} MiB", "",
             f"{'median [min–max]':<22}" + "".join(f"{label:>28}" for _, label, _ in measures)]
    for name, values in result["contenders"].items():
        lines.append(f"{name:<22}" + "".join(f"{Spread(values[key]).text(form):>28}" for key, _, form in measures))
    lines += [""] + [f"{name:<50}{Spread(values).text('{:.2f}')}" for name, values in result["ratios"].items()]
    return lines + [f"not compared: {name}" for name in result["absent"]]


def markdown(result):
    lines = ["| median (min–max) | " + " | ".join(label for _, label, _ in measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for name, values in result["contenders"].items():
        lines.append(f"| {name} | " + " | ".join(Spread(values[key]).markdown(form) for key, _, form in measures) + " |")
    return lines + ["", *ratio_table(result["ratios"])]
