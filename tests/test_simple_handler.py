"""Components that export the simple handler of examples/http-handler: func(request) -> result<response, string>."""
import shutil
import subprocess

import weft
from test_chaining import get
from test_dependencies import MIDDLEWARE
from test_restore import starts

WIT = weft.root / "examples/http-handler/wit"
MANIFEST = """spin_manifest_version = 2
[application]
name = "simple"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
"""


class Served(weft.Case):
    def serve(self, *flags, guest="simple-c"):
        up = weft.Up(weft.guest(guest), *flags)
        self.addCleanup(up.__exit__)
        return up

    def test_a_request_comes_whole(self):
        up = self.serve()
        for method in ("GET", "POST", "PROPFIND"):
            status, headers, body = up.request(method, "/a/b?c=d", body=b"the body", headers={"X-Own": "1", "x-two": "\u00e9".encode()})
            self.assertEqual((status, headers["content-type"]), (200, "text/plain"))
            self.assertEqual(body, f"{method} /a/b?c=d body\nx-own: 1\nx-two: \u00e9\nthe body".encode(), method)
        self.assertEqual(up.get("/")[2], b"GET / none\n")
        body = bytes(range(256)) * 4000
        self.assertTrue(up.request("POST", "/", body=body)[2].endswith(body))

    def test_a_body_beyond_the_limit_is_413(self):
        up = self.serve()
        self.assertEqual(up.request("POST", "/", body=b"x" * ((16 << 20) + 1))[0], 413)
        self.assertEqual(up.request("POST", "/", body=b"x")[::2], (200, b"POST / body\nx"))

    def test_a_response_goes_as_it_is(self):
        up = self.serve()
        for wanted in (200, 201, 404, 418, 599):
            self.assertEqual(up.get(f"/status?{wanted}")[::2], (wanted, b"text\n"))
        self.assertEqual(up.get("/status?204")[::2], (204, b""))
        status, headers, body = up.request("HEAD", "/status?200")
        self.assertEqual((status, headers["content-length"], body), (200, "5", b""))
        status, headers, body = up.get("/twice")
        self.assertEqual((status, headers.get_all("set-cookie"), body), (200, ["a=1", "b=2"], b"text\n"))
        self.assertEqual(len(up.get("/headers?90")[1].get_all("x-a")), 90)
        status, headers, body = up.get("/nothing")
        self.assertEqual((status, headers["content-type"], body), (200, None, b""))

    def test_a_response_that_is_none_is_500_and_the_log_says_why(self):
        up = self.serve()
        for path, why in (("/status?99", "the status is not one of a final response"), ("/status?1000", "the status is not one"),
                          ("/bad-name", "a field name has invalid characters"), ("/bad-value", "a field value has invalid characters"),
                          ("/headers?1025", "it has too many headers")):
            self.assertEqual(up.get(path)[::2], (500, b""), path)
            up.wait_for_error("the component's response cannot be sent: " + why)
        self.assertEqual(up.get("/status?200")[0], 200)

    def test_an_error_is_500_and_the_log_says_it(self):
        up = self.serve()
        self.assertEqual(up.get("/error")[::2], (500, b""))
        up.wait_for_error("the component's handler returned an error")
        self.assertEqual(up.get("/status?200")[0], 200)
        # The other one's has a text.
        up = self.serve(guest="http-handler")
        self.assertEqual(up.request("POST", "/", body=b"\xff")[::2], (500, b""))
        up.wait_for_error("the component's handler returned an error: the body is no text: invalid utf-8")

    def test_its_instances_are_used_again(self):
        up = self.serve("--threads", "1", "--metrics-listen", "127.0.0.1:0")
        for i in range(6):
            self.assertEqual(up.request("POST", f"/{i}", body=b"%d" % i)[2], f"POST /{i} body\n{i}".encode())
        made, restored = starts(up)
        self.assertEqual(made + restored, 6)
        self.assertGreaterEqual(restored, 4)

    def test_components_ask_it_by_its_name(self):
        manifest = MANIFEST + 'allowed_outbound_hosts = ["http://simple.spin.internal"]\n'
        self.manifest(manifest + '[[trigger.http]]\nroute = { private = true }\ncomponent = "simple"\n'
                      '[component.simple]\nsource = "simple.wasm"\n', it="outbound-rust", simple="simple-c")
        with weft.Up("-f", self.folder) as up:
            self.assertEqual(up.get(get("http://simple.spin.internal/status?404"))[::2], (404, b"text\n"))
            self.assertEqual(up.get(get("http://simple.spin.internal/a"))[2], b"GET /a none\n")


class Found(weft.Case):
    def simple(self, handle="func(req: request) -> result<response, string>", package="wgall:other@7.0.0", field="method: string"):
        return self.component(f"export {package.replace('@', '/handler@')};", f"""package {package} {{
  interface handler {{
    record header {{ name: string, value: string }}
    record request {{ {field}, uri: string, headers: list<header>, body: option<list<u8>> }}
    record response {{ status: u16, headers: list<header>, body: option<list<u8>> }}
    handle: {handle};
  }}
}}
""")

    def test_a_package_of_the_namespace_in_any_version(self):
        for package in ("wgall:other@7.0.0", "wgall:http-handler@1.0.0-rc.1", "wgall:x"):
            with self.subTest(package):
                wasm = self.simple(package=package) if "@" in package else self.unversioned()
                # It was found and called: all of its functions trap.
                with weft.Up(wasm) as up:
                    self.assertEqual(up.get("/")[0], 500)
                    up.wait_for_error("unreachable")

    def unversioned(self):
        path = self.simple(package="wgall:x@1.0.0")
        text = (self.folder / "world.wit").read_text().replace("@1.0.0", "")
        (self.folder / "world.wit").write_text(text)
        tool = weft.tool("wasm-tools")
        subprocess.run([tool, "component", "embed", "--dummy", self.folder / "world.wit", "-o", path], check=True)
        subprocess.run([tool, "component", "new", path, "-o", path], check=True)
        return path

    def refused(self, wasm):
        done = weft.run("up", wasm, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def test_another_type_is_refused_with_the_one_that_it_should_have(self):
        wanted = "wgall:other/handler@7.0.0#handle has another type than func(request) -> result<response, string>"
        for changed in ({"handle": "func(req: request) -> response"}, {"handle": "func(req: request) -> result<response, u32>"},
                        {"handle": "func(req: request, more: u32) -> result<response, string>"}, {"field": "verb: string"},
                        {"handle": "async func(req: request) -> result<response, string>"}):
            with self.subTest(changed):
                self.assertIn(wanted, self.refused(self.simple(**changed)))
        other = self.component("export wgall:other/handler@7.0.0;", "package wgall:other@7.0.0 { interface handler { serve: func(); } }")
        self.assertIn("wgall:other/handler@7.0.0 has no function handle", self.refused(other))

    def test_other_names_are_no_handlers(self):
        self.assertIn("exports no HTTP handler", self.refused(self.simple(package="acme:other@7.0.0")))

    def test_inspect_and_doctor_know_it(self):
        printed = weft.run("inspect", weft.guest("http-handler"))
        self.assertEqual(printed.returncode, 0, printed.stderr)
        self.assertIn("wgall:http-handler/handler@1.0.0", printed.stdout)
        self.assertNotIn("It exports no handler", printed.stdout)
        self.assertIn("It exports no handler", weft.run("inspect", weft.guest("library-rust")).stdout)
        self.manifest(MANIFEST, it="http-handler")
        done = weft.run("doctor", "-f", self.folder, "--port", "0")
        self.assertNotIn("component it", done.stdout)

    def test_it_is_a_function_that_call_calls(self):
        request = '{"method": "POST", "uri": "/", "headers": [], "body": {"base64": "b25lIHR3bwo="}}'
        done = weft.run("call", weft.guest("http-handler"), "handle", request)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('"status":200', done.stdout.replace(" ", "").replace("\n", ""))

    def test_middleware_says_that_it_needs_another_one(self):
        self.manifest(MIDDLEWARE % '{ component = "loud" }', app="simple-c", loud="middleware-p3-rust")
        done = weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"app\.wasm does not export wasi:http/handler, which middleware calls")


class TheFile(weft.Case):
    """wit/http-handler.wit, of which both worlds are there to be built for."""

    def made_for(self, world):
        path = self.folder / "made.wasm"
        tool = weft.tool("wasm-tools")
        subprocess.run([tool, "component", "embed", "--dummy", "--world", world, WIT, "-o", path], check=True)
        subprocess.run([tool, "component", "new", path, "-o", path], check=True)
        return path

    def test_what_is_made_for_a_world_fits_it_and_is_served(self):
        for world, other in (("http-handler", "simple-handler"), ("simple-handler", "http-handler")):
            with self.subTest(world):
                wasm = self.made_for(world)
                check = lambda name: weft.run("wit", "check", wasm, "--wit", WIT, "--world", name)
                self.assertEqual(check(world).returncode, 0, check(world).stderr)
                self.assertEqual(check(other).returncode, 1)
                with weft.Up(wasm) as up:
                    self.assertEqual(up.get("/")[0], 500)
                    up.wait_for_error("unreachable")

    def test_a_world_of_it_is_a_target(self):
        # What is more than one has to be named.
        shutil.copytree(WIT, self.folder / "wit")
        (self.folder / "env.toml").write_text(
            '[triggers.http]\nworlds = [{ path = "wit", world = "wgall:http-handler/simple-handler@1.0.0" }]\n')
        self.made_for("simple-handler").rename(self.folder / "made.bin")
        (self.folder / "spin.toml").write_text(MANIFEST.replace('name = "simple"', 'name = "simple"\ntargets = [{ path = "env.toml" }]') +
                                               '[component.it.build]\ncommand = "cp made.bin it.wasm"\n')
        done = weft.run("build", "-f", self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.made_for("http-handler").rename(self.folder / "made.bin")
        done = weft.run("build", "-f", self.folder)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("component it does not fit the target env.toml", done.stderr)
