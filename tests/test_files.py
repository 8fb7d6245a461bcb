"""What components see of the host's files, and what the host sees of their standard streams."""
import os
import pathlib
import threading

import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "files"
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
"""


class FilesCase(weft.Case):
    guest = "files-rust"
    read_only = b"Read-only"  # as it says that a file is

    def setUp(self):
        super().setUp()
        self.app = self.folder / "app"
        self.cache = self.folder / "cache"
        for folder in (self.app / "assets/deep", self.cache):
            folder.mkdir(parents=True)
        self.env = {"XDG_CACHE_HOME": str(self.cache)}
        (self.app / "assets/page.txt").write_text("from a file")
        (self.app / "assets/deep/other.txt").write_text("deep")
        (self.app / "private.txt").write_text("not granted")
        (self.folder / "secret.txt").write_text("not granted")

    def serve(self, lines, *args, **more):
        self.write_manifest(lines)
        up = weft.Up("-f", self.app, *args, env=self.env, **more)
        self.addCleanup(up.__exit__)
        return up

    def write_manifest(self, lines):
        (self.app / "spin.toml").write_text(MANIFEST + lines)
        (self.app / "it.wasm").write_bytes(weft.guest(self.guest).read_bytes())

    def snapshots(self):
        folder = self.cache / "weft/files"
        return list(folder.iterdir()) if folder.exists() else []

    def refused(self, up, path, reason=b"", method="GET", body=None):
        status, _, answer = up.request(method, path, body=body)
        self.assertEqual(status, 500, path)
        self.assertIn(reason, answer, path)
        self.assertNotIn(b"not granted", answer)
        self.assertNotIn(b"root:", answer)


class Files(FilesCase):
    def test_files_of_the_manifest_are_mounted_read_only(self):
        up = self.serve('files = [{ source = "assets", destination = "/data" }]')
        self.assertEqual(up.get("/data/page.txt")[::2], (200, b"from a file"))
        self.assertEqual(up.get("/data/deep/../page.txt")[::2], (200, b"from a file"))
        self.assertEqual(up.get("/data")[2].split(), [b"deep", b"page.txt"])
        for path in ("/data/../secret.txt", "/data/../../../../../etc/passwd", "/private.txt", "/it.wasm", "/etc/passwd",
                     "/data/%00", "/data/" + "a" * 5000, "/data/" + "../" * 500 + "etc/passwd"):
            self.refused(up, path)
        self.refused(up, "/data/new", self.read_only, "PUT", b"x")
        self.refused(up, "/data/page.txt", self.read_only, "PUT", b"x")
        self.assertEqual(up.get("/data/page.txt")[::2], (200, b"from a file"))

    def test_patterns_exclusions_and_links_inside_the_application(self):
        (self.app / "assets/link.txt").symlink_to("page.txt")
        up = self.serve('files = ["assets/**/*", "assets/link.txt"]\nexclude_files = ["**/other.txt"]')
        self.assertEqual(up.get("/assets/page.txt")[::2], (200, b"from a file"))
        self.assertEqual(up.get("/assets/link.txt")[::2], (200, b"from a file"))
        self.refused(up, "/assets/deep/other.txt", b"No such file")

    def test_later_edits_do_not_change_a_running_application(self):
        up = self.serve('files = [{ source = "assets", destination = "/" }]')
        (self.app / "assets/page.txt").write_text("edited")
        (self.app / "assets/deep/other.txt").unlink()
        self.assertEqual(up.get("/page.txt")[::2], (200, b"from a file"))
        self.assertEqual(up.get("/deep/other.txt")[::2], (200, b"deep"))

    def test_a_large_file_arrives_whole(self):
        content = os.urandom(5_000_000)
        (self.app / "assets/large").write_bytes(content)
        up = self.serve('files = ["assets/large"]')
        self.assertEqual(up.get("/assets/large")[2], content)

    def test_many_requests_leave_nothing_open(self):
        up = self.serve('files = ["assets"]')
        descriptors = pathlib.Path(f"/proc/{up.process.pid}/fd")
        up.get("/assets")
        before = len(list(descriptors.iterdir()))
        for _ in range(50):
            self.assertEqual(up.get("/assets")[0], 200)
            self.assertEqual(up.get("/assets/page.txt")[0], 200)
        self.assertLessEqual(len(list(descriptors.iterdir())), before + 4)

    def test_without_files_there_is_no_file_system(self):
        up = self.serve("")
        self.refused(up, "/")
        self.refused(up, "/it.wasm")
        self.assertEqual(self.snapshots(), [])

    def test_the_private_copy_is_removed_at_the_end_and_after_a_crash_at_the_next_start(self):
        up = self.serve('files = ["assets"]')
        self.assertEqual(len(self.snapshots()), 1)
        up.process.kill()
        up.process.wait()
        self.assertEqual(len(self.snapshots()), 1)
        crashed = self.snapshots()[0]
        with weft.Up("-f", self.app, env=self.env) as again, weft.Up("-f", self.app, env=self.env) as third:
            self.assertEqual(len(self.snapshots()), 2)
            self.assertNotIn(crashed, self.snapshots())
            self.assertEqual(again.get("/assets/page.txt")[0], 200)
            self.assertEqual(third.get("/assets/page.txt")[0], 200)
        self.assertEqual(self.snapshots(), [])

    def test_files_that_cannot_be_had_are_reported_with_their_place(self):
        (self.app / "assets/out.txt").symlink_to("../../secret.txt")
        for lines, parts in (('files = ["missing.txt"]', ["missing.txt"]),
                             ('files = ["assets"]', ["assets/out.txt", "link out"]),
                             ('files = [{ source = "nowhere", destination = "/" }]', ["nowhere"]),
                             ('allowed_paths = [{ source = "/no/such/folder", destination = "/x" }]',
                              ["/no/such/folder", "allowed_paths[0]"])):
            with self.subTest(lines):
                self.write_manifest(lines)
                done = weft.run("up", "-f", self.app, env=self.env)
                self.assertEqual(done.returncode, 1)
                for part in ["spin.toml:9", "component.it", "help:", *parts]:
                    self.assertIn(part, done.stderr)
        self.assertEqual(self.snapshots(), [])


class AllowedPaths(FilesCase):
    def setUp(self):
        super().setUp()
        self.shared = self.folder / "shared"
        (self.shared / "sub").mkdir(parents=True)
        (self.shared / "note").write_text("shared")

    def mounted(self, write, **more):
        return self.serve(f'allowed_paths = [{{ source = "{self.shared}", destination = "/shared"{write} }}]', **more)

    def test_a_directory_is_used_in_place_and_read_only(self):
        up = self.mounted("")
        self.assertEqual(up.get("/shared/note")[::2], (200, b"shared"))
        (self.shared / "note").write_text("edited")
        self.assertEqual(up.get("/shared/note")[::2], (200, b"edited"))
        self.refused(up, "/shared/note", self.read_only, "PUT", b"x")
        self.refused(up, "/shared/new", self.read_only, "PUT", b"x")
        self.assertEqual((self.shared / "note").read_text(), "edited")

    def test_with_write_it_can_be_written_and_nothing_else(self):
        up = self.mounted(", write = true")
        self.assertEqual(up.request("PUT", "/shared/sub/new", body=b"x" * 300_000)[0], 201)
        self.assertEqual((self.shared / "sub/new").read_bytes(), b"x" * 300_000)
        self.refused(up, "/shared/../secret.txt", method="PUT", body=b"x")
        self.refused(up, "/secret.txt", method="PUT", body=b"x")
        self.assertEqual((self.folder / "secret.txt").read_text(), "not granted")

    def test_links_that_appear_while_it_is_served_lead_nowhere_else(self):
        up = self.mounted(", write = true")
        (self.shared / "out").symlink_to("../secret.txt")
        (self.shared / "absolute").symlink_to(self.folder / "secret.txt")
        (self.shared / "up").symlink_to("..")
        (self.shared / "proc").symlink_to("/proc/self/root")
        (self.shared / "loop").symlink_to("loop")
        os.mkfifo(self.shared / "pipe")
        for path in ("out", "absolute", "up/secret.txt", "up/app/private.txt", "proc/etc/passwd", "loop", "pipe"):
            self.refused(up, f"/shared/{path}")
            self.refused(up, f"/shared/{path}", method="PUT", body=b"x")
        self.assertEqual((self.folder / "secret.txt").read_text(), "not granted")

    def test_a_directory_that_is_exchanged_for_a_link_all_the_time_lets_nothing_out(self):
        (self.folder / "outside").mkdir()
        (self.folder / "outside/note").write_text("not granted")
        (self.shared / "sub/note").write_text("inside")
        (self.shared / "link").symlink_to("../outside")
        stop = threading.Event()

        def attack():
            a, b, spare = (self.shared / name for name in ("sub", "link", "spare"))
            while not stop.is_set():
                for one, other in ((a, spare), (b, a), (spare, b)):
                    os.rename(one, other)

        up = self.mounted("")
        attacker = threading.Thread(target=attack)
        attacker.start()
        seen = set()
        for _ in range(400):
            status, _, body = up.get("/shared/sub/note")
            seen.add(status)
            self.assertNotIn(b"not granted", body)
        stop.set()
        attacker.join()
        self.assertIn(500, seen)


class Output(weft.Case):
    def test_what_a_component_prints_appears_with_its_name(self):
        self.manifest(MANIFEST, it="misbehave-rust")
        with weft.Up("-f", self.folder) as up:
            self.assertEqual(up.get("/stdout?lines=3")[0], 200)
            for line in range(3):
                up.wait_for_error(f"[it] out {line}\n")
                up.wait_for_error(f"[it] err {line}\n")
            self.assertNotIn("out 0", "".join(up.lines))

    def test_nobody_reading_standard_error_stops_nothing(self):
        with weft.Up(weft.guest("misbehave-rust"), "--threads", "1", read_errors=False) as up:
            for _ in range(3):
                self.assertEqual(up.get("/stdout?lines=20000")[0], 200)
            self.assertEqual(up.get("/")[0], 200)
            self.assertLess(up.resident_bytes(), 120 << 20)
