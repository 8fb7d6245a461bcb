"""A guest's own requests: to servers that behave and to servers that do not, within what the manifest grants."""
import contextlib
import http.server
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "out"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
allowed_outbound_hosts = [%s]
"""


class Upstream:
    """An HTTP/1.1 server on 127.0.0.1 that counts its connections."""

    def __init__(self, certificate=None, asks_for=None):
        """`asks_for` is the authority that a client's certificate must be signed by."""
        self.connections = 0
        self.subjects = []  # of clients' certificates
        self.requests = []
        self.gate = None  # a barrier that requests to /together meet at
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                with upstream.lock:
                    upstream.connections += 1

            def answer(self, body, status=200, headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                with upstream.lock:
                    upstream.requests.append((self.command, self.path, dict(self.headers)))
                    if asks_for:
                        upstream.subjects.append(dict(pair[0] for pair in self.connection.getpeercert()["subject"])["commonName"])
                if self.path == "/together":
                    upstream.gate.wait(20)
                    self.answer(b"together")
                elif self.path == "/large":
                    self.send_response(200)
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    for _ in range(256):
                        self.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                    self.wfile.write(b"0\r\n\r\n")
                elif self.path == "/teapot":
                    self.answer(b"short and stout", 418, [("X-Kind", "pot")])
                elif self.path == "/redirect":
                    self.answer(b"", 302, [("Location", "/teapot")])
                else:
                    self.answer(b"got " + self.path.encode())

            def do_POST(self):
                with upstream.lock:
                    upstream.requests.append((self.command, self.path, dict(self.headers)))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b""
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(body[::-1])

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.lock = threading.Lock()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            if asks_for:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(asks_for)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
            scheme = "https"
        self.base = f"{scheme}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextlib.contextmanager
def raw_server(answer):
    """Accepts connections, reads one head from each, sends `answer` (bytes, or a function of the socket) and closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536) or b"\r\n\r\n"
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Certificates:
    """An authority, `ca.pem`, and what it signed: each a certificate with its key in one file."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-certificates-"))
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test")
        self.authority = self.folder / "ca.pem"
        self.good = self.make("good", "IP:127.0.0.1,DNS:localhost")
        self.other = self.make("other", "DNS:elsewhere.example")
        self.expired = self.make("expired", "IP:127.0.0.1", "-1")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def make(self, name, names, days="2"):
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
                     "-addext", f"subjectAltName={names}")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", days,
                     "-copy_extensions", "copy", "-out", f"{name}.crt")
        path = self.folder / f"{name}.pem"
        path.write_bytes((self.folder / f"{name}.crt").read_bytes() + (self.folder / f"{name}.key").read_bytes())
        return path

    def remove(self):
        shutil.rmtree(self.folder)


class Case(weft.Case):
    def start(self, *hosts, env=None, threads=1, site=None):
        """`site` is the text of a runtime configuration."""
        self.manifest(MANIFEST % ", ".join(f'"{host}"' for host in hosts), it="outbound-rust")
        more = []
        if site:
            (self.folder / "site.toml").write_text(site)
            more = ["--runtime-config-file", self.folder / "site.toml"]
        up = weft.Up("-f", self.folder, "--threads", str(threads), *more, env=env)
        self.addCleanup(up.__exit__)
        return up

    def check_error(self, up, url, code, **more):
        query = "&".join([f"url={url}", *(f"{k}={v}" for k, v in more.items())])
        status, headers, _ = up.get(f"/get?{query}")
        self.assertEqual((status, headers["x-error"]), (502, code), url)


class Requests(Case):
    def setUp(self):
        super().setUp()
        self.upstream = self.enterContext(Upstream())
        self.up = self.start("http://127.0.0.1:*")

    def test_status_headers_and_body_come_back(self):
        status, headers, body = self.up.get(f"/get?url={self.upstream.base}/teapot")
        self.assertEqual((status, headers["x-kind"], body), (418, "pot", b"short and stout"))

    def test_the_request_has_the_authority_as_its_host_and_no_hop_by_hop_fields(self):
        self.up.get(f"/get?url={self.upstream.base}/path%3Fa=b")
        method, path, headers = self.upstream.requests[-1]
        self.assertEqual((method, path), ("GET", "/path?a=b"))
        self.assertEqual(headers, {"host": f"127.0.0.1:{self.upstream.port}"})

    def test_requests_carry_the_trace_of_the_request_they_are_made_for(self):
        trace, client = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
        sent = {"traceparent": f"00-{trace}-{client}-01", "tracestate": "a=1,b=2"}
        self.up.request("GET", f"/fanout?url={self.upstream.base}/&n=3", headers=sent)
        spans = set()
        for _, _, headers in self.upstream.requests:
            version, its_trace, span, flags = headers["traceparent"].split("-")
            self.assertEqual((version, its_trace, flags, headers["tracestate"]), ("00", trace, "01", "a=1,b=2"))
            spans.add(span)
        self.assertEqual((len(spans), client in spans), (3, False))

    def test_a_trace_that_the_guest_names_is_left_alone(self):
        own = "00-11111111111111111111111111111111-2222222222222222-00"
        sent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=1"}
        self.up.request("GET", f"/get?url={self.upstream.base}/&header=traceparent:{own}", headers=sent)
        headers = self.upstream.requests[-1][2]
        self.assertEqual((headers["traceparent"], "tracestate" in headers), (own, False))

    def test_without_a_trace_none_is_begun(self):
        for headers in ({}, {"traceparent": "00-zz-1-01", "tracestate": "a=1"}):
            self.up.request("GET", f"/get?url={self.upstream.base}/", headers=headers)
            self.assertEqual(set(self.upstream.requests[-1][2]), {"host"})

    def test_a_body_is_streamed_out(self):
        body = bytes(range(256)) * 2000
        status, _, answer = self.up.request("POST", f"/post?url={self.upstream.base}/", body=body)
        self.assertEqual((status, answer), (200, body[::-1]))

    def test_a_large_body_is_streamed_back_in_bounded_memory(self):
        before = self.up.resident_bytes()
        status, _, body = self.up.get(f"/get?url={self.upstream.base}/large")
        self.assertEqual((status, len(body)), (200, 16 << 20))
        self.assertLess(self.up.resident_bytes() - before, 12 << 20)

    def test_redirects_are_the_guests_business(self):
        status, headers, _ = self.up.get(f"/get?url={self.upstream.base}/redirect")
        self.assertEqual((status, headers["location"]), (302, "/teapot"))

    def test_one_connection_serves_many_requests_and_instances(self):
        for _ in range(20):
            self.assertEqual(self.up.get(f"/get?url={self.upstream.base}/")[0], 200)
        self.assertEqual((self.upstream.connections, len(self.upstream.requests)), (1, 20))

    def test_64_requests_run_at_once(self):
        self.upstream.gate = threading.Barrier(64)
        status, _, body = self.up.get(f"/fanout?url={self.upstream.base}/together&n=64")
        self.assertEqual((status, body.splitlines()), (200, [b"200 8"] * 64))
        self.assertEqual(self.upstream.connections, 64)
        self.up.get(f"/fanout?url={self.upstream.base}/&n=64")
        self.assertEqual(self.upstream.connections, 64)

    def test_a_client_that_leaves_ends_the_guests_request(self):
        arrived, gone = threading.Event(), threading.Event()

        def hold(connection):
            arrived.set()
            if connection.recv(1) == b"":
                gone.set()

        with raw_server(hold) as url:
            with self.up.connect() as client:
                client.sendall(f"GET /get?url={url}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertTrue(arrived.wait(10))
            self.assertTrue(gone.wait(10))


class Faults(Case):
    def setUp(self):
        super().setUp()
        self.up = self.start("http://127.0.0.1:*", "http://*.invalid")

    def test_nobody_listens(self):
        self.check_error(self.up, f"http://127.0.0.1:{closed_port()}/", "connection-refused")
        self.up.wait_for_error("failed: connection refused")

    def test_a_name_that_does_not_exist(self):
        self.check_error(self.up, "http://nowhere.invalid/", "dns-error")

    def test_servers_that_misbehave(self):
        for answer, code in ((b"", "connection-terminated"), (b"HTTP/1.1 200", "http-response-incomplete"),
                             (b"SSH-2.0-x\r\n", "http-protocol-error"), (b"HTTP/1.1 200 OK\nA: b\n\n", "http-protocol-error"),
                             (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000, "http-response-header-section-size"),
                             (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "http-protocol-error"),
                             (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "http-response-transfer-coding"),
                             (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "http-protocol-error")):
            with self.subTest(answer[:40]), raw_server(answer) as url:
                self.check_error(self.up, f"{url}/", code)

    def test_a_server_that_never_answers(self):
        with raw_server(lambda connection: connection.recv(1)) as url:
            self.check_error(self.up, f"{url}/", "connection-read-timeout", ms=100)

    def test_a_body_that_is_cut_short_does_not_look_complete(self):
        with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello") as url:
            answer = self.up.raw(f"GET /get?url={url}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            self.assertNotIn(b"0\r\n\r\n", answer[-8:])

    def test_interim_responses_are_skipped(self):
        with raw_server(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as url:
            self.assertEqual(self.up.get(f"/get?url={url}/")[::2], (200, b"ok"))


class Grants(Case):
    def test_what_is_not_granted_is_refused_with_the_line_to_add(self):
        with Upstream() as upstream:
            up = self.start("http://example.com", "http://127.0.0.1:1")
            self.check_error(up, f"{upstream.base}/", "http-request-denied")
            up.wait_for_error(f'allowed_outbound_hosts = ["http://example.com", "http://127.0.0.1:1", "{upstream.base}"]')
            up.wait_for_error("[component.it]")
            self.assertEqual(upstream.connections, 0)

    def test_the_line_to_add_grants_it(self):
        with Upstream() as upstream:
            up = self.start(upstream.base)
            self.assertEqual(up.get(f"/get?url={upstream.base}/")[0], 200)

    def test_a_name_is_not_granted_by_its_address(self):
        with Upstream() as upstream:
            up = self.start(f"http://127.0.0.1:{upstream.port}")
            self.check_error(up, f"http://localhost:{upstream.port}/", "http-request-denied")
            # Other spellings of the address are no names either.
            for host in ("2130706433", "127.1", "0x7f.0.0.1"):
                status, headers, _ = up.get(f"/get?url=http://{host}:{upstream.port}/")
                self.assertEqual((status, headers["x-error"]), (502, "http-request-uri-invalid"), host)
            self.assertEqual(upstream.connections, 0)

    def test_the_application_itself_needs_a_grant_of_its_own(self):
        up = self.start("http://127.0.0.1:*")
        for url in ("/nowhere", "http://self.alt/nowhere"):
            self.check_error(up, url, "http-request-denied")
        up.wait_for_error('"http://self"]')

    def test_the_application_itself_answers_when_granted(self):
        up = self.start("http://self")
        for url in ("/nowhere", "http://self.alt/nowhere"):
            status, _, body = up.get(f"/get?url={url}")
            self.assertEqual((status, body), (400, b"the parameter url is missing\n"), url)
        # Its own name is nothing special.
        self.check_error(up, "http://self/nowhere", "http-request-denied")


class Tls(Case):
    @classmethod
    def setUpClass(cls):
        cls.made = Certificates()
        cls.addClassCleanup(cls.made.remove)
        cls.certificates, cls.good, cls.other, cls.expired = cls.made.folder, cls.made.good, cls.made.other, cls.made.expired

    def trusting(self):
        return self.start("https://127.0.0.1:*", env={"SSL_CERT_FILE": str(self.certificates / "ca.pem")})

    def test_a_trusted_certificate_is_accepted_and_the_connection_kept(self):
        with Upstream(self.good) as upstream:
            up = self.trusting()
            for _ in range(5):
                self.assertEqual(up.get(f"/get?url={upstream.base}/x")[::2], (200, b"got /x"))
            status, _, body = up.request("POST", f"/post?url={upstream.base}/", body=b"abc" * 100_000)
            self.assertEqual((status, body), (200, b"cba" * 100_000))
            self.assertEqual(upstream.connections, 1)

    def test_certificates_that_cannot_be_trusted(self):
        up = self.trusting()
        for certificate, why in ((self.other, "mismatch"), (self.expired, "expired")):
            with self.subTest(why), Upstream(certificate) as upstream:
                self.check_error(up, f"{upstream.base}/", "tls-certificate-error")
                up.wait_for_error(why)

    def test_an_unknown_authority_is_not_trusted(self):
        with Upstream(self.good) as upstream:
            up = self.start("https://127.0.0.1:*")
            self.check_error(up, f"{upstream.base}/", "tls-certificate-error")

    def test_a_server_without_tls(self):
        with Upstream() as upstream:
            up = self.trusting()
            self.check_error(up, upstream.base.replace("http:", "https:") + "/", "tls-protocol-error")
