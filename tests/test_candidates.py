"""Components of the candidates of WASI 0.2 of October and November 2023, which the first SDKs of Spin 2 build."""
import http.server
import subprocess
import threading
import time

import candidates
import weft
from test_restore import starts

MANIFEST = """spin_manifest_version = 2
[application]
name = "candidate"
[[trigger.http]]
route = "/..."
component = "candidate"
[component.candidate]
source = "candidate.wasm"
allowed_outbound_hosts = [{hosts}]
"""


class Peer(http.server.BaseHTTPRequestHandler):
    """Says what it was asked, at once or late."""

    late = False

    def do_GET(self):
        if self.late:
            time.sleep(2)
        out = f"{self.command} {self.path} {self.headers.get('x-own')}".encode()
        self.send_response(203)
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def log_message(self, *_):
        pass


class Late(Peer):
    late = True


class Candidate(weft.Case):
    def serve(self, *hosts, guest, flags=()):
        self.manifest(MANIFEST.format(hosts=", ".join(f'"{host}"' for host in hosts)), candidate=guest)
        up = weft.Up("-f", self.folder, *flags)
        self.addCleanup(up.__exit__)
        return up

    def peer(self, handler=Peer):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"127.0.0.1:{server.server_address[1]}"

    def with_trailers(self, up, path):
        """The body of the answer to a request that ends with trailers."""
        return up.raw(b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                      b"3\r\nabc\r\n0\r\nX-End: 1\r\nX-End: 2\r\n\r\n")

    def is_instance_used_again(self, guest):
        up = self.serve(guest=guest, flags=("--threads", "1", "--metrics-listen", "127.0.0.1:0"))
        for i in range(6):
            self.assertIn(up.request("POST", f"/{i}", body=b"%d" % i)[0], (200, 201))
        made, restored = starts(up)
        self.assertEqual(made + restored, 6)
        self.assertGreaterEqual(restored, 4)


class October(Candidate):
    def serve(self, *hosts, guest="october-c", **more):
        return super().serve(*hosts, guest=guest, **more)

    def test_a_request_is_answered(self):
        up = self.serve()
        status, headers, body = up.request("PUT", "/a?b", headers={"X-Own": "1"})
        self.assertEqual((status, headers["x-guest"], body), (200, "october", b"3 /a?b 1"))
        # Fields that are added after the response was made are not its own.
        self.assertIsNone(headers["x-late"])

    def test_the_host_carries_a_body_over(self):
        up = self.serve()
        body = bytes(range(256)) * 4000
        self.assertEqual(up.request("POST", "/forward", body=body)[::2], (201, body))
        self.assertEqual(up.request("POST", "/forward", body=b"")[::2], (201, b""))
        self.assertEqual(up.request("POST", "/splice", body=b"the body")[::2], (201, b"the b"))

    def test_trailers_are_there_and_none_are_empty_ones(self):
        up = self.serve()
        self.assertEqual(up.request("POST", "/trailers", body=b"abc")[2], b"0")
        received = self.with_trailers(up, b"/trailers")
        self.assertTrue(received.startswith(b"HTTP/1.1 200"), received)
        self.assertIn(b"\r\n2", received[received.index(b"\r\n\r\n"):])

    def test_a_clock_waits(self):
        self.assertGreaterEqual(int(self.serve().get("/sleep")[2]), 30)

    def test_a_request_goes_out_and_an_error_is_text(self):
        peer = self.peer()
        up = self.serve(f"http://{peer}", "http://127.0.0.1:1")
        self.assertEqual(up.get(f"/fetch?{peer}")[2], b"203 GET /x mine")
        self.assertEqual(up.get("/fetch?example.com")[2], b"unexpected-error: HTTP-request-denied")
        self.assertEqual(up.get("/fetch?127.0.0.1:1")[2], b"unexpected-error: connection-refused")

    def test_a_time_out_is_in_milliseconds(self):
        slow, peer = self.peer(Late), self.peer()
        up = self.serve(f"http://{slow}", f"http://{peer}")
        begun = time.monotonic()
        self.assertEqual(up.get(f"/hasty?{slow}")[2], b"timeout-error: connection-read-timeout")
        self.assertGreater(time.monotonic() - begun, 0.25)
        self.assertEqual(up.get(f"/hasty?{peer}")[2], b"203 GET /x mine")

    def test_what_has_no_result_to_say_it_in_is_a_trap(self):
        up = self.serve()
        self.assertEqual(up.get("/field")[::2], (500, b""))
        up.wait_for_error("fields: invalid invalid-syntax")
        self.assertEqual(up.get("/status")[::2], (500, b""))
        up.wait_for_error("outgoing-response: invalid status-code")
        self.assertEqual(up.get("/")[0], 200)

    def test_an_error_for_an_answer_is_500_and_the_log_says_which(self):
        up = self.serve()
        self.assertEqual(up.get("/error")[::2], (500, b""))
        up.wait_for_error("the component answered with the error internal-error: unexpected-error: on purpose")

    def test_its_instances_are_used_again(self):
        self.is_instance_used_again("october-c")


class November(Candidate):
    def serve(self, *hosts, guest="november-c", **more):
        return super().serve(*hosts, guest=guest, **more)

    def test_a_request_is_answered(self):
        up = self.serve()
        for body in (b"", b"the body", bytes(range(256)) * 4000):
            status, headers, got = up.request("POST", "/", body=body)
            self.assertEqual((status, headers["x-guest"], got), (201, "november", body))

    def test_trailers_are_taken_once(self):
        up = self.serve()
        self.assertEqual(up.request("POST", "/trailers", body=b"abc")[2], b"none")
        self.assertTrue(self.with_trailers(up, b"/trailers").endswith((b"some", b"some\r\n0\r\n\r\n")))
        self.assertEqual(up.request("POST", "/twice", body=b"abc")[::2], (500, b""))
        up.wait_for_error("future-trailers.get of trailers that were taken before")

    def test_a_clock_waits(self):
        self.assertGreaterEqual(int(self.serve().get("/sleep")[2]), 30)

    def test_a_request_goes_out(self):
        peer = self.peer()
        up = self.serve(f"http://{peer}")
        self.assertEqual(up.get(f"/fetch?{peer}")[::2], (203, b"GET /x None"))
        # HTTP-request-denied
        self.assertEqual(up.get("/fetch?example.com")[2], b"error 15")

    def test_a_time_out_is_in_nanoseconds(self):
        slow, peer = self.peer(Late), self.peer()
        up = self.serve(f"http://{slow}", f"http://{peer}")
        begun = time.monotonic()
        # connection-read-timeout
        self.assertEqual(up.get(f"/hasty?{slow}")[2], b"error 9")
        self.assertLess(time.monotonic() - begun, 1.9)
        self.assertEqual(up.get(f"/hasty?{peer}")[::2], (203, b"GET /x None"))

    def test_its_instances_are_used_again(self):
        self.is_instance_used_again("november-c")


class Interfaces(weft.Case):
    def everything(self, version):
        """A component that imports every function of the candidate and exports its handler."""
        wit = candidates.write_wit(self.folder, version)
        tools, module, made = weft.tool("wasm-tools"), self.folder / "module.wasm", self.folder / f"{version}.wasm"
        for arguments in (["embed", "--dummy", "-w", "everything", wit, "-o", module], ["new", module, "-o", made]):
            subprocess.run([tools, "component", *arguments], check=True, capture_output=True)
        return made

    def test_every_function_is_there_with_its_type(self):
        for version, names in ((candidates.OCTOBER, (b"output-stream.forward", b"descriptor.access-at", b"udp-socket.send", b"poll-one")),
                               (candidates.NOVEMBER, (b"tcp-socket.ipv6-only", b"request-options.set-connect-timeout-ms"))):
            with self.subTest(version):
                made = self.everything(version)
                for name in names:
                    self.assertIn(name, made.read_bytes())
                with weft.Up(made) as up:
                    # What was made of nothing but types traps when it is called.
                    self.assertEqual(up.get("/")[0], 500)

    def test_another_candidate_is_refused_by_name(self):
        data = self.everything(candidates.NOVEMBER).read_bytes()
        other = self.folder / "other.wasm"
        other.write_bytes(data.replace(candidates.NOVEMBER.encode(), b"0.2.0-rc-2023-12-05"))
        done = weft.run("up", other)
        self.assertEqual(done.returncode, 1)
        self.assertIn("0.2.0-rc-2023-12-05", done.stderr)
        self.assertIn("build the component with a newer SDK", done.stderr)
