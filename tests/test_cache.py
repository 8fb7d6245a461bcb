"""Compiled code on disk: found by the next start, shared by applications, and never in the way."""
import os
import re
import struct
import threading
import time

import weft

TEXT = b"Hello, world!\n"  # of hello-rust


def section_offset(elf, wanted):
    """Where a section of a 64-bit ELF file begins."""
    table, entry_size, count, names_index = *struct.unpack_from("<Q", elf, 40), *struct.unpack_from("<HHH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQ", elf, table + i * entry_size) for i in range(count)]
    names = sections[names_index][4]
    for name, _, _, _, offset, _ in sections:
        end = elf.index(0, names + name)
        if elf[names + name:end] == wanted:
            return offset
    raise AssertionError(f"no section {wanted}")


class Cache(weft.Case):
    def setUp(self):
        super().setUp()
        self.code = self.folder / "cache" / "code"

    def start(self, wasm, *args, **more):
        """(compiled, cached, shared) core modules of one start that answers, and what it printed on standard error."""
        with weft.Up(wasm, "--cache-dir", self.code, "--verbose", *args, **more) as up:
            status, _, body = up.get("/")
            self.assertEqual(status, 200)
            self.assertIn(b"Hello", body)
        counts = re.search(r"core modules: (\d+) compiled, (\d+) from the cache, (\d+) shared", up.error_text())
        self.assertTrue(counts, up.error_text())
        return tuple(map(int, counts.groups())), up.error_text()

    def files(self, pattern="*.code"):
        return sorted(self.code.glob(pattern))

    def modules(self):
        """Those there is code of, quick or better."""
        return {path.name.replace(".quick", "") for path in self.files()}

    def wait_until_improved(self):
        """Until better code has taken the place of all that was compiled quickly."""
        deadline = time.monotonic() + 120
        while self.files("*.quick.code") or not self.files():
            self.assertLess(time.monotonic(), deadline, "quick code stays")
            time.sleep(0.02)

    def fill(self, wasm):
        """A start without code in the cache, until nothing is left to do for the next one. The number of modules."""
        left_by_others = self.files(".new-*")
        with weft.Up(wasm, "--cache-dir", self.code) as up:
            self.assertEqual(up.get("/")[0], 200)
            self.wait_until_improved()
            self.assertEqual(up.get("/")[0], 200)
        self.assertEqual(up.error_text(), "", "a start that goes well has nothing to say")
        self.assertEqual(self.files(".new-*"), left_by_others)
        return len(self.files())

    def test_the_second_start_compiles_nothing(self):
        (compiled, cached, _), _ = self.start(weft.guest("hello-rust"))
        self.assertGreater(compiled, 0)
        self.assertEqual((cached, len(self.modules())), (0, compiled))
        self.assertEqual(self.start(weft.guest("hello-rust"))[0], (0, compiled, 0))
        self.assertEqual(self.code.stat().st_mode & 0o7777, 0o700)

    def test_a_start_from_a_full_cache_writes_nothing(self):
        modules = self.fill(weft.guest("hello-rust"))
        self.assertEqual(len(self.files("*.plan")), 1)
        before = {path: path.stat().st_ino for path in self.code.iterdir()}
        self.assertEqual(self.start(weft.guest("hello-rust"))[0], (0, modules, 0))
        self.assertEqual({path: path.stat().st_ino for path in self.code.iterdir()}, before)

    def test_better_code_is_put_in_place_without_a_request_lost(self):
        with weft.Up(weft.guest("hello-rust"), "--cache-dir", self.code) as up:
            while self.files("*.quick.code") or not self.files():
                self.assertEqual(up.get("/")[::2], (200, TEXT))
            for _ in range(20):
                self.assertEqual(up.get("/")[::2], (200, TEXT))

    def test_a_process_that_is_killed_leaves_a_cache_that_works(self):
        up = weft.Up(weft.guest("hello-rust"), "--cache-dir", self.code)
        up.process.kill()
        up.process.wait()
        modules = self.fill(weft.guest("hello-rust"))
        self.assertEqual(self.start(weft.guest("hello-rust"))[0], (0, modules, 0))

    def test_editing_data_compiles_nothing(self):
        compiled = self.start(weft.guest("hello-rust"))[0][0]
        original = weft.guest("hello-rust").read_bytes()
        self.assertIn(b"Hello, world!", original)
        edited = self.folder / "edited.wasm"
        edited.write_bytes(original.replace(b"Hello, world!", b"Hello, weft!!"))
        self.assertEqual(self.start(edited)[0], (0, compiled, 0))

    def test_two_components_share_what_is_the_same(self):
        self.manifest("""spin_manifest_version = 2
[application]
name = "twice"
[[trigger.http]]
route = "/"
component = "one"
[[trigger.http]]
route = "/two"
component = "two"
[component.one]
source = "a.wasm"
[component.two]
source = "b.wasm"
""", a="hello-rust", b="hello-rust")
        compiled, _, shared = self.start(self.folder)[0]
        self.assertEqual(compiled, shared)

    def test_without_a_cache_nothing_is_kept(self):
        with weft.Up(weft.guest("hello-c"), "--no-cache", "--verbose", env={"XDG_CACHE_HOME": str(self.folder)}) as up:
            self.assertEqual(up.get("/")[0], 200)
        self.assertRegex(up.error_text(), r"core modules: [1-9]\d* compiled, 0 from the cache")
        self.assertFalse((self.folder / "weft").exists())

    def test_the_folder_follows_the_environment(self):
        with weft.Up(weft.guest("hello-c"), env={"XDG_CACHE_HOME": str(self.folder)}) as up:
            self.assertEqual(up.get("/")[0], 200)
        self.assertTrue(list((self.folder / "weft" / "code").glob("*.code")))
        with weft.Up(weft.guest("hello-c"), env={"WEFT_CACHE_DIR": str(self.code)}) as up:
            self.assertEqual(up.get("/")[0], 200)
        self.assertTrue(self.files())

    def test_damaged_files_are_reported_and_made_anew(self):
        damages = {
            "cut off": lambda path: os.truncate(path, path.stat().st_size // 2),
            "empty": lambda path: os.truncate(path, 0),
            "trailer": lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])),
            "foreign": lambda path: path.write_bytes(b"\x7fELF" + bytes(5000)),
            "readable by others": lambda path: path.chmod(0o644),
            "a link": lambda path: (path.unlink(), path.symlink_to("/dev/null")),
        }
        for name, damage in damages.items():
            modules = self.fill(weft.guest("hello-c"))
            for kind, compiled in (("*.code", modules), ("*.plan", 0)):
                with self.subTest(f"{kind}: {name}"):
                    damaged = self.files(kind)
                    for path in damaged:
                        damage(path)
                    counts, errors = self.start(weft.guest("hello-c"))
                    self.assertEqual(counts, (compiled, modules - compiled, 0))
                    self.assertEqual(errors.count("Warning: removed"), len(damaged))
                    self.assertEqual(errors.count("Warning"), len(damaged))
                    self.assertEqual(self.start(weft.guest("hello-c"))[0], (0, modules, 0))

    def test_damage_in_code_that_is_not_run_is_found_in_the_background(self):
        compiled = self.fill(weft.guest("hello-c"))
        damaged = self.files()[0]
        content = bytearray(damaged.read_bytes())
        content[section_offset(content, b".wasmtime.addrmap") + 8] ^= 1
        damaged.write_bytes(content)
        with weft.Up(weft.guest("hello-c"), "--cache-dir", self.code) as up:
            up.wait_for_error("removed")
            self.assertEqual(up.get("/")[0], 200)
        self.assertFalse(damaged.exists())
        self.assertEqual(self.start(weft.guest("hello-c"))[0], (1, compiled - 1, 0))

    def test_a_lost_key_costs_a_compilation(self):
        compiled = self.start(weft.guest("hello-c"))[0][0]
        (self.code / "key").unlink()
        self.assertEqual(self.start(weft.guest("hello-c"))[0][0], compiled)
        self.assertEqual(self.start(weft.guest("hello-c"))[0], (0, compiled, 0))

    def test_a_folder_that_cannot_be_used_is_one_warning(self):
        self.code.parent.mkdir()
        self.code.write_text("a file in its place")
        counts, errors = self.start(weft.guest("hello-c"))
        self.assertGreater(counts[0], 0)
        self.assertEqual(errors.count("Warning:"), 1)
        self.code.unlink()
        self.code.mkdir(mode=0o755)
        _, errors = self.start(weft.guest("hello-c"))
        self.assertIn(f"chmod 700 {self.code}", errors)

    def test_several_that_start_at_once_do_not_disturb_each_other(self):
        counts = []
        def one():
            counts.append(self.start(weft.guest("hello-c"))[0])
        starts = [threading.Thread(target=one) for _ in range(4)]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        self.assertEqual(len(counts), 4)
        self.assertEqual(self.start(weft.guest("hello-c"))[0][0], 0)
        self.assertEqual([p.name for p in self.code.iterdir() if p.name.startswith(".")], [])

    def up_mounted(self, mount):
        """weft with mounts of its own, made by the command."""
        self.code.mkdir(parents=True, exist_ok=True, mode=0o700)
        as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        within = ["unshare", "--mount", *as_root, "sh", "-c", f'{mount} && exec "$@"', "sh"]
        return weft.Up(weft.guest("hello-rust"), "--cache-dir", self.code, "--verbose", within=within)

    def test_a_full_disk_is_one_warning(self):
        for size in ("4k", "16k", "64k"):
            with self.subTest(size), self.up_mounted(f"mount -t tmpfs -o size={size},mode=700 none {self.code}") as up:
                self.assertEqual(up.get("/")[::2], (200, TEXT))
                up.wait_for_error("compiled code is not kept")
                up.wait_for_error("core modules:")
                self.assertEqual(up.error_text().count("Warning:"), 1, up.error_text())

    def test_a_folder_that_cannot_be_written_is_read(self):
        self.fill(weft.guest("hello-rust"))
        with self.up_mounted(f"mount --bind {self.code} {self.code} && mount -o remount,bind,ro {self.code}") as up:
            self.assertEqual(up.get("/")[::2], (200, TEXT))
            up.wait_for_error("core modules: 0 compiled")
            self.assertNotIn("Warning", up.error_text())

    def test_an_empty_folder_that_cannot_be_written_is_one_warning(self):
        with self.up_mounted(f"mount -t tmpfs -o ro,mode=700 none {self.code}") as up:
            self.assertEqual(up.get("/")[::2], (200, TEXT))
            up.wait_for_error("Warning: compiled code is not kept: writing to")

    def test_nothing_is_compiled_for_a_component_that_cannot_run(self):
        component = self.component("import acme:shop/cart; export wasi:http/incoming-handler@0.2.0;", """
package acme:shop { interface cart { add: func(); } }
package wasi:http@0.2.0 { interface incoming-handler { handle: func(); } }
""")
        done = weft.run("up", component, "--cache-dir", self.code, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs acme:shop/cart", done.stderr)
        self.assertEqual(self.files(), [])


class CompileChild(weft.Case):
    def test_the_worker_refuses_anything_but_a_job(self):
        done = weft.run("compile-worker", input="not a job")
        self.assertEqual(done.returncode, 2)
        self.assertIn("for weft itself", done.stderr)
