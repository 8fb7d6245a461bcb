"""`weft new`: what it asks, what it refuses, and that an application of each template builds and answers.

The tools are Debian's and those of scripts/tools.sh, and what npm and pip install comes from their own caches when it was there
before.
"""
import concurrent.futures
import http.client
import http.server
import os
import pathlib
import pty
import re
import socket
import subprocess
import threading

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
                          "http-py", "http-py-p3", "http-go", "http-go-p3", "http-c", "http-c-p3", "http-cpp", "http-cpp-p3"])
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
        folder = self.build(language, **more)
        with weft.Up("-f", folder, start_timeout=120) as up:
            for size in (0, 5, 65536, 65537, 3_000_000):
                body = bytes(range(251)) * (size // 251 + 1)
                self.assertEqual(up.request("POST", "/api/echo", body=body[:size])[::2], (200, body[:size]), up.error_text())
            self.assertEqual(up.request("POST", "/api/echo", body=b"x" * 4_000_001)[0], 413, up.error_text())
        return folder

    def streams(self, up):
        """What a client sends comes back piece by piece; and when it breaks off, so does its answer."""
        with up.connect() as client:
            client.sendall(b"POST /api/stream HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            received = b""
            for piece in (b"one,", b"two,"):
                client.sendall(b"4\r\n" + piece + b"\r\n")
                while piece not in received:
                    more = client.recv(65536)
                    self.assertTrue(more, received)
                    received += more
            client.shutdown(socket.SHUT_WR)
            while more := client.recv(65536):
                received += more
            self.assertNotIn(b"0\r\n\r\n", received)

    def asks_others(self, folder):
        """It asks the server that the header `url` names, if that is granted."""

        class Peer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["content-length"] or 0)
                body = b"".join(iter(lambda: self.rfile.read(int(self.rfile.readline(), 16) + 2)[:-2], b"")) if not size else self.rfile.read(size)
                self.send_response(203)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer) as peer:
            threading.Thread(target=peer.serve_forever, daemon=True).start()
            self.addCleanup(peer.shutdown)
            manifest, base = folder / "spin.toml", f"http://127.0.0.1:{peer.server_port}"
            manifest.write_text(manifest.read_text().replace("allowed_outbound_hosts = []", f'allowed_outbound_hosts = ["{base}"]'))
            with weft.Up("-f", folder, start_timeout=120) as up:
                for body in (b"short", b"long" * 50_000):
                    self.assertEqual(up.request("POST", "/api", body=body, headers={"url": f"{base}/x?y"})[::2], (203, body), up.error_text())
                self.assertEqual(up.request("POST", "/api", headers={"url": "http://127.0.0.1:1"})[::2], (502, b"HTTP-request-denied"))
                self.assertEqual(up.request("POST", "/api", headers={"url": "ftp://x"})[::2], (502, b"`ftp://x` is no URL of http or https"))

    def passes(self, up, count):
        """Sends so many pieces of 64 KiB, and answers (status, how many have come back)."""
        piece = bytes(range(256)) * 256

        def send(client):
            client.sendall(b"POST /api/stream HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in range(count):
                client.sendall(b"10000\r\n" + piece + b"\r\n")
            client.sendall(b"0\r\n\r\n")

        with up.connect(timeout=120) as client:
            sender = threading.Thread(target=send, args=(client,))
            sender.start()
            answer = http.client.HTTPResponse(client)
            answer.begin()
            came = 0
            while answer.read(len(piece)) == piece:
                came += 1
            sender.join()
        return answer.status, came

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

    def test_cpp_for_wasi_0_3(self):
        self.answers("cpp-p3", b"Hello from C++\n", "wasi:http/handler@0.3.0", env=debian)

    def test_cpp_reads_and_streams_bodies(self):
        for generation, header in (("cpp", "weft_http.hpp"), ("cpp-p3", "weft_http_p3.hpp")):
            with self.subTest(generation):
                text = ECHO_CPP.replace("HEADER", header).replace("FETCH", header.replace("http", "fetch"))
                folder = self.echoes(generation, env=debian, name=f"echo-{generation}", handler=("src/main.cc", text))
                self.asks_others(folder)
                with weft.Up("-f", folder, "--max-instance-memory", str(16 << 20), start_timeout=120) as up:
                    self.streams(up)
                    # At the same time, and each longer than an instance's memory may be.
                    with concurrent.futures.ThreadPoolExecutor(3) as pool:
                        self.assertEqual(list(pool.map(lambda _: self.passes(up, 300), range(3))), [(200, 300)] * 3, up.error_text())

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
ECHO_CPP = """#include "HEADER"

#include "FETCH"
#include "weft_config.hpp"
#include "weft_key_value.hpp"

// Pieces as they come, or all at once; or what another server makes of it.
static weft::Response handle(weft::Request& request) {
  if (const auto url = request.header("url")) {
    const auto answer = weft::fetch({.url = std::string(*url), .method = "POST", .body = request.body().value_or("")});
    if (!answer) return {.status = 502, .body = answer.error().message};
    return *answer;
  }
  if (request.path() == "/api/stream") {
    return {.stream = [&request](weft::Writer& out) {
      while (const auto piece = request.read()) {
        if (!out.write(*piece)) return;
      }
      if (!request.whole()) out.abandon();
    }};
  }
  auto body = request.body(4000000);
  if (!body) return {.status = 413};
  return {.body = *std::move(body)};
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
