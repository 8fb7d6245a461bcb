"""Runs a document: does what a reader of its code blocks would do, and fails where something else comes out.

A block's first word is its language; more words, which readers do not see, say what to do with it:

    sh                   runs it; it must succeed. `cd` holds for the blocks after it.
    sh fails             it must not succeed
    sh terminal=NAME     runs on in a terminal of its own; the next block there presses Ctrl-C first
    sh not-run           is only to be read
    LANGUAGE file=PATH   is written to that file
    diff apply           is applied to the files it names
    text typed           after `sh`: what is typed at each prompt, `PROMPT: ANSWER`
    text, json           after `sh`: what comes out, all of it and nothing else. After a terminal's: what appears there.
    text terminal=NAME   what appears in that terminal next

In what comes out, `…` stands for anything within a line, and a line that is only `…` for any lines. Ports of 127.0.0.1 and
localhost are replaced by free ones.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import weft

FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.M | re.S)
OUTPUT = ("text", "json")
# A first build compiles everything that an application stands on.
BLOCK_SECONDS = 900
# For what a terminal says: `weft watch` builds first.
APPEARS_SECONDS = 300


class Block:
    def __init__(self, match, text):
        self.words = match.group(1).split() or [""]
        self.language = self.words[0]
        self.text = match.group(2)
        self.line = text.count("\n", 0, match.start()) + 1

    def has(self, word):
        return word in self.words[1:]

    def value(self, key):
        return next((word.partition("=")[2] for word in self.words[1:] if word.startswith(f"{key}=")), None)


def blocks_of(text):
    return [Block(match, text) for match in FENCE.finditer(text)]


def pattern_of(expected):
    """A regular expression for what comes out."""
    lines = []
    for line in expected.splitlines():
        lines.append(r"(?:[^\n]*\n)*?" if line == "…" else "[^\n]*?".join(map(re.escape, line.split("…"))) + r"\n")
    return re.compile("".join(lines))


class Terminal:
    """A command that goes on, and what it says."""

    def __init__(self, command, folder, env):
        self.process = subprocess.Popen(["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.said = ""
        self.seen = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.said += line

    def appears(self, pattern):
        """Waits for it, after what appeared before."""
        deadline = time.monotonic() + APPEARS_SECONDS
        while True:
            # Read first: what it said before it ended counts.
            ended = self.process.poll() is not None and not self.reader.is_alive()
            if found := re.compile("^" + pattern.pattern, re.M).search(self.said, self.seen):
                self.seen = found.end()
                return True
            if ended or time.monotonic() > deadline:
                return False
            time.sleep(0.02)

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                raise AssertionError("it did not end within 20 s of Ctrl-C:\n" + self.said)
        self.reader.join(5)


class Reader:
    """Works through a document in a folder. `env` is added to an environment that holds little of this machine's."""

    def __init__(self, document, folder, env=None):
        self.document = pathlib.Path(document)
        self.folder = self.cwd = pathlib.Path(folder)
        self.text = self.document.read_text()
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="weft-home-"))
        (self.home / "bin").mkdir()
        for name in ("weft", "spin"):
            (self.home / "bin" / name).symlink_to(weft.program)
        # At a terminal curl draws no progress.
        (self.home / ".curlrc").write_text("silent\nshow-error\n")
        self.ports = {}
        self.terminals = {}
        self.env = {"HOME": str(self.home), "PATH": f"{self.home}/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
                    "CARGO_HOME": os.environ.get("CARGO_HOME", str(pathlib.Path.home() / ".cargo")),
                    "SPIN_HTTP_LISTEN_ADDR": f"127.0.0.1:{self.port('3000')}", **(env or {})}

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            for terminal in self.terminals.values():
                terminal.end()
        except AssertionError:
            if kind is None:
                raise
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def port(self, written):
        if written not in self.ports:
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                self.ports[written] = str(s.getsockname()[1])
        return self.ports[written]

    def ours(self, text):
        return re.sub(r"(\b(?:127\.0\.0\.1|localhost):|--port )([1-9]\d*)\b", lambda m: m.group(1) + self.port(m.group(2)), text)

    def fail(self, block, what):
        said = "".join(f"\n--- terminal {name} ---\n{terminal.said}" for name, terminal in self.terminals.items())
        raise AssertionError(f"{os.path.relpath(self.document, weft.root)}:{block.line}: {what}\n--- the block ---\n{block.text}{said}")

    def read(self):
        """Runs all blocks; returns how many commands ran and how many outputs were compared."""
        ran = compared = 0
        blocks = blocks_of(self.text)
        at = 0
        while at < len(blocks):
            block = blocks[at]
            at += 1
            if path := block.value("file"):
                file = self.cwd / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(self.ours(block.text))
            elif block.has("apply"):
                done = subprocess.run(["git", "apply", "-"], cwd=self.cwd, input=block.text, capture_output=True, text=True)
                if done.returncode != 0:
                    self.fail(block, done.stderr)
            elif block.language == "sh" and not block.has("not-run"):
                typed = expected = None
                if at < len(blocks) and blocks[at].has("typed"):
                    typed = blocks[at]
                    at += 1
                if at < len(blocks) and blocks[at].language in OUTPUT and len(blocks[at].words) == 1:
                    expected = blocks[at]
                    at += 1
                self.run(block, typed, expected)
                ran += 1
                compared += expected is not None
            elif name := block.value("terminal"):
                self.await_in(name, block)
                compared += 1
            elif block.language == "sh" or block.language not in OUTPUT:
                continue  # only to be read
            else:
                self.fail(block, "output that follows no command; begin the block with another language than text and json")
        return ran, compared

    def run(self, block, typed, expected):
        if name := block.value("terminal"):
            if name in self.terminals:
                self.terminals[name].end()
            self.terminals[name] = Terminal(self.ours(block.text), self.cwd, self.env)
            if expected is not None:
                self.await_in(name, expected)
            return
        answers = "".join(line.partition(":")[2].strip() + "\n" for line in typed.text.splitlines()) if typed else ""
        where = self.home / "cwd"
        try:
            done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", f"trap 'pwd >{where}' EXIT\n{self.ours(block.text)}"], cwd=self.cwd,
                                  env=self.env, input=answers, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=BLOCK_SECONDS)
        except subprocess.TimeoutExpired as timeout:
            self.fail(block, f"it took longer than {BLOCK_SECONDS} s; so far:\n{timeout.output}")
        if (done.returncode != 0) != block.has("fails"):
            self.fail(block, f"it ended with status {done.returncode}:\n{done.stdout}")
        self.cwd = pathlib.Path(where.read_text().rstrip("\n"))
        if expected is not None:
            # A document's last line has an end, whatever came out.
            came = done.stdout if done.stdout.endswith("\n") else done.stdout + "\n"
            if not pattern_of(self.ours(expected.text)).fullmatch(came):
                self.fail(block, f"expected:\n{self.ours(expected.text)}what came out:\n{came}")

    def await_in(self, name, block):
        if name not in self.terminals:
            self.fail(block, f"there is no terminal {name}")
        if not self.terminals[name].appears(pattern_of(self.ours(block.text))):
            self.fail(block, f"this did not appear in the terminal {name}")
