"""`weft watch`: changes are built and served; what is wrong is said while the version from before is served."""
import os
import re
import signal
import subprocess
import time

import weft

# Two versions of a component are two guests; the "compiler" copies the one that the source names.
MANIFEST = """spin_manifest_version = 2
[application]
name = "watched"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "out/it.wasm"
[component.it.build]
command = "mkdir -p out && cp guest-$(cat src/name.txt).wasm out/it.wasm"
watch = ["src/**/*.txt"]
"""


class Watch(weft.Case):
    def setUp(self):
        super().setUp()
        self.manifest(MANIFEST, **{"guest-rust": "hello-rust", "guest-c": "hello-c", "guest-echo": "echo-rust"})
        (self.folder / "src").mkdir()
        self.source("c")

    def source(self, text):
        (self.folder / "src/name.txt").write_text(text)

    def watch(self, *args):
        up = weft.Up("-f", self.folder, *args, command="watch")
        self.addCleanup(up.__exit__)
        return up

    def served(self, up, count):
        """Waits for the count-th new version."""
        deadline = time.monotonic() + 20
        while "".join(up.lines).count("Serving the new version") < count:
            self.assertLess(time.monotonic(), deadline, "".join(up.lines + up.errors))
            time.sleep(0.005)

    def test_a_change_is_built_and_served(self):
        up = self.watch()
        self.assertEqual(up.get("/")[2], b"Hello from C\n")
        self.source("rust")
        self.served(up, 1)
        self.assertEqual(up.get("/")[2], b"Hello, world!\n")
        # As editors do it: another file takes the name.
        (self.folder / "new.txt").write_text("c")
        os.replace(self.folder / "new.txt", self.folder / "src/name.txt")
        self.served(up, 2)
        self.assertEqual(up.get("/")[2], b"Hello from C\n")

    def test_a_failed_build_is_shown_while_the_old_version_serves(self):
        up = self.watch()
        self.source("missing")
        up.wait_for_line("The version from before is still served")
        self.assertIn("guest-missing.wasm", "".join(up.lines))
        up.wait_for_error("component it")
        self.assertEqual(up.get("/")[2], b"Hello from C\n")
        self.source("rust")
        self.served(up, 1)
        self.assertEqual(up.get("/")[2], b"Hello, world!\n")

    def test_a_mistake_in_the_manifest_is_shown_while_the_old_version_serves(self):
        up = self.watch()
        self.manifest(MANIFEST.replace("[component.it]", "[component.it"))
        up.wait_for_line("The version from before is still served")
        up.wait_for_error("spin.toml:7")
        self.assertEqual(up.get("/x")[0], 200)
        self.manifest(MANIFEST.replace('"/..."', '"/only"'))
        self.served(up, 1)
        self.assertEqual((up.get("/only")[0], up.get("/x")[0]), (200, 404))

    def test_an_open_request_finishes_on_the_version_it_began_with(self):
        self.source("echo")
        up = self.watch()
        with up.connect() as s:
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\nfirst")
            head = s.recv(65536)  # the answer has begun
            self.assertIn(b"200", head)
            self.source("c")
            self.served(up, 1)
            self.assertEqual(up.get("/")[2], b"Hello from C\n")
            s.sendall(b"after")
            while chunk := s.recv(65536):
                head += chunk
        body = head.split(b"\r\n\r\n", 1)[1]
        self.assertIn(b"first", body)
        self.assertIn(b"after", body)

    def test_no_request_fails_while_versions_change(self):
        up = self.watch("--threads", "2")
        bodies, statuses, done = set(), [], False

        def ask():
            while not done:
                status, _, body = up.get("/")
                statuses.append(status)
                bodies.add(body)

        thread = weft.threading.Thread(target=ask)
        thread.start()
        try:
            for version in range(6):
                self.source("rust" if version % 2 == 0 else "c")
                self.served(up, version + 1)
        finally:
            done = True
            thread.join()
        self.assertEqual(set(statuses), {200})
        self.assertEqual(bodies, {b"Hello from C\n", b"Hello, world!\n"})

    def test_it_waits_for_a_first_version_that_can_be_served(self):
        self.source("missing")
        process = subprocess.Popen([weft.program, "watch", "-f", self.folder, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if "Waiting for a change" in line:
                break
        self.source("rust")
        for line in process.stdout:
            if match := re.match(r"Serving (http\S+)", line):
                break
        self.assertTrue(match)

    def test_what_no_change_can_mend_ends_it(self):
        with weft.socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            done = weft.run("watch", "-f", self.folder, "--listen", address)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"cannot listen on {address}: Address already in use", done.stderr)

    def test_it_says_when_a_build_changes_what_it_watches(self):
        self.manifest(MANIFEST.replace("cp guest", "date +%N > src/made.txt && cp guest"))
        up = self.watch()
        self.assertIn("watch names", "".join(up.lines))
        self.source("rust")
        self.served(up, 1)
        self.assertEqual(up.get("/")[2], b"Hello, world!\n")

    def test_a_build_is_ended_with_the_program(self):
        self.manifest(MANIFEST.replace("mkdir", '[ $(cat src/name.txt) != slow ] || sleep 1000; mkdir'))
        up = self.watch()
        self.source("slow")
        deadline = time.monotonic() + 10
        while "".join(up.lines).count("Building component it") < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        up.process.send_signal(signal.SIGTERM)
        self.assertEqual(up.process.wait(10), 0)

    def test_what_is_compiled_for_the_moment_has_the_same_limits(self):
        self.manifest(MANIFEST.replace("guest-$(cat src/name.txt)", "guest-misbehave"), **{"guest-misbehave": "misbehave-rust"})
        up = self.watch("--cache-dir", self.folder / "code", "--verbose", "--cpu-limit-ms", "300", "--max-instance-memory", str(32 << 20))
        up.wait_for_error("compiled for the moment: ")
        for path, log in {"/loop": "CPU time limit of 300 ms", "/deep-recursion": "call stack exhausted", "/trap": "unreachable",
                          "/alloc": ""}.items():
            self.assertEqual(up.get(path)[::2], (500, b""), path)
            up.wait_for_error(log)
            self.assertEqual(up.get("/")[0], 200)

    def test_edits_of_javascript_and_python_in_one_application_are_served(self):
        text = 'spin_manifest_version = 2\n[application]\nname = "two"\n'
        says = {"js": b"Hello from JavaScript\n", "py": b"Hello from Python\n"}
        for name, answer in says.items():
            text += f"""[[trigger.http]]
route = "/{name}"
component = "{name}"
[component.{name}]
source = "{name}.wasm"
[component.{name}.build]
command = "cp {name}-$(cat {name}.txt).wasm {name}.wasm"
watch = ["{name}.txt"]
"""
            whole = weft.guest(f"hello-{name}").read_bytes()
            self.assertIn(answer.strip(), whole)
            for version in b"AB":
                # What is left of an edit once it was built: other data, the same code.
                (self.folder / f"{name}-{chr(version)}.wasm").write_bytes(whole.replace(answer.strip(), bytes([version]) + answer.strip()[1:]))
            (self.folder / f"{name}.txt").write_text("A")
        self.manifest(text)
        up = weft.Up("-f", self.folder, command="watch", start_timeout=120)
        self.addCleanup(up.__exit__)
        for version in "BAB":
            for name, answer in says.items():
                (self.folder / f"{name}.txt").write_text(version)
                deadline = time.monotonic() + 60
                while up.get(f"/{name}")[2] != version.encode() + answer[1:]:
                    self.assertLess(time.monotonic(), deadline, up.error_text())
                    time.sleep(0.005)
