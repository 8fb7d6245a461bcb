"""From the save of a source to the first answer of the new version, less what the build command itself took.

Applications are what `weft new` makes, built by the commands of their manifests. *Data*: a word was changed, which changes
only data of the component. *Code*: the text became longer, which changes code too, where the language is compiled.
"""
import contextlib
import os
import pathlib
import subprocess
import tempfile
import time
import tomllib

import machine
import servers
from spread import Spread, in_turn, ratio_table

title = "watch: from the save of a source to the first answer of the new version"
# Template, source, what its text says, and the tools of scripts/tools.sh that build it.
languages = [("c", "src/main.c", "C", []), ("rust", "src/lib.rs", "Rust", []), ("go", "main.go", "Go", ["go"]),
             ("js", "src/index.js", "JavaScript", ["node"]), ("py", "app.py", "Python", [])]
edits = ["data", "code"]
measures = [("noticed_ms", "until the build, ms"), ("build_ms", "the build, ms"), ("served_ms", "until the answer, ms"),
            ("beyond_ms", "beyond the build, ms")]
# `weft watch` compiles well what it compiled quickly, when the processor is idle: a developer looks at the answer first.
pause_seconds = 1.0
build_seconds = 300
# The first build installs and compiles everything that an application stands on.
first_build_seconds = 900

# What is built, with the times of its begin and end in nanoseconds since 1970. The end appears at once and whole.
script = """#!/bin/sh
date +%s%N >{times}/began
{commands}
status=$?
date +%s%N >{times}/new && mv {times}/new {times}/ended
exit $status
"""


def environment(tools):
    """Debian's tools and those of scripts/tools.sh; what only depends on a template is compiled once, as for the tests."""
    found = [subprocess.run([machine.root / "scripts/tools.sh", "path", tool], check=True, capture_output=True, text=True).stdout.strip()
             for tool in tools]
    return {"PATH": ":".join([str(pathlib.Path(path).parent) for path in found] + ["/usr/bin:/bin"]), "GOTOOLCHAIN": "local",
            "GOCACHE": str(machine.cache / "go-build"), "CARGO_BUILD_BUILD_DIR": str(machine.cache / "target-new"),
            "npm_config_prefer_offline": "true"}


class Project:
    """An application that weft made, and one source of it that is edited."""

    def __init__(self, folder, template, source, says, tools):
        self.env = environment(tools)
        self.folder = folder / f"hello-{template}"
        self.times = folder / f"{template}-times"
        self.times.mkdir()
        done = subprocess.run([servers.weft, "new", "-t", f"http-{template}", self.folder.name, "-a", "--no-vcs"], cwd=folder, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise machine.Refused(f"weft new -t http-{template} failed:\n{done.stderr}")
        manifest = self.folder / "spin.toml"
        text = manifest.read_text()
        commands = tomllib.loads(text)["component"][self.folder.name]["build"]["command"]
        commands = commands if isinstance(commands, list) else [commands]
        timed = self.times / "build.sh"
        timed.write_text(script.format(times=self.times, commands=" && ".join(f"{{ {command}; }}" for command in commands)))
        timed.chmod(0o755)
        lines = [f'command = "{timed}"' if line.startswith("command = ") else line for line in text.splitlines()]
        manifest.write_text("\n".join(lines) + "\n")
        self.source = self.folder / source
        self.written = self.source.read_text()
        self.says = f"Hello from {says}"
        if self.written.count(self.says) != 1:
            raise machine.Refused(f"{source} of http-{template} does not say {self.says!r} once")
        self.edits = 0
        self.length = 0
        done = subprocess.run([servers.weft, "build", "-f", self.folder], capture_output=True, text=True, timeout=first_build_seconds,
                              env={**os.environ, **self.env})
        if done.returncode != 0:
            raise machine.Refused(f"weft build of http-{template} failed:\n{done.stdout}{done.stderr}")

    def save(self, kind):
        """Edits the source; returns when, and what it answers from then on."""
        self.edits += 1
        self.length += kind == "code"
        want = f"Edit {self.edits:04d} {'o' * self.length}"
        (self.times / "ended").unlink(missing_ok=True)
        new = self.source.with_name("edited.part")
        new.write_text(self.written.replace(self.says, want))
        saved = time.time()
        # As editors do it. Some tools compare times of files in seconds.
        os.replace(new, self.source)
        return saved, want.encode()

    def built(self):
        """When the build began and ended."""
        deadline = time.monotonic() + build_seconds
        while not (self.times / "ended").exists():
            if time.monotonic() > deadline:
                raise machine.Refused(f"{self.folder.name} was not built in {build_seconds} s")
            time.sleep(0.001)
        return [int((self.times / name).read_text()) / 1e9 for name in ("began", "ended")]


def answered(server, want):
    """When `want` was answered first."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionError):
            if want in server.get("/")[1]:
                return time.time()
        time.sleep(0.0002)
    raise machine.Refused(f"{want!r} was not answered:\n" + "".join(server.output))


def edit(project, server, kind):
    saved, want = project.save(kind)
    began, ended = project.built()
    done = answered(server, want)
    time.sleep(pause_seconds)
    return {"noticed_ms": (began - saved) * 1e3, "build_ms": (ended - began) * 1e3, "served_ms": (done - ended) * 1e3,
            "beyond_ms": (done - saved - (ended - began)) * 1e3}


def measure(project, program, cache, options, values, case):
    command = [program, "watch", "-f", project.folder, "--listen", "127.0.0.1:{port}"]
    with servers.Server(command, cwd=project.folder, env={**project.env, "XDG_CACHE_HOME": str(cache)}) as server:
        server.first_answer("/", timeout=build_seconds)
        # The first edit of each kind fills what tools and weft keep.
        for kind in edits:
            edit(project, server, kind)
        for _ in range(options.edits):
            for kind in edits:
                for key, value in edit(project, server, kind).items():
                    values.setdefault(f"{case}, {kind}", {}).setdefault(key, []).append(value)


def run(options):
    options.edits = 1 if options.short else 2
    result = {"method": {"rounds": options.rounds, "edits": options.edits}, "absent": [], "guests": {}, "ratios": {}}
    programs = {"weft": servers.weft}
    if program := servers.spin():
        programs["spin"] = program
    else:
        result["absent"].append("Spin (not on PATH)")
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        folder = pathlib.Path(folder)
        cache = folder / "cache"
        projects = {}
        for template, source, says, tools in languages:
            options.progress(f"the first build of http-{template}")
            projects[template] = Project(folder, template, source, says, tools)
        for i in range(options.rounds):
            for template, project in in_turn(projects.items(), i):
                for name, program in in_turn(programs.items(), i):
                    options.progress(f"round {i + 1} of {options.rounds}: {name}, {template}")
                    measure(project, program, cache, options, result["guests"].setdefault(template, {}), name)
    if "spin" in programs:
        result["ratios"] = {f"{template}, {kind}: beyond the build, Spin / weft":
                            [a / b for a, b in zip(values[f"spin, {kind}"]["beyond_ms"], values[f"weft, {kind}"]["beyond_ms"])]
                            for template, values in result["guests"].items() for kind in edits}
    return result


def rows(result):
    for template, values in result["guests"].items():
        for case, measured in values.items():
            yield template, case, [Spread(measured[key]) for key, _ in measures]


def show(result):
    method = result["method"]
    lines = [f"{title}; {method['rounds']} rounds of {method['edits']} edits", "",
             f"{'median [min–max]':<20}" + "".join(f"{label:>28}" for _, label in measures)]
    lines += [f"{template + ': ' + case:<20}" + "".join(f"{s.text('{:,.1f}'):>28}" for s in spreads) for template, case, spreads in rows(result)]
    lines += [f"{name:<66}{Spread(values).text('{:.2f}'):>22}" for name, values in result["ratios"].items()]
    return lines + [f"not compared: {name}" for name in result["absent"]]


def markdown(result):
    lines = ["| template | server, edit | " + " | ".join(label for _, label in measures) + " |", "|---" * (len(measures) + 2) + "|"]
    lines += [f"| {template} | {case} | " + " | ".join(s.markdown("{:,.1f}") for s in spreads) + " |" for template, case, spreads in rows(result)]
    if result["ratios"]:
        lines += ["", *ratio_table(result["ratios"])]
    return lines
