"""weft lock writes an application as Spin locks it, and what takes a manifest takes the lock."""
import json
import shutil

import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "locked"
version = "1.0.0"
[variables]
who = { default = "you" }
[[trigger.http]]
route = "/hello"
component = "hello"
[[trigger.http]]
route = "/..."
component = "files"
[component.hello]
source = "hello.wasm"
allowed_outbound_hosts = ["https://{{ who }}.example.com", "http://files.spin.internal"]
key_value_stores = ["default"]
[component.files]
source = "files.wasm"
files = ["static/**/*"]
exclude_files = ["**/*.log"]
environment = { LEVEL = "high" }
[component.unused]
source = "nowhere.wasm"
"""
VERSION_1 = """spin_manifest_version = "1"
name = "old"
version = "1.0.0"
trigger = { type = "http" }
[[component]]
id = "hello"
source = "hello.wasm"
[component.trigger]
route = "/..."
"""


class Lock(weft.Case):
    def setUp(self):
        super().setUp()
        self.manifest(MANIFEST, hello="hello-c", files="files-rust")
        (self.folder / "static").mkdir()
        (self.folder / "static/a.txt").write_text("text of a")
        (self.folder / "static/b.log").write_text("not this")

    def lock(self, *args, at="spin.lock"):
        path = self.folder / at
        done = weft.run("lock", self.folder, "-o", path, *args)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        return path

    def test_it_is_json_that_says_all_of_the_application(self):
        done = weft.run("lock", "-f", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        app = json.loads(done.stdout)
        url = self.folder.resolve().as_uri()
        self.assertEqual(app["spin_lock_version"], 1)
        self.assertEqual(app["must_understand"], ["component_host_requirements"])
        self.assertEqual((app["metadata"]["name"], app["metadata"]["origin"]), ("locked", f"{url}/spin.toml"))
        self.assertEqual(app["metadata"]["trigger"], {"type": "http"})
        self.assertEqual(app["variables"], {"who": {"default": "you"}})
        self.assertEqual([trigger["trigger_config"] for trigger in app["triggers"]],
                         [{"component": "hello", "route": "/hello"}, {"component": "files", "route": "/..."}])
        hello, files = app["components"]
        self.assertEqual(hello["source"], {"content_type": "application/wasm", "source": f"{url}/hello.wasm"})
        self.assertEqual(hello["metadata"]["key_value_stores"], ["default"])
        self.assertEqual(hello["host_requirements"], {"local_service_chaining": "required"})
        self.assertEqual(files["env"], {"LEVEL": "high"})
        self.assertEqual(files["files"], [{"source": f"{url}/static/a.txt", "path": "/static/a.txt"}])

    def test_a_lock_is_served_wherever_it_lies(self):
        for at in ("spin.lock", "deep/app.json"):
            (self.folder / "deep").mkdir(exist_ok=True)
            with weft.Up("-f", self.lock(at=at)) as up:
                self.assertEqual(up.get("/hello")[2], b"Hello from C\n")
                self.assertEqual(up.get("/static/a.txt")[::2], (200, b"text of a"))
                self.assertEqual(up.get("/.well-known/spin/none")[0], 404)

    def test_files_of_a_lock_are_those_of_the_manifest(self):
        """What the guest finds is the same, served from either."""
        def found(source):
            with weft.Up("-f", source) as up:
                return [up.get(path)[::2] for path in ("/static/a.txt", "/static/b.log", "/static")]
        self.assertEqual(found(self.lock()), found(self.folder))

    def test_a_lock_of_a_lock_is_the_same(self):
        first = self.lock()
        done = weft.run("lock", first)
        self.assertEqual(json.loads(done.stdout), json.loads(first.read_text()))

    def test_a_folder_elsewhere_is_mounted_as_spin_mounts_it(self):
        path = self.lock()
        app = json.loads(path.read_text())
        elsewhere = self.folder.parent / f"{self.folder.name}-assets"
        elsewhere.mkdir()
        self.addCleanup(shutil.rmtree, elsewhere)
        (elsewhere / "c.txt").write_text("text of c")
        app["metadata"]["origin"] = self.folder.as_uri() + "/spin.toml"
        app["components"][1]["files"] = [{"source": elsewhere.as_uri(), "path": "/"}]
        app["components"][1]["metadata"] = {"description": "with assets"}
        path.write_text(json.dumps(app))
        with weft.Up("-f", path) as up:
            self.assertEqual(up.get("/c.txt")[::2], (200, b"text of c"))
            self.assertNotEqual(up.request("PUT", "/d.txt", body=b"no")[0], 201)

    def test_version_1_is_locked_as_spin_reads_it(self):
        (self.folder / "spin.toml").write_text(VERSION_1)
        path = self.lock()
        app = json.loads(path.read_text())
        self.assertEqual(app["spin_lock_version"], 0)
        self.assertEqual(app["triggers"][0], {"id": "trigger-hello", "trigger_type": "http",
                                              "trigger_config": {"component": "hello", "route": "/..."}})
        self.assertEqual(app["components"][0]["metadata"]["allowed_outbound_hosts"],
                         ["redis://*:*", "mysql://*:*", "postgres://*:*"])
        with weft.Up("-f", path) as up:
            self.assertEqual(up.get("/any")[2], b"Hello from C\n")

    def test_a_part_of_it_with_more_in_its_environment(self):
        app = json.loads(self.lock("-c", "files", "-e", "LEVEL=low").read_text())
        self.assertEqual([component["id"] for component in app["components"]], ["files"])
        self.assertEqual(app["components"][0]["env"], {"LEVEL": "low"})

    def test_what_is_wrong_with_a_lock_is_said_with_its_place(self):
        path = self.lock()
        path.write_text(path.read_text().replace('"default"\n', '"no label"\n', 1))
        done = weft.run("up", "-f", path)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"spin\.lock:\d+:\d+: error: components\[0\]\.metadata\.key_value_stores\[0\]: ")
        path.write_text(path.read_text()[:100])
        self.assertRegex(weft.run("up", "-f", path).stderr, r"spin\.lock:\d+:\d+: error: ")
        done = weft.run("up", "-f", path, "--profile", "debug")
        self.assertIn("a lock has no profiles", done.stderr)

    def test_what_cannot_be_written_is_an_error(self):
        done = weft.run("lock", self.folder, "-o", self.folder / "no/such/folder.lock")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be written", done.stderr)
        (self.folder / "static/a.txt").unlink()
        (self.folder / "static/gone").symlink_to("nowhere")
        done = weft.run("lock", self.folder)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("leads nowhere", done.stderr)
