"""Load from wrk, and what it cost the server."""
import json
import pathlib
import resource
import subprocess
import time

import machine

here = pathlib.Path(__file__).resolve().parent


def drive(server, path, seconds, connections):
    """One measurement: requests a second, latencies in µs, CPU µs a request, and the share of a core that others used."""
    pids = server.pids()
    cpu = machine.cpu_seconds(pids)
    busy = machine.busy_seconds()
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(["wrk", "-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s", "-s", here / "report.lua",
                           f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True)
    elapsed = time.monotonic() - began
    if done.returncode != 0:
        raise machine.Refused(f"wrk failed:\n{done.stdout}{done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    if result["errors"] or not result["requests"]:
        raise machine.Refused(f"{result['errors']} errors among {result['requests']} answers of {server.process.args[0]}{path}")
    cpu = machine.cpu_seconds(pids) - cpu
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wrk = after.ru_utime + after.ru_stime - own.ru_utime - own.ru_stime
    others = max(0.0, machine.busy_seconds() - busy - cpu - wrk) / elapsed
    return {"rps": result["requests"] / result["microseconds"] * 1e6, "p50_us": result["p50"], "p99_us": result["p99"],
            "cpu_us": cpu / result["requests"] * 1e6, "others": others}
