"""Sockets of components of WASI 0.3."""
import http.client
import os
import socket
import threading
import time

import test_sockets
from test_sockets import Peer, echo

GUEST = "sockets-p3-rust"


class Tcp(test_sockets.Tcp):
    """What holds for components of WASI 0.2 holds for these."""
    guest = GUEST

    def test_what_comes_is_given_away_as_a_body_though_the_component_has_ended(self):
        gate = threading.Event()

        def serve(connection):
            connection.sendall(b"first")
            gate.wait(20)
            connection.sendall(b"second" * 100_000)

        with Peer(serve) as peer:
            connection = http.client.HTTPConnection("127.0.0.1", self.up.port, timeout=20)
            self.addCleanup(connection.close)
            connection.request("POST", f"/stream?to={peer.place}")
            answer = connection.getresponse()
            self.assertEqual(answer.read(5), b"first")
            gate.set()
            self.assertEqual(answer.read(), b"second" * 100_000)

    def test_bodies_go_both_ways_past_the_component(self):
        with Peer(echo) as peer:
            for body in (b"", b"ping", os.urandom(8 << 20)):
                status, _, answer = self.up.request("POST", f"/pass?to={peer.place}", body=body)
                self.assertEqual((status, answer == body), (200, True), len(body))

    def test_a_peer_that_does_not_read_makes_the_client_wait(self):
        gate = threading.Event()
        with Peer(lambda connection: gate.wait(20)) as peer, self.up.connect() as client:
            client.sendall(f"POST /pass?to={peer.place} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n".encode())
            client.settimeout(1)
            sent = 0
            with self.assertRaises(TimeoutError):
                while sent < 1_000_000_000:
                    sent += client.send(b"x" * 65536)
            self.assertLess(sent, 64 << 20)
            gate.set()

    def test_connecting_can_be_given_up(self):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            place = "127.0.0.1:%d" % full.getsockname()[1]
            # Its queue is full: nobody answers.
            for _ in range(2):
                filler = socket.socket()
                self.addCleanup(filler.close)
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
            time.sleep(0.1)
            self.assertEqual(self.up.request("POST", f"/give-up?to={place}")[::2], (200, b"invalid-state\n"))

    def test_nothing_is_left_of_connections_that_end_in_every_way(self):
        with Peer(echo) as peer:
            def begin_and_leave(path):
                client = self.up.connect()
                client.sendall(f"POST {path}?to={peer.place} HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello".encode())
                time.sleep(0.05)
                client.close()

            paths = ("/tcp", "/pass", "/stream")
            for path in paths:
                begin_and_leave(path)
            # Those of its first instances have ended.
            time.sleep(2)
            before = self.sockets(self.up)
            for path in paths:
                for _ in range(5):
                    begin_and_leave(path)
            deadline = time.monotonic() + 10
            while self.sockets(self.up) > before and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertLessEqual(self.sockets(self.up), before)


class Udp(test_sockets.Udp):
    guest = GUEST

    def test_a_receive_that_waits_may_be_cancelled(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(20)

            def answer():
                data, sender = peer.recvfrom(65536)
                peer.sendto(data[::-1], sender)

            threading.Thread(target=answer, daemon=True).start()
            port = peer.getsockname()[1]
            up = self.start(f"udp://127.0.0.1:{port}")
            self.assertEqual(up.request("POST", f"/hear?to=127.0.0.1:{port}", body=b"abc")[::2], (200, b"cba"))


class Grants(test_sockets.Grants):
    guest = GUEST

    def udp_entry(self, peer):
        return f"udp://{peer.place}"


class Names(test_sockets.Names):
    guest = GUEST
    # What an instance has looked up it knows.
    flags = ("--max-instance-reuse-count", "1")
