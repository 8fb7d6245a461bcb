"""Core modules: commands and handlers that were never made components, and the wagi executor, which runs such commands."""
import json
import os
import subprocess

import weft
from test_restore import starts

# The environment of weft's own that would keep code of other tests.
ENV = {"WEFT_CACHE_DIR": str(weft.guests.parent / "test-core-cache")}

WAGI = """spin_manifest_version = 2
[application]
name = "wagi"
[[trigger.http]]
route = "/base/:who/..."
component = "tool"
executor = {{ type = "wagi"{more} }}
[component.tool]
source = "tool.wasm"
environment = {{ GREETING = "hi", SERVER_NAME = "mine" }}
"""


class Commands(weft.Case):
    """`weft run` of commands of preview 1."""

    def command(self, *words, guest="core-c", options=(), **more):
        return weft.run("run", *options, weft.guest(guest), *words, env=ENV, **more)

    def output(self, *words, **more):
        done = self.command(*words, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def test_arguments_and_environment_are_what_is_given(self):
        self.assertEqual(self.output("args", "--help", "").splitlines(), ["core-c.wasm", "args", "--help", ""])
        self.assertEqual(self.output("env"), "")
        self.assertEqual(self.output("env", options=["--env", "B=2", "--env", "A=x=y"]), "B=2\nA=x=y\n")

    def test_standard_streams_go_through_as_they_are(self):
        text = "".join(f"line {i}\n" for i in range(100_000)) + "without an end"
        self.assertEqual(self.output("cat", input=text), text)

    def test_its_exit_code_is_what_it_says(self):
        for code in (0, 1, 3, 255):
            done = self.command("exit", str(code))
            self.assertEqual((done.returncode, done.stderr), (code, ""))
        self.assertEqual(self.command("what?").returncode, 2, "what main returns")

    def test_a_trap_and_a_limit_are_134(self):
        done = self.command("abort")
        self.assertEqual(done.returncode, 134)
        self.assertIn("unreachable", done.stderr)
        done = self.command("loop", options=["--timeout", "0.5"])
        self.assertEqual(done.returncode, 134)
        self.assertIn("the time limit is over", done.stderr)

    def test_files_are_those_of_the_folders_it_is_granted(self):
        given = self.folder / "given"
        given.mkdir()
        (self.folder / "secret").write_text("secret")
        for i in range(300):
            (given / f"a-name-of-some-length-{i:03}").touch()
        options = ["--dir", f"{given}::/data"]
        names = self.output("list", "/data", options=options).splitlines()
        self.assertEqual(sorted(names), [f"a-name-of-some-length-{i:03}" for i in range(300)])
        self.output("put", "/data/new", "text", options=options)
        self.assertEqual((given / "new").read_text(), "text")
        self.assertEqual(self.output("get", "/data/new", options=options), "text")
        for path, why in (("/data/../secret", "Operation not permitted"), ("/data/absent", "No such file"), ("/else", "")):
            done = self.command("get", path, options=options)
            self.assertEqual(done.returncode, 1, path)
            self.assertIn(why, done.stderr)
        done = self.command("put", "/data/other", "text", options=["--dir", f"{given}::/data:ro"])
        self.assertIn("Read-only file system", done.stderr)

    def test_waiting_ends_with_input_or_time(self):
        with subprocess.Popen([weft.program, "run", weft.guest("core-c"), "wait", "300"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, env={**os.environ, **ENV}) as process:
            self.assertEqual(process.stdout.readline(), "timeout\n")
            process.stdin.close()
        self.assertEqual(self.output("wait", "60000", input="x"), "ready\n")

    def test_rusts_own_library_finds_what_it_needs(self):
        (self.folder / "secret").write_text("secret")
        given = self.folder / "given"
        given.mkdir()
        options = ["--dir", f"{given}::/data"]
        self.assertEqual(self.output("files", "/data", guest="core-rust", options=options).splitlines(), [
            "there, 12 bytes", "hello!", "102 names, the last two", "AlreadyExists", "Some(55)", "PermissionDenied"])
        self.assertEqual(list(given.iterdir()), [])
        (given / "file").write_text("12345")
        self.assertEqual(self.output("look", "/data/file", guest="core-rust", options=options), "file 5 true\n")
        self.assertEqual(self.output("look", "/data", guest="core-rust", options=options).split()[0], "folder")
        self.assertEqual(self.output("sleep", "20", guest="core-rust"), "true true\n")
        self.assertEqual(self.output("random", guest="core-rust"), "true\n")

    def test_what_nobody_serves_is_refused_by_name(self):
        def refusal(text):
            (self.folder / "it.wat").write_text(text)
            subprocess.run([weft.tool("wasm-tools"), "parse", self.folder / "it.wat", "-o", self.folder / "it.wasm"], check=True)
            done = weft.run("run", self.folder / "it.wasm", env=ENV)
            self.assertEqual(done.returncode, 1)
            return done.stderr

        start = "(func (export \"_start\"))"
        self.assertIn("it.wasm: the core module imports env.f, wasi_unstable.fd_write (not yet)",
                      refusal(f'(module (import "env" "f" (func)) (import "wasi_unstable" "fd_write" (func)) {start})'))
        said = refusal(f'(module (import "wasi_snapshot_preview1" "fd_dup" (func (param i32))) {start})')
        self.assertIn("fd-dup", said)
        said = refusal(f'(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64))) {start})')
        self.assertIn("fd-close", said)
        self.assertIn("u64", said, "both types are shown")
        self.assertIn("exports no command", refusal("(module)"))
        self.assertIn("core-modules", weft.run("gaps").stdout)

    def test_a_file_cut_short_is_an_error_with_its_place(self):
        whole = weft.guest("core-c").read_bytes()
        for size in (9, 100, len(whole) // 2, len(whole) - 1):
            (self.folder / "cut.wasm").write_bytes(whole[:size])
            done = weft.run("run", self.folder / "cut.wasm", env=ENV)
            self.assertEqual(done.returncode, 1, size)
            self.assertIn("cut.wasm", done.stderr)

    def test_inspect_says_what_it_needs_and_exports(self):
        done = weft.run("inspect", weft.guest("core-c"), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual([each["name"] for each in report["imports"]], ["weft:core/wasi-snapshot-preview1@1.0.0"])
        self.assertEqual(report["exports"], ["wasi:cli/run@0.2.0"])


class Handlers(weft.Case):
    """Core modules that wit-bindgen's bindings are linked to serve HTTP."""

    def test_a_module_in_c_answers(self):
        with weft.Up(weft.guest("core-http-c"), env=ENV) as up:
            for _ in range(3):
                self.assertEqual(up.get("/")[2], b"Hello from C\n")
        with weft.Up(weft.guest("core-http-c"), "--no-bypass", env=ENV) as up:
            self.assertEqual(up.get("/")[2], b"Hello from C\n")

    def test_preview_1_and_wasi_0_2_are_there_at_once(self):
        self.manifest("""spin_manifest_version = 2
[application]
name = "core"
[[trigger.http]]
route = "/..."
component = "core"
[component.core]
source = "core.wasm"
environment = { NAME = "Ada" }
""", core="core-http-rust")
        with weft.Up("-f", self.folder, env=ENV) as up:
            body = os.urandom(300_000)
            status, headers, got = up.request("POST", "/a?b", body=body)
            self.assertEqual((status, headers["x-name"], headers["x-path"]), (200, "Ada", "/a?b"))
            self.assertEqual(got, body)
            up.wait_for_error("asked for /a?b")

    def test_imports_are_what_the_module_calls(self):
        report = json.loads(weft.run("inspect", weft.guest("core-http-c"), "--json").stdout)
        self.assertEqual(sorted(each["name"] for each in report["imports"]),
                         ["wasi:http/types@0.2.12", "wasi:io/error@0.2.12", "wasi:io/streams@0.2.12"])
        self.assertEqual(report["exports"], ["wasi:http/incoming-handler@0.2.12"])

    def test_its_functions_are_called_and_its_world_is_printed(self):
        (self.folder / "it.wit").write_text("package weft:it; world it { export add: func(a: s32, b: s32) -> s32; }")
        (self.folder / "it.wat").write_text("""(module (memory (export "memory") 1)
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))""")
        module = self.folder / "it.wasm"
        subprocess.run([weft.tool("wasm-tools"), "component", "embed", self.folder / "it.wit", self.folder / "it.wat", "-o", module],
                       check=True)
        self.assertEqual(module.read_bytes()[4:8], b"\1\0\0\0", "it is a core module")
        listed = weft.run("call", module, "--list", env=ENV)
        self.assertEqual(listed.stdout, "add: func(a: s32, b: s32) -> s32\n", listed.stderr)
        called = weft.run("call", module, "add", "2", "3", env=ENV)
        self.assertEqual((called.returncode, called.stdout), (0, "5\n"), called.stderr)
        self.assertIn("export add: func(a: s32, b: s32) -> s32;", weft.run("wit", "print", module, env=ENV).stdout)
        printed = weft.run("wit", "print", weft.guest("core-http-c"), env=ENV)
        self.assertIn("export wasi:http/incoming-handler@0.2", printed.stdout, printed.stderr)

    def test_what_a_tool_makes_of_a_module_is_what_weft_makes_of_it(self):
        made = self.folder / "made.wasm"
        subprocess.run([weft.tool("wasm-tools"), "component", "new", weft.guest("core-http-c"), "-o", made], check=True)
        with weft.Up(made, env=ENV) as up:
            theirs = up.get("/")
        with weft.Up(weft.guest("core-http-c"), env=ENV) as up:
            ours = up.get("/")
        self.assertEqual((ours[0], ours[2]), (theirs[0], theirs[2]))


class Wagi(weft.Case):
    def serve(self, more="", **options):
        self.manifest(WAGI.format(more=more), tool="core-c")
        return weft.Up("-f", self.folder, env=ENV, **options)

    def test_a_request_is_the_environment_and_its_body_the_input(self):
        with self.serve() as up:
            status, headers, body = up.request("POST", "/base/ada/x%20y/?q=1&r", body=b"the body",
                                               headers={"X-Own": "a", "Authorization": "secret", "Host": "example.com:81"})
        self.assertEqual((status, headers["content-type"]), (200, "text/plain"))
        lines = body.decode().splitlines()
        self.assertEqual(lines[:3], ["arg /base/ada/x%20y/", "arg q=1", "arg r"])
        self.assertEqual(lines[-1], "body the body")
        variables = dict(line.split("=", 1) for line in lines[3:-1])
        for name, value in {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "8", "QUERY_STRING": "q=1&r", "PATH_INFO": "/x%20y/",
                            "PATH_TRANSLATED": "/x y/", "X_MATCHED_ROUTE": "/base/:who/...", "X_PATH_MATCH_WHO": "ada",
                            "SERVER_NAME": "example.com", "SERVER_PORT": "81", "REMOTE_ADDR": "127.0.0.1", "HTTP_X_OWN": "a",
                            "SERVER_SOFTWARE": "WAGI/1", "GATEWAY_INTERFACE": "CGI/1.1", "GREETING": "hi",
                            "X_FULL_URL": "http://example.com:81/base/ada/x%20y/?q=1&r"}.items():
            self.assertEqual(variables.get(name), value, name)
        self.assertNotIn("HTTP_AUTHORIZATION", variables)
        self.assertFalse([name for name in variables if name.startswith("HTTP_SPIN")])

    def test_arguments_are_what_the_manifest_says(self):
        with self.serve(', argv = "php ${SCRIPT_NAME} end", entrypoint = "_start"') as up:
            lines = up.get("/base/a/b")[2].decode().splitlines()
        self.assertEqual(lines[:3], ["arg php", "arg /base/a/b", "arg end"])

    def test_its_output_is_the_response(self):
        with self.serve() as up:
            status, headers, body = up.get("/base/a/teapot")
            self.assertEqual((status, headers["x-pot"], body), (418, "short", b""))
            status, headers, _ = up.get("/base/a/there")
            self.assertEqual((status, headers["location"]), (302, "/elsewhere"))

    def test_what_is_no_response_is_500_and_the_log_says_why(self):
        with self.serve() as up:
            for path, why in (("silent", "wrote nothing to its standard output"), ("exit", "the command exited with status 3"),
                              ("trap", "unreachable"), ("flood", "that the wagi executor keeps")):
                status, _, body = up.get(f"/base/a/{path}")
                self.assertEqual((status, body), (500, b""), path)
                up.wait_for_error(why)
            self.assertEqual(up.get("/base/a/teapot")[0], 418, "and the next is served")

    def test_its_instances_are_used_again_and_no_request_finds_anything_of_another(self):
        self.manifest(WAGI.format(more=""), tool="core-c")
        with weft.Up("-f", self.folder, "--threads", "1", "--metrics-listen", "127.0.0.1:0", env=ENV) as up:
            def ask(i):
                status, _, body = up.request("POST", f"/base/{i}/path-{i}", body=b"body of %d" % i, headers={f"X-{i}": "own"})
                self.assertEqual(status, 200)
                return body.decode()

            first = ask(1)
            self.assertIn("HTTP_X_1=own", first)
            self.assertTrue(first.endswith("body body of 1"))
            for i in range(2, 8):
                self.assertEqual(ask(i).count("HTTP_X_"), first.count("HTTP_X_"))
                self.assertIn(f"X_PATH_MATCH_WHO={i}\n", ask(i))
                self.assertTrue(ask(i).endswith(f"body body of {i}"))
            made, restored = starts(up)
            self.assertEqual(made + restored, 19)
            # Those that wait for long are given up; on a busy machine that may be some.
            self.assertGreaterEqual(restored, 8)
            # One that ended by itself is not used again; nor is what is left of its output.
            self.assertEqual(up.get("/base/a/exit")[0], 500)
            self.assertNotIn("late", ask(9))

    def test_a_body_beyond_the_limit_is_413(self):
        with self.serve() as up:
            self.assertEqual(up.request("POST", "/base/a/x", body=b"x" * ((16 << 20) + 1))[0], 413)
            status, _, body = up.request("POST", "/base/a/x", body=b"x" * 1_000_000)
            self.assertEqual((status, body[-1_000_005:-1_000_000]), (200, b"body "))

    def test_a_component_that_is_no_command_is_refused(self):
        self.manifest(WAGI.format(more=""), tool="hello-c")
        done = weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0", env=ENV)
        self.assertEqual(done.returncode, 1)
        self.assertIn("exports no command (wasi:cli/run)", done.stderr)

    def test_a_component_has_one_executor(self):
        self.manifest(WAGI.format(more="") + '[[trigger.http]]\nroute = "/plain"\ncomponent = "tool"\n', tool="core-c")
        done = weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0", env=ENV)
        self.assertEqual(done.returncode, 1)
        self.assertIn("have different executors", done.stderr)
