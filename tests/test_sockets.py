"""A guest's own sockets: TCP, UDP and names, within what the manifest grants."""
import contextlib
import os
import pathlib
import socket
import threading
import time

import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "sockets"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
allowed_outbound_hosts = [%s]
"""


class Peer:
    """A TCP server on 127.0.0.1; `serve` runs for each connection, on a thread of its own."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.place = f"127.0.0.1:{self.port}"
        self.connections = 0
        self.serve = serve
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self.listener.accept()[0]
                self.connections += 1
                threading.Thread(target=self.handle, args=(connection,), daemon=True).start()

    def handle(self, connection):
        with connection, contextlib.suppress(OSError):
            self.serve(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def echo(connection):
    while piece := connection.recv(65536):
        connection.sendall(piece)


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Case(weft.Case):
    guest = "sockets-rust"
    flags = ()

    def start(self, *hosts, threads=1):
        self.manifest(MANIFEST % ", ".join(f'"{host}"' for host in hosts), it=self.guest)
        up = weft.Up("-f", self.folder, "--threads", str(threads), *self.flags)
        self.addCleanup(up.__exit__)
        return up

    def check_error(self, up, path, code, **more):
        status, headers, _ = up.request("POST", path, **more)
        self.assertEqual((status, headers["x-error"]), (502, code), path)

    def sockets(self, up):
        """How many the server has open. What it compiles in the background has files and pipes."""
        found = 0
        for descriptor in pathlib.Path(f"/proc/{up.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                found += os.readlink(descriptor).startswith("socket:")
        return found


class Tcp(Case):
    def setUp(self):
        super().setUp()
        self.up = self.start("tcp://127.0.0.1:*", "tcp://[::1]:*")

    def test_what_is_sent_comes_back(self):
        with Peer(echo) as peer:
            for body in (b"", b"ping", bytes(range(256)) * 40_000):
                status, _, answer = self.up.request("POST", f"/tcp?to={peer.place}", body=body)
                self.assertEqual((status, answer == body), (200, True), len(body))

    def test_version_6_of_the_protocol(self):
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
            threading.Thread(target=lambda: listener.accept()[0].sendall(b"six"), daemon=True).start()
            self.assertEqual(self.up.request("POST", f"/tcp?to=[::1]:{listener.getsockname()[1]}")[::2], (200, b"six"))

    def test_a_peer_that_refuses_or_breaks_off(self):
        self.check_error(self.up, f"/tcp?to=127.0.0.1:{closed_port()}", "connection-refused")

        def reset(connection):
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

        with Peer(reset) as peer:
            self.check_error(self.up, f"/tcp?to={peer.place}", "connection-reset", body=b"x")

    def test_waiting_for_one_peer_holds_up_nobody_else(self):
        gate = threading.Event()
        with Peer(lambda connection: gate.wait(20) and connection.sendall(b"!")) as slow, Peer(echo) as quick:
            answers = []
            waiting = threading.Thread(target=lambda: answers.append(self.up.request("POST", f"/wait?to={slow.place}")))
            waiting.start()
            for _ in range(20):
                self.assertEqual(self.up.request("POST", f"/tcp?to={quick.place}", body=b"x")[0], 200)
            gate.set()
            waiting.join(20)
            self.assertEqual(answers[0][::2], (200, b"!"))

    def test_an_instance_has_64_sockets_and_leaves_none(self):
        with Peer(lambda connection: connection.recv(1)) as peer:
            self.up.request("POST", f"/many?to={peer.place}")
            before = self.sockets(self.up)
            for _ in range(5):
                self.assertEqual(self.up.request("POST", f"/many?to={peer.place}")[::2], (200, b"64 new-socket-limit\n"))
            # Connections of ours that have just ended may still be among them.
            deadline = time.monotonic() + 10
            while self.sockets(self.up) > before and time.monotonic() < deadline:
                time.sleep(0.02)
            self.assertLessEqual(self.sockets(self.up), before)

    def test_a_client_that_leaves_closes_the_guests_connection(self):
        arrived, gone = threading.Event(), threading.Event()

        def wait_for_the_end(connection):
            arrived.set()
            connection.settimeout(20)
            if connection.recv(1) == b"":
                gone.set()

        with Peer(wait_for_the_end) as peer:
            with self.up.connect() as client:
                client.sendall(f"POST /wait?to={peer.place} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n".encode())
                self.assertTrue(arrived.wait(20))
            self.assertTrue(gone.wait(20))
        self.up.wait_for_error("the client closed the connection")


class Udp(Case):
    def test_a_datagram_goes_out_and_another_comes_back(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            peer.bind(("127.0.0.1", 0))
            stranger.bind(("127.0.0.1", 0))
            peer.settimeout(20)
            port = peer.getsockname()[1]

            def answer():
                data, sender = peer.recvfrom(65536)
                # Whom the component may not send to, it does not hear.
                stranger.sendto(b"not granted", ("127.0.0.1", sender[1]))
                peer.sendto(data[::-1], ("127.0.0.1", sender[1]))

            threading.Thread(target=answer, daemon=True).start()
            up = self.start(f"udp://127.0.0.1:{port}")
            self.assertEqual(up.request("POST", f"/udp?to=127.0.0.1:{port}", body=b"abc")[::2], (200, b"cba"))
            self.check_error(up, f"/udp?to=127.0.0.1:{stranger.getsockname()[1]}", "access-denied", body=b"abc")
            self.check_error(up, f"/udp?to=127.0.0.1:{port}", "datagram-too-large", body=b"x" * 65508)


class Grants(Case):
    def udp_entry(self, peer):
        """What has to be added for a datagram to `peer`: it is bound first."""
        return "udp://*:*"

    def test_without_a_grant_nothing_is_reached_and_the_log_has_the_line_to_add(self):
        with Peer(echo) as peer:
            up = self.start("http://127.0.0.1:*", "tcp://127.0.0.1:1", "tcp://10.0.0.0/8:*")
            self.check_error(up, f"/tcp?to={peer.place}", "access-denied")
            up.wait_for_error(f'"tcp://10.0.0.0/8:*", "tcp://{peer.place}"] under [component.it]')
            self.check_error(up, f"/udp?to={peer.place}", "access-denied")
            up.wait_for_error(f'"{self.udp_entry(peer)}"]')
            self.assertEqual(peer.connections, 0)

    def test_the_line_to_add_grants_it(self):
        with Peer(echo) as peer:
            up = self.start(f"tcp://{peer.place}")
            self.assertEqual(up.request("POST", f"/tcp?to={peer.place}", body=b"x")[::2], (200, b"x"))

    def test_networks_and_any_scheme_grant_too(self):
        with Peer(echo) as peer:
            for host in (f"tcp://127.0.0.0/8:{peer.port}", "*://127.0.0.1:*", f"tcp://*:{peer.port}..{peer.port + 1}"):
                with self.subTest(host):
                    up = self.start(host)
                    self.assertEqual(up.request("POST", f"/tcp?to={peer.place}", body=b"x")[0], 200)

    def test_nobody_listens(self):
        up = self.start("*://*:*")
        self.check_error(up, "/listen?on=127.0.0.1:0", "access-denied")
        up.wait_for_error("components do not listen for connections")


class Names(Case):
    def test_a_granted_name_is_looked_up_and_reached(self):
        with Peer(echo) as peer:
            up = self.start(f"tcp://localhost:{peer.port}")
            self.assertIn(b"127.0.0.1\n", up.request("POST", "/lookup?name=localhost")[2])
            self.assertEqual(up.request("POST", f"/tcp?to=localhost:{peer.port}", body=b"x")[::2], (200, b"x"))
            # By name only, and on that port only.
            self.check_error(up, f"/tcp?to={peer.place}", "access-denied")
            self.check_error(up, f"/tcp?to=localhost:{closed_port()}", "access-denied")

    def test_what_is_not_granted_is_not_told(self):
        up = self.start("https://localhost", "tcp://example.com:*")
        self.check_error(up, "/lookup?name=localhost", "access-denied")
        up.wait_for_error('"tcp://localhost:*"] under [component.it]')

    def test_an_address_needs_no_look_up_and_nonsense_is_invalid(self):
        up = self.start()
        self.assertEqual(up.request("POST", "/lookup?name=192.0.2.1")[::2], (200, b"192.0.2.1\n"))
        self.assertEqual(up.request("POST", "/lookup?name=[::1]")[::2], (200, b"::1\n"))
        self.check_error(up, "/lookup?name=http://localhost/", "invalid-argument")

    def test_a_name_that_does_not_exist(self):
        up = self.start("tcp://*.invalid:*")
        status, headers, _ = up.request("POST", "/lookup?name=nowhere.invalid")
        # Without a name server nobody can say that there is no such name.
        self.assertEqual(status, 502)
        self.assertIn(headers["x-error"], ("name-unresolvable", "temporary-resolver-failure"))
