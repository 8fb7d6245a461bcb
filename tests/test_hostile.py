"""Guests that misbehave: each gets its error, and the requests beside it do not notice."""
import threading
import time

import weft


class Hostile(weft.Case):
    @classmethod
    def setUpClass(cls):
        cls.up = weft.Up(weft.guest("misbehave-rust"), "--cpu-limit-ms", "300", "--request-timeout-s", "2",
                         "--max-instance-memory", str(32 << 20))

    @classmethod
    def tearDownClass(cls):
        cls.up.__exit__()

    def check_fault(self, path, log):
        """500 with an empty body, a line that says why, and a host that goes on."""
        status, _, body = self.up.get(path)
        self.assertEqual((status, body), (500, b""))
        self.up.wait_for_error(log)
        self.assertEqual(self.up.get("/")[0], 200)

    def test_a_trap_is_500(self):
        self.check_fault("/trap", "unreachable")

    def test_an_endless_loop_ends_at_the_cpu_limit(self):
        self.check_fault("/loop", "CPU time limit of 300 ms")

    def test_memory_without_end_stops_at_the_limit(self):
        self.check_fault("/alloc", "")
        self.assertLess(self.up.resident_bytes(), 200 << 20)

    def test_deep_recursion_is_a_trap(self):
        self.check_fault("/deep-recursion", "call stack exhausted")

    def test_a_guest_that_never_answers_ends_at_the_time_limit(self):
        began = time.monotonic()
        self.check_fault("/never", "time limit")
        self.assertLess(time.monotonic() - began, 15)

    def test_a_guest_that_exits_has_not_answered(self):
        self.check_fault("/exit", "exit")

    def test_a_second_answer_does_not_reach_the_client(self):
        status, _, _ = self.up.get("/twice")
        self.assertIn(status, (200, 500))
        self.assertEqual(self.up.get("/")[0], 200)

    def test_a_body_shorter_than_announced_breaks_the_connection(self):
        answer = self.up.raw(b"GET /short-body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        announced = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if head.startswith(b"HTTP/1.1 200"):
            self.assertTrue(announced)
            self.assertLess(len(body), int(announced[0].split(b":")[1]))
        else:
            self.assertTrue(head.startswith(b"HTTP/1.1 500"), head)

    def test_a_body_longer_than_announced_is_cut_off(self):
        answer = self.up.raw(b"GET /long-body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 200"):
            announced = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            self.assertLessEqual(len(body), int(announced[0].split(b":")[1]))

    def test_a_body_that_is_not_finished_does_not_look_complete(self):
        answer = self.up.raw(b"GET /close-early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertFalse(answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"0\r\n\r\n"), answer)

    def test_a_response_without_its_body_is_an_error(self):
        for path in ("/no-body", "/no-body-trap", "/no-body-kept"):
            with self.subTest(path=path):
                status, headers, _ = self.up.get(path)
                self.assertEqual(status, 500)
                self.assertRegex(headers["server-timing"], r"^(cold|warm), cpu;dur=[0-9.]+, memory;desc=\"[1-9]\d+ bytes\"$")
                self.assertEqual(self.up.get("/")[0], 200)
        self.up.wait_for_error("returned without the body of its response")

    def test_a_client_that_leaves_ends_the_guest(self):
        for _ in range(20):
            s = self.up.connect()
            s.sendall(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.01)
            s.close()
        self.assertEqual(self.up.get("/")[0], 200)

    def test_others_are_served_while_every_core_has_a_looping_guest(self):
        loops = [threading.Thread(target=self.up.get, args=("/loop",)) for _ in range(8)]
        for loop in loops:
            loop.start()
        for _ in range(20):
            self.assertEqual(self.up.get("/")[0], 200)
        for loop in loops:
            loop.join()

    def test_a_large_answer_to_a_slow_client_costs_no_memory(self):
        before = self.up.resident_bytes()
        sockets = [self.up.connect() for _ in range(8)]
        for s in sockets:
            s.sendall(b"GET /big-body?n=20000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1)
        self.assertLess(self.up.resident_bytes() - before, 60 << 20)
        for s in sockets:
            s.close()


class Secrets(weft.Case):
    def test_nothing_of_one_request_is_left_in_the_next(self):
        # The guest answers what it finds in a static variable before it stores the request's path there.
        with weft.Up(weft.guest("misbehave-rust"), "--threads", "1") as up:
            for i in range(20):
                self.assertEqual(up.get(f"/remember?{i}")[::2], (200, b"nothing"))
