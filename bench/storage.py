"""Durable key-value stores: requests that read and write one, and what sharing transactions is worth."""
import json
import pathlib
import subprocess
import tempfile

import load
import machine
import servers
from spread import Spread, ratio_table

title = "storage: a get and a durable set for each request; SQLite"
connections = 64
measures = [("rps", "requests/s", "{:,.0f}"), ("p50_us", "p50 µs", "{:.0f}"), ("p99_us", "p99 µs", "{:.0f}"),
            ("cpu_us", "CPU µs/request", "{:.1f}")]
writes = [("one_transaction_a_write", "one transaction a write"), ("group_commit", "group commit"),
          ("group_commit_one_writer", "group commit, one writer")]
ratio = "durable writes a second, group commit / one transaction a write"

manifest = """spin_manifest_version = 2
[application]
name = "bench"
[[trigger.http]]
route = "/..."
component = "kv"
[component.kv]
source = "{wasm}"
key_value_stores = ["default"]
"""


def contenders(folder):
    (folder / "spin.toml").write_text(manifest.format(wasm=servers.guest("kv-rust")))
    command = ["up", "-f", folder, "--listen", "127.0.0.1:{port}"]
    found, absent = {"weft": [servers.weft, *command]}, []
    if program := servers.spin():
        found["spin"] = [program, *command, "--quiet"]
    else:
        absent.append("Spin (not on PATH)")
    return found, absent


def turn(command, options, cache):
    with servers.Server(command, env={"XDG_CACHE_HOME": str(cache)}) as server:
        server.first_answer("/spin/visit?key=visits")
        load.drive(server, "/spin/visit?key=visits", options.warm_up, connections)
        return load.drive(server, "/spin/visit?key=visits", options.seconds, connections)


def run(options):
    # Beside the checkout's build, which is on a disk: a temporary folder may be memory, where nothing is durable.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=machine.root / "build") as name:
        folder = pathlib.Path(name)
        found, absent = contenders(folder)
        cache = folder / "cache"
        servers.fill_cache(servers.guest("hello-rust"), cache)
        turns, written = {name: [] for name in found}, []
        for i in range(options.rounds):
            for name in found:
                options.progress(f"round {i + 1} of {options.rounds}: {name}")
                turns[name].append(turn(found[name], options, cache))
            options.progress(f"round {i + 1} of {options.rounds}: writers")
            done = subprocess.run([servers.weft.parent / "weft-kv-bench", str(options.seconds)], cwd=folder, capture_output=True, text=True)
            if done.returncode != 0:
                raise machine.Refused(f"weft-kv-bench failed:\n{done.stderr}")
            written.append(json.loads(done.stdout))
    result = {"method": {"rounds": options.rounds, "seconds": options.seconds, "connections": connections,
                         "writers": written[0]["writers"]},
              "absent": absent, "others": max(t["others"] for rounds in turns.values() for t in rounds),
              "contenders": {name: {key: [t[key] for t in rounds] for key, _, _ in measures} for name, rounds in turns.items()},
              "writes": {key: [w[key] for w in written] for key, _ in writes},
              "ratios": {ratio: [w["group_commit"] / w["one_transaction_a_write"] for w in written]}}
    if "spin" in found:
        result["ratios"]["requests a second, weft / Spin"] = [a["rps"] / b["rps"] for a, b in zip(turns["weft"], turns["spin"])]
    return result


def show(result):
    method = result["method"]
    lines = [f"{title}; {method['rounds']} rounds of {method['seconds']} s, {method['connections']} connections", ""]
    lines.append(f"{'median [min–max]':<16}" + "".join(f"{label:>24}" for _, label, _ in measures))
    for name, values in result["contenders"].items():
        lines.append(f"{name:<16}" + "".join(f"{Spread(values[key]).text(form):>24}" for key, _, form in measures))
    lines += ["", f"durable writes a second, {method['writers']} writers"]
    lines += [f"  {what:<40}{Spread(result['writes'][key]).text('{:,.0f}'):>24}" for key, what in writes]
    lines.append("")
    lines += [f"{name:<66}{Spread(values).text('{:.2f}'):>22}" for name, values in result["ratios"].items()]
    return lines + [f"not compared: {name}" for name in result["absent"]]


def markdown(result):
    lines = ["| median (min–max) | " + " | ".join(label for _, label, _ in measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for name, values in result["contenders"].items():
        lines.append(f"| {name} | " + " | ".join(Spread(values[key]).markdown(form) for key, _, form in measures) + " |")
    lines += ["", f"| durable writes a second, {result['method']['writers']} writers | median (min–max) |", "|---|---|"]
    lines += [f"| {what} | {Spread(result['writes'][key]).markdown('{:,.0f}')} |" for key, what in writes]
    return lines + ["", *ratio_table(result["ratios"])]
