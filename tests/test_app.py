"""Applications: routes, headers for the component, well-known paths, and what a manifest's mistakes look like."""
import json
import pathlib
import subprocess

import weft

TWO_ROUTES = """spin_manifest_version = 2
[application]
name = "two"
version = "1.2.3"
[[trigger.http]]
route = "/exact"
component = "one"
[[trigger.http]]
route = "/user/:id/..."
component = "two"
[component.one]
source = "echo.wasm"
[component.two]
source = "echo.wasm"
"""


class Routes(weft.Case):
    def setUp(self):
        super().setUp()
        self.up = weft.Up("-f", self.manifest(TWO_ROUTES, echo="echo-rust"))
        self.addCleanup(self.up.__exit__)

    def test_a_route_leads_to_its_component_with_its_headers(self):
        status, headers, _ = self.up.get("/user/alice/books/7?x=1", headers={"Host": "example.com", "spin-client-addr": "forged"})
        self.assertEqual(status, 200)
        seen = json.loads(headers["x-request-headers"])
        self.assertEqual(seen["spin-path-info"], ["/books/7"])
        self.assertEqual(seen["spin-full-url"], ["http://example.com/user/alice/books/7?x=1"])
        self.assertEqual(seen["spin-matched-route"], ["/user/:id/..."])
        self.assertEqual(seen["spin-component-route"], ["/user/:id"])
        self.assertEqual(seen["spin-raw-component-route"], ["/user/:id/..."])
        self.assertEqual(seen["spin-base-path"], ["/"])
        self.assertEqual(seen["spin-path-match-id"], ["alice"])
        self.assertEqual(len(seen["spin-client-addr"]), 1)
        self.assertRegex(seen["spin-client-addr"][0], r"^127\.0\.0\.1:\d+$")

    def test_a_path_without_route_lists_the_routes(self):
        status, _, body = self.up.get("/nowhere")
        self.assertEqual(status, 404)
        self.assertIn(b"/exact", body)
        self.assertIn(b"/user/:id", body)
        status, headers, body = self.up.get("/nowhere", headers={"Accept": "application/json"})
        self.assertEqual((status, headers["content-type"]), (404, "application/json"))
        self.assertEqual({r["component"] for r in json.loads(body)["routes"]}, {"one", "two"})

    def test_health_and_info_answer_without_the_application(self):
        self.assertEqual(self.up.get("/.well-known/spin/health")[::2], (200, b"OK"))
        info = json.loads(self.up.get("/.well-known/spin/info")[2])
        self.assertEqual((info["name"], info["version"]), ("two", "1.2.3"))
        self.assertEqual(self.up.get("/.well-known/spin/other")[0], 404)

    def test_the_banner_lists_the_routes(self):
        banner = "".join(self.up.lines)
        self.assertIn(f"  one: {self.up.base}/exact", banner)
        self.assertIn("(wildcard)", banner)


class Components(weft.Case):
    def test_guests_of_three_languages_answer(self):
        for name, text in (("hello-rust", b"Hello, world!\n"), ("hello-c", b"Hello from C\n"), ("hello-cpp", b"Hello from C++")):
            with self.subTest(name), weft.Up(weft.guest(name)) as up:
                status, _, body = up.get("/any/path")
                self.assertEqual(status, 200)
                self.assertIn(text, body)

    def test_the_environment_is_what_the_manifest_says_and_nothing_else(self):
        self.manifest("""spin_manifest_version = 2
[application]
name = "env"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
environment = { GREETING = "hi" }
""", it="misbehave-rust")
        with weft.Up("-f", self.folder, env={"SECRET_OF_THE_HOST": "x"}) as up:
            status, _, body = up.get("/env")
            self.assertEqual((status, body.strip()), (200, b"GREETING=hi"))


class Mistakes(weft.Case):
    def test_every_mistake_of_a_manifest_is_reported_with_line_key_and_remedy(self):
        self.manifest("""spin_manifest_version = 2
[application]
nam = "five"
[[trigger.http]]
route = "no-slash ok"
component = "missing"
[component.one]
sourc = "one.wasm"
allowed_outbound_hosts = ["example.com"]
key_value_stores = "default"
""")
        done = weft.run("up", "-f", self.folder)
        self.assertEqual(done.returncode, 1)
        for part in ("spin.toml:3", "nam", "spin.toml:6", "missing", "spin.toml:8", "sourc", "spin.toml:9", "example.com",
                     "spin.toml:10", "key_value_stores"):
            self.assertIn(part, done.stderr)

    def test_a_file_that_is_no_component_is_named(self):
        for name, content in (("empty", b""), ("text", b"hello"), ("cut", weft.guest("hello-rust").read_bytes()[:5000])):
            path = self.folder / f"{name}.wasm"
            path.write_bytes(content)
            done = weft.run("up", path, "--listen", "127.0.0.1:0")
            self.assertEqual(done.returncode, 1, name)
            self.assertIn(f"{name}.wasm", done.stderr)

    def test_a_missing_component_says_how_to_build_it(self):
        self.manifest("""spin_manifest_version = 2
[application]
name = "unbuilt"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
[component.it.build]
command = "make it"
""")
        done = weft.run("up", "-f", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("make it", done.stderr)

    def test_an_address_in_use_is_reported(self):
        with weft.Up(weft.guest("hello-rust")) as up:
            done = weft.run("up", weft.guest("hello-rust"), "--listen", f"127.0.0.1:{up.port}")
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(up.port), done.stderr)


class Program(weft.Case):
    def test_it_needs_only_the_c_librarys_own_libraries(self):
        listed = subprocess.run(["ldd", weft.program], capture_output=True, text=True, check=True).stdout
        libraries = {pathlib.Path(line.split()[0]).name.split(".so")[0] for line in listed.splitlines()}
        self.assertLessEqual(libraries, {"linux-vdso", "libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"})
