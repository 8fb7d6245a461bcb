"""`weft new`: what it asks, what it refuses, and that an application of each template builds and answers.

The tools are Debian's and those of scripts/tools.sh, and what npm and pip install comes from their own caches when it was there
before.
"""
import os
import pathlib
import pty
import re
import subprocess

import weft

cache = pathlib.Path(os.environ.get("WEFT_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weft-dev")
# Debian's own tools, whatever else this machine has.
debian = {"PATH": "/usr/bin:/bin"}


def with_tool(name):
    return f"{pathlib.Path(weft.tool(name)).parent}:{debian['PATH']}"


def npm():
    return {"PATH": with_tool("node"), "npm_config_prefer_offline": "true"}


def files_of(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and ".git" not in p.relative_to(folder).parts}


class New(weft.Case):
    def new(self, *args, **more):
        return weft.run("new", *args, cwd=self.folder, **more)

    def manifest_of(self, name):
        return (self.folder / name / "spin.toml").read_text()

    def test_it_asks_for_name_path_and_scope_and_nothing_else(self):
        done = self.new("-t", "http-rust", "hello-wasm", input="\n/hello\n\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(re.findall(r"[A-Z][A-Za-z ]+:(?= )", done.stdout), ["Project name:", "HTTP path:", "HTTP scope:"])
        self.assertEqual(files_of(self.folder / "hello-wasm"), {"spin.toml", "Cargo.toml", "src/lib.rs", "README.md", ".gitignore"})
        self.assertIn('name = "hello-wasm"', self.manifest_of("hello-wasm"))
        self.assertIn('route = "/hello"', self.manifest_of("hello-wasm"))
        self.assertTrue((self.folder / "hello-wasm/.git").is_dir())

    def test_an_answer_may_differ_from_the_name_given(self):
        self.new("-t", "http-c", "one", input="two\n/x\n/api\n")
        self.assertIn('route = "/api/x"', self.manifest_of("two"))

    def test_a_bad_answer_on_a_terminal_is_asked_for_again(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([weft.program, "new", "-t", "http-c", "--no-vcs"], cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        os.write(ours, b"Bad Name\ngood-name\n/a/.../b\n/fine\n\n")
        self.assertEqual(process.wait(10), 0)
        screen = os.read(ours, 65536).decode()
        os.close(ours)
        self.assertIn("use kebab-case: `bad-name`", screen)
        self.assertIn('route = "/fine"', self.manifest_of("good-name"))

    def test_scripts_need_no_answers(self):
        done = self.new("-t", "http-c", "shop", "--value", "http-path=/cart/...", "--value", "project-description=A \"shop\"", "-a", "-o", "elsewhere", "--no-vcs")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = self.manifest_of("elsewhere")
        self.assertIn('route = "/cart/..."', text)
        self.assertIn('description = "A \\"shop\\""', text)
        self.assertFalse((self.folder / "elsewhere/.git").exists())
        (self.folder / "values.toml").write_text('http-path = "/a"\nhttp-scope = "/s"\n')
        done = self.new("-t", "http-c", "other", "--values-file", "values.toml", "--value", "http-path=/b", input="")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('route = "/s/b"', self.manifest_of("other"))

    def test_the_order_of_old_versions_of_spin_is_understood(self):
        self.assertEqual(self.new("http-c", "old", "-a").returncode, 0)
        self.assertIn('name = "old"', self.manifest_of("old"))

    def test_init_uses_the_current_folder_and_its_name(self):
        here = self.folder / "my-api"
        here.mkdir()
        (here / "notes.txt").write_text("mine")
        done = weft.run("new", "-t", "http-c", "--init", "-a", cwd=here)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('name = "my-api"', (here / "spin.toml").read_text())
        self.assertEqual((here / "notes.txt").read_text(), "mine")

    def test_nothing_is_overwritten_unless_asked_for(self):
        self.new("-t", "http-c", "app", "-a")
        (self.folder / "app/src/main.c").write_text("mine")
        done = self.new("-t", "http-c", "app", "-a")
        self.assertEqual(done.returncode, 1)
        self.assertIn("src/main.c", done.stderr)
        self.assertIn("--allow-overwrite", done.stderr)
        self.assertEqual((self.folder / "app/src/main.c").read_text(), "mine")
        self.assertEqual(self.new("-t", "http-c", "app", "-a", "--allow-overwrite").returncode, 0)
        self.assertNotEqual((self.folder / "app/src/main.c").read_text(), "mine")

    def test_what_is_wrong_is_said_with_the_remedy(self):
        for args, text in ((("-t", "http-c", "Bad Name", "-a"), "`bad-name`"), (("-t", "http-c", "../up", "-a"), "kebab-case"),
                           (("-t", "http-rsut", "x", "-a"), "http-rust"), (("x", "-a"), "-t"), (("-t", "http-c", "-a"), "my-app"),
                           (("-t", "http-c", "x", "-a", "--value", "http-pth=/"), "http-path"),
                           (("-t", "http-c", "x", "-a", "--value", "http-path=/.../b"), "/.../b"), (("-t", "http-rust", "match", "-a"), "my-match"),
                           (("-t", "http-c", "x"), "--accept-defaults")):
            with self.subTest(args):
                done = self.new(*args, input="")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(text, done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_templates_are_listed_with_what_they_need(self):
        done = weft.run("templates", "list")
        self.assertEqual(re.findall(r"^http-[\w-]+", done.stdout, re.M),
                         ["http-rust", "http-rust-p3", "http-rust-p3-rc", "http-rust-wasi", "http-rust-wasi-p3", "http-js", "http-js-p3", "http-ts",
                          "http-py", "http-py-p3", "http-go", "http-go-p3", "http-c", "http-c-p3", "http-cpp"])
        self.assertIn("Node.js", done.stdout)


# What only depends on the template is compiled once.
rust = {**debian, "CARGO_BUILD_BUILD_DIR": str(cache / "target-new")}
hello_rust = b"Hello from Rust\n"


def go():
    return {"PATH": with_tool("go"), "GOTOOLCHAIN": "local", "GOCACHE": str(cache / "go-build")}


class Languages(weft.Case):
    def build(self, language, env=None, timeout=900, name="my-app", handler=None):
        """Makes an application, with another handler if one is given, and builds it as the manifest says."""
        made = weft.run("new", "-t", f"http-{language}", name, "-a", "--value", "http-scope=/api", cwd=self.folder)
        self.assertEqual(made.returncode, 0, made.stderr)
        if handler:
            path, text = handler
            (self.folder / name / path).write_text(text)
        built = weft.run("build", cwd=self.folder / name, env=env, timeout=timeout)
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        return self.folder / name

    def answers(self, language, text, interface="wasi:http/incoming-handler@0.2", **more):
        folder = self.build(language, **more)
        component = re.search(r'^source = "(.*)"', (folder / "spin.toml").read_text(), re.M)[1]
        exports = weft.run("inspect", folder / component).stdout.partition("\nExports\n")[2].partition("\n\n")[0]
        self.assertIn(f"  {interface}", exports)
        with weft.Up("-f", folder, start_timeout=120) as up:
            status, headers, body = up.get("/api/any/path?x=1")
            self.assertEqual((status, headers["content-type"], body), (200, "text/plain", text), up.error_text())
            up.wait_for_error("/any/path")
            # The body is there to be read, and is not.
            self.assertEqual(up.request("POST", "/api/x", body=b"x" * 100_000)[::2], (200, text), up.error_text())

    def echoes(self, language, **more):
        """Bodies larger than what a program begins with go through one that reads them."""
        with weft.Up("-f", self.build(language, **more), start_timeout=120) as up:
            for size in (0, 5, 65536, 65537, 3_000_000):
                body = bytes(range(251)) * (size // 251 + 1)
                self.assertEqual(up.request("POST", "/api/echo", body=body[:size])[::2], (200, body[:size]), up.error_text())
            self.assertEqual(up.request("POST", "/api/echo", body=b"x" * 4_000_001)[0], 413, up.error_text())

    def test_rust(self):
        self.answers("rust", hello_rust, env=rust)

    def test_rust_for_wasi_0_3(self):
        self.answers("rust-p3", hello_rust, "wasi:http/handler@0.3.0", env=rust)

    def test_rust_for_the_candidate_of_wasi_0_3(self):
        self.answers("rust-p3-rc", hello_rust, "wasi:http/handler@0.3.0-rc-2026-03-15", env=rust)

    def test_rust_without_an_sdk(self):
        self.answers("rust-wasi", hello_rust, env=rust)

    def test_rust_without_an_sdk_for_wasi_0_3(self):
        self.answers("rust-wasi-p3", hello_rust, "wasi:http/handler@0.3", env=rust)

    def test_c(self):
        self.answers("c", b"Hello from C\n", env=debian)

    def test_c_for_wasi_0_3(self):
        self.answers("c-p3", b"Hello from C\n", "wasi:http/handler@0.3.0", env=debian)

    def test_c_reads_bodies(self):
        for generation, header in (("c", "weft_http.h"), ("c-p3", "weft_http_p3.h")):
            with self.subTest(generation):
                self.echoes(generation, env=debian, name=f"echo-{generation}", handler=("src/main.c", ECHO_C.replace("HEADER", header)))

    def test_cpp(self):
        self.answers("cpp", b"Hello from C++\n", env=debian)

    def test_go(self):
        # Under a name that Go does not take for a module.
        self.answers("go", b"Hello from Go\n", env=go(), name="go")

    def test_go_for_wasi_0_3(self):
        self.answers("go-p3", b"Hello from Go\n", "wasi:http/handler@0.3.0", env=go())

    def test_go_reads_bodies_and_grows(self):
        for generation in ("go", "go-p3"):
            with self.subTest(generation):
                self.echoes(generation, env=go(), name=f"echo-{generation}", handler=("main.go", ECHO_GO.replace("NAME", f"echo-{generation}")))

    def test_javascript(self):
        self.answers("js", b"Hello from JavaScript\n", env=npm())

    def test_javascript_for_wasi_0_3(self):
        self.answers("js-p3", b"Hello from JavaScript\n", "wasi:http/handler@0.3.0", env=npm())

    def test_javascript_for_wasi_0_3_reads_bodies(self):
        self.echoes("js-p3", env=npm(), handler=("src/index.js", ECHO_JS))

    def test_typescript(self):
        self.answers("ts", b"Hello from TypeScript\n", env=npm())

    def test_python(self):
        self.answers("py", b"Hello from Python\n", env=debian)

    def test_python_for_wasi_0_3(self):
        self.answers("py-p3", b"Hello from Python\n", "wasi:http/handler@0.3.0", env=debian)

    def test_python_reads_bodies(self):
        for generation, module, wait, name in (("py", "weft_http", "", "IncomingHandler"), ("py-p3", "weft_http_p3", "await ", "Handler")):
            with self.subTest(generation):
                text = ECHO_PY.replace("MODULE", module).replace("AWAIT ", wait).replace("ASYNC ", "async " if wait else "").replace("NAME", name)
                self.echoes(generation, env=debian, name=f"echo-{generation}", handler=("app.py", text))


# Each echoes a body of at most 4 MB, else answers 413.
ECHO_C = """#include "HEADER"

static void handle(weft_request* request, weft_response* response) {
  weft_text body;
  if (weft_body_read(request, 4000000, &body))
    weft_write(response, body.data, body.size);
  else
    response->status = 413;
}

WEFT_HTTP_HANDLER(handle)
"""
ECHO_GO = """package main

import (
	"fmt"

	"example/NAME/weft"
)

func handle(request *weft.Request) weft.Response {
	fmt.Println(request.Method, request.Path)
	body, whole := request.Body(4_000_000)
	var more [][]byte
	for i := range 40 {
		more = append(more, make([]byte, 100_000+i))
		for at := range more[i] {
			more[i][at] = byte(at)
		}
	}
	fmt.Println(len(body), whole, len(more))
	if !whole {
		return weft.Response{Status: 413}
	}
	return weft.Response{Body: body}
}

func init() { weft.Handle(handle) }

func main() {}
"""
ECHO_JS = """import { Response, serve } from './weft_http_p3.js';

export const handler = serve(async (request) => {
  try {
    return new Response(await request.bytes(4_000_000));
  } catch (error) {
    return new Response('', { status: error instanceof RangeError ? 413 : 500 });
  }
});
"""
ECHO_PY = """from MODULE import BodyTooLarge, Request, Response, serve


ASYNC def handle(request: Request) -> Response:
    try:
        return Response(200, {}, AWAIT request.body(4_000_000))
    except BodyTooLarge:
        return Response(413)


NAME = serve(handle)
"""
