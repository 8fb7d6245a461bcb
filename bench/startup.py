"""From starting a server to its first answer, and the memory it then has."""
import pathlib
import shutil
import tempfile

import machine
import servers
from spread import Spread, in_turn, ratio_table

title = "startup: from the start of the process to the first 200"
# Guest, and the text of its answer; one letter is changed in the edited copy.
guests = [("hello-rust", b"Hello, world!"), ("hello-js", b"Hello from JavaScript"), ("hello-py", b"Hello from Python")]

# Numerator and denominator: below 1 the first is there earlier.
ratios = [("weft, no cache", "wasmtime serve, no cache"), ("weft, cached", "wasmtime serve, cached"),
          ("weft, edited", "wasmtime serve, no cache")]


def edited(wasm, text, folder):
    """The component with another text in its data: what is left of an edit once it was built."""
    content = wasm.read_bytes()
    if text not in content:
        raise machine.Refused(f"{wasm.name} does not contain {text!r}")
    path = folder / f"edited-{wasm.name}"
    path.write_bytes(content.replace(text, b"J" + text[1:]))
    return path


def start(command, cache, want):
    with servers.Server(command, env={"XDG_CACHE_HOME": str(cache)}) as server:
        seconds, body = server.first_answer("/")
        if want not in body:
            raise machine.Refused(f"{server.process.args} answers {body[:100]!r} instead of {want!r}")
        return {"ms": seconds * 1e3, "mb": machine.resident_mb(server.pids())}


def up(wasm):
    return [servers.weft, "up", wasm, "--listen", "127.0.0.1:{port}"]


def serve(wasm, *flags):
    return [servers.wasmtime(), "serve", "-Scli", *flags, "--addr", "127.0.0.1:{port}", wasm]


def cases(name, text, folder):
    """Case -> (command, the filled cache it starts with or None, expected text)."""
    wasm = servers.guest(name)
    full = folder / "weft"
    servers.fill_cache(wasm, full)
    found = {"weft, no cache": (up(wasm), None, text), "weft, cached": (up(wasm), full, text),
             "weft, edited": (up(edited(wasm, text, folder)), full, b"J" + text[1:])}
    if servers.wasmtime():
        full = folder / "wasmtime"
        full.mkdir()
        start(serve(wasm, "-Ccache"), full, text)
        found["wasmtime serve, no cache"] = (serve(wasm), None, text)
        found["wasmtime serve, cached"] = (serve(wasm, "-Ccache"), full, text)
    return found


def measure(name, text, options):
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        folder = pathlib.Path(folder)
        options.progress(f"{name}: filling the caches")
        found = cases(name, text, folder)
        values = {case: {"ms": [], "mb": []} for case in found}
        for i in range(options.rounds):
            for case, (command, full, want) in in_turn(found.items(), i):
                options.progress(f"{name}, round {i + 1} of {options.rounds}: {case}")
                cache = folder / f"cache-{i}-{case}"
                if full:
                    shutil.copytree(full, cache)
                else:
                    cache.mkdir()
                for key, value in start(command, cache, want).items():
                    values[case][key].append(value)
                shutil.rmtree(cache)
        return values


def run(options):
    result = {"method": {"rounds": options.rounds}, "absent": [], "guests": {}, "ratios": {}}
    if servers.wasmtime() is None:
        result["absent"].append("wasmtime serve (scripts/peers.sh builds it)")
    for name, text in guests:
        if not (servers.guests / f"{name}.wasm").exists():
            result["absent"].append(f"{name} (./dev guests {name})")
            continue
        try:
            values = result["guests"][name] = measure(name, text, options)
        except machine.Refused as refused:
            if "(not yet)" not in str(refused):
                raise
            result["absent"].append(f"{name} (weft does not have yet what it imports: weft gaps)")
            continue
        result["ratios"].update({f"{name}: {over} / {under}": [a / b for a, b in zip(values[over]["ms"], values[under]["ms"])]
                                 for over, under in ratios if over in values and under in values})
    return result


def show(result):
    lines = [f"{title}; {result['method']['rounds']} rounds", "", f"{'median [min–max]':<40}{'ms':>28}{'MB after it':>24}"]
    for guest, values in result["guests"].items():
        for case, measured in values.items():
            lines.append(f"{guest + ': ' + case:<40}{Spread(measured['ms']).text('{:,.1f}'):>28}{Spread(measured['mb']).text('{:.1f}'):>24}")
        lines.append("")
    lines.append(f"{'ratio of rounds':<64}{'median [min–max]':>22}")
    lines += [f"{name:<64}{Spread(values).text('{:.2f}'):>22}" for name, values in result["ratios"].items()]
    return lines + [f"not compared: {name}" for name in result["absent"]]


def markdown(result):
    lines = ["| component | server | ms to the first 200, median (min–max) | MB after it |", "|---|---|---|---|"]
    for guest, values in result["guests"].items():
        for case, measured in values.items():
            lines.append(f"| {guest} | {case} | {Spread(measured['ms']).markdown('{:,.1f}')} | {Spread(measured['mb']).markdown('{:.1f}')} |")
    return lines + ["", *ratio_table(result["ratios"])]
