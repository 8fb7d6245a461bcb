"""`weft doctor`, `weft completions`, help, and what components print in .spin/logs."""
import re
import socket
import subprocess

import weft

MANIFEST = """[application]
name = "sick"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "target/wasm32-wasi/it.wasm"
[component.it.build]
command = "mkdir -p target/wasm32-wasi && cp guest.wasm target/wasm32-wasi/it.wasm"
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Doctor(weft.Case):
    def doctor(self, *args, **more):
        return weft.run("doctor", "-f", self.folder, "--port", free_port(), *args, **more)

    def test_problems_are_listed_with_their_remedies_and_nothing_is_touched(self):
        self.manifest(MANIFEST, guest="hello-rust")
        done = self.doctor()
        self.assertEqual(done.returncode, 1)
        for text in ("the manifest has no version", "wasm32-wasip1", "there is no target/wasm32-wasi/it.wasm", "--fix does it"):
            self.assertIn(text, done.stdout)
        self.assertEqual((self.folder / "spin.toml").read_text(), MANIFEST)

    def test_fix_repairs_them_all(self):
        self.manifest(MANIFEST, guest="hello-rust")
        done = self.doctor("--fix")
        text = (self.folder / "spin.toml").read_text()
        self.assertTrue(text.startswith("spin_manifest_version = 2\n"))
        self.assertIn('source = "target/wasm32-wasip1/it.wasm"', text)
        self.assertIn("fixed: built component it", done.stdout)
        with weft.Up("-f", self.folder) as up:
            self.assertEqual(up.get("/")[0], 200)
        again = self.doctor()
        self.assertNotIn("component it", again.stdout)
        self.assertNotIn("manifest", again.stdout)

    def test_fix_rewrites_version_1_and_keeps_what_it_was(self):
        old = """spin_version = "1"  # as it was
name = "old"
trigger = { type = "http", base = "/" }
[[component]]
id = "Old_One"
source = "it.wasm"
[component.trigger]
route = "/it/..."
"""
        self.manifest(old, it="hello-rust")
        self.assertIn("the manifest has version 1", self.doctor().stdout)
        self.assertEqual((self.folder / "spin.toml").read_text(), old)
        done = self.doctor("--fix")
        self.assertIn("fixed: rewrote the manifest as version 2", done.stdout)
        self.assertEqual((self.folder / "spin.toml.v1").read_text(), old)
        with weft.Up("-f", self.folder, "--strict") as up:
            self.assertEqual(up.get("/it/x")[0], 200)
        self.assertEqual(self.doctor().stdout, "Nothing is wrong\n")

    def test_a_missing_tool_and_a_port_in_use_are_found(self):
        self.manifest(MANIFEST.replace("mkdir", "npm install && mkdir"), guest="hello-rust")
        with socket.create_server(("127.0.0.1", 0)) as busy:
            done = weft.run("doctor", "-f", self.folder, "--port", busy.getsockname()[1], env={"PATH": str(self.folder)})
            self.assertIn(f"127.0.0.1:{busy.getsockname()[1]} cannot be listened on", done.stdout)
        self.assertIn("built with `npm`, which is missing", done.stdout)

    def test_a_manifest_that_does_not_load_is_reported(self):
        self.manifest("[application")
        done = self.doctor("--fix")
        self.assertEqual(done.returncode, 1)
        self.assertIn("spin.toml:1", done.stderr)


class Help(weft.Case):
    def commands(self):
        listed = weft.run("--help").stdout.split("Subcommands:\n")[1].split("\n\n")[0]
        return re.findall(r"^  ([\w-]+)", listed, re.M)

    def test_every_command_has_a_description_examples_and_exit_codes(self):
        self.assertIn("watch", self.commands())
        for command in self.commands():
            with self.subTest(command):
                text = weft.run(command, "--help").stdout
                self.assertIn("Usage:", text)
                self.assertRegex(text, r"Examples:\n  .*weft " + command)
                self.assertIn("Exit codes:", text)

    def test_a_wrong_command_line_is_exit_code_2(self):
        for args in (("nonsense",), ("up", "--nonsense"), ()):
            done = weft.run(*args)
            self.assertEqual(done.returncode, 2, args)

    def test_bash_completes_commands_options_and_templates(self):
        script = weft.run("completions", "bash").stdout
        for words, expected in ((["weft", "wat"], "watch"), (["weft", "up", "--lis"], "--listen"), (["weft", "new", "-t", "http-ts"], "http-ts"),
                                (["weft", "templates", "l"], "list")):
            ask = f"{script}\nCOMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _weft; echo \"${{COMPREPLY[*]}}\""
            answer = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, cwd=self.folder)
            self.assertEqual((answer.stdout.split(), answer.stderr), ([expected], ""), words)

    def test_other_shells_have_completions_too(self):
        for shell, text in (("zsh", "#compdef weft"), ("fish", "complete -c weft -n '__fish_use_subcommand' -a watch")):
            done = weft.run("completions", shell)
            self.assertEqual(done.returncode, 0)
            self.assertIn(text, done.stdout)
        self.assertEqual(weft.run("completions", "tcsh").returncode, 2)


class Logs(weft.Case):
    APP = """spin_manifest_version = 2
[application]
name = "talks"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
"""

    def test_what_a_component_prints_is_kept_and_shown(self):
        self.manifest(self.APP, it="misbehave-rust")
        with weft.Up("-f", self.folder) as up:
            up.wait_for_error(f'Logging component stdio to "{self.folder}/.spin/logs/"')
            up.get("/stdout?n=2")
            up.wait_for_error("[it] ")
        kept = {p.name: p.read_text() for p in (self.folder / ".spin/logs").iterdir()}
        self.assertTrue(set(kept) <= {"it_stdout.txt", "it_stderr.txt"} and kept, kept)
        shown = "".join(line.removeprefix("[it] ") for line in up.errors if line.startswith("[it] "))
        for text in kept.values():
            self.assertIn(text.splitlines()[0], shown)

    def test_an_empty_log_folder_keeps_nothing_and_shows_all(self):
        self.manifest(self.APP, it="misbehave-rust")
        with weft.Up("-f", self.folder, "--log-dir", "") as up:
            up.get("/stdout?n=2")
            up.wait_for_error("[it] ")
            self.assertNotIn("Logging component stdio", "".join(up.errors))
        self.assertFalse((self.folder / ".spin/logs").exists())

    def test_quiet_keeps_and_shows_nothing(self):
        self.manifest(self.APP, it="misbehave-rust")
        elsewhere = self.folder / "elsewhere"
        port = free_port()
        process = subprocess.Popen([weft.program, "up", "-q", "-f", self.folder, "-L", elsewhere, "--listen", f"127.0.0.1:{port}"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(200):
            try:
                weft.http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/stdout?n=2")
                break
            except ConnectionRefusedError:
                weft.time.sleep(0.02)
        process.terminate()
        out, err = process.communicate(timeout=15)
        self.assertEqual((out, err), ("", ""))
        self.assertTrue(list(elsewhere.iterdir()))
