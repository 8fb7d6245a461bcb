"""Components from URLs."""
import hashlib
import http.server
import ssl
import subprocess
import threading

import weft


class Files(http.server.BaseHTTPRequestHandler):
    """Serves one component, and where else it is."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/hello.wasm")
            self.end_headers()
        elif self.path == "/hello.wasm":
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.server.content)))
            self.end_headers()
            self.wfile.write(self.server.content)
        else:
            self.send_error(404)

    def log_message(self, *ignored):
        pass


class Remote(weft.Case):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        self.server.asked = []
        self.server.content = weft.guest("hello-rust").read_bytes()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.digest = hashlib.sha256(self.server.content).hexdigest()
        self.env = {"XDG_CACHE_HOME": str(self.folder / "cache")}

    def application(self, path="/hello.wasm", digest=None, scheme="http"):
        (self.folder / "spin.toml").write_text(f"""spin_manifest_version = 2
[application]
name = "remote"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = {{ url = "{scheme}://localhost:{self.server.server_port}{path}", digest = "sha256:{digest or self.digest}" }}
""")
        return self.folder

    def refused(self):
        result = weft.run("up", "--from", self.folder, "--listen", "127.0.0.1:0", env=self.env)
        self.assertEqual(result.returncode, 1, result.stderr)
        return result.stderr

    def test_a_component_is_downloaded_once(self):
        self.application("/moved")
        for _ in range(2):
            with weft.Up("--from", self.folder, env=self.env) as up:
                self.assertEqual(up.get("/")[0], 200)
        self.assertEqual(self.server.asked, ["/moved", "/hello.wasm"])

    def test_inspect_knows_it_too(self):
        result = weft.run("inspect", self.application(), env=self.env)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("wasi:http/incoming-handler", result.stdout)

    def test_another_digest_is_refused_and_nothing_is_kept(self):
        self.application(digest="0" * 64)
        self.assertIn(f"is not what it should be: its SHA-256 is {self.digest}", self.refused())
        self.assertEqual(list((self.folder / "cache/weft/downloads").iterdir()), [])

    def test_what_the_server_does_not_have_is_an_error_with_the_url(self):
        self.application("/other.wasm")
        self.assertIn(f"http://localhost:{self.server.server_port}/other.wasm: the server answers 404", self.refused())

    def test_over_tls_the_server_must_be_who_it_says(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                        "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", self.folder / "key",
                        "-out", self.folder / "certificate"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "certificate", self.folder / "key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.application(scheme="https")
        self.assertIn("certificate", self.refused())
        trusting = {**self.env, "SSL_CERT_FILE": str(self.folder / "certificate")}
        with weft.Up("--from", self.folder, env=trusting) as up:
            self.assertEqual(up.get("/")[0], 200)
