"""`weft build` and `weft up --build`."""
import os
import shutil

import weft
from test_new import cache, debian

TWO = """spin_manifest_version = 2
[application]
name = "two"
[[trigger.http]]
route = "/one"
component = "one"
[[trigger.http]]
route = "/two"
component = "two"
[component.one]
source = "one.wasm"
[component.one.build]
command = "cp it.wasm one.wasm && echo made one"
[component.two]
source = "sub/two.wasm"
[component.two.build]
command = ["echo first", "cp ../it.wasm two.wasm"]
workdir = "sub"
"""


class Build(weft.Case):
    def setUp(self):
        super().setUp()
        self.manifest(TWO, it="hello-rust")
        (self.folder / "sub").mkdir()

    def build(self, *args, **more):
        return weft.run("build", "-f", self.folder, *args, **more)

    def test_all_components_are_built_with_their_names_before_their_output(self):
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in ("[one] made one", "[two] first", "Building component two with `echo first`"):
            self.assertIn(line + "\n", done.stdout)
        self.assertTrue((self.folder / "sub/two.wasm").exists())
        with weft.Up("-f", self.folder) as up:
            self.assertEqual((up.get("/one")[0], up.get("/two")[0]), (200, 200))

    def test_only_the_component_named_is_built(self):
        self.assertEqual(self.build("--component-id", "one").returncode, 0)
        self.assertEqual(((self.folder / "one.wasm").exists(), (self.folder / "sub/two.wasm").exists()), (True, False))
        done = self.build("-c", "on")
        self.assertEqual(done.returncode, 1)
        self.assertIn("one", done.stderr)

    def test_a_failure_names_component_command_and_status(self):
        self.manifest(TWO.replace("echo first", "echo oops >&2; exit 7"))
        done = self.build("-j", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("oops", done.stdout)
        self.assertIn("component two: `echo oops >&2; exit 7` ended with status 7", done.stderr)

    def test_a_missing_tool_is_named_with_how_to_get_it(self):
        for command, text in (("npm install && npm run build", "nodejs"), ("cargo build", "rustup"), ("no-such-tool x", "not installed")):
            with self.subTest(command):
                self.manifest(TWO.replace("echo first", command))
                done = self.build("-c", "two", env={"PATH": str(self.folder)})
                self.assertEqual(done.returncode, 1)
                self.assertIn(text, done.stderr)

    def test_up_builds_before_it_serves(self):
        with weft.Up("-f", self.folder, "--build") as up:
            self.assertEqual(up.get("/two")[0], 200)
        self.manifest(TWO.replace("echo first", "exit 1"))
        self.assertEqual(weft.run("up", "-f", self.folder, "--build").returncode, 1)

    def test_the_greeting_manifest_builds_verbatim_with_debians_rust(self):
        app = self.folder / "greeting"
        shutil.copytree(weft.root / "examples/greeting", app, ignore=shutil.ignore_patterns("target", ".spin"))
        done = weft.run("build", "-f", app, env={**debian, "CARGO_BUILD_BUILD_DIR": str(cache / "target-new")}, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("wasm32-wasi is now named wasm32-wasip1"), 1)
        with weft.Up("-f", app) as up:
            status, _, body = up.request("POST", "/api/greet", body='{"name": "Ada"}')
            self.assertEqual(status, 200)
            self.assertIn(b"Hello, Ada!", body)

    def test_the_version_names_the_commit_and_its_date(self):
        self.assertRegex(weft.run("--version").stdout, r"^weft \d+\.\d+\.\d+ \([0-9a-f]{7,} \d{4}-\d\d-\d\d\)$")

    def test_called_as_spin_it_says_so(self):
        os.symlink(weft.program, self.folder / "spin")
        done = weft.subprocess.run([self.folder / "spin", "--version"], capture_output=True, text=True)
        self.assertRegex(done.stdout, r"^spin 4\.\d+\.\d+ \([0-9a-f]{7,} \d{4}-\d\d-\d\d\) weft \d+\.\d+\.\d+$")
        done = weft.subprocess.run([self.folder / "spin", "build", "--help"], capture_output=True, text=True)
        self.assertIn("spin build --up", done.stdout)
