"""`weft inspect` and `weft gaps`: what a component is, needs and exports, said so that other tools can read it."""
import json
import os
import pathlib
import shutil
import subprocess

import weft

conformance = pathlib.Path(os.environ.get("WEFT_CONFORMANCE", weft.root / "../shared/conformance")) / "component-model"
wasm_tools = weft.tool("wasm-tools")


def wit(*args, stdin=None):
    """What wasm-tools makes of a component or of WIT text: its own WIT text, or None if it refuses."""
    done = subprocess.run([wasm_tools, "component", "wit", "--all-features", *map(str, args)], input=stdin,
                          capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def essence(text):
    """Lines of WIT without regard to order, to how `use` statements are grouped, and to comments, which tell people what
    WIT cannot."""
    lines = (line.strip() for line in text.splitlines())
    return sorted(line for line in lines if line and not line.startswith(("use ", "//")))


class Wit(weft.Case):
    def check(self, path, name):
        """Our WIT of a component is WIT, and says what another tool says of it. True if both could say it."""
        done = weft.run("inspect", path, "--wit")
        self.assertIn(done.returncode, (0, 1), f"{name}: {done.stderr}")
        reference = wit(path)
        # What WIT cannot express, the reference refuses or writes in a form that it cannot read itself.
        if done.returncode == 1 or reference is None:
            return False
        again = self.folder / "reference.wit"
        again.write_text(reference)
        if wit(again) is None:
            return False
        ours = self.folder / "ours.wit"
        ours.write_text(done.stdout)
        read = wit(ours)
        self.assertIsNotNone(read, f"{name}: not WIT:\n{done.stdout}")
        self.assertEqual(essence(read), essence(reference), name)
        return True

    def test_the_wit_of_every_guest_is_what_the_reference_says(self):
        for path in sorted(weft.guests.glob("*.wasm")):
            # What is made of a core module, only weft says.
            if path.read_bytes()[4:8] != b"\x0d\0\1\0":
                continue
            with self.subTest(path.stem):
                self.assertTrue(self.check(path, path.stem))

    def test_the_wit_of_the_specifications_components_is_what_the_reference_says(self):
        compared = 0
        for script in sorted(conformance.rglob("*.wast")):
            out = self.folder / script.stem
            out.mkdir()
            subprocess.run([wasm_tools, "json-from-wast", script, "--wasm-dir", out, "-o", out / "script.json"],
                           capture_output=True)
            for path in sorted(out.glob("*.wasm")):
                compared += self.check(path, f"{script.name}: {path.name}")
        self.assertGreater(compared, 100)


class Inspect(weft.Case):
    def report(self, path, *args):
        done = weft.run("inspect", path, "--json", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_component_that_runs_says_so(self):
        report = self.report(weft.guest("hello-rust"))
        self.assertTrue(report["runs"])
        self.assertEqual({i["state"] for i in report["imports"]}, {"offered"})
        self.assertTrue(any(e.startswith("wasi:http/incoming-handler@0.2") for e in report["exports"]))
        self.assertIn("language", report["producers"])
        text = weft.run("inspect", weft.guest("hello-rust")).stdout
        for part in ("Imports", "Exports", "Core modules", "Made by", "The least manifest it needs", "world root {"):
            self.assertIn(part, text)

    def test_what_is_not_there_yet_is_named(self):
        component = self.component("import spin:postgres/postgres@4.0.0; import acme:shop/cart; import wasi:random/random@0.2.0;", """
package spin:postgres@4.0.0 { interface postgres { query: func(statement: string) -> u32; } }
package acme:shop { interface cart { add: func(); } }
package wasi:random@0.2.0 { interface random { get-random-u64: func() -> u32; lucky-number: func() -> u64; } }
""")
        report = self.report(component)
        self.assertFalse(report["runs"])
        self.assertEqual({i["name"]: i["state"] for i in report["imports"]},
                         {"spin:postgres/postgres@4.0.0": "lacking", "acme:shop/cart": "lacking", "wasi:random/random@0.2.0": "mismatch"})
        self.assertTrue(report["needs"]["allowed_outbound_hosts"])
        # The same words as at a start, and all of them.
        done = weft.run("up", component, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        for text in (done.stderr, weft.run("inspect", component).stdout, "\n".join(report["lacks"])):
            for part in ("needs spin:postgres/postgres@4.0.0 (not yet)", "needs acme:shop/cart, which weft does not know",
                         "needs wasi:random/random@0.2.0 with lucky-number (not yet)", "wasi:random/random@0.2.0#get-random-u64",
                         "the component's: func() -> u32", "this host's:     func() -> u64"):
                self.assertIn(part, text)

    def test_the_cache_is_asked_module_by_module(self):
        cache = self.folder / "code"
        before = self.report(weft.guest("hello-rust"), "--cache-dir", cache)
        self.assertEqual({m["cached"] for m in before["modules"]}, {False})
        self.assertFalse(cache.exists(), "looking makes nothing")
        with weft.Up(weft.guest("hello-rust"), "--cache-dir", cache) as up:
            self.assertEqual(up.get("/")[0], 200)
        after = self.report(weft.guest("hello-rust"), "--cache-dir", cache)
        self.assertEqual([m["cached"] for m in after["modules"]], [m["needed"] for m in after["modules"]])
        self.assertEqual([m["needed"] for m in after["modules"]], [True, True, False, False], "a shim and a fix-up")
        self.assertEqual([m["code_hash"] for m in after["modules"]], [m["code_hash"] for m in before["modules"]])

    def test_the_manifest_it_prints_serves(self):
        report = self.report(weft.guest("hello-rust"))
        shutil.copy(weft.guest("hello-rust"), self.folder)
        (self.folder / "spin.toml").write_text(report["manifest"])
        with weft.Up("-f", self.folder) as up:
            self.assertEqual(up.get("/any")[0], 200)

    def test_an_application_is_a_list_of_its_components(self):
        self.manifest("""spin_manifest_version = 2
[application]
name = "two"
[[trigger.http]]
route = "/..."
component = "one"
[component.one]
source = "a.wasm"
[component.two]
source = "b.wasm"
""", a="hello-rust", b="hello-c")
        reports = self.report(self.folder)
        self.assertEqual([pathlib.Path(r["file"]).name for r in reports], ["a.wasm", "b.wasm"])

    def test_files_that_are_no_component_are_errors(self):
        whole = weft.guest("hello-c").read_bytes()
        unknown = b"\0asm\2\0\0\0"
        for name, content in {"empty": b"", "unknown": unknown, "text": b"hello"}.items():
            path = self.folder / f"{name}.wasm"
            path.write_bytes(content)
            done = weft.run("inspect", path)
            self.assertEqual((done.returncode, done.stdout), (1, ""), name)
            self.assertIn(f"{name}.wasm", done.stderr)
        # Cut anywhere it is an error or a smaller component, never a fault.
        path = self.folder / "cut.wasm"
        for length in range(0, len(whole), len(whole) // 50):
            path.write_bytes(whole[:length])
            self.assertIn(weft.run("inspect", path).returncode, (0, 1), length)


class Gaps(weft.Case):
    def test_the_list_is_for_people_and_programs(self):
        gaps = json.loads(weft.run("gaps", "--json").stdout)
        text = weft.run("gaps").stdout
        self.assertTrue(gaps["features"])
        for gap in gaps["features"]:
            self.assertIn(gap["name"], text)
            self.assertTrue(gap["why"])
        for gap in gaps["interfaces"]:
            self.assertIn(gap["interfaces"], text)
