"""The HTTP server as clients meet it, well-behaved and not."""
import json
import signal
import socket
import ssl
import subprocess
import threading
import time

import weft


class Server(weft.Case):
    @classmethod
    def setUpClass(cls):
        cls.up = weft.Up(weft.guest("echo-rust"), "--head-timeout-s", "1", "--max-body-bytes", "1000000")

    @classmethod
    def tearDownClass(cls):
        cls.up.__exit__()

    def status_of(self, request):
        """The status line's number in the answer to raw bytes; the connection must end."""
        answer = self.up.raw(request)
        self.assertTrue(answer.startswith(b"HTTP/1."), answer)
        return int(answer.split(b" ", 2)[1])

    def test_a_request_reaches_the_component_and_its_body_comes_back(self):
        status, _, body = self.up.request("POST", "/a?b=c", body=b"hello " * 1000)
        self.assertEqual((status, body), (200, b"hello " * 1000))

    def test_a_connection_serves_many_requests(self):
        with self.up.connect() as s:
            for i in range(50):
                s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n%03d" % i)
                received = b""
                while not (b"\r\n\r\n" in received and b"%03d" % i in received.split(b"\r\n\r\n", 1)[1]):
                    chunk = s.recv(65536)
                    self.assertTrue(chunk, "the server closed a connection that was to be kept")
                    received += chunk

    def test_pipelined_requests_are_answered_in_order(self):
        request = b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n%02d"
        last = b"POST /9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlast"
        answer = self.up.raw(b"".join(request % (i, i) for i in range(9)) + last)
        answers = answer.split(b"HTTP/1.1 200 OK\r\n")[1:]
        self.assertEqual(len(answers), 10)
        for i, one in enumerate(answers):
            body = one.split(b"\r\n\r\n", 1)[1]
            self.assertIn(b"last" if i == 9 else b"%02d" % i, body)

    def test_a_chunked_body_is_decoded(self):
        answer = self.up.raw(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                             b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n")
        self.assertIn(b"hello", answer)
        self.assertIn(b" world", answer)

    def test_a_malformed_request_is_400(self):
        for request in (b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
                        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n"):
            with self.subTest(request):
                self.assertEqual(self.status_of(request), 400)

    def test_a_slow_head_is_408(self):
        self.assertEqual(self.status_of(b"GET / HTTP/1.1\r\nHost: x\r\n"), 408)

    def test_a_body_above_the_limit_is_413(self):
        self.assertEqual(self.status_of(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n"), 413)

    def test_a_long_target_is_414(self):
        self.assertEqual(self.status_of(b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"), 414)

    def test_a_large_head_is_431(self):
        self.assertEqual(self.status_of(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 200000 + b"\r\n\r\n"), 431)

    def test_a_client_that_asks_first_is_told_to_continue(self):
        with self.up.connect() as s:
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
            first = s.recv(1000)
            self.assertTrue(first.startswith(b"HTTP/1.1 100"), first)
            s.sendall(b"hello")
            rest = first
            while chunk := s.recv(65536):
                rest += chunk
            self.assertIn(b"hello", rest)

    def test_a_client_that_goes_away_disturbs_nobody(self):
        for _ in range(50):
            s = self.up.connect()
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.close()
        self.assertEqual(self.up.get("/")[0], 200)

    def test_a_body_streams_both_ways_at_once(self):
        # More than all buffers together hold: it can only arrive if the guest's output flows while input comes in.
        total = 900_000
        with self.up.connect() as s:
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % total)
            sender = threading.Thread(target=lambda: s.sendall(b"z" * total))
            sender.start()
            received = b""
            while chunk := s.recv(65536):
                received += chunk
            sender.join()
        self.assertEqual(received.split(b"\r\n\r\n", 1)[1].count(b"z"), total)


class Drain(weft.Case):
    def test_a_signal_lets_open_requests_finish(self):
        with weft.Up(weft.guest("misbehave-rust")) as up:
            answers = []
            thread = threading.Thread(target=lambda: answers.append(up.get("/slow?ms=1500")))
            thread.start()
            time.sleep(0.5)
            up.process.send_signal(signal.SIGINT)
            thread.join()
            self.assertEqual(answers[0][0], 200)
            self.assertEqual(up.process.wait(5), 0)

    def test_a_second_signal_ends_at_once(self):
        with weft.Up(weft.guest("misbehave-rust")) as up:
            thread = threading.Thread(target=lambda: self.assertRaises(Exception, up.get, "/slow?ms=20000"))
            thread.start()
            time.sleep(0.5)
            up.process.send_signal(signal.SIGINT)
            time.sleep(0.3)
            up.process.send_signal(signal.SIGINT)
            self.assertEqual(up.process.wait(5), 130)
            thread.join()


class Tls(weft.Case):
    def test_https_is_served_with_the_given_certificate(self):
        certificate, key = self.folder / "cert.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                        certificate], check=True, capture_output=True)
        with weft.Up(weft.guest("hello-rust"), "--tls-cert", certificate, "--tls-key", key) as up:
            self.assertTrue(up.base.startswith("https://"), up.base)
            context = ssl.create_default_context(cafile=certificate)
            with context.wrap_socket(up.connect(), server_hostname="localhost") as s:
                s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                received = b""
                while chunk := s.recv(65536):
                    received += chunk
            self.assertIn(b"Hello, world!", received)
