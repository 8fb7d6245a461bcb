"""weft-wast: what it prints and how it ends, for scripts that pass, fail, are skipped and cannot be read."""
import pathlib
import re
import subprocess
import tempfile
import unittest

import weft

program = weft.program.parent / "weft-wast"
# The text format is wasm-tools' affair.
wasm_tools = subprocess.run([weft.root / "scripts/tools.sh", "path", "wasm-tools"], capture_output=True, text=True).stdout.strip()

ADDER = """
(component definition $Adder
  (core module $M (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $m (instantiate $M))
  (func (export "add-up") (param "a" u8) (param "b" u8) (result u8) (canon lift (core func $m "add"))))
(component instance $one $Adder)
"""


class Wast(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def script(self, text, name="script"):
        path = self.folder / f"{name}.wast"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_ready_threads_run_in_an_order_that_a_seed_draws(self):
        # Each of four threads appends its number in base five; all run before the call is done.
        script = self.script("""(component definition $C
  (core module $T (table (export "t") 1 funcref))
  (core instance $t (instantiate $T))
  (core type $start (func (param i32)))
  (core func $new (canon thread.new-indirect $start (core table $t "t")))
  (core func $later (canon thread.resume-later))
  (core func $yield (canon thread.yield))
  (core module $M
    (import "" "t" (table 1 funcref))
    (import "" "new" (func $new (param i32 i32) (result i32)))
    (import "" "later" (func $later (param i32)))
    (import "" "yield" (func $yield (result i32)))
    (global $order (mut i32) (i32.const 0))
    (global $ran (mut i32) (i32.const 0))
    (elem (i32.const 0) func $append)
    (func $append (param $n i32)
      (global.set $ran (i32.add (global.get $ran) (i32.const 1)))
      (global.set $order (i32.add (i32.mul (global.get $order) (i32.const 5)) (local.get $n))))
    (func $start (param $n i32) (call $later (call $new (i32.const 0) (local.get $n))))
    (func (export "f") (result i32)
      (call $start (i32.const 1)) (call $start (i32.const 2)) (call $start (i32.const 3)) (call $start (i32.const 4))
      (loop $wait (drop (call $yield)) (br_if $wait (i32.lt_u (global.get $ran) (i32.const 4))))
      (global.get $order)))
  (core instance $m (instantiate $M (with "" (instance (export "t" (table $t "t")) (export "new" (func $new))
    (export "later" (func $later)) (export "yield" (func $yield))))))
  (func (export "f") (result u32) (canon lift (core func $m "f"))))
(component instance $c $C)
(assert_return (invoke "f") (u32.const 0))
""")
        orders = set()
        for seed in range(12):
            _, counts, lines = self.run_wast("--seed", seed, script)
            self.assertEqual(counts[1], 1)
            order = int(re.search(r"got (\d+)", lines[0]).group(1))
            digits = sorted(order // 5**i % 5 for i in range(4))
            self.assertEqual(digits, [1, 2, 3, 4], "each ran once")
            orders.add(order)
        self.assertGreater(len(orders), 3)
        first = {self.run_wast(script)[2][0] for _ in range(3)}
        self.assertEqual(len(first), 1, "without a seed it is always the same")

    def run_wast(self, *args):
        done = subprocess.run([program, "--wasm-tools", wasm_tools, *map(str, args)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        counts = tuple(map(int, re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", lines[-1]).groups()))
        return done.returncode, counts, lines[:-1]

    def test_every_command_counts_once(self):
        path = self.script(ADDER + '(assert_return (invoke $one "add-up" (u8.const 1) (u8.const 2)) (u8.const 3))')
        for arguments in [path], ["--mutate", path]:
            self.assertEqual(self.run_wast(*arguments), (0, (3, 0, 0), []))

    def test_a_failure_names_file_line_and_both_values(self):
        path = self.script(ADDER + '\n\n(assert_return (invoke "add-up" (u8.const 1) (u8.const 2)) (u8.const 4))')
        status, counts, lines = self.run_wast(path)
        self.assertEqual((status, counts), (1, (2, 1, 0)))
        self.assertRegex(lines[0], r'script\.wast:9: assert_return: expected .*"4".*, got 3$')
        # Mutated, it fails with the old names.
        self.assertEqual(self.run_wast("--mutate", path)[2], lines)

    def test_assertions_that_do_not_hold_fail(self):
        cases = {
            '(assert_trap (invoke "add-up" (u8.const 1) (u8.const 2)) "unreachable")': 'expected the trap "unreachable", got 3',
            '(assert_invalid (component) "anything")': 'expected the error "anything", got a valid module',
            '(assert_invalid (component (import "A-b-1x!" (func))) "resource")': "is not in kebab case",
            '(assert_malformed (component binary "\\00asm\\0d\\00\\01\\00") "unexpected end")': "got a valid module",
            '(assert_return (invoke "missing"))': "there is no exported function missing",
            '(assert_return (invoke "add-up" (u8.const 1)) (u8.const 1))': "has 2 parameters, not 1",
            '(assert_return (invoke "add-up" (u8.const 1) (u16.const 1)) (u8.const 2))': "is not of type u8",
            '(assert_return (invoke $two "add-up" (u8.const 1) (u8.const 1)) (u8.const 2))': "there is no instance two",
            '(component instance $x $Missing)': "there is no definition Missing",
            '(component (import "f" (func $f)) (core func (canon lower (func $f))))': "expected an instance, got",
        }
        for text, message in cases.items():
            with self.subTest(text):
                status, counts, lines = self.run_wast(self.script(ADDER + text))
                self.assertEqual((status, counts), (1, (2, 1, 0)), lines)
                self.assertIn(message, "\n".join(lines))

    def test_a_text_is_part_of_the_message_of_a_trap(self):
        trap = ('(component (core module $M (func (export "f") unreachable)) (core instance $m (instantiate $M))'
                '(func (export "f") (canon lift (core func $m "f"))))')
        for text, passes in [("unreachable", True), ("wasm trap: wasm `unreachable` instruction executed", True),
                             ("", True), ("out of bounds", False)]:
            status, counts, _ = self.run_wast(self.script(trap + f'(assert_trap (invoke "f") "{text}")'))
            self.assertEqual((status, counts), (0, (2, 0, 0)) if passes else (1, (1, 1, 0)), text)

    def test_a_guest_that_traps_is_not_entered_again_and_others_are(self):
        text = ('(component definition $C (core module $M (func (export "f") unreachable) (func (export "g")))'
                '(core instance $m (instantiate $M)) (func (export "f") (canon lift (core func $m "f")))'
                '(func (export "g") (canon lift (core func $m "g"))))'
                '(component instance $a $C) (component instance $b $C)'
                '(assert_trap (invoke $a "f") "unreachable")'
                '(assert_trap (invoke $a "g") "cannot enter component instance")'
                '(assert_return (invoke $b "g"))')
        self.assertEqual(self.run_wast(self.script(text)), (0, (6, 0, 0), []))

    def test_core_modules_run_and_import_from_registered_ones(self):
        text = ('(module $lib (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2))))'
                '(register "lib" $lib)'
                '(module (import "lib" "half" (func $half (param f64) (result f64)))'
                '(func (export "quarter") (param f64) (result f64) (call $half (call $half (local.get 0)))))'
                '(assert_return (invoke "quarter" (f64.const 10)) (f64.const 2.5))'
                '(assert_return (invoke "quarter" (f64.const nan)) (f64.const nan:canonical))'
                '(assert_unlinkable (module (import "nobody" "f" (func))) "unknown import")'
                '(assert_invalid (module (func (result i32) (i64.const 0))) "type mismatch")'
                '(assert_trap (module (func $f unreachable) (start $f)) "unreachable")')
        for arguments in [], ["--mutate"]:
            self.assertEqual(self.run_wast(*arguments, self.script(text)), (0, (8, 0, 0), []))

    def test_what_the_runner_does_not_know_is_skipped_and_fails(self):
        status, counts, lines = self.run_wast(self.script('(component $c)(register "c" $c)(thread $t)(wait $t)'))
        self.assertEqual((status, counts), (1, (1, 0, 3)))
        self.assertIn("register: components import nothing from other instances", lines[0])
        self.assertIn("thread: this command is not known", lines[1])

    def test_folders_are_searched_and_added_up(self):
        self.script(ADDER, "a/one")
        self.script("(component)\n(assert_invalid (component) \"\")", "a/b/two")
        self.script("(component", "c/three")
        (self.folder / "a" / "notes.txt").write_text("not a script")
        status, counts, lines = self.run_wast(self.folder / "a", self.folder / "c")
        self.assertEqual((status, counts), (1, (3, 2, 0)))
        self.assertIn("two.wast:2", "\n".join(lines))
        self.assertIn("three.wast", "\n".join(lines))

    def test_a_folder_that_is_missing_or_empty_is_an_error(self):
        for path in self.folder / "nothing", self.folder:
            done = subprocess.run([program, "--wasm-tools", wasm_tools, path], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(str(path), done.stderr)

    def test_a_guest_that_never_ends_is_ended(self):
        text = ('(component (core module $M (func (export "f") (loop br 0))) (core instance $m (instantiate $M))'
                '(func (export "f") (canon lift (core func $m "f"))))(assert_return (invoke "f"))')
        status, counts, lines = self.run_wast("--seconds", "1", self.script(text))
        self.assertEqual((status, counts), (1, (1, 1, 0)))
        self.assertIn("time limit", lines[0])


if __name__ == "__main__":
    unittest.main()
