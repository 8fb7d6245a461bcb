"""Instances of WASI 0.3 components that answer several requests, one after the other and at once."""
import http.client
import http.server
import re
import signal
import threading
import time
import urllib.request

import threads_p3
import weft


def serve(*flags):
    # One loop: instances are not passed from one to another.
    return weft.Up(weft.guest("echo-p3-rust"), "--threads", "1", *flags)


# What a client sees of a body that is cut.
cut = (http.client.IncompleteRead, ConnectionError)


class Call(threading.Thread):
    """A request that is made meanwhile; `answer` is (status, headers, body), `failure` what came in its way."""

    def __init__(self, up, path, **more):
        super().__init__()
        self.up, self.path, self.more = up, path, more
        self.answer = self.failure = None
        self.start()

    def run(self):
        try:
            self.answer = self.up.get(self.path, **self.more)
        except (OSError, http.client.HTTPException) as failure:
            self.failure = failure

    def done(self):
        self.join()
        return self.answer


def turn(up, path="/turn"):
    """(how many requests its instance has begun, how many of those have no response yet)"""
    status, _, body = up.get(path)
    assert status == 200, (status, up.error_text())
    return tuple(map(int, body.split()))


def cpu_ms(headers):
    return float(re.search(r"cpu;dur=([0-9.]+)", headers["server-timing"]).group(1))


def scrape(up):
    port = re.search(r"Metrics http://127\.0\.0\.1:(\d+)/metrics", "".join(up.lines)).group(1)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


class Reuse(weft.Case):
    def test_an_instance_answers_one_request_after_the_other(self):
        with serve() as up:
            self.assertEqual([turn(up)[0] for _ in range(5)], [1, 2, 3, 4, 5])

    def test_it_ends_after_as_many_requests_as_it_is_given(self):
        with serve("--max-instance-reuse-count", "2") as up:
            self.assertEqual([turn(up)[0] for _ in range(5)], [1, 2, 1, 2, 1])

    def test_told_so_each_request_has_a_new_instance(self):
        for flags in (("--max-instance-reuse-count", "1"), ("--max-instance-reuse-count=0",),
                      ("--idle-instance-timeout", "0s")):
            with self.subTest(flags), serve(*flags) as up:
                self.assertEqual([turn(up)[0] for _ in range(3)], [1, 1, 1])

    def test_a_range_is_drawn_from_for_each_instance(self):
        with serve("--max-instance-reuse-count", "2..4") as up:
            turns = [turn(up)[0] for _ in range(60)]
        uses = {before for before, after in zip(turns, turns[1:]) if after == 1}
        self.assertEqual(uses, {2, 3})

    def test_an_instance_that_is_idle_for_its_time_ends(self):
        with serve("--idle-instance-timeout", "300ms") as up:
            self.assertEqual([turn(up)[0], turn(up)[0]], [1, 2])
            time.sleep(0.4)
            self.assertEqual(turn(up)[0], 1)
            # Each request begins the time anew.
            for expected in (2, 3, 4):
                time.sleep(0.15)
                self.assertEqual(turn(up)[0], expected)

    def test_its_requests_run_at_the_same_time(self):
        with serve() as up:
            started = time.monotonic()
            held = [Call(up, "/hold") for _ in range(8)]
            answers = sorted(tuple(map(int, call.done()[2].split())) for call in held)
            self.assertLess(time.monotonic() - started, 2)
            self.assertEqual(answers, [(n, n) for n in range(1, 9)])
            self.assertEqual(turn(up), (9, 1))

    def test_no_more_of_them_than_it_is_given(self):
        with serve("--max-instance-concurrent-reuse-count", "2") as up:
            held = [Call(up, "/hold") for _ in range(4)]
            answers = sorted(int(call.done()[2].split()[0]) for call in held)
            self.assertEqual(answers, [1, 1, 2, 2])
        with serve("--max-instance-concurrent-reuse-count", "1") as up:
            held = [Call(up, "/hold") for _ in range(3)]
            self.assertEqual({call.done()[2] for call in held}, {b"1 1\n"})
            self.assertEqual(turn(up)[0], 2)

    def test_one_that_computes_takes_none(self):
        with serve() as up:
            self.assertEqual(turn(up)[0], 1)
            burning = Call(up, "/burn")
            time.sleep(0.03)
            self.assertEqual(turn(up), (1, 1))
            self.assertEqual(burning.done()[2], b"2 1\n")

    def test_processor_time_is_that_of_the_request_that_took_it(self):
        with serve() as up:
            held = Call(up, "/hold")
            time.sleep(0.05)
            _, burnt, body = up.get("/burn")
            self.assertEqual(body, b"2 2\n")
            self.assertGreater(cpu_ms(burnt), 90)
            self.assertLess(cpu_ms(held.done()[1]), 50)

    def test_processor_time_counts_for_the_request_whose_thread_runs_whoever_resumed_it(self):
        with weft.Up(threads_p3.component(self.folder), "--threads", "1") as up:
            parked = Call(up, "/park")
            time.sleep(0.2)
            status, woke, _ = up.get("/wake")
            self.assertEqual((status, parked.done()[0]), (200, 200), up.error_text())
            # It computes until 200 ms are over, and others have their turn between.
            self.assertGreater(cpu_ms(parked.answer[1]), 100)
            self.assertLess(cpu_ms(woke), cpu_ms(parked.answer[1]))

    def test_a_request_that_went_out_has_the_trace_of_the_one_that_made_it(self):
        seen = {}

        class Peer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen[self.path] = self.headers["traceparent"]
                time.sleep(0.3)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer) as peer:
            threading.Thread(target=peer.serve_forever, daemon=True).start()
            self.addCleanup(peer.shutdown)
            base = f"http://127.0.0.1:{peer.server_port}"
            self.manifest(f"""
                spin_manifest_version = 2
                application = {{ name = "asks" }}
                [[trigger.http]]
                route = "/..."
                component = "asks"
                [component.asks]
                source = "asks.wasm"
                allowed_outbound_hosts = ["{base}"]
                """, asks="echo-p3-rust")
            with weft.Up(self.folder, "--threads", "1") as up:
                traces = {f"/{n}": f"{n:032x}" for n in range(1, 5)}
                calls = [Call(up, "/get", headers={"url": base + path, "traceparent": f"00-{trace}-{1:016x}-01"})
                         for path, trace in traces.items()]
                for call in calls:
                    self.assertEqual(call.done()[0], 200)
                self.assertEqual({path: parent.split("-")[1] for path, parent in seen.items()}, traces)
                self.assertEqual(turn(up), (5, 1), "they were all in one instance")


class Faults(weft.Case):
    def test_a_trap_ends_all_requests_of_its_instance_and_no_others(self):
        with serve("--max-instance-concurrent-reuse-count", "3") as up:
            held = [Call(up, "/hold"), Call(up, "/hold")]
            time.sleep(0.1)
            trapped = Call(up, "/trap")
            time.sleep(0.1)
            # The first instance is gone: this is another one.
            self.assertEqual(turn(up), (1, 1))
            self.assertEqual(trapped.done()[::2], (500, b""))
            self.assertEqual([call.done()[::2] for call in held], [(500, b""), (500, b"")])
            up.wait_for_error("3 requests of the instance end with it")
            self.assertEqual(turn(up), (2, 1))

    def test_a_body_under_way_does_not_look_complete_after_a_trap(self):
        with serve() as up:
            slow = Call(up, "/slow")
            time.sleep(0.1)
            self.assertEqual(up.get("/trap")[0], 500)
            slow.join()
            self.assertIsInstance(slow.failure, cut, slow.answer)

    def test_a_request_that_takes_too_long_is_500_and_its_instance_takes_no_more(self):
        with serve("--request-timeout", "300ms") as up:
            started = time.monotonic()
            never = Call(up, "/never")
            time.sleep(0.1)
            self.assertEqual(turn(up), (2, 2))
            self.assertEqual(never.done()[::2], (500, b""))
            self.assertLess(time.monotonic() - started, 2)
            up.wait_for_error("the time limit is over")
            self.assertEqual(turn(up), (1, 1))

    def test_others_of_its_instance_go_on(self):
        with serve("--request-timeout", "600ms") as up:
            never = Call(up, "/never")
            time.sleep(0.35)
            held = Call(up, "/hold")
            self.assertEqual(never.done()[0], 500)
            self.assertEqual(held.done()[::2], (200, b"2 2\n"))

    def test_a_body_that_takes_too_long_is_cut(self):
        with serve("--request-timeout", "300ms") as up:
            slow = Call(up, "/slow?100")
            slow.join()
            self.assertIsInstance(slow.failure, cut, slow.answer)
            up.wait_for_error("the time limit is over")

    def test_the_time_limit_is_that_of_a_new_instance_too(self):
        with serve("--request-timeout", "300ms", "--max-instance-reuse-count", "1") as up:
            started = time.monotonic()
            self.assertEqual(up.get("/never")[::2], (500, b""))
            self.assertLess(time.monotonic() - started, 2)

    def test_a_client_that_leaves_ends_its_own_task_in_an_instance_that_is_alone(self):
        with serve() as up:
            with up.connect() as s:
                s.sendall(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
                time.sleep(0.1)
                self.assertEqual(turn(up), (2, 2))
            up.wait_for_error("the client closed the connection")
            deadline = time.monotonic() + 2
            while turn(up)[1] > 1 and time.monotonic() < deadline:
                time.sleep(0.01)
            # This guest's bindings answer with a trap, so that it may be another instance.
            self.assertEqual(turn(up)[1], 1)

    def test_no_task_is_told_to_end_while_that_could_hurt_others(self):
        # Nothing is known of the component yet.
        with serve() as up:
            with up.connect() as s:
                s.sendall(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
                time.sleep(0.05)
                held = Call(up, "/hold")
                time.sleep(0.05)
            up.wait_for_error("the client closed the connection")
            self.assertEqual(turn(up)[1], 3)
            self.assertEqual(held.done()[0], 200)
            time.sleep(0.1)
            self.assertEqual(turn(up)[1], 1)

    def test_a_task_that_can_never_end_is_a_deadlock_once_it_is_alone(self):
        with serve() as up:
            held = Call(up, "/hold")
            time.sleep(0.05)
            stuck = Call(up, "/stuck")
            self.assertEqual(held.done()[0], 200)
            self.assertEqual(stuck.done()[::2], (500, b""))
            up.wait_for_error("deadlock detected")

    def test_requests_beyond_the_limit_wait_their_turn(self):
        with serve("--max-instances", "2") as up:
            started = time.monotonic()
            held = [Call(up, "/hold") for _ in range(4)]
            self.assertEqual([call.done()[0] for call in held], [200] * 4)
            self.assertGreater(time.monotonic() - started, 0.75)

    def test_processor_time_that_is_used_up_ends_all_requests_of_its_instance(self):
        with serve("--cpu-limit-ms", "100", "--metrics-listen", "127.0.0.1:0") as up:
            held = [Call(up, "/hold"), Call(up, "/hold")]
            time.sleep(0.1)
            self.assertEqual(up.get("/burn")[::2], (500, b""))
            self.assertEqual([call.done()[::2] for call in held], [(500, b"")] * 2)
            up.wait_for_error("the CPU time limit of 100 ms is used up; 3 requests of the instance end with it")
            self.assertEqual(turn(up), (1, 1))
            limited = 'weft_limits_hit_total{component="echo-p3-rust",route="/...",limit="cpu_time"}'
            self.assertEqual(scrape(up).get(limited), 1, "it was one of them that used it up")

    def test_an_instance_that_was_refused_memory_takes_no_more(self):
        # By the limit of all its memories together.
        with serve("--max-instance-memory", str(4 << 30)) as up:
            held = Call(up, "/hold")
            time.sleep(0.1)
            self.assertEqual(up.get("/refused")[::2], (200, b"2 2\n"))
            self.assertEqual(turn(up), (1, 1))
            self.assertEqual(held.done()[::2], (200, b"1 1\n"))

    def test_a_request_that_is_kept_holds_nobody_up(self):
        with serve() as up:
            connection = http.client.HTTPConnection(up.host, up.port, timeout=20)
            for n in range(1, 6):
                # More than the server reads before somebody takes it.
                connection.request("POST", "/keep", body=b"x" * 200_000)
                with connection.getresponse() as answer:
                    self.assertEqual((answer.status, answer.read()), (200, f"{n} 1\n".encode()))
            connection.close()

    def test_all_requests_of_an_instance_end_before_the_server_does(self):
        up = serve()
        with up:
            held = [Call(up, "/hold") for _ in range(5)] + [Call(up, "/slow?10")]
            time.sleep(0.15)
        answers = sorted(call.done()[2] for call in held)
        self.assertEqual([call.done()[0] for call in held], [200] * 6)
        self.assertEqual(answers[-1], b"".join(b"line %d\n" % i for i in range(10)))


class Cancellation(weft.Case):
    """Of a component whose tasks end when they are told."""

    HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"

    def begin(self, up):
        s = up.connect()
        self.addCleanup(s.close)
        s.sendall(self.HEAD + b"12345")
        return s

    def finish(self, s):
        """(length of the body, how many requests its instance has begun)"""
        s.sendall(b"67890")
        answer = http.client.HTTPResponse(s)
        answer.begin()
        self.assertEqual(answer.status, 200)
        return int(answer.headers["x-bytes"]), int(answer.headers["x-turn"])

    def test_a_client_that_leaves_ends_its_own_task_and_no_other(self):
        with weft.Up(weft.guest("count-p3-c"), "--threads", "1", "--idle-instance-timeout", "20s") as up:
            self.begin(up).close()
            up.wait_for_error("the client closed the connection")
            # It was alone: now it is known that these tasks end.
            first, second, third = (self.begin(up) for _ in range(3))
            time.sleep(0.1)
            second.close()
            deadline = time.monotonic() + 5
            while up.error_text().count("the client closed the connection") < 2:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            self.assertEqual(self.finish(third), (10, 4))
            self.assertEqual(self.finish(first), (10, 2))
            self.assertEqual(self.finish(self.begin(up)), (10, 5), "the instance serves on")

    def test_many_of_them_leave_nothing_behind(self):
        with weft.Up(weft.guest("count-p3-c"), "--threads", "1", "--idle-instance-timeout", "20s",
                     "--max-instance-concurrent-reuse-count", "3") as up:
            stays = self.begin(up)
            # Each has a place only because those before it gave theirs back; the first two when all is known.
            self.begin(up).close()
            up.wait_for_error("the client closed the connection")
            self.assertEqual(self.finish(stays), (10, 1))
            time.sleep(0.1)
            for _ in range(27):
                gone = self.begin(up)
                time.sleep(0.01)
                gone.close()
                time.sleep(0.02)
            self.assertEqual(self.finish(self.begin(up)), (10, 30))


class AClientThatLeaves(weft.Case):
    """Its task ends soon, whatever it does."""

    def leaves(self, component, path, *flags):
        flags = "--metrics-listen", "127.0.0.1:0", "--threads", "1", "--cpu-limit-ms", "60000", "--request-timeout-s", "60", *flags
        with weft.Up(component, *flags, start_timeout=60) as up:
            live = f'weft_instances_live{{component="{component.stem}",route="/..."}}'
            with up.connect() as client:
                client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path)
                self.until(lambda: scrape(up).get(live) == 1)
            began = time.monotonic()
            self.until(lambda: scrape(up)[live] == 0)
            # The sweep comes by five times a second; what a shared instance is told it may take a second for.
            self.assertLess(time.monotonic() - began, 5)
            up.wait_for_error("the client closed the connection")
            seen = scrape(up)
            self.assertEqual(seen[f'weft_http_requests_total{{component="{component.stem}",route="/...",status="none"}}'], 1)
            self.assertEqual(seen[f'weft_component_faults_total{{component="{component.stem}",route="/..."}}'], 0)
            self.until(lambda: scrape(up)["weft_instances_waiting"] == 0)

    def until(self, holds):
        deadline = time.monotonic() + 20
        while not holds():
            self.assertLess(time.monotonic(), deadline, "it never came true")
            time.sleep(0.02)

    def test_while_a_component_waits(self):
        self.leaves(weft.guest("misbehave-rust"), b"/never")

    def test_while_a_component_computes(self):
        self.leaves(weft.guest("misbehave-rust"), b"/loop")

    def test_while_one_of_wasi_0_3_waits(self):
        component = threads_p3.component(self.folder)
        for flags in ((), ("--max-instance-reuse-count", "1")):
            with self.subTest(flags):
                self.leaves(component, b"/never", *flags)

    def test_while_one_of_wasi_0_3_computes(self):
        component = threads_p3.component(self.folder)
        for flags in ((), ("--max-instance-reuse-count", "1")):
            with self.subTest(flags):
                self.leaves(component, b"/spin", *flags)


class WorkAfterTheResponse(weft.Case):
    def ends(self, path, *flags):
        """What is logged, and how long the server takes to end, from SIGTERM on, right after the response to `path`."""
        component = threads_p3.component(self.folder)
        with weft.Up(component, "--threads", "1", "--access-log", *flags, start_timeout=60) as up:
            self.assertEqual(up.get(path)[0], 200)
            began = time.monotonic()
            up.process.send_signal(signal.SIGTERM)
            self.assertEqual(up.process.wait(15), 0)
            took = time.monotonic() - began
        return "".join(up.lines) + up.error_text(), took

    def test_is_finished_before_the_server_ends(self):
        for flags in ((), ("--max-instance-reuse-count", "1")):
            with self.subTest(flags):
                said, took = self.ends("/late", *flags)
                self.assertGreater(took, 0.8)
                self.assertLess(took, 5)
                self.assertIn("/late", said, "the access log has it when its work is done")
                self.assertNotIn("--drain-s", said)

    def test_is_ended_when_it_takes_too_long(self):
        for flags in ((), ("--max-instance-reuse-count", "1")):
            with self.subTest(flags):
                said, took = self.ends("/forever", "--drain-s", "1", *flags)
                self.assertGreater(took, 0.9)
                self.assertLess(took, 5)
                self.assertIn("[threads] the server ends, and the time to finish (--drain-s) is over", said)


class Flags(weft.Case):
    def test_what_is_no_value_and_no_range_is_refused(self):
        for flag, text, says in (("--max-instance-reuse-count", "many", "1..8"), ("--max-instance-reuse-count", "8..1", "nothing is in"),
                                 ("--max-instance-concurrent-reuse-count", "-1", "1..8"), ("--request-timeout", "2m", "100ms..2s"),
                                 ("--idle-instance-timeout", "1..", "100ms..2s")):
            with self.subTest(flag=flag, text=text):
                done = weft.run("up", weft.guest("hello-rust"), f"{flag}={text}")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(flag, done.stderr)
                self.assertIn(says, done.stderr)
