"""Components of one application that ask each other: http://NAME.spin.internal, without a connection."""
import http.client
import json
import threading
import time
import urllib.parse
import urllib.request

import test_outbound as outbound
import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "chain"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
allowed_outbound_hosts = [%s]
[[trigger.http]]
route = { private = true }
component = "echo"
[component.echo]
source = "echo.wasm"
[[trigger.http]]
route = { private = true }
component = "next-one"
[component.next-one]
source = "it.wasm"
allowed_outbound_hosts = ["http://*.spin.internal", "http://127.0.0.1:*"]
"""


def get(url, **more):
    return "/get?" + urllib.parse.urlencode({"url": url, **more})


class Chaining(weft.Case):
    def start(self, *hosts, command="up", **more):
        self.manifest(MANIFEST % ", ".join(f'"{host}"' for host in hosts), it="outbound-rust", echo="echo-rust")
        up = weft.Up("-f", self.folder, "--threads", "1", command=command, **more)
        self.addCleanup(up.__exit__)
        return up

    def check_error(self, up, path, code):
        status, headers, _ = up.get(path)
        self.assertEqual((status, headers["x-error"]), (502, code), path)

    def test_a_private_component_is_asked_by_its_name_and_sees_who_it_is_for(self):
        up = self.start("http://echo.spin.internal")
        status, headers, _ = up.get(get("http://echo.spin.internal/a/b?c=d"))
        self.assertEqual((status, headers["x-request-method"], headers["x-request-target"]), (200, "GET", "/a/b?c=d"))
        seen = json.loads(headers["x-request-headers"])
        self.assertEqual({name: values for name, values in seen.items() if name.startswith("spin-")}, {
            "spin-path-info": ["/a/b"], "spin-full-url": ["http://echo.spin.internal/a/b?c=d"], "spin-matched-route": ["/..."],
            "spin-base-path": ["/"], "spin-raw-component-route": ["/..."], "spin-component-route": [""], "spin-client-addr": ["0.0.0.0:0"]})
        # It has no route, whatever a client says it wants.
        self.assertEqual(up.get("/", headers={"Host": "echo.spin.internal"})[0], 400)

    def test_a_trace_goes_through_the_whole_chain(self):
        trace, client = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
        with outbound.Upstream() as upstream:
            up = self.start("http://next-one.spin.internal", "http://echo.spin.internal")
            sent = {"traceparent": f"00-{trace}-{client}-01", "tracestate": "a=1"}
            _, headers, _ = up.request("GET", get("http://echo.spin.internal/"), headers=sent)
            seen = json.loads(headers["x-request-headers"])
            self.assertEqual(seen["tracestate"], ["a=1"])
            self.assertRegex(seen["traceparent"][0], f"^00-{trace}-(?!{client})[0-9a-f]{{16}}-01$")
            up.request("GET", get("http://next-one.spin.internal" + get(f"{upstream.base}/")), headers=sent)
            self.assertRegex(upstream.requests[-1][2]["traceparent"], f"^00-{trace}-(?!{client})[0-9a-f]{{16}}-01$")

    def test_a_body_is_streamed_through_in_bounded_memory(self):
        up = self.start("http://echo.spin.internal")
        body = bytes(range(256)) * (64 << 10)
        up.request("POST", "/post?url=http://echo.spin.internal/", body=body[:1000])
        before = up.resident_bytes()
        # What comes back has to be taken while the rest is sent.
        with up.connect() as connection:
            connection.sendall(b"POST /post?url=http://echo.spin.internal/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
                               b"content-length: %d\r\n\r\n" % len(body))
            sender = threading.Thread(target=connection.sendall, args=(body,))
            sender.start()
            with http.client.HTTPResponse(connection) as response:
                response.begin()
                self.assertEqual((response.status, response.read() == body), (200, True))
            sender.join()
        self.assertLess(up.resident_bytes() - before, 12 << 20)

    def test_many_ask_at_once(self):
        up = self.start("http://echo.spin.internal")
        status, _, body = up.get("/fanout?n=100&url=http://echo.spin.internal/")
        self.assertEqual((status, body.splitlines()), (200, [b"200 0"] * 100))

    def test_it_needs_a_grant(self):
        up = self.start("http://next-one.spin.internal")
        self.check_error(up, get("http://echo.spin.internal/"), "http-request-denied")
        up.wait_for_error("weft grant -f " + str(self.folder / "spin.toml") + " it http://echo.spin.internal")

    def test_what_the_asked_component_may_reach_is_its_own_grant(self):
        with outbound.Upstream() as upstream:
            up = self.start("http://next-one.spin.internal")
            self.check_error(up, get(f"{upstream.base}/"), "http-request-denied")
            inner = get(f"{upstream.base}/x")
            self.assertEqual(up.get(get("http://next-one.spin.internal" + inner))[::2], (200, b"got /x"))

    def test_a_component_that_there_is_not_is_named(self):
        up = self.start("http://*.spin.internal")
        self.check_error(up, get("http://nobody.spin.internal/"), "internal-error")
        up.wait_for_error("the request to nobody.spin.internal failed: the application has no component nobody")

    def test_a_component_that_asks_itself_without_end_meets_an_error(self):
        up = self.start("http://it.spin.internal")
        url = "http://it.spin.internal/nowhere"
        for _ in range(14):
            url = "http://it.spin.internal" + get(url)
        self.assertEqual(up.get(get(url), timeout=60)[0], 400)
        for _ in range(4):
            url = "http://it.spin.internal" + get(url)
        self.check_error(up, get(url), "loop-detected")
        up.wait_for_error("components ask each other more than 16 deep")
        self.assertEqual(up.get("/get")[0], 400)

    def test_a_component_that_fails_is_500_to_who_asked(self):
        self.manifest(MANIFEST.replace('source = "echo.wasm"', 'source = "fails.wasm"') % '"http://echo.spin.internal"', it="outbound-rust",
                      fails="misbehave-rust")
        with weft.Up("-f", self.folder) as up:
            self.assertEqual(up.get(get("http://echo.spin.internal/trap"))[0], 500)
            up.wait_for_error("unreachable")
            self.assertEqual(up.get("/get")[0], 400)

    def test_time_outs_are_heeded(self):
        with outbound.raw_server(lambda connection: connection.recv(1)) as url:
            up = self.start("http://next-one.spin.internal")
            begun = time.monotonic()
            self.check_error(up, get("http://next-one.spin.internal" + get(url + "/"), ms=200), "connection-read-timeout")
            self.assertLess(time.monotonic() - begun, 5)

    def test_a_client_that_leaves_ends_the_whole_chain(self):
        arrived, gone = threading.Event(), threading.Event()

        def hold(connection):
            arrived.set()
            if connection.recv(1) == b"":
                gone.set()

        with outbound.raw_server(hold) as url:
            up = self.start("http://next-one.spin.internal")
            with up.connect() as client:
                path = get("http://next-one.spin.internal" + get(url + "/"))
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertTrue(arrived.wait(10))
            self.assertTrue(gone.wait(10))

    def test_metrics_count_it_for_the_component_that_was_asked(self):
        self.manifest(MANIFEST % '"http://echo.spin.internal"', it="outbound-rust", echo="echo-rust")
        with weft.Up("-f", self.folder, "--metrics-listen", "127.0.0.1:0") as up:
            for _ in range(3):
                self.assertEqual(up.get(get("http://echo.spin.internal/"))[0], 200)
            metrics = next(line.split()[1] for line in up.lines if line.startswith("Metrics "))
            with urllib.request.urlopen(metrics) as answer:
                text = answer.read().decode()
        self.assertRegex(text, r'component="echo",route="spin.internal"[^\n]*\} 3\n')
