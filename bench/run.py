#!/usr/bin/env python3
"""Measures weft beside others, in turns, in one run on this machine. Called by ./dev bench.

    bench/run.py [hello]     requests a second, latency, CPU time a request, memory: weft, the same server without wasm, peers
    bench/run.py startup     from the start of a server to its first answer: no cache, cached, edited
    bench/run.py storage     requests that read and write a durable key-value store; group commit beside single commits
    bench/run.py watch       from the save of a source to the answer of the new version, beyond what the build takes
    bench/run.py echo        a large body streamed in and back: through guests, the same server without wasm, and peers
    bench/run.py micro       the steps of a request inside one process

Refuses a machine that others keep busy, and waits for builds to end. Figures of different runs are not comparable;
ratios of one run are.
"""
import argparse
import importlib
import json
import sys

import gate
import machine

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("name", nargs="?", default="hello", choices=["hello", "startup", "storage", "watch", "echo", "micro"])
parser.add_argument("--short", action="store_true", help="a quick look: few and short rounds, on a busy machine too")
parser.add_argument("--anyway", action="store_true", help="run although others use the machine")
parser.add_argument("--record", action="store_true", help="write docs/bench/NAME.json and the figures in docs/performance.md")
parser.add_argument("--gate", action="store_true", help="fail when a figure is beyond its limit in bench/gate.json")
parser.add_argument("--regression", action="store_true", help="fail when a ratio is worse than the recorded one allows")
parser.add_argument("--alone", action="store_true", help="hello: without the peers")
parser.add_argument("--json", metavar="FILE", help="write the result to FILE too")
parser.add_argument("--rounds", type=int, help="rounds (default 5; with --short 2)")
parser.add_argument("--seconds", type=int, help="seconds of load in each turn (default 3; with --short 1)")
parser.add_argument("--connections", type=int, default=16)
options = parser.parse_args()
if options.short and options.record:
    parser.error("--record needs a whole run")
if options.gate and not gate.limits(options.name):
    parser.error(f"bench/gate.json has no limits for {options.name}")
record = machine.root / f"docs/bench/{options.name}.json"
if options.regression and not record.exists():
    parser.error(f"nothing is recorded for {options.name}")
options.rounds = options.rounds or (2 if options.short else 5)
options.seconds = options.seconds or (1 if options.short else 3)
options.warm_up = 1


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K  {text}", end="", file=sys.stderr, flush=True)


options.progress = progress
bench = importlib.import_module(options.name)
try:
    with machine.exclusive():
        if not (options.short or options.anyway):
            machine.demand_quiet()
        stolen = machine.stolen_seconds()
        result = bench.run(options)
        result = {"version": 1, "name": options.name, "date": machine.today(), "commit": machine.commit(),
                  "machine": machine.describe(), "stolen_seconds": round(machine.stolen_seconds() - stolen, 1), **result}
except machine.Refused as refused:
    progress("")
    sys.exit(f"error: {refused}")
progress("\r\033[K")
print("\n".join(bench.show(result)))
m = result["machine"]
print(f"{m['cores']} cores ({m['cpu']}), Linux {m['kernel']}, commit {result['commit']}; {result['stolen_seconds']} s stolen by other guests"
      + (f"; other processes used up to {result['others']:.0%} of a core" if result.get("others", 0) > 0.05 else ""))
text = json.dumps(result, indent=1) + "\n"
if options.json:
    with open(options.json, "w") as file:
        file.write(text)
if options.record:
    record.parent.mkdir(exist_ok=True)
    record.write_text(text)
    import publish
    publish.rewrite()
if options.gate and (faults := gate.faults(result)):
    sys.exit("\n".join(faults))
if options.regression and (faults := gate.regressions(result, json.loads(record.read_text()))):
    sys.exit("\n".join(faults))
