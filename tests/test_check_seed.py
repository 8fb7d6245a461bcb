"""scripts/check_seed.py: what is wrong with a ledger is said with its line, and only what ran counts as shown."""
import json
import shutil
import subprocess
import sys

import weft

HEAD = ("# weft seed ledger, version 1: made up\n"
        "id\tlines\tquote\tkind\truling\tshown_by\tstate\tissue\tnote\n")
TITLE = "001\t1\tA title\tprose\t\t\t\t\t"
FIRST = "003\t3\tit greets\tclaim\tR1\te2e:test_it.It.test_that_it_greets\tshown\t\t"
SECOND = "004\t4-5\tit sings\tbullet\t\t\topen\tlater\t"
TEXT = "A title\n\nSay that it\ngreets and\nthat it sings\n"
TEST = "class It:\n    def test_that_it_greets(self):\n        pass\n"


class Checked(weft.Case):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "root"
        self.text = self.folder / "text.txt"
        for folder in ("tests/seed", "scripts", "bench", "docs/bench", "src/abi", "src/providers/sqlite", "record"):
            (self.root / folder).mkdir(parents=True)
        shutil.copy(weft.root / "bench/gate.py", self.root / "bench")
        self.write("tests/test_it.py", TEST)
        self.write("tests/first-hour.sh", '#!/bin/bash\nok "it greets after $ms ms"\n')
        self.write("src/abi/lift_test.cc", "TEST(Lift, Lifts) {\n}\nTEST_F(Lower, Lowers) {\n}\n")
        self.write("src/providers/sqlite/file_test.cc", "TEST_F(Sqlite,\n       KeepsItAll) {\n}\n")
        self.write("scripts/test.sh", "suite_style() {\n  check layers scripts/x\n}\nsuite_wast() {\n  run_wast wast y\n}\n")
        self.write("bench/gate.json", json.dumps({"version": 1, "hello": {"weft: p50_one_us": 1000, "slow / fast": 2}}))
        self.bench([900, 50, 60], [1, 2, 3])

    def bench(self, p50, ratio):
        self.write("docs/bench/hello.json", json.dumps(
            {"name": "hello", "ratios": {"slow / fast": ratio}, "contenders": {"weft": {"p50_one_us": p50}}}))

    def write(self, name, text):
        (self.root / name).write_text(text)

    def check(self, *rows, record=False, text=None, head=HEAD):
        self.write("tests/seed/ledger.tsv", head + "".join(row + "\n" for row in rows))
        if text:
            self.text.write_text(text)
        return subprocess.run([sys.executable, weft.root / "scripts/check_seed.py", "--root", self.root, "--text", self.text,
                               *(["--record", self.root / "record"] if record else [])], capture_output=True, text=True)

    def row(self, **changes):
        names = HEAD.splitlines()[1].split("\t")
        return "\t".join(({**dict(zip(names, FIRST.split("\t"))), **changes})[name] for name in names)

    def shown(self, *names, **more):
        return self.check(*(self.row(id=f"r{i}", shown_by=name) for i, name in enumerate(names)), **more)

    def assert_fault(self, done, *parts):
        self.assertEqual(done.returncode, 1, done.stdout)
        for part in parts:
            self.assertIn(part, done.stdout)

    def assert_good(self, done, last):
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(done.stdout.splitlines()[-1], last)


class Rows(Checked):
    def test_prose_is_not_counted_and_what_was_not_run_is_said(self):
        self.assert_good(self.check(TITLE, FIRST, SECOND), "seed: 1 of 2 shown (of e2e only that the tests exist: they were not run)")

    def test_the_head_must_be_that_of_this_version(self):
        self.assert_fault(self.check(FIRST, head=HEAD.replace("version 1", "version 2")), "line 1")
        self.assert_fault(self.check(FIRST, head=HEAD.replace("lines", "line")), "line 2")

    def test_an_id_is_there_once(self):
        self.assert_fault(self.check(FIRST, FIRST), "line 4: 003 is the id of line 3 too")

    def test_each_field_has_its_form(self):
        for change, part in (({"state": "done"}, "state 'done'"), ({"state": ""}, "state ''"), ({"kind": "hope"}, "kind 'hope'"),
                             ({"lines": "5-3"}, "lines '5-3'"), ({"lines": "0"}, "lines '0'"), ({"lines": "x"}, "lines 'x'"),
                             ({"quote": ""}, "no words"), ({"ruling": "1"}, "ruling '1'"), ({"id": "A B"}, "an id"),
                             ({"shown_by": ""}, "by no test"), ({"state": "open", "issue": "4"}, "open, but with a test"),
                             ({"state": "partly", "issue": "4"}, "what is missing"), ({"state": "partly", "note": "a"}, "issue ''"),
                             ({"kind": "prose"}, "prose has no")):
            with self.subTest(change):
                self.assert_fault(self.check(self.row(**change)), "line 3: ", part)

    def test_a_row_with_too_few_fields_is_named(self):
        self.assert_fault(self.check(TITLE, "003\t3\tx"), "line 4: 3 fields instead of 9")


class TestsOfRows(Checked):
    def test_every_kind_of_test_is_found(self):
        self.assert_good(self.shown("e2e:test_it.It.test_that_it_greets", "unit:abi_test:Lift.Lifts", "unit:abi_test:Lower.Lowers",
                                    "unit:providers_sqlite_test:Sqlite.KeepsItAll", "style:layers", "wast:wast", "script:first-hour.sh:it greets", "bench:hello:weft: p50_one_us",
                                    "bench:hello:slow / fast"),
                         "seed: 9 of 9 shown (of e2e, style, unit, wast only that the tests exist: they were not run)")

    def test_a_test_that_does_not_exist_is_a_fault(self):
        for name in ("e2e:test_it.It.test_that_it_sings", "e2e:test_it.That.test_that_it_greets", "e2e:test_no.It.test_that_it_greets",
                     "e2e:test_it", "unit:abi_test:Lift.Drops", "unit:bind_test:Lift.Lifts", "unit:abi_test", "style:wast", "wast:layers",
                     "script:first-hour.sh:it sings", "script:first-hour.sh:", "script:no.sh:it greets"):
            with self.subTest(name):
                self.assert_fault(self.shown(name), f"r0: {name}: there is no such test")
        self.assert_fault(self.shown("hope:x"), "no kind of test 'hope'")

    def test_of_several_tests_each_counts(self):
        self.assert_fault(self.shown("unit:abi_test:Lift.Lifts; unit:abi_test:Lift.Drops"), "Lift.Drops: there is no such test")

    def test_a_test_of_a_suite_that_ran_must_have_passed(self):
        names = ("e2e:test_it.It.test_that_it_greets", "script:first-hour.sh:it greets", "unit:abi_test:Lift.Lifts", "style:layers")
        self.write("record/unit.txt", "unit:abi_test:Lower.Lowers\n")
        self.write("record/e2e.txt", "e2e:test_it.It.test_that_it_greets_all\nscript:first-hour.sh:ends\n")
        done = self.shown(*names, record=True)
        self.assert_fault(done, *(f"{name}: did not run, or did not pass" for name in names[:3]))
        self.assertNotIn("style:layers:", done.stdout)
        self.write("record/unit.txt", "unit:abi_test:Lift.Lifts\n")
        self.write("record/e2e.txt", "e2e:test_it.It.test_that_it_greets\nscript:first-hour.sh:it greets after 5 ms\n")
        self.assert_good(self.shown(*names, record=True), "seed: 4 of 4 shown (of style only that the tests exist: they were not run)")

    def test_a_figure_must_be_recorded_and_within_its_limit(self):
        for p50, ratio, name, part in (([1001, 1002, 3], [1], "bench:hello:weft: p50_one_us", "is 1001, beyond its limit of 1000"),
                                       ([1], [3, 3, 1], "bench:hello:slow / fast", "is 3, beyond"),
                                       ([], [1], "bench:hello:weft: p50_one_us", "no such figure"),
                                       ([1], [1], "bench:hello:weft: rps", "has no limit"),
                                       ([1], [1], "bench:startup:x", "there is no docs/bench/startup.json")):
            with self.subTest(part):
                self.bench(p50, ratio)
                self.assert_fault(self.shown(name), f"r0: {name}: ", part)


class Text(Checked):
    def setUp(self):
        super().setUp()
        # The samples' lines are those of the real text.
        self.lines = TEXT.splitlines() + [f"line {i}" for i in range(6, 558)]
        for name, first, last in (("greeting", 98, 117), ("observability", 503, 528), ("security", 538, 557)):
            self.write(f"tests/seed/{name}.toml", "".join(f"line {i}\n" for i in range(first, last + 1)))
        self.rest = "006\t6-557\tline 6\tprose\t\t\t\t\t"
        self.rows = [TITLE, FIRST.replace("\t3\t", "\t3-4\t"), SECOND, self.rest]
        self.whole = "\n".join(self.lines) + "\n"

    def test_a_text_whose_lines_are_all_in_rows_passes(self):
        done = self.check(*self.rows, text=self.whole)
        self.assert_good(done, "seed: 1 of 2 shown (of e2e only that the tests exist: they were not run)")
        self.assertNotIn("not here", done.stdout)

    def test_without_the_text_that_is_said(self):
        done = self.check(*self.rows)
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"{self.text} is not here", done.stdout)

    def test_a_line_in_no_row_is_a_fault_and_an_empty_one_is_not(self):
        done = self.check(*self.rows[:2], self.rest, text=self.whole)
        self.assert_fault(done, "line 5 of the text is in no row: that it sings")
        self.assertNotIn("line 2 of", done.stdout)

    def test_words_must_stand_in_their_lines(self):
        self.assert_fault(self.check(*self.rows[:3], self.rest.replace("\tline 6\t", "\tline X\t"), text=self.whole),
                          "lines 6-557 do not say 'line X'")
        self.assert_fault(self.check(*self.rows, "end\t558\tx\tprose\t\t\t\t\t", text=self.whole), "the text has 557 lines")

    def test_a_sample_must_be_as_printed(self):
        self.write("tests/seed/security.toml", "line 538\n")
        self.assert_fault(self.check(*self.rows, text=self.whole), "tests/seed/security.toml is not lines 538-557")
