"""The machine a bench runs on: that it is ours alone, what it is, and what processes use of it."""
import contextlib
import datetime
import fcntl
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

root = pathlib.Path(__file__).resolve().parent.parent
cache = pathlib.Path(os.environ.get("WEFT_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weft-dev")

ticks_per_second = os.sysconf("SC_CLK_TCK")
# What others may use of one core before figures are not worth printing.
quiet_share = 0.10
builders = {"ninja", "cargo", "rustc", "cc1plus", "clang", "clang++", "clang++-19", "clang-19", "ld.mold", "mold", "wasm-ld"}


class Refused(Exception):
    """The bench cannot be run now; the message says why."""


@contextlib.contextmanager
def exclusive():
    """Waits for builds to end, and keeps new ones from starting."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "build.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  a build is running; waiting for it", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def busy_seconds():
    """CPU seconds that all processes together have used since the machine started."""
    user, nice, system = map(int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4])
    return (user + nice + system) / ticks_per_second


def stolen_seconds():
    return int(pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[8]) / ticks_per_second


def processes():
    """pid -> (parent, name, CPU seconds)"""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            name, fields = re.match(r"\d+ \((.*)\) (.*)", (folder / "stat").read_text(), re.S).groups()
            fields = fields.split()
            found[int(folder.name)] = (int(fields[1]), name, (int(fields[11]) + int(fields[12])) / ticks_per_second)
    return found


def tree(pid):
    """A process and those it started."""
    parents = {p: entry[0] for p, entry in processes().items()}
    members = {pid}
    while more := {p for p, parent in parents.items() if parent in members} - members:
        members |= more
    return members


def cpu_seconds(pids):
    found = processes()
    return sum(found[p][2] for p in pids if p in found)


def resident_mb(pids):
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))
    return total / 1024


def demand_quiet(seconds=2.0, patience=30.0):
    """Raises Refused when others keep the machine busy."""
    deadline = time.monotonic() + patience
    while True:
        building = sorted({name for _, name, _ in processes().values()} & builders)
        before = busy_seconds()
        time.sleep(seconds)
        share = (busy_seconds() - before) / seconds
        if not building and share < quiet_share:
            return
        if time.monotonic() > deadline:
            what = f"{', '.join(building)} running" if building else f"other processes use {share:.0%} of a core"
            raise Refused(f"the machine is busy ({what}); figures would mean nothing. --anyway runs the bench all the same")


def describe():
    """The machine's class, without its name."""
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {"cores": os.cpu_count(), "cpu": cpu.group(1).strip() if cpu else platform.machine(),
            "memory_gib": round(int(memory.group(1)) / 2**20), "kernel": ".".join(platform.release().split(".")[:2])}


def commit():
    """The commit that is measured; "-dirty" when the sources differ from it."""
    git = lambda *args: subprocess.run(["git", "-C", root, *args], capture_output=True, text=True).stdout.strip()
    return git("rev-parse", "--short=12", "HEAD") + ("-dirty" if git("status", "--porcelain", "--", "src", "engine", "guests") else "")


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()
