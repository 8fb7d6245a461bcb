"""The steps of a request inside one process: bench/micro, run through Google Benchmark."""
import json
import os
import pathlib
import subprocess
import tempfile

import machine
import servers
from spread import Spread

title = "micro: the steps of a request in one process, on one thread"
# Benchmark, what it is, divisor to one operation in ns.
steps = [("instantiate_small", "fresh instance of a small component, and its end"),
         ("instantiate_hello", "fresh instance of hello-rust, and its end"),
         ("request_in_process", "hello-rust: a whole request without the socket"),
         ("call_export", "call of an export"),
         ("host_call_scalar", "host call: two integers, one back"),
         ("host_call_string", "host call: a string of 16 bytes, copied"),
         ("host_call_list_1mib", "host call: list<u8> of 1 MiB, borrowed"),
         ("host_call_list_1mib_copied", "host call: list<u8> of 1 MiB, copied"),
         ("host_call_async_ready", "asynchronous host call: the result is there at once"),
         ("host_call_async_waits", "asynchronous host call: a turn of the loop, a task that waits"),
         ("component_call_scalar", "call of another component: two integers, one back"),
         ("component_call_string", "call of another component: a string of 16 bytes"),
         ("component_call_async", "asynchronous call of another component: it returns at once"),
         ("component_stream_64kib", "stream to another component: 64 KiB"),
         ("load_and_compile", "hello-rust: decode, validate, plan, compile, link"),
         ("load_cached", "hello-rust: the same, code mapped from the cache")]


def run(options):
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        tools = subprocess.run([machine.root / "scripts/tools.sh", "path", "wasm-tools"], capture_output=True, text=True, check=True)
        guests = []
        for name in ("guest", "async"):
            guests.append(os.path.join(folder, f"{name}.wasm"))
            subprocess.run([tools.stdout.strip(), "parse", machine.root / f"bench/micro/{name}.wat", "-o", guests[-1]], check=True)
        hello, home = servers.guest("hello-rust"), pathlib.Path(folder) / "cache"
        servers.fill_cache(hello, home)
        options.progress("running")
        done = subprocess.run([servers.weft.parent / "weft-micro", *guests, hello, home / "weft/code", "--benchmark_format=json",
                               f"--benchmark_repetitions={options.rounds}", f"--benchmark_min_time={options.seconds / 6}"],
                              capture_output=True, text=True)
    if done.returncode != 0:
        raise machine.Refused(f"weft-micro failed:\n{done.stderr}")
    times = {}
    unit = {"ns": 1.0, "us": 1e3, "ms": 1e6}
    for entry in json.loads(done.stdout)["benchmarks"]:
        if entry["run_type"] == "iteration":
            if entry.get("error_occurred"):
                raise machine.Refused(f"{entry['name']}: {entry['error_message']}")
            # Loading uses several threads and the disk: what is waited for counts there, and CPU time everywhere else.
            clock = "real_time" if entry["name"].startswith("load") else "cpu_time"
            times.setdefault(entry["run_name"], []).append(
                1e9 / entry["items_per_second"] if "items_per_second" in entry else entry[clock] * unit[entry["time_unit"]])
    return {"method": {"rounds": options.rounds}, "nanoseconds": {name: times[name] for name, _ in steps if name in times}}


def form_of(nanoseconds):
    scale, unit = (1, "ns") if nanoseconds < 1e3 else (1e3, "µs") if nanoseconds < 1e6 else (1e6, "ms")
    return scale, unit


def rows(result):
    for name, what in steps:
        if name in result["nanoseconds"]:
            values = result["nanoseconds"][name]
            scale, unit = form_of(Spread(values).median)
            yield what, Spread([v / scale for v in values]), unit


def show(result):
    lines = [f"{title}; {result['method']['rounds']} repetitions", ""]
    return lines + [f"{what:<52}{spread.text('{:.2f}'):>28} {unit}" for what, spread, unit in rows(result)]


def markdown(result):
    lines = ["| step | median (min–max) |", "|---|---|"]
    return lines + [f"| {what} | {spread.markdown('{:.2f}')} {unit} |" for what, spread, unit in rows(result)]
