"""`weft grant`: what a denial in the log says to do, done."""
import re
import shlex

import test_outbound as outbound
import weft

MANIFEST = """spin_manifest_version = 2
# The shop.
[application]
name = "shop"

[[trigger.http]]
route = "/..."
component = "it"

[component.it]   # asks others
source = "it.wasm"
allowed_outbound_hosts = [
  "https://a.example",  # pays
  # more to come
]

[component.other]
source = "other.wasm"
"""


class Grant(weft.Case):
    def setUp(self):
        super().setUp()
        self.manifest(MANIFEST, it="outbound-rust")

    def grant(self, *args, code=0):
        done = weft.run("grant", "-f", self.folder, *args)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def text(self):
        return (self.folder / "spin.toml").read_text()

    def test_hosts_and_stores_are_added_once_and_the_rest_of_the_file_stays(self):
        said = self.grant("it", "https://b.example:8443", "http://self", "--key-value", "default", "--key-value", "cart")
        changed = MANIFEST.replace('# pays\n', '# pays\n  "https://b.example:8443",\n  "http://self",\n')
        changed = changed.replace('  # more to come\n]\n', '  # more to come\n]\nkey_value_stores = ["default", "cart"]\n')
        self.assertEqual(self.text(), changed)
        for part in ("Granted to it in", "https://b.example:8443", "key_value_stores: cart", "[key_value_store.cart]", "has to be started again"):
            self.assertIn(part, said)
        self.assertIn("is granted all of this already", self.grant("it", "http://self", "--key-value", "cart"))
        self.assertEqual(self.text(), changed)
        self.grant("other", "https://c.example")
        self.assertEqual(self.text(), changed + 'allowed_outbound_hosts = ["https://c.example"]\n')

    def test_list_shows_what_is_granted(self):
        self.assertEqual(self.grant("--list"), "it\n  allowed_outbound_hosts: https://a.example\nother\n")
        self.grant("other", "--key-value", "default")
        self.assertEqual(self.grant("--list", "other"), "other\n  key_value_stores: default\n")

    def test_what_cannot_be_granted_is_refused_and_the_file_stays(self):
        for args, code, text in ((("nobody", "https://b.example"), 1, "its components are: it, other"),
                                 (("it", "b.example"), 1, "the scheme is missing"),
                                 (("it", "https://b.example/path"), 1, "a path is not allowed"),
                                 (("it", "foo://b.example"), 1, "has no default port"),
                                 (("it", "--key-value", "A B"), 1, "not the label of a store"),
                                 (("it",), 2, "--list to see what is granted"), ((), 2, "weft grant COMPONENT HOST")):
            with self.subTest(args):
                self.assertIn(text, self.grant(*args, code=code))
        self.assertEqual(self.text(), MANIFEST)
        done = weft.run("grant", "-f", weft.guest("hello-c"), "it", "https://b.example")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no manifest", done.stderr)

    def test_help_has_examples(self):
        said = weft.run("grant", "--help").stdout
        self.assertIn("weft grant hello https://api.example.com", said)
        self.assertIn("--key-value", said)

    def test_the_command_in_the_log_grants_what_was_denied_and_watch_heeds_it(self):
        self.manifest(MANIFEST.replace('[component.other]\nsource = "other.wasm"\n', ""), it="outbound-rust")
        with outbound.Upstream() as upstream:
            up = weft.Up("-f", self.folder, command="watch")
            self.addCleanup(up.__exit__)
            status, headers, _ = up.get(f"/get?url={upstream.base}/x")
            self.assertEqual((status, headers["x-error"]), (502, "http-request-denied"))
            up.wait_for_error("to allow it: weft grant ")
            command = re.search(r"to allow it: weft (grant .*?), or write", up.error_text()).group(1)
            done = weft.run(*shlex.split(command))
            self.assertEqual(done.returncode, 0, done.stderr)
            up.wait_for_line("Serving the new version")
            self.assertEqual(up.get(f"/get?url={upstream.base}/x")[::2], (200, b"got /x"))

    def test_the_command_in_the_log_grants_a_store_for_the_next_start(self):
        manifest = MANIFEST[: MANIFEST.index("[component.other]")]
        self.manifest(manifest, it="kv-rust")
        with weft.Up("-f", self.folder) as up:
            self.assertEqual(up.get("/spin/get?key=a")[0], 500)
            up.wait_for_error("to allow it: weft grant ")
            command = re.search(r"to allow it: weft (grant .*?), or write", up.error_text()).group(1)
        self.assertEqual(weft.run(*shlex.split(command)).returncode, 0)
        with weft.Up("-f", self.folder) as up:
            self.assertNotEqual(up.get("/spin/get?key=a")[0], 500)
