"""What is done when more requests come than instances are allowed to wait."""
import http.client
import re
import threading
import time

import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "busy"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
"""


class Admission(weft.Case):
    def start(self, *args):
        self.manifest(MANIFEST, it="misbehave-rust")
        up = weft.Up("-f", self.folder, "--threads", "1", "--metrics-listen", "127.0.0.1:0", *args)
        self.addCleanup(up.__exit__)
        return up

    def metric(self, up, name):
        port = int(re.search(r"Metrics http://127\.0\.0\.1:(\d+)/metrics", "".join(up.lines)).group(1))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/metrics")
        with connection.getresponse() as response:
            text = response.read().decode()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE).group(1))

    def until(self, up, name, value):
        deadline = time.monotonic() + 30
        while self.metric(up, name) != value:
            self.assertLess(time.monotonic(), deadline, f"{name} never was {value}")
            time.sleep(0.02)

    def in_background(self, up, path, answers):
        thread = threading.Thread(target=lambda: answers.append(up.get(path)[0]))
        thread.start()
        self.addCleanup(thread.join)
        return thread

    def test_a_request_beyond_the_limit_waits_and_one_beyond_the_queue_gets_503(self):
        up = self.start("--max-instances", "1", "--max-queued", "1")
        first, second = [], []
        one = self.in_background(up, "/slow?ms=1500", first)
        self.until(up, "weft_instances_waiting", 1)
        two = self.in_background(up, "/", second)
        self.until(up, "weft_http_requests_queued", 1)
        status, headers, body = up.get("/")
        self.assertEqual((status, headers["retry-after"], body), (503, "1", b"too many requests are waiting\n"))
        self.assertEqual(second, [], "it waits for the first one")
        one.join()
        two.join()
        self.assertEqual((first, second), ([200], [200]))
        self.assertEqual(self.metric(up, 'weft_limits_hit_total{component="it",route="/...",limit="instances"}'), 1)
        self.assertEqual(up.get("/")[0], 200)
        self.until(up, "weft_http_requests_queued", 0)

    def test_a_wait_ends_with_503_when_its_time_is_over(self):
        up = self.start("--max-instances", "1", "--queue-timeout-s", "0.5")
        answers = []
        slow = self.in_background(up, "/slow?ms=3000", answers)
        self.until(up, "weft_instances_waiting", 1)
        begun = time.monotonic()
        self.assertEqual(up.get("/")[0], 503)
        self.assertGreaterEqual(time.monotonic() - begun, 0.5)
        self.assertEqual(answers, [], "the instance before it goes on")
        slow.join()
        self.assertEqual(answers, [200])

    def test_a_client_that_leaves_the_queue_leaves_room(self):
        up = self.start("--max-instances", "1", "--max-queued", "1")
        answers, later = [], []
        slow = self.in_background(up, "/slow?ms=2000", answers)
        self.until(up, "weft_instances_waiting", 1)
        with up.connect() as leaver:
            leaver.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            self.until(up, "weft_http_requests_queued", 1)
        self.until(up, "weft_http_requests_queued", 0)
        stayer = self.in_background(up, "/", later)
        slow.join()
        stayer.join()
        self.assertEqual((answers, later), ([200], [200]))

    def test_a_queue_is_worked_off_in_order_by_as_many_as_there_may_be(self):
        up = self.start("--max-instances", "4")
        answers = []
        threads = [self.in_background(up, "/slow?ms=50", answers) for _ in range(40)]
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [200] * 40)
        self.until(up, "weft_instances_waiting", 0)
        self.until(up, "weft_http_requests_queued", 0)


class Memory(Admission):
    def test_the_largest_that_waits_is_ended_when_memory_is_short_and_the_others_go_on(self):
        # weft itself has some 20 MiB. Nothing grows when it is short: the last one writes to what it has had before.
        up = self.start("--max-memory", str(310 << 20))
        large, others = [], []
        first = self.in_background(up, "/hold-late?mib=110&ms=60000", large)
        self.until(up, "weft_instances_waiting", 1)
        small = [self.in_background(up, f"/hold-late?mib={mib}&ms=8000", others) for mib in (60, 60)]
        small.append(self.in_background(up, "/slow?ms=8000", others))
        self.until(up, "weft_instances_waiting", 4)
        self.assertEqual(large, [])
        self.assertNotIn("memory has reached its limit", up.error_text())
        small.append(self.in_background(up, "/hold-late?mib=80&ms=1000", others))
        first.join()
        self.assertEqual((large, others), ([500], []))
        up.wait_for_error("the memory of all instances together is used up, and this one had 111 MiB")
        self.assertEqual(up.get("/")[0], 200)
        for one in small:
            one.join()
        self.assertEqual(others, [200] * 4)
        # No more than had to be.
        self.assertEqual(self.metric(up, 'weft_limits_hit_total{component="it",route="/...",limit="memory"}'), 1)
        self.assertEqual(up.error_text().count("is used up, and this one had"), 1)

    def test_an_answer_that_has_begun_does_not_look_complete_when_its_instance_is_ended(self):
        up = self.start("--max-memory", str(310 << 20))
        with up.connect(timeout=60) as client:
            client.sendall(b"GET /hold-late?mib=110&ms=60000&begun=1 HTTP/1.1\r\nhost: a\r\n\r\n")
            self.until(up, "weft_instances_waiting", 1)
            answers = []
            other = [self.in_background(up, f"/hold-late?mib={mib}&ms=8000", answers) for mib in (100, 100)]
            received = b""
            while piece := client.recv(65536):
                received += piece
            self.assertTrue(received.startswith(b"HTTP/1.1 200 OK\r\n"), received)
            self.assertIn(b"begun", received)
            self.assertFalse(received.endswith(b"0\r\n\r\n"))
            for one in other:
                one.join()
            self.assertEqual(answers, [200, 200])

    def test_many_instances_within_their_limits_do_not_take_more_than_the_process_may_have(self):
        limit = 400 << 20
        up = self.start("--max-memory", str(limit), "--queue-timeout-s", "1")
        answers, most = [], [0]
        stop = threading.Event()

        def look():
            while not stop.wait(0.01):
                most[0] = max(most[0], up.resident_bytes())

        looker = threading.Thread(target=look)
        looker.start()
        # Each takes 64 MiB and keeps it for ten seconds: 24 times that is far too much.
        holders = [self.in_background(up, "/hold?mib=64&ms=10000", answers) for _ in range(24)]
        for holder in holders:
            holder.join()
        stop.set()
        looker.join()
        up.wait_for_error("memory has reached its limit of 400 MiB")
        self.assertLess(most[0], limit * 5 // 4)
        self.assertEqual(set(answers) - {200, 500, 503}, set())
        self.assertGreater(answers.count(500) + answers.count(503), 10)
        self.assertGreater(self.metric(up, 'weft_limits_hit_total{component="it",route="/...",limit="memory"}'), 0)
        deadline = time.monotonic() + 10
        while up.get("/")[0] != 200:
            self.assertLess(time.monotonic(), deadline, "what others took is given back")
        self.assertLess(up.resident_bytes(), limit // 2)
