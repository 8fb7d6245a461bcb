"""From starting a server to its first answer, and the memory it then has."""
import pathlib
import tempfile

import machine
import servers
from spread import Spread

title = "startup: from the start of the process to the first 200"
# Guest, and the text of its answer; one letter is changed in the edited copy.
guests = [("hello-rust", b"Hello, world!"), ("hello-js", b"Hello from JavaScript"), ("hello-py", b"Hello from Python")]


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


def cases(name, text, folder):
    """Case -> (command, is the cache kept from a start of the unedited component, expected text)."""
    wasm = servers.guest(name)
    up = lambda file: [servers.weft, "up", file, "--listen", "127.0.0.1:{port}"]
    found = {"weft, no cache": (up(wasm), None, text), "weft, cached": (up(wasm), up(wasm), text),
             "weft, edited": (up(edited(wasm, text, folder)), up(wasm), b"J" + text[1:])}
    if program := servers.wasmtime():
        serve = lambda *flags: [program, "serve", "-Scli", *flags, "--addr", "127.0.0.1:{port}", wasm]
        found["wasmtime serve, no cache"] = (serve(), None, text)
        found["wasmtime serve, cached"] = (serve("-Ccache"), serve("-Ccache"), text)
    return found


def run(options):
    result = {"method": {"rounds": options.rounds}, "absent": [], "guests": {}}
    if servers.wasmtime() is None:
        result["absent"].append("wasmtime serve (scripts/peers.sh builds it)")
    for name, text in guests:
        if not (servers.guests / f"{name}.wasm").exists():
            result["absent"].append(f"{name} (./dev guests {name})")
            continue
        with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
            folder = pathlib.Path(folder)
            found = cases(name, text, folder)
            try:
                start(found["weft, no cache"][0], folder / "first", text)
            except machine.Refused as refused:
                if "(not yet)" not in str(refused):
                    raise
                result["absent"].append(f"{name} (weft does not have yet what it imports: weft gaps)")
                continue
            values = {case: {"ms": [], "mb": []} for case in found}
            for i in range(options.rounds):
                for case, (command, before, want) in list(found.items())[:: 1 if i % 2 == 0 else -1]:
                    options.progress(f"{name}, round {i + 1} of {options.rounds}: {case}")
                    cache = folder / f"cache-{i}-{case}"
                    cache.mkdir()
                    if before:
                        start(before, cache, text)
                    for key, value in start(command, cache, want).items():
                        values[case][key].append(value)
            result["guests"][name] = values
    return result


def show(result):
    lines = [f"{title}; {result['method']['rounds']} rounds", "", f"{'median [min–max]':<40}{'ms':>26}{'MB after it':>24}"]
    for guest, values in result["guests"].items():
        for case, measured in values.items():
            lines.append(f"{guest + ': ' + case:<40}{Spread(measured['ms']).text('{:,.1f}'):>26}{Spread(measured['mb']).text('{:.1f}'):>24}")
        lines.append("")
    return lines + [f"not compared: {name}" for name in result["absent"]]


def markdown(result):
    lines = ["| component | server | ms to the first 200, median (min–max) | MB after it |", "|---|---|---|---|"]
    for guest, values in result["guests"].items():
        for case, measured in values.items():
            lines.append(f"| {guest} | {case} | {Spread(measured['ms']).markdown('{:,.1f}')} | {Spread(measured['mb']).markdown('{:.1f}')} |")
    return lines
