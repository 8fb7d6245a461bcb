"""HTTP/2 as clients speak it: curl, nghttp, h2load; and servers that components ask."""
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import weft
from test_outbound import MANIFEST


def curl(*args, input=None):
    """Its standard output, in bytes; fails as curl does."""
    return subprocess.run(["curl", "-sS", "--max-time", "20", *map(str, args)], check=True, capture_output=True,
                          input=input).stdout


def program_output(*args):
    return subprocess.run([*map(str, args)], check=True, capture_output=True, text=True, timeout=60).stdout


def certificate(folder):
    """A self-signed one for localhost and 127.0.0.1: (certificate, key)."""
    paths = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", paths[1],
                    "-out", paths[0]], check=True, capture_output=True)
    return paths


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def wait_for_port(port, timeout=10):
    deadline = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class ClearText(weft.Case):
    @classmethod
    def setUpClass(cls):
        cls.up = weft.Up(weft.guest("echo-rust"), "--max-body-bytes", "10000000", "--access-log")

    @classmethod
    def tearDownClass(cls):
        cls.up.__exit__()

    def test_a_client_with_prior_knowledge_is_served(self):
        out = curl("--http2-prior-knowledge", "-w", "\n%{http_version} %{http_code}", "-d", "hello", self.up.base + "/a?b=c")
        self.assertTrue(out.startswith(b"hello"), out)
        self.assertTrue(out.endswith(b"\n2 200"), out)
        self.up.wait_for_error("HTTP/2")

    def test_one_port_serves_both(self):
        for flag, version in (("--http1.1", b"1.1"), ("--http2-prior-knowledge", b"2"), ("--http1.0", b"1")):
            out = curl(flag, "-w", "\n%{http_version}", "-d", "x", self.up.base + "/")
            self.assertEqual(out.rsplit(b"\n", 1)[1], version, flag)

    def test_a_wish_to_upgrade_is_ignored(self):
        out = curl("--http2", "-w", "\n%{http_version}", "-d", "x", self.up.base + "/")
        self.assertEqual(out.rsplit(b"\n", 1)[1], b"1.1")

    def test_a_large_body_goes_through_the_component_and_back(self):
        body = bytes(range(256)) * 16384
        out = curl("--http2-prior-knowledge", "--data-binary", "@-", self.up.base + "/", input=body)
        self.assertEqual(out, body)

    def test_a_body_above_the_limit_is_413(self):
        out = curl("--http2-prior-knowledge", "-w", "\n%{http_code}", "--data-binary", "@-", self.up.base + "/",
                   input=b"x" * 10_000_001)
        self.assertTrue(out.endswith(b"\n413"), out[-100:])

    def test_many_requests_share_a_connection(self):
        out = program_output("h2load", "-n", "2000", "-c", "2", "-m", "50", self.up.base + "/")
        self.assertIn("2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout", out)

    def test_what_another_client_sees_of_a_request(self):
        out = program_output("nghttp", "-v", "-H", "x-a: b", self.up.base + "/")
        self.assertIn(":status: 200", out)
        self.assertRegex(out, r"recv SETTINGS frame")
        self.assertNotIn("GOAWAY frame <length=8, flags=0x00, stream_id=0>\n          (last_stream_id=1, error_code=PROTOCOL", out)


class Drain(weft.Case):
    def test_a_signal_lets_open_requests_finish(self):
        with weft.Up(weft.guest("misbehave-rust")) as up:
            answers = []
            thread = threading.Thread(target=lambda: answers.append(
                curl("--http2-prior-knowledge", "-w", "%{http_code}", "-o", "/dev/null", up.base + "/slow?ms=1500")))
            thread.start()
            time.sleep(0.5)
            up.process.send_signal(signal.SIGTERM)
            thread.join()
            self.assertEqual(answers, [b"200"])
            self.assertEqual(up.process.wait(5), 0)


class Off(weft.Case):
    def test_no_http2_is_spoken_when_it_is_switched_off(self):
        with weft.Up(weft.guest("hello-rust"), "--no-http2") as up:
            self.assertTrue(up.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").startswith(b"HTTP/1.1 505 "))


class Tls(weft.Case):
    def test_a_client_chooses_in_the_handshake(self):
        cert, key = certificate(self.folder)
        with weft.Up(weft.guest("hello-rust"), "--tls-cert", cert, "--tls-key", key) as up:
            for flag, version in (("--http2", b"2"), ("--http1.1", b"1.1"), ("--no-alpn", b"1.1")):
                out = curl("--cacert", cert, flag, "-w", "\n%{http_version}", up.base + "/")
                self.assertTrue(out.startswith(b"Hello, world!"), out)
                self.assertEqual(out.rsplit(b"\n", 1)[1], version, flag)
            out = program_output("h2load", "-n", "500", "-c", "2", "-m", "10", up.base + "/")
            self.assertIn("500 succeeded", out)
            self.assertIn("Application protocol: h2", out)

    def test_a_server_without_it_offers_http1(self):
        cert, key = certificate(self.folder)
        with weft.Up(weft.guest("hello-rust"), "--tls-cert", cert, "--tls-key", key, "--no-http2") as up:
            out = curl("--cacert", cert, "--http2", "-w", "\n%{http_version}", up.base + "/")
            self.assertEqual(out.rsplit(b"\n", 1)[1], b"1.1")


class Upstream:
    """nghttpd with one file `/file`; counts its connections by what it prints."""

    def __init__(self, folder, certificate=None):
        (folder / "file").write_bytes(b"from nghttpd\n" * 10_000)
        self.port = free_port()
        self.base = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        keys = [certificate[1], certificate[0]] if certificate else ["--no-tls"]
        flags, files = (["--no-tls"], []) if not certificate else ([], keys)
        self.process = subprocess.Popen(["stdbuf", "-oL", "nghttpd", "-v", "-d", folder, "--echo-upload", *flags, str(self.port), *map(str, files)],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.log = []
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stdout), daemon=True)
        self.reader.start()
        wait_for_port(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()

    def connections(self):
        """Ids of connections that asked for something."""
        return {match.group(1) for line in self.log if (match := re.match(r".*\[id=(\d+)\].*recv.*:path", line))}


class Outbound(weft.Case):
    def start(self, upstream, **env):
        self.manifest(MANIFEST % f'"{upstream.base}"', it="outbound-rust")
        up = weft.Up("-f", self.folder, "--threads", "1", env=env)
        self.addCleanup(up.__exit__)
        return up

    def folder_for_files(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-h2-"))
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def check(self, up, upstream):
        for _ in range(3):
            status, _, body = up.get(f"/get?url={upstream.base}/file")
            self.assertEqual((status, body), (200, b"from nghttpd\n" * 10_000))
        status, _, body = up.get(f"/fanout?url={upstream.base}/file&n=64")
        self.assertEqual((status, body.splitlines()), (200, [b"200 130000"] * 64))
        body = bytes(range(256)) * 2000
        status, _, answer = up.request("POST", f"/post?url={upstream.base}/echo", body=body)
        self.assertEqual((status, answer), (200, body))
        self.assertEqual(len(upstream.connections()), 1, upstream.connections())

    def test_a_server_that_chooses_it_is_asked_over_one_connection(self):
        folder = self.folder_for_files()
        keys = certificate(folder)
        with Upstream(folder, keys) as upstream:
            self.check(self.start(upstream, SSL_CERT_FILE=str(keys[0])), upstream)

    def test_a_server_that_is_known_to_speak_it_is_asked_without_tls(self):
        with Upstream(self.folder_for_files()) as upstream:
            self.check(self.start(upstream, SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE=f"127.0.0.1:{upstream.port}"), upstream)

    def test_one_that_is_not_known_is_asked_over_http1(self):
        with Upstream(self.folder_for_files()) as upstream:
            status, _, _ = self.start(upstream).get(f"/get?url={upstream.base}/file")
            self.assertEqual(status, 502)

    def test_a_wrong_setting_is_refused(self):
        done = weft.run("up", weft.guest("hello-rust"), env={"SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE": "http://x"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("http://x: expected HOST:PORT", done.stderr)
