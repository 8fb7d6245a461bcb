"""Components of Spin 1: fermyon:spin/inbound-http, which is given whole requests, and fermyon:spin/http, which sends them."""
import http.server
import threading

import weft
from test_restore import starts

MANIFEST = """spin_manifest_version = 2
[application]
name = "old"
[[trigger.http]]
route = "/..."
component = "old"
[component.old]
source = "old.wasm"
allowed_outbound_hosts = [{hosts}]
"""
# The cases of http-error.
NOT_ALLOWED, INVALID_URL, REQUEST_ERROR, RUNTIME_ERROR = 1, 2, 3, 4


class Peer(http.server.BaseHTTPRequestHandler):
    """Says what it was asked."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour")
            self.close_connection = True
            return
        out = f"{self.command} {self.path} {self.headers.get('x-own')} ".encode() + body
        self.send_response(203)
        self.send_header("X-Peer", "yes")
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    do_GET = do_POST = do_PATCH = answer

    def log_message(self, *_):
        pass


class Spin1(weft.Case):
    def serve(self, *hosts, flags=()):
        self.manifest(MANIFEST.format(hosts=", ".join(f'"{host}"' for host in hosts)), old="spin1-c")
        up = weft.Up("-f", self.folder, *flags)
        self.addCleanup(up.__exit__)
        return up

    def peer(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}"

    def test_a_request_comes_whole(self):
        up = self.serve()
        for number, method in enumerate(("GET", "POST", "PUT", "DELETE", "PATCH")):
            status, _, body = up.request(method, "/a/b?c=d", body=b"the body", headers={"X-Own": "1"})
            self.assertEqual((status, body), (200, f"{number} /a/b?c=d 0\nx-own: 1\nthe body".encode()))
        body = bytes(range(256)) * 4000
        self.assertTrue(up.request("POST", "/", body=body)[2].endswith(body))
        self.assertEqual(up.request("GET", "/")[2], b"0 / 0\n")

    def test_a_method_that_the_interface_has_not_is_405(self):
        self.assertEqual(self.serve().request("PROPFIND", "/")[0], 405)

    def test_of_several_headers_of_a_name_the_last_counts(self):
        status, headers, _ = self.serve().get("/status?404")
        self.assertEqual((status, headers.get_all("x-twice")), (404, ["second"]))

    def test_a_response_that_is_none_is_500_and_the_log_says_why(self):
        up = self.serve()
        for path in ("/status?99", "/status?0", "/status?700", "/bad"):
            self.assertEqual(up.get(path)[::2], (500, b""), path)
        up.wait_for_error("a status, or a header, that no response can have")
        self.assertEqual(up.get("/status?204")[0], 204)

    def test_a_request_goes_out_whole_and_its_response_comes_back(self):
        peer = self.peer()
        up = self.serve(peer)
        status, headers, body = up.request("POST", f"/fetch?{peer}/x?y", body=b"for the peer", headers={"X-Own": "mine"})
        self.assertEqual((status, headers["x-peer"], body), (203, "yes", b"POST /x?y mine for the peer"))
        self.assertEqual(up.get(f"/fetch?{peer}")[2], b"GET / None ")
        big = b"x" * 1_000_000
        self.assertEqual(up.request("PATCH", f"/fetch?{peer}/", body=big)[2], b"PATCH / None " + big)

    def test_the_application_itself_is_asked_by_a_path(self):
        up = self.serve("http://self")
        self.assertEqual(up.request("POST", "/fetch?/a/b", body=b"again")[2], b"1 /a/b 0\nagain")

    def test_what_cannot_be_had_is_an_error_of_the_interface(self):
        peer = self.peer()
        up = self.serve(peer, "http://127.0.0.1:1")
        for url, error in (("http://example.com/", NOT_ALLOWED), ("/self", NOT_ALLOWED), ("no-url", INVALID_URL),
                           ("http://", INVALID_URL), ("ftp://127.0.0.1/", INVALID_URL), (f"{peer}/cut", RUNTIME_ERROR),
                           ("http://127.0.0.1:1/", RUNTIME_ERROR)):
            self.assertEqual(up.get(f"/fetch?{url}")[2], f"error {error}".encode(), url)

    def test_its_instances_are_used_again(self):
        up = self.serve(flags=("--threads", "1", "--metrics-listen", "127.0.0.1:0"))
        for i in range(6):
            self.assertEqual(up.request("POST", f"/{i}", body=b"%d" % i)[2], f"1 /{i} 0\n{i}".encode())
        made, restored = starts(up)
        self.assertEqual(made + restored, 6)
        self.assertGreaterEqual(restored, 2)
