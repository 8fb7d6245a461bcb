"""Guests answer the same whether their instances are made anew or restored (src/component/instance_source.h)."""
import re
import time
import urllib.request

import weft
from answers import answers, guests


def starts(up):
    """Instances until now: (made, restored). They are counted five times a second."""
    time.sleep(0.5)
    url = re.search(r"Metrics (http://\S+)", "".join(up.lines)).group(1)
    with urllib.request.urlopen(url, timeout=20) as response:
        text = response.read().decode()
    return tuple(int(re.search(rf'weft_instance_starts_total{{from="{kind}"}} (\d+)', text).group(1)) for kind in ("made", "restored"))


class Restore(weft.Case):
    def test_every_guest_answers_the_same(self):
        answered = 0
        for name in guests():
            with self.subTest(guest=name):
                restored = answers(self, name, "--threads", "1", repeat=4)
                self.assertEqual(restored, answers(self, name, "--threads", "1", "--no-restore", repeat=4))
                answered += sum(1 for answer in restored if answer[2] == 200)
        self.assertGreater(answered, len(guests()))

    def serve(self, name, *flags):
        up = weft.Up(weft.guest(name), "--threads", "1", "--metrics-listen", "127.0.0.1:0", "--max-instance-reuse-count", "1", *flags)
        self.addCleanup(up.__exit__)
        return up

    def test_guests_of_every_language_are_restored(self):
        for name in ("hello-rust", "hello-p3-rust", "greeting", "hello-c", "hello-cpp", "hello-js", "hello-p3-c", "core-http-c"):
            with self.subTest(guest=name):
                up = self.serve(name)
                for _ in range(6):
                    up.get("/")
                made, restored = starts(up)
                self.assertEqual(made + restored, 6)
                self.assertGreaterEqual(restored, 2)  # better code, or a pause, makes some anew

    def test_none_is_restored_after_a_trap_nor_where_that_is_not_wanted(self):
        up = self.serve("misbehave-rust")
        for _ in range(5):
            self.assertEqual(up.get("/trap")[0], 500)
        self.assertEqual(starts(up), (5, 0))
        up = self.serve("hello-rust", "--no-restore")
        for _ in range(5):
            self.assertEqual(up.get("/")[0], 200)
        self.assertEqual(starts(up), (5, 0))
