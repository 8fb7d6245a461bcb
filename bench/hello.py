"""One component, several hosts, in turns: what a request costs."""
import json
import pathlib
import tempfile

import load
import machine
import servers
from spread import Spread, in_turn, ratio_table

answer = "Hello, world!\n"
# What hello-p3-rust says.
answer_p3 = "Hello from WASI 0.3\n"
title = "hello: a Rust component for wasi:http 0.2, an instance for each request; p3: the same for 0.3"
measures = [("rps", "requests/s", "{:,.0f}"), ("p50_us", "p50 µs", "{:.0f}"), ("p99_us", "p99 µs", "{:.0f}"),
            ("p50_one_us", "p50 µs, 1 conn.", "{:.0f}"), ("cpu_us", "CPU µs/request", "{:.1f}"),
            ("first_mb", "MB, 1st answer", "{:.1f}"), ("load_mb", "MB, load", "{:.1f}")]
# Name, numerator, denominator, measure: above 1 the first is larger.
ratios = [("CPU per request, weft / no wasm", "weft", "no wasm", "cpu_us"),
          ("CPU per request, made anew / no wasm", "made anew", "no wasm", "cpu_us"),
          ("CPU per request, p3 / p2", "weft p3", "weft", "cpu_us"),
          ("CPU per request, p3 with an instance each / p2", "weft p3, fresh", "weft", "cpu_us"),
          ("CPU per request, wasmtime serve / weft", "wasmtime serve", "weft", "cpu_us"),
          ("CPU per request, Spin / weft", "spin", "weft", "cpu_us"),
          ("requests a second, weft / no wasm", "weft", "no wasm", "rps"),
          ("requests a second, weft / wasmtime serve", "weft", "wasmtime serve", "rps"),
          ("requests a second, weft / Spin", "weft", "spin", "rps"),
          ("p99, wasmtime serve / weft", "wasmtime serve", "weft", "p99_us"),
          ("p99, Spin / weft", "spin", "weft", "p99_us")]


def contenders(folder, alone):
    """name -> (command, path, answer), and the names of the peers that are not here."""
    wasm = servers.guest("hello-rust")
    (folder / "spin.toml").write_text(servers.manifest.format(wasm=wasm, body=json.dumps(answer)))
    up = [servers.weft, "up", "-f", folder, "--listen", "127.0.0.1:{port}"]
    found = {"weft": (up, "/wasm", answer), "no wasm": (up, "/static", answer)}
    absent = []
    if alone:
        return found, absent
    found["made anew"] = ([*up, "--no-restore"], "/wasm", answer)
    up_p3 = [servers.weft, "up", servers.guest("hello-p3-rust"), "--listen", "127.0.0.1:{port}"]
    found["weft p3"] = (up_p3, "/", answer_p3)
    found["weft p3, fresh"] = ([*up_p3, "--max-instance-reuse-count", "1"], "/", answer_p3)
    if program := servers.wasmtime():
        found["wasmtime serve"] = ([program, "serve", "-Scli", "--addr", "127.0.0.1:{port}", wasm], "/", answer)
    else:
        absent.append("wasmtime serve (scripts/peers.sh builds it)")
    if program := servers.spin():
        found["spin"] = ([program, "up", "-f", folder, "--listen", "127.0.0.1:{port}", "--quiet"], "/wasm", answer)
    else:
        absent.append("Spin (not on PATH)")
    return found, absent


def turn(command, path, answer, options, cache):
    with servers.Server(command, env={"XDG_CACHE_HOME": str(cache)}) as server:
        _, body = server.first_answer(path)
        if body != answer.encode():
            raise machine.Refused(f"{command[0]} answers {body!r}")
        first = machine.resident_mb(server.pids())
        load.drive(server, path, options.warm_up, options.connections)
        result = load.drive(server, path, options.seconds, options.connections)
        result["first_mb"] = first
        result["load_mb"] = machine.resident_mb(server.pids())
        result["p50_one_us"] = load.drive(server, path, options.warm_up, 1)["p50_us"]
        return result


def run(options):
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        found, absent = contenders(pathlib.Path(name), options.alone)
        cache = pathlib.Path(name) / "cache"
        for guest in ["hello-rust"] + ["hello-p3-rust"] * ("weft p3" in found):
            servers.fill_cache(servers.guest(guest), cache)
        turns = {name: [] for name in found}
        for i in range(options.rounds):
            for name in in_turn(found, i):
                options.progress(f"round {i + 1} of {options.rounds}: {name}")
                turns[name].append(turn(*found[name], options, cache))
    result = {"method": {"rounds": options.rounds, "seconds": options.seconds, "connections": options.connections},
              "absent": absent, "others": max(t["others"] for rounds in turns.values() for t in rounds),
              "contenders": {name: {key: [t[key] for t in rounds] for key, _, _ in measures} for name, rounds in turns.items()}}
    result["ratios"] = {name: [a / b for a, b in zip(result["contenders"][over][key], result["contenders"][under][key])]
                        for name, over, under, key in ratios if over in found and under in found}
    return result


def show(result):
    method = result["method"]
    lines = [f"{title}; {method['rounds']} rounds of {method['seconds']} s, {method['connections']} connections", ""]
    lines.append(f"{'median [min–max]':<16}" + "".join(f"{label:>24}" for _, label, _ in measures[:5]))
    for name, values in result["contenders"].items():
        lines.append(f"{name:<16}" + "".join(f"{Spread(values[key]).text(form):>24}" for key, _, form in measures[:5]))
    lines += ["", f"{'memory, MB':<16}" + f"{'first answer':>24}{'after load':>24}"]
    for name, values in result["contenders"].items():
        lines.append(f"{name:<16}" + "".join(f"{Spread(values[key]).text(form):>24}" for key, _, form in measures[5:]))
    lines.append("")
    for name, values in result["ratios"].items():
        lines.append(f"{name:<42}{Spread(values).text('{:.2f}'):>22}")
    for name in result["absent"]:
        lines.append(f"not compared: {name}")
    return lines


def markdown(result):
    lines = ["| median (min–max) | " + " | ".join(label for _, label, _ in measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for name, values in result["contenders"].items():
        lines.append(f"| {name} | " + " | ".join(Spread(values[key]).markdown(form) for key, _, form in measures) + " |")
    return lines + ["", *ratio_table(result["ratios"])]
