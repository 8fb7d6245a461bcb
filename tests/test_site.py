"""What a runtime configuration says about a guest's requests and sockets: networks, TLS, connections."""
import threading
import urllib.parse

import test_outbound as outbound
import test_sockets as sockets
import weft


class Networks(outbound.Case):
    BLOCK = '[outbound_networking]\nblock_networks = [%s]\n'

    def test_a_blocked_network_is_not_reached_by_address_or_name_whatever_is_granted(self):
        with outbound.Upstream() as upstream:
            up = self.start("http://*:*", site=self.BLOCK % '"127.0.0.0/8", "::1/128"')
            for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "[::127.0.0.1]"):
                self.check_error(up, urllib.parse.quote(f"http://{host}:{upstream.port}/"), "destination-ip-prohibited")
            up.wait_for_error("the address is prohibited: 127.0.0.1; block_networks of the runtime configuration decides")
            self.assertEqual(upstream.connections, 0)

    def test_private_is_what_is_not_routed_globally(self):
        with outbound.Upstream() as upstream:
            up = self.start("http://*:*", site=self.BLOCK % '"private"')
            for host in ("127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[fd00::1]", "0.0.0.0"):
                self.check_error(up, urllib.parse.quote(f"http://{host}:{upstream.port}/"), "destination-ip-prohibited")
            self.assertEqual(upstream.connections, 0)

    def test_other_networks_and_the_application_itself_are_reached(self):
        with outbound.Upstream() as upstream:
            up = self.start("http://127.0.0.1:*", "http://self", site=self.BLOCK % '"10.0.0.0/8", "128.0.0.0/1"')
            self.assertEqual(up.get(f"/get?url={upstream.base}/x")[::2], (200, b"got /x"))
        up = self.start("http://self", site=self.BLOCK % '"private"')
        self.assertEqual(up.get("/get?url=/nowhere")[0], 400)

    def test_without_a_grant_a_blocked_network_is_denied_first(self):
        up = self.start(site=self.BLOCK % '"private"')
        self.check_error(up, "http://127.0.0.1:1/", "http-request-denied")


class Sockets(sockets.Case):
    def start(self, *hosts, site):
        self.manifest(sockets.MANIFEST % ", ".join(f'"{host}"' for host in hosts), it="sockets-rust")
        (self.folder / "site.toml").write_text(site)
        up = weft.Up("-f", self.folder, "--threads", "1", "--runtime-config-file", self.folder / "site.toml")
        self.addCleanup(up.__exit__)
        return up

    def test_a_blocked_network_is_not_reached_by_address_or_name(self):
        with sockets.Peer(sockets.echo) as peer:
            up = self.start("*://*:*", site='[outbound_networking]\nblock_networks = ["private"]\n')
            self.check_error(up, f"/tcp?to={peer.place}", "access-denied", body=b"x")
            self.check_error(up, f"/tcp?to=localhost:{peer.port}", "access-denied", body=b"x")
            self.check_error(up, f"/udp?to={peer.place}", "access-denied", body=b"x")
            up.wait_for_error("127.0.0.1 is in a blocked network; block_networks of the runtime configuration decides")
            self.assertEqual(peer.connections, 0)

    def test_sockets_are_limited_for_all_instances(self):
        held, release = threading.Event(), threading.Event()

        def hold(connection):
            held.set()
            release.wait(20)
            sockets.echo(connection)

        with sockets.Peer(hold) as peer:
            up = self.start("tcp://127.0.0.1:*", site="[outbound_networking]\nmax_socket_connections = 1\n")
            first = []
            thread = threading.Thread(target=lambda: first.append(up.request("POST", f"/tcp?to={peer.place}", body=b"x")))
            thread.start()
            self.assertTrue(held.wait(20))
            self.check_error(up, f"/tcp?to={peer.place}", "new-socket-limit", body=b"x")
            release.set()
            thread.join()
            self.assertEqual(first[0][::2], (200, b"x"))
            self.assertEqual(up.request("POST", f"/tcp?to={peer.place}", body=b"y")[::2], (200, b"y"))


class Connections(outbound.Case):
    def test_connections_are_kept_only_if_the_table_says_so(self):
        for site, connections in (("[outbound_http]\nconnection_pooling = true\n", 1), ("[outbound_http]\nconnection_pooling = false\n", 3),
                                  ("[outbound_http]\n", 3)):
            with self.subTest(site), outbound.Upstream() as upstream:
                up = self.start("http://127.0.0.1:*", site=site)
                for _ in range(3):
                    self.assertEqual(up.get(f"/get?url={upstream.base}/")[0], 200)
                self.assertEqual(upstream.connections, connections)

    def test_a_request_beyond_the_limit_waits_within_its_time_for_connecting(self):
        with outbound.Upstream() as upstream:
            upstream.gate = threading.Barrier(2)
            for table in ("[outbound_http]\nconnection_pooling = true\nmax_connections = 1\n", "[outbound_networking]\nmax_total_connections = 1\n"):
                with self.subTest(table):
                    up = self.start("http://127.0.0.1:*", threads=2, site=table)
                    first = []
                    thread = threading.Thread(target=lambda: first.append(up.get(f"/get?url={upstream.base}/together")[0]))
                    upstream.requests.clear()
                    thread.start()
                    while not upstream.requests:
                        pass
                    # Whichever loop it is on.
                    for _ in range(8):
                        self.check_error(up, f"{upstream.base}/", "connection-timeout", ms=50)
                    upstream.gate.wait(20)
                    thread.join()
                    self.assertEqual(first, [200])
                    for _ in range(8):
                        self.assertEqual(up.get(f"/get?url={upstream.base}/")[0], 200)

    def test_requests_that_wait_are_served_one_after_the_other_by_all_loops(self):
        with outbound.Upstream() as upstream:
            up = self.start("http://127.0.0.1:*", threads=2, site="[outbound_http]\nconnection_pooling = true\nmax_connections = 2\n")
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(up.get(f"/fanout?url={upstream.base}/&n=20")[2])) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual([answer.splitlines() for answer in answers], [[b"200 5"] * 20] * 6)

    def test_no_connections_are_none(self):
        with outbound.Upstream() as upstream:
            up = self.start("http://127.0.0.1:*", site="[outbound_http]\nmax_connections = 0\n")
            self.check_error(up, f"{upstream.base}/", "connection-limit-reached")
            self.assertEqual(upstream.connections, 0)


class ClientTls(outbound.Case):
    @classmethod
    def setUpClass(cls):
        cls.certificates = outbound.Certificates()
        cls.addClassCleanup(cls.certificates.remove)
        cls.client = cls.certificates.make("client", "DNS:client.example")

    def entry(self, **more):
        lines = {"component_ids": ["it"], "hosts": ["127.0.0.1"], **more}
        return "[[client_tls]]\n" + "".join(f"{key} = {self.toml(value)}\n" for key, value in lines.items())

    @staticmethod
    def toml(value):
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, list) else repr(str(value))

    def test_an_authority_of_the_sites_own_is_trusted_for_its_hosts_alone(self):
        with outbound.Upstream(self.certificates.good) as upstream:
            up = self.start("https://*:*", site=self.entry(ca_roots_file=self.certificates.authority))
            self.assertEqual(up.get(f"/get?url={upstream.base}/x")[::2], (200, b"got /x"))
            self.check_error(up, f"https://localhost:{upstream.port}/", "tls-certificate-error")

    def test_it_is_trusted_by_the_named_components_alone(self):
        with outbound.Upstream(self.certificates.good) as upstream:
            up = self.start("https://*:*", site=self.entry(component_ids=["another"], ca_roots_file=self.certificates.authority))
            self.check_error(up, f"{upstream.base}/", "tls-certificate-error")

    def test_the_client_shows_its_certificate(self):
        with outbound.Upstream(self.certificates.good, asks_for=self.certificates.authority) as upstream:
            key = self.certificates.folder / "client.key"
            up = self.start("https://*:*", site=self.entry(ca_roots_file=self.certificates.authority, client_cert_file=self.client,
                                                           client_private_key_file=key))
            self.assertEqual(up.get(f"/get?url={upstream.base}/x")[::2], (200, b"got /x"))
            self.assertEqual(upstream.subjects, ["client"])
            without = self.start("https://*:*", site=self.entry(ca_roots_file=self.certificates.authority))
            status, headers, _ = without.get(f"/get?url={upstream.base}/x")
            self.assertEqual(status, 502)
            self.assertIn(headers["x-error"], ("tls-alert-received", "connection-terminated"))

    def test_mozillas_list_is_trusted_in_place_of_the_systems(self):
        env = {"SSL_CERT_FILE": str(self.certificates.authority)}
        with outbound.Upstream(self.certificates.good) as upstream:
            up = self.start("https://*:*", site=self.entry(ca_use_webpki_roots=True), env=env)
            self.check_error(up, f"{upstream.base}/", "tls-certificate-error")
            # Which the system trusts: other hosts are not concerned.
            self.assertEqual(up.get(f"/get?url=https://localhost:{upstream.port}/x")[::2], (200, b"got /x"))
            for more in ({"ca_roots_file": self.certificates.authority}, {"ca_use_platform_roots": True}):
                with self.subTest(more):
                    up = self.start("https://*:*", site=self.entry(ca_use_webpki_roots=True, **more), env=env)
                    self.assertEqual(up.get(f"/get?url={upstream.base}/x")[::2], (200, b"got /x"))

    def test_files_that_cannot_be_read_are_named_with_their_place(self):
        self.manifest(outbound.MANIFEST % "", it="outbound-rust")
        (self.folder / "site.toml").write_text(self.entry(ca_roots_file="nowhere.pem") + self.entry(client_cert_file="no.pem", client_private_key_file="no.key"))
        done = weft.run("up", "-f", self.folder, "--runtime-config-file", self.folder / "site.toml", "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        for text in (f"{self.folder}/site.toml:1: client_tls: trusted certificates {self.folder}/nowhere.pem",
                     f"site.toml:5: client_tls: the client's certificate {self.folder}/no.pem"):
            self.assertIn(text, done.stderr)
