"""Components of WASI 0.3 behind `weft up`: final, and the candidate that Spin's SDK of spring 2026 builds against."""
import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import threading
import time

import weft


class Hello(weft.Case):
    def check(self, guest, body):
        with weft.Up(weft.guest(guest)) as up:
            for _ in range(3):
                status, headers, answer = up.get("/")
                self.assertEqual((status, answer), (200, body))
                self.assertEqual(headers["content-type"], "text/plain")

    def test_the_final_version_in_rust(self):
        self.check("hello-p3-rust", b"Hello from WASI 0.3\n")

    def test_the_candidate_in_rust(self):
        self.check("hello-p3-rc-rust", b"Hello from the candidate\n")

    def test_the_final_version_in_c(self):
        self.check("hello-p3-c", b"Hello from C, WASI 0.3\n")

    def test_a_body_that_is_written_at_once_leaves_with_its_length(self):
        with weft.Up(weft.guest("hello-p3-c")) as up:
            self.assertEqual(up.get("/")[1]["content-length"], "23")

    def test_many_requests_at_a_time(self):
        with weft.Up(weft.guest("hello-p3-rust")) as up:
            answers = []
            threads = [threading.Thread(target=lambda: answers.extend(up.get("/")[0] for _ in range(20))) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(answers, [200] * 160)


class Messages(weft.Case):
    @classmethod
    def setUpClass(cls):
        cls.up = weft.Up(weft.guest("echo-p3-rust"), "--request-timeout-s", "3", "--max-body-bytes", str(1 << 30))

    @classmethod
    def tearDownClass(cls):
        cls.up.__exit__()

    def echo(self, path, size):
        """Sends `size` bytes in chunks while it reads them back; returns how many came back right."""
        piece = bytes(range(256)) * 256
        with self.up.connect() as s:
            s.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (path, size))

            def send():
                for _ in range(size // len(piece)):
                    s.sendall(piece)

            sender = threading.Thread(target=send)
            sender.start()
            response = http.client.HTTPResponse(s)
            response.begin()
            self.assertEqual(response.status, 200)
            received = 0
            while part := response.read(len(piece)):
                self.assertEqual(part, piece[:len(part)])
                received += len(part)
            sender.join()
            return received

    def test_a_body_comes_back_in_constant_memory(self):
        size = 64 << 20
        for path in (b"/", b"/pass"):
            with self.subTest(path):
                self.echo(path, 4 << 20)
                before = self.up.resident_bytes()
                self.assertEqual(self.echo(path, size), size)
                self.assertLess(self.up.resident_bytes() - before, 8 << 20)

    def test_a_body_comes_back_as_it_comes_in(self):
        for path in (b"/", b"/pass"):
            with self.subTest(path), self.up.connect() as s:
                s.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n" % path)
                received = b""
                while b"first" not in received:
                    received += s.recv(65536)
                s.sendall(b"6\r\nsecond\r\n0\r\n\r\n")
                while not received.endswith(b"0\r\n\r\n"):
                    received += s.recv(65536)
                self.assertIn(b"second", received)

    def test_a_body_is_read_to_its_end(self):
        self.assertEqual(self.up.request("POST", "/count", body=b"x" * 300000)[2], b"300000 bytes, no trailers\n")
        self.assertEqual(self.up.get("/count")[2], b"0 bytes, no trailers\n")

    def test_trailers_reach_the_component(self):
        answer = self.up.raw(b"POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                             b"3\r\nabc\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n")
        self.assertIn(b"3 bytes, 2 trailers", answer)

    def test_trailers_of_the_component_reach_the_client(self):
        answer = self.up.raw(b"GET /trailers HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTE: trailers\r\n\r\n")
        self.assertIn(b"4\r\nbody\r\n0\r\nx-trailer: value\r\n\r\n", answer)

    def test_a_response_leaves_while_its_body_is_made(self):
        with self.up.connect() as s:
            started = time.monotonic()
            s.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 200"))
            head = time.monotonic() - started
            received = b""
            while part := s.recv(65536):
                received += part
            self.assertLess(head, 0.15)
            self.assertGreater(time.monotonic() - started, 0.24)
            self.assertEqual(received.count(b"line"), 5)

    def test_an_error_is_500_and_in_the_log(self):
        self.assertEqual(self.up.get("/no-response")[::2], (500, b""))
        self.up.wait_for_error("the component answered with the error internal-error: on purpose")

    def test_a_trap_before_the_response_is_500(self):
        self.assertEqual(self.up.get("/trap")[::2], (500, b""))
        self.up.wait_for_error("unreachable")

    def test_what_will_never_answer_is_500_at_once(self):
        started = time.monotonic()
        self.assertEqual(self.up.get("/stuck")[::2], (500, b""))
        self.assertLess(time.monotonic() - started, 1)
        self.up.wait_for_error("deadlock detected")

    def test_what_never_returns_is_ended_when_its_time_is_over(self):
        started = time.monotonic()
        self.assertEqual(self.up.get("/never")[::2], (500, b""))
        self.assertLess(time.monotonic() - started, 10)
        self.up.wait_for_error("the time limit is over")

    def test_a_body_that_is_not_finished_never_looks_complete(self):
        for path in (b"/trap-late", b"/cut"):
            with self.subTest(path):
                answer = self.up.raw(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path)
                self.assertTrue(answer.startswith(b"HTTP/1.1 200"), answer)
                self.assertIn(b"piece", answer)
                self.assertFalse(answer.endswith(b"0\r\n\r\n"), answer)

    def test_a_client_that_leaves_ends_its_task(self):
        with self.up.connect() as s:
            s.sendall(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.2)
        self.up.wait_for_error("the client closed the connection")

    def test_a_client_that_stops_sending_is_an_error_for_the_component(self):
        with self.up.connect() as s:
            s.sendall(b"POST /pass HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            s.shutdown(socket.SHUT_WR)
            received = b""
            with contextlib.suppress(ConnectionError):
                while part := s.recv(65536):
                    received += part
        self.assertNotIn(b"0\r\n\r\n", received)

    def test_a_client_that_does_not_read_makes_the_component_wait(self):
        with self.up.connect() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(b"POST /pass HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
            s.settimeout(1)
            sent = 0
            with self.assertRaises(TimeoutError):
                while sent < 100_000_000:
                    sent += s.send(b"x" * 65536)
            self.assertLess(sent, 32 << 20)

    def test_a_body_that_is_not_wanted_is_in_nobodys_way(self):
        for path, answer in (("/unread", b"unread\n"), ("/dropped", b"dropped\n"),
                             ("/half", b"hello, read, Ok(false)\n")):
            with self.subTest(path):
                status, _, body = self.up.request("POST", path, body=b"hello" + b" world" * 50000)
                self.assertEqual((status, body), (200, answer))
                self.assertEqual(self.up.request("POST", "/count", body=b"abc")[2], b"3 bytes, no trailers\n")

    def test_a_read_that_waits_may_be_cancelled(self):
        with self.up.connect() as s:
            s.sendall(b"POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nConnection: close\r\n\r\nhello")
            time.sleep(0.3)
            s.sendall(b" world")
            received = b""
            while part := s.recv(65536):
                received += part
        self.assertTrue(received.endswith(b"hello, cancelled, Ok(false)\n"), received)

    def test_what_may_be_set_is_what_may_be_sent(self):
        status, headers, body = self.up.get("/syntax")
        self.assertEqual(body.decode().splitlines(), [
            "Scheme::Https", "Scheme::Http", 'Scheme::Other("ws")', '"user@example.com": true', '"": false', r'" \t value "',
            "Err(HeaderError::InvalidSyntax)", "99: false", "100: true", "599: true", "600: false", "999: false"])
        self.assertEqual(headers["padded"], "value")

    def test_a_response_that_is_not_sent_is_an_error_for_who_made_it(self):
        body = self.up.get("/unsent")[2]
        self.assertIn(b"4 bytes left, Err(", body)

    def test_a_body_of_another_length_than_promised_never_looks_complete(self):
        for path in (b"/too-long", b"/too-short"):
            with self.subTest(path):
                answer = self.up.raw(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)
                head, _, body = answer.partition(b"\r\n\r\n")
                self.assertTrue(head.startswith(b"HTTP/1.1 500") or len(body) < 4, answer)

    def test_what_is_printed_goes_where_the_host_prints(self):
        self.assertEqual(self.up.get("/stdout")[2], b"printed\n")
        for line in ("one", "two", "three"):
            self.up.wait_for_error(line)


class Outbound(weft.Case):
    def test_a_response_is_passed_on_while_it_comes(self):
        with weft.Up(weft.guest("echo-p3-rust")) as server:
            self.manifest(f"""
                spin_manifest_version = 2
                application = {{ name = "asks" }}
                [[trigger.http]]
                route = "/..."
                component = "asks"
                [component.asks]
                source = "asks.wasm"
                allowed_outbound_hosts = ["{server.base}"]
                """, asks="echo-p3-rust")
            with weft.Up(self.folder) as up:
                self.assertEqual(up.get("/get", headers={"url": f"{server.base}/trailers"})[2], b"body")
                status, _, body = up.get("/get", headers={"url": f"{server.base}/slow"})
                self.assertEqual((status, body.count(b"line")), (200, 5))
                self.assertEqual(up.get("/get", headers={"url": f"{server.base}/nowhere"})[0], 404)
                self.assertEqual(up.get("/get", headers={"url": "http://127.0.0.2:1/"})[0], 500)
                up.wait_for_error("HTTP-request-denied")


    def test_components_of_an_application_ask_each_other(self):
        self.manifest("""
            spin_manifest_version = 2
            application = { name = "chain" }
            [[trigger.http]]
            route = "/..."
            component = "asks"
            [component.asks]
            source = "echo.wasm"
            allowed_outbound_hosts = ["http://*.spin.internal"]
            [[trigger.http]]
            route = { private = true }
            component = "answers"
            [component.answers]
            source = "echo.wasm"
            [[trigger.http]]
            route = "/old/..."
            component = "old"
            [component.old]
            source = "old.wasm"
            """, echo="echo-p3-rust", old="hello-rust")
        with weft.Up(self.folder) as up:
            for url, body in (("answers.spin.internal/trailers", b"body"), ("old.spin.internal/", b"Hello, world!\n")):
                self.assertEqual(up.get("/get", headers={"url": f"http://{url}"})[::2], (200, body))
            self.assertEqual(up.get("/get", headers={"url": "http://answers.spin.internal/slow"})[2].count(b"line"), 5)
            self.assertEqual(up.get("/get", headers={"url": "http://answers.spin.internal/trap"})[0], 500)


class Inspect(weft.Case):
    def importing_everything(self, version):
        """A component that imports every function there is, with the types of the published WIT."""
        wit = self.folder / version
        shutil.copytree(weft.root / "wit/wasi-0.3.2", wit)
        for file in wit.rglob("*.wit"):
            file.write_text(file.read_text().replace("0.3.2", version).replace("(version = 0.3.0)", f"(version = {version})"))
        tools, core, made = weft.tool("wasm-tools"), self.folder / f"{version}.core.wasm", self.folder / f"{version}.wasm"
        subprocess.run([tools, "component", "embed", "--dummy", wit, "-w", "everything", "-o", core], check=True)
        subprocess.run([tools, "component", "new", core, "-o", made], check=True)
        return made

    def test_every_function_of_the_published_interfaces_is_there_with_its_type(self):
        for version in ("0.3.0", "0.3.2", "0.3.99", "0.3.0-rc-2026-03-15"):
            with self.subTest(version):
                report = json.loads(weft.run("inspect", "--json", self.importing_everything(version)).stdout)
                self.assertIn(f"wasi:http/client@{version}", json.dumps(report["imports"]))
                self.assertEqual(report.get("lacks", []), [])

    def test_another_candidate_is_refused_by_name(self):
        done = weft.run("up", self.importing_everything("0.3.0-rc-2026-01-06"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs wasi:cli@0.3.0-rc-2026-01-06", done.stderr)

    def test_what_it_needs_is_there(self):
        for guest in ("hello-p3-rust", "hello-p3-rc-rust", "echo-p3-rust", "hello-p3-c"):
            with self.subTest(guest):
                report = json.loads(weft.run("inspect", "--json", weft.guest(guest)).stdout)
                self.assertEqual(report.get("lacks", []), [])
