"""What weft tells about requests: metrics, health, the access log, Server-Timing."""
import http.client
import os
import re
import time

import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "measured"
[[trigger.http]]
route = "/hello/..."
component = "it"
[[trigger.http]]
route = "/static"
static_response = { status_code = 204 }
[component.it]
source = "it.wasm"
"""


def metrics(text):
    """{name with labels: value} of the text format; fails on a line that is not of it."""
    values = {}
    for line in text.splitlines():
        if re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .+", line):
            continue
        sample = re.fullmatch(r'([a-z_]+(?:\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)+\})?) (\S+)', line)
        assert sample, line
        assert sample.group(1) not in values, line
        values[sample.group(1)] = float(sample.group(2))
    return values


class Measured(weft.Case):
    def start(self, manifest, *args, guest="misbehave-rust", **more):
        self.manifest(manifest, it=guest)
        up = weft.Up("-f", self.folder, *args, **more)
        self.addCleanup(up.__exit__)
        return up

    def listener(self, up):
        address = re.search(r"Metrics http://127\.0\.0\.1:(\d+)/metrics", "".join(up.lines))
        self.assertTrue(address, up.lines)
        return int(address.group(1))

    def ask(self, port, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request(method, path)
        response = connection.getresponse()
        with response:
            return response.status, response.headers, response.read().decode()

    def scrape(self, port):
        status, headers, text = self.ask(port, "/metrics")
        self.assertEqual((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return metrics(text)

    def until(self, holds):
        deadline = time.monotonic() + 10
        while not holds():
            self.assertLess(time.monotonic(), deadline, "it never came true")


class Metrics(Measured):
    def test_requests_are_counted_by_component_and_route(self):
        up = self.start(MANIFEST, "--metrics-listen", "127.0.0.1:0", "--cpu-limit-ms", "100", guest="hello-rust")
        port = self.listener(up)
        self.assertNotIn('weft_instances_total{component="it",route="/hello/..."}', self.scrape(port))
        for _ in range(5):
            self.assertEqual(up.get("/hello/x")[0], 200)
        self.assertEqual(up.get("/static")[0], 204)
        self.assertEqual(up.get("/nowhere")[0], 404)
        seen = self.scrape(port)
        labels = 'component="it",route="/hello/..."'
        self.assertEqual(seen[f'weft_http_requests_total{{{labels},status="2xx"}}'], 5)
        self.assertEqual(seen['weft_http_requests_total{component="(static)",route="/static",status="2xx"}'], 1)
        self.assertEqual(seen['weft_http_requests_total{component="",route="",status="4xx"}'], 1)
        self.assertEqual(seen[f"weft_http_request_duration_seconds_count{{{labels}}}"], 5)
        self.assertEqual(seen[f'weft_http_request_duration_seconds_bucket{{{labels},le="+Inf"}}'], 5)
        self.assertEqual(seen[f"weft_instances_total{{{labels}}}"], 5)
        self.assertEqual(seen[f"weft_instances_live{{{labels}}}"], 0)
        self.assertIn(seen[f"weft_instances_cold_total{{{labels}}}"], range(1, os.cpu_count() + 1))
        self.assertEqual(seen[f"weft_component_faults_total{{{labels}}}"], 0)
        total, cpu = (seen[f"{name}{{{labels}}}"] for name in ("weft_http_request_duration_seconds_sum",
                                                               "weft_component_cpu_seconds_total"))
        self.assertGreater(cpu, 0)
        # A method, a path and fields in; the answer out; some handles for each.
        self.assertGreater(seen[f"weft_component_copied_bytes_total{{{labels}}}"], 5 * len("/hello/x"))
        self.assertEqual(seen[f"weft_instance_peak_handles_count{{{labels}}}"], 5)
        self.assertGreaterEqual(seen[f"weft_instance_peak_handles_sum{{{labels}}}"], 5 * 2)
        self.assertGreaterEqual(total, cpu)
        # The guest has a memory of a page at least, and less than the limit.
        peak = seen[f"weft_instance_peak_memory_bytes_sum{{{labels}}}"] / 5
        self.assertTrue(65536 <= peak <= 128 << 20, peak)
        for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"):
            self.assertGreater(seen[name], 0)

    def test_faults_and_limits_are_counted(self):
        up = self.start(MANIFEST.replace("/hello/...", "/..."), "--metrics-listen", "127.0.0.1:0", "--cpu-limit-ms", "50",
                        "--request-timeout-s", "1")
        port = self.listener(up)
        labels = 'component="it",route="/..."'
        self.assertEqual(up.get("/trap")[0], 500)
        self.assertEqual(up.get("/loop")[0], 500)
        self.assertEqual(up.get("/never")[0], 500)
        seen = self.scrape(port)
        self.assertEqual(seen[f'weft_http_requests_total{{{labels},status="5xx"}}'], 3)
        self.assertEqual(seen[f"weft_component_faults_total{{{labels}}}"], 3)
        self.assertEqual(seen[f'weft_limits_hit_total{{{labels},limit="cpu_time"}}'], 1)
        self.assertEqual(seen[f'weft_limits_hit_total{{{labels},limit="request_time"}}'], 1)

    def test_instances_that_work_are_seen_and_a_client_that_leaves_is_no_fault(self):
        up = self.start(MANIFEST.replace("/hello/...", "/..."), "--metrics-listen", "127.0.0.1:0")
        port = self.listener(up)
        labels = 'component="it",route="/..."'
        with up.connect() as client:
            client.sendall(b"GET /never HTTP/1.1\r\nhost: a\r\n\r\n")
            self.until(lambda: self.scrape(port).get(f"weft_instances_live{{{labels}}}") == 1)
            self.until(lambda: self.scrape(port)["weft_instances_waiting"] == 1)
            self.until(lambda: self.scrape(port)["weft_http_connections"] == 1)
        self.until(lambda: self.scrape(port)[f"weft_instances_live{{{labels}}}"] == 0)
        seen = self.scrape(port)
        self.assertEqual(seen[f'weft_http_requests_total{{{labels},status="none"}}'], 1)
        self.assertEqual(seen[f"weft_component_faults_total{{{labels}}}"], 0)

    def test_health_is_told_on_every_listener(self):
        up = self.start(MANIFEST, "--metrics-listen", "127.0.0.1:0")
        port = self.listener(up)
        self.assertEqual(up.get("/.well-known/spin/health")[::2], (200, b"OK"))
        for path in ("/health", "/.well-known/spin/health"):
            self.assertEqual(self.ask(port, path)[::2], (200, "OK"))
        self.assertEqual(self.ask(port, "/hello/x")[0], 404, "no application is served there")
        self.assertEqual(self.ask(port, "/metrics", "POST")[0], 405)
        self.assertEqual(self.ask(port, "/metrics", "HEAD")[::2], (200, ""))

    def test_an_address_that_is_taken_or_none_is_an_error(self):
        up = self.start(MANIFEST)
        for address, part in ((f"127.0.0.1:{up.port}", str(up.port)), ("here", "--metrics-listen here")):
            done = weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0", "--metrics-listen", address)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(part, done.stderr)


class OnTheApplicationsListener(Measured):
    ASKED = MANIFEST + '[component.it.variables]\nMETRICS_ENABLED = "true"\nMETRICS_PATH = "/numbers"\n'

    def test_metrics_are_shown_when_the_manifest_asks(self):
        up = self.start(self.ASKED, guest="hello-rust")
        up.get("/hello/x")
        status, headers, body = up.get("/numbers")
        self.assertEqual((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertEqual(metrics(body.decode())['weft_instances_total{component="it",route="/hello/..."}'], 1)
        self.assertEqual(up.get("/metrics")[0], 404)

    def test_and_else_not(self):
        for change in (('"true"', '"false"'), ("METRICS_ENABLED", "metrics_enabled"), ('METRICS_ENABLED = "true"\n', "")):
            up = self.start(self.ASKED.replace(*change))
            self.assertEqual(up.get("/numbers")[0], 404, change)

    def test_a_route_of_that_path_is_the_applications(self):
        up = self.start(self.ASKED.replace('route = "/static"', 'route = "/numbers"'))
        self.assertEqual(up.get("/numbers")[0], 204)

    def test_a_path_that_is_none_is_an_error(self):
        self.manifest(self.ASKED.replace("/numbers", "numbers"), it="hello-rust")
        done = weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("METRICS_PATH of component it", done.stderr)


class Said(Measured):
    def test_server_timing_says_what_a_response_cost(self):
        up = self.start(MANIFEST, "--threads", "1", guest="hello-rust")
        said = [up.get("/hello/x")[1]["server-timing"] for _ in range(3)]
        for text in said:
            self.assertRegex(text, r'^(cold|warm), cpu;dur=[0-9.e-]+, memory;desc="[0-9]+ bytes"$')
        self.assertEqual([text.split(",")[0] for text in said], ["cold", "warm", "warm"])
        self.assertIsNone(up.get("/static")[1]["server-timing"])

    def test_a_fault_has_its_cost_too(self):
        up = self.start(MANIFEST.replace("/hello/...", "/..."))
        status, headers, _ = up.get("/trap")
        self.assertEqual(status, 500)
        self.assertIn("cpu;dur=", headers["server-timing"])

    def test_there_is_a_line_for_each_request_when_it_is_asked_for(self):
        up = self.start(MANIFEST, "--access-log", guest="hello-rust")
        up.get("/hello/x?token=s3cret")
        up.wait_for_error("[it] GET /hello/x 200 ")
        self.assertRegex(up.error_text(), r"\[it\] GET /hello/x 200 \d+us cpu \d+us memory \d+KiB cold from 127\.0\.0\.1:\d+ HTTP/1\.1\n")
        up.get("/static")
        up.wait_for_error("[(static)] GET /static 204 ")
        self.assertNotIn("s3cret", up.error_text())

    def test_and_none_into_a_file(self):
        up = self.start(MANIFEST, guest="hello-rust")
        up.get("/hello/x")
        up.__exit__()
        self.assertNotIn("GET /hello", up.error_text())
