"""Guests answer the same with and without the core instances that are left out or put off (src/component/bypass.h)."""
import weft
from answers import answers, guests


class Bypass(weft.Case):
    def test_every_guest_answers_the_same(self):
        answered = 0
        for name in guests():
            with self.subTest(guest=name):
                shortened = answers(self, name)
                self.assertEqual(shortened, answers(self, name, "--no-bypass"))
                answered += sum(1 for answer in shortened if answer[2] == 200)
        self.assertGreater(answered, len(guests()))
