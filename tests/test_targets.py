"""Targets of a manifest: components are compared with the worlds of the environments that they are built for."""
import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "shop"
targets = [{ path = "envs/here.toml" }]
[[trigger.http]]
route = "/..."
component = "cart"
[component.cart]
source = "cart.wasm"
[component.cart.build]
command = "cp it.wasm cart.wasm"
"""
ENVIRONMENT = """[triggers.http]
worlds = [{ path = "wit", world = "acme:host/http@1.0.0" }]
"""


class Targets(weft.Case):
    def setUp(self):
        super().setUp()
        self.manifest(MANIFEST, it="hello-rust")
        (self.folder / "envs/wit").mkdir(parents=True)
        (self.folder / "envs/here.toml").write_text(ENVIRONMENT)
        # The world of the guest, of which the host has all.
        self.printed = weft.run("wit", "print", self.folder / "it.wasm").stdout
        self.world(self.printed)

    def world(self, printed):
        """The only world of what `wit print` says, as acme:host/http."""
        lines = printed.splitlines()
        begin = next(i for i, line in enumerate(lines) if line.startswith("world "))
        lines[begin] = "world http {"
        head = next(i for i, line in enumerate(lines) if line.startswith("package "))
        lines[head] = "package acme:host@1.0.0;"
        (self.folder / "envs/wit/world.wit").write_text("\n".join(lines) + "\n")

    def without(self, *names):
        """The world, in which these imports are not there."""
        kept = [line for line in self.printed.splitlines()
                if not (line.startswith("  import ") and any(name in line for name in names))]
        self.assertLess(len(kept), len(self.printed.splitlines()))
        self.world("\n".join(kept))

    def run_weft(self, command, *args):
        return weft.run(command, "-f", self.folder, *args)

    def test_what_fits_is_built_and_served_without_a_word(self):
        done = self.run_weft("build")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with weft.Up("-f", self.folder) as up:
            self.assertEqual(up.get("/")[0], 200)
            self.assertNotIn("target", up.error_text())

    def test_what_the_target_does_not_have_fails_the_build_and_is_named(self):
        self.without("wasi:cli/environment")
        done = self.run_weft("build")
        self.assertEqual(done.returncode, 1)
        self.assertTrue((self.folder / "cart.wasm").exists())
        for text in ("spin.toml:4: component cart does not fit the target envs/here.toml", "build it for its world",
                     "import wasi:cli/environment@0.2", "the world http does not import it", "envs/wit/world.wit:",
                     "--skip-target-checks"):
            self.assertIn(text, done.stderr)
        self.assertEqual(self.run_weft("build", "--skip-target-checks").returncode, 0)
        self.assertEqual(self.run_weft("up", "--build").returncode, 1)

    def test_what_the_target_asks_for_must_be_exported(self):
        self.world(self.printed.replace("world root {\n", "world root {\n  export more: func();\n"))
        done = self.run_weft("build")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("export more: the component does not export it", done.stderr)

    def test_up_warns_and_serves(self):
        self.run_weft("build")
        self.without("wasi:cli/environment")
        with weft.Up("-f", self.folder) as up:
            up.wait_for_error("Warning: spin.toml:4: component cart does not fit the target envs/here.toml")
            self.assertEqual(up.get("/")[0], 200)

    def test_doctor_finds_it(self):
        self.run_weft("build")
        self.without("wasi:cli/environment")
        done = self.run_weft("doctor", "--port", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("problem: spin.toml:4: component cart does not fit the target envs/here.toml", done.stdout)
        (self.folder / "cart.wasm").unlink()
        self.assertNotIn("does not fit", self.run_weft("doctor", "--port", "0").stdout, "it is not built")

    def test_a_folder_of_wit_is_a_target(self):
        manifest = MANIFEST.replace("envs/here.toml", "envs/wit")
        (self.folder / "spin.toml").write_text(manifest)
        self.assertEqual(self.run_weft("build").returncode, 0)
        self.without("wasi:cli/environment")
        self.assertIn("does not fit the target envs/wit", self.run_weft("build").stderr)

    def test_what_is_elsewhere_is_told_and_hinders_nothing(self):
        (self.folder / "spin.toml").write_text(MANIFEST.replace("{ path", '"spin-up:3.2", { path'))
        done = self.run_weft("build")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Warning: spin.toml:4: target spin-up:3.2 is not looked at (not yet): name a folder of WIT", done.stderr)
        self.assertIn("registry-targets", weft.run("gaps").stdout)

    def test_mistakes_have_file_line_and_remedy(self):
        (self.folder / "envs/here.toml").write_text(ENVIRONMENT.replace("worlds", "world"))
        done = self.run_weft("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("envs/here.toml:2:", done.stderr)
        self.assertIn("did you mean `worlds`?", done.stderr)
        (self.folder / "spin.toml").write_text(MANIFEST.replace("path =", "file ="))
        self.assertIn("application.targets[0]", self.run_weft("build").stderr)

    def test_dependencies_count_as_what_they_import_themselves(self):
        # What a dependency gives is no longer asked of the target.
        user = self.component("import acme:log/log@1.0.0; export run: func();",
                              "package acme:log@1.0.0 { interface log { line: func(); } }")
        user.rename(self.folder / "it.wasm")
        logger = self.component("export acme:log/log@1.0.0;", "package acme:log@1.0.0 { interface log { line: func(); } }")
        logger.rename(self.folder / "log.wasm")
        (self.folder / "envs/wit/world.wit").write_text("package acme:host@1.0.0;\nworld http {\n  export run: func();\n}\n")
        done = self.run_weft("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("import acme:log/log@1.0.0", done.stderr)
        (self.folder / "spin.toml").write_text(MANIFEST + '[component.cart.dependencies]\n"acme:log/log@1.0.0" = { path = "log.wasm" }\n')
        done = self.run_weft("build")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
