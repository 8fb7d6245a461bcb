"""What the command line of `weft up` changes."""
import json
import socket

import weft

TWO = """spin_manifest_version = 2
[application]
name = "two"
[[trigger.http]]
route = "/one/..."
component = "one"
[[trigger.http]]
route = "/two"
component = "two"
[component.one]
description = "the first"
source = "it.wasm"
environment = { KEPT = "yes", CHANGED = "manifest" }
[component.two]
source = "it.wasm"
[component.two.profile.debug]
source = "debug.wasm"
[component.two.build]
command = "true"
"""


class Up(weft.Case):
    def setUp(self):
        super().setUp()
        self.manifest(TWO, it="misbehave-rust", debug="hello-rust")

    def up(self, *args, **more):
        up = weft.Up("-f", self.folder, *args, **more)
        self.addCleanup(up.__exit__)
        return up

    def test_env_adds_to_every_components_environment_and_overrides(self):
        self.manifest(TWO.replace('"/one/..."', '"/env"').replace('"/two"', '"/other"'), it="misbehave-rust")
        up = self.up("-e", "CHANGED=a=b", "--env", "NEW=", "--env", "NAME={{ literal }}")
        seen = set(up.get("/env")[2].decode().splitlines())
        self.assertLessEqual({"KEPT=yes", "CHANGED=a=b", "NEW=", "NAME={{ literal }}"}, seen)
        self.assertNotIn("CHANGED=manifest", seen)
        done = weft.run("up", "-f", self.folder, "-e", "=x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--env =x: expected KEY=VALUE", done.stderr)

    def test_component_id_serves_some_of_the_components(self):
        up = self.up("-c", "two")
        self.assertEqual((up.get("/two")[0], up.get("/one/x")[0]), (404, 404))
        self.assertIn(b"not found", up.get("/two")[2], "the component's own answer")
        self.assertIn(b"No route matches", up.get("/one/x")[2])
        done = weft.run("up", "-f", self.folder, "-c", "three")
        self.assertIn("--component-id three: two has no such component", done.stderr)

    def test_find_free_port_passes_over_ports_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = weft.run("up", "-f", self.folder, "--listen", f"127.0.0.1:{port}")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"cannot listen on 127.0.0.1:{port}: Address already in use", done.stderr)
            up = self.up("--find-free-port", listen=f"127.0.0.1:{port}")
            self.assertIn(up.port, range(port + 1, port + 10))
            self.assertEqual(up.get("/two")[0], 404)

    def test_routes_are_printed_as_json(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = weft.subprocess.Popen([weft.program, "up", "-f", self.folder, "--listen", f"127.0.0.1:{port}", "--format", "json"],
                                        stdout=weft.subprocess.PIPE, stderr=weft.subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        text = ""
        while not text.endswith("}\n") or text.count("{") != text.count("}"):
            line = process.stdout.readline()
            self.assertTrue(line, text)
            text += line
        self.assertEqual(json.loads(text), {"base_url": f"http://127.0.0.1:{port}", "routes": [
            {"id": "one", "route": "/one", "wildcard": True, "description": "the first"},
            {"id": "two", "route": "/two", "wildcard": False}]})

    def test_a_profile_is_built_and_served_and_another_one_is_warned_of(self):
        self.assertEqual(weft.run("build", "-f", self.folder, "--profile", "debug").returncode, 0)
        self.assertEqual((self.folder / ".spin/last-build.txt").read_text(), "debug")
        up = self.up("--profile", "debug")
        self.assertEqual(up.get("/two")[2], b"Hello, world!\n")
        self.assertNotIn("last build", up.error_text())
        plain = self.up()
        self.assertIn("Warning: what is served is of no profile, but the last build was of profile debug", plain.error_text())
        self.up("--build")
        self.assertEqual((self.folder / ".spin/last-build.txt").read_text(), "<anonymous>")
        done = weft.run("up", "-f", self.folder, "--profile", "other")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no component has a profile `other`", done.stderr)


class CommandLine(weft.Case):
    def test_a_command_that_there_is_not_is_named_with_the_nearest(self):
        for word, said in (("buidl", "weft has no command `buidl`: did you mean `build`?"), ("frobnicate", "one of: up, inspect, gaps, new, build, watch")):
            done = weft.run(word, "--flag")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)
        self.assertIn("The following argument was not expected: --listn", weft.run("up", "--listn", "x").stderr)
