"""Guests in JavaScript and Python: they start and answer, and fail only when they call what is not there yet."""
import shutil
import subprocess

import weft

STORE = """spin_manifest_version = 2
[application]
name = "js-kv"
[[trigger.http]]
route = "/..."
component = "kv"
[component.kv]
source = "kv.wasm"
key_value_stores = ["default"]
"""


class Languages(weft.Case):
    def serves(self, name, answer):
        # The second start finds its code.
        for _ in range(2):
            with weft.Up(weft.guest(name), "--cache-dir", self.folder / "code", start_timeout=120) as up:
                for _ in range(5):
                    self.assertEqual(up.get("/")[::2], (200, answer), up.error_text())
                self.assertNotIn("Warning", up.error_text())

    def test_javascript_serves(self):
        self.serves("hello-js", b"Hello from JavaScript\n")

    def test_python_serves(self):
        self.serves("hello-py", b"Hello from Python\n")

    def test_python_with_the_sdk_of_spin_serves_and_fails_only_where_it_calls_what_is_not_there(self):
        self.manifest(STORE, kv="spin-py")
        with weft.Up("-f", self.folder, start_timeout=120) as up:
            self.assertEqual(up.get("/")[::2], (200, b"Hello from Spin's Python\n"), up.error_text())
            self.assertEqual([up.get("/count")[2] for _ in range(2)], [b"1\n", b"2\n"])
            self.assertEqual(up.get("/names")[0], 500)
            up.wait_for_error("spin:sqlite/sqlite@3.1.0")
            self.assertEqual(up.get("/count")[2], b"3\n")

    def test_javascript_stores_values_without_an_sdk(self):
        self.manifest(STORE, kv="js-kv")
        with weft.Up("-f", self.folder, start_timeout=120) as up:
            self.assertEqual(up.request("PUT", "/lamp", body=b"\x00\xff 20")[0], 204)
            self.assertEqual(up.get("/lamp")[::2], (200, b"\x00\xff 20"))
            self.assertEqual(up.request("DELETE", "/lamp")[0], 204)
            self.assertEqual(up.get("/lamp")[::2], (404, b"not found\n"))


class NotYet(weft.Case):
    def component(self, imports, shared_library):
        """A component for HTTP with more imports, whose core module says that it is a shared library, or not."""
        wit = self.folder / "wit"
        shutil.copytree(weft.root / "tests/wit/wasi-0.2.12/deps", wit / "deps", dirs_exist_ok=True)
        (wit / "deps/redis.wit").write_text("package spin:redis@3.0.0; interface redis { ping: func(); }")
        (wit / "deps/shop.wit").write_text("package acme:shop@1.0.0; interface cart { add: func(); }")
        (wit / "world.wit").write_text(f"package weft:tests; world it {{ include wasi:http/proxy@0.2.12; {imports} }}")
        module, component = self.folder / "module.wasm", self.folder / "it.wasm"
        tools = weft.tool("wasm-tools")
        subprocess.run([tools, "component", "embed", "--dummy", "-w", "it", wit, "-o", module], check=True, capture_output=True)
        if shared_library:
            code = module.read_bytes()
            name = b"\x08dylink.0"
            module.write_bytes(code[:8] + bytes([0, len(name)]) + name + code[8:])
        subprocess.run([tools, "component", "new", module, "-o", component], check=True, capture_output=True)
        return component

    def test_a_program_is_refused_for_what_it_imports(self):
        done = weft.run("up", self.component("import spin:redis/redis@3.0.0;", False), "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs spin:redis/redis@3.0.0 (not yet)", done.stderr)

    def test_what_imports_more_than_it_calls_starts_with_a_warning(self):
        component = self.component("import spin:redis/redis@3.0.0;", True)
        with weft.Up(component) as up:
            up.wait_for_error("runs, but fails when it calls what it\n  needs spin:redis/redis@3.0.0 (not yet)\n")
        self.assertIn("It runs, but fails when it calls what it:\n  needs spin:redis", weft.run("inspect", component).stdout)

    def test_what_nobody_knows_is_refused_all_the_same(self):
        done = weft.run("up", self.component("import acme:shop/cart@1.0.0;", True), "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs acme:shop/cart@1.0.0, which weft does not know", done.stderr)
