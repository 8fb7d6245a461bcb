"""The examples do what their READMEs say: their code blocks are run as documents.py tells, against what ./dev guests built."""
import json
import os
import pathlib
import shutil
import time
import tomllib
import uuid

import documents
import weft

DOES = "_does_what_its_readme_says"


class Examples(weft.Case):
    def copy(self, name):
        """What `weft up --from examples/NAME` needs, where it leaves nothing behind."""
        there = self.folder / "examples" / name
        there.mkdir(parents=True)
        manifest = weft.root / "examples" / name / "spin.toml"
        shutil.copy(manifest, there)
        said = tomllib.loads(manifest.read_text())
        for trigger in said["trigger"]["http"]:
            if files := trigger.get("static_files"):
                shutil.copytree(weft.root / "examples" / name / files["source"], there / files["source"])
        for component in said.get("component", {}).values():
            source = weft.root / "examples" / name / component["source"]
            self.assertTrue(source.exists(), f"{source} is not built; ./dev guests {name}")
            (there / component["source"]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, there / component["source"])

    def does_what_its_readme_says(self, name):
        self.copy(name)
        # Interpreters are compiled once on a machine, as for a reader who looks at one example after the other.
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weft/code"
        env = {"WEFT_CACHE_DIR": str(cache)}
        with documents.Reader(weft.root / "examples" / name / "README.md", self.folder, env) as reader:
            ran, compared = reader.read()
        self.assertGreater(ran, 1, "the README has no commands")
        self.assertGreater(compared, 1, "the README has no answers")

    def test_every_example_is_here(self):
        there_are = {path.parent.name for path in weft.root.glob("examples/*/spin.toml")}
        tested = {name.removeprefix("test_").removesuffix(DOES).replace("_", "-") for name in dir(self) if name.endswith(DOES)}
        self.assertEqual(tested, there_are)

    def test_greeting_does_what_its_readme_says(self):
        self.does_what_its_readme_says("greeting")

    def test_http_handler_does_what_its_readme_says(self):
        self.does_what_its_readme_says("http-handler")

    def test_items_cpp_does_what_its_readme_says(self):
        self.does_what_its_readme_says("items-cpp")

    def test_items_rust_does_what_its_readme_says(self):
        self.does_what_its_readme_says("items-rust")

    def test_polyglot_does_what_its_readme_says(self):
        self.does_what_its_readme_says("polyglot")

    def test_rate_limiter_does_what_its_readme_says(self):
        self.does_what_its_readme_says("rate-limiter")

    def test_rate_limiter_atomic_does_what_its_readme_says(self):
        self.does_what_its_readme_says("rate-limiter-atomic")

    def test_static_site_does_what_its_readme_says(self):
        self.does_what_its_readme_says("static-site")

    def test_users_does_what_its_readme_says(self):
        self.does_what_its_readme_says("users")


class Users(weft.Case):
    """What the README of examples/users leaves out."""

    def setUp(self):
        super().setUp()
        self.manifest((weft.root / "examples/users/spin.toml").read_text().replace("target/wasm32-wasip1/release/", ""), users="users")

    def post(self, up, user):
        status, headers, body = up.request("POST", "/api/users", body=json.dumps(user))
        self.assertEqual(headers["content-type"], "application/json")
        return status, json.loads(body)

    def test_a_user_has_a_random_id_and_the_time_it_was_made(self):
        with weft.Up("-f", self.folder) as up:
            before = int(time.time())
            made = [self.post(up, {"email": "a@example.com", "username": "ada"}) for _ in range(2)]
            self.assertEqual([status for status, _ in made], [201, 201])
            for _, user in made:
                self.assertEqual(list(user), ["id", "email", "username", "created_at"])
                self.assertEqual(uuid.UUID(user["id"]).version, 4)
                self.assertEqual(str(uuid.UUID(user["id"])), user["id"])
                self.assertTrue(before <= user["created_at"] <= time.time())
            self.assertNotEqual(made[0][1]["id"], made[1][1]["id"])
        # They outlive the program.
        with weft.Up("-f", self.folder) as up:
            listed = json.loads(up.get("/api/users")[2])
            self.assertEqual(listed[0]["username"], "alice")
            self.assertCountEqual(listed[1:], [user for _, user in made])
            for _, user in made:
                self.assertEqual(json.loads(up.get(f"/api/users/{user['id']}")[2]), user)

    def test_each_rule_is_kept_at_its_limits(self):
        with weft.Up("-f", self.folder) as up:
            for name, fine in (("ab", False), ("abc", True), ("x" * 50, True), ("x" * 51, False), ("\u00e9" * 50, True)):
                with self.subTest(name):
                    status, said = self.post(up, {"email": "a@example.com", "username": name})
                    self.assertEqual((status, "fields" in said), (201, False) if fine else (400, True))
                    if not fine:
                        self.assertEqual((list(said["fields"]), said["fields"]["username"][0]["code"]), (["username"], "length"))
            for email in ("invalid", "@example.com", "a@", "a b@example.com"):
                with self.subTest(email):
                    status, said = self.post(up, {"email": email, "username": "ada"})
                    self.assertEqual((status, list(said["fields"]), said["fields"]["email"][0]["code"]), (400, ["email"], "email"))

    def test_what_is_no_user_is_refused_with_the_reason(self):
        with weft.Up("-f", self.folder) as up:
            for user, reason in (({"email": "a@example.com"}, "missing field `username`"), ({"email": 1, "username": "ada"}, "invalid type: integer `1`"),
                                 ([], "invalid length 0"), ("", "invalid type: string")):
                with self.subTest(user):
                    status, said = self.post(up, user)
                    self.assertEqual((status, list(said)), (400, ["error"]))
                    self.assertIn(reason, said["error"])
            self.assertEqual(len(json.loads(up.get("/api/users")[2])), 1)

    def test_other_paths_and_methods_are_not_found(self):
        with weft.Up("-f", self.folder) as up:
            for method, path in (("GET", "/api/other"), ("DELETE", "/api/users"), ("GET", "/api/users/"), ("GET", "/api/users/2")):
                with self.subTest(f"{method} {path}"):
                    self.assertEqual(up.request(method, path)[::2], (404, b"Not Found"))


class ADocument(weft.Case):
    """That a document which is not true fails."""

    def read(self, text):
        document = self.folder / "document.md"
        document.write_text(text)
        with documents.Reader(document, self.folder) as reader:
            return reader.read()

    def test_with_other_output_fails(self):
        self.assertEqual(self.read("```sh\necho one; echo two\n```\n```text\none\ntw…\n```\n"), (1, 1))
        for said in ("one\n", "one\ntwo\nthree\n", "one\n…two…three\n", "two\n"):
            with self.subTest(said), self.assertRaisesRegex(AssertionError, "document.md:1: expected"):
                self.read(f"```sh\necho one; echo two\n```\n```text\n{said}```\n")

    def test_with_a_command_that_fails_fails(self):
        with self.assertRaisesRegex(AssertionError, "ended with status 1"):
            self.read("```sh\nfalse\n```\n")
        self.read("```sh fails\nfalse\n```\n")
        with self.assertRaisesRegex(AssertionError, "ended with status 0"):
            self.read("```sh fails\ntrue\n```\n")

    def test_with_what_never_appears_in_a_terminal_fails(self):
        self.assertEqual(self.read("```sh terminal=a\necho up; sleep 60\n```\n```text\nup\n```\n"), (1, 1))
        with self.assertRaisesRegex(AssertionError, "did not appear in the terminal a"):
            self.read("```sh terminal=a\necho up\n```\n```text\ndown\n```\n")

    def test_keeps_its_folder_and_its_files(self):
        self.read("```toml file=a/b.toml\nx = 1\n```\n```sh\ncd a\n```\n```sh\ncat b.toml\n```\n```text\nx = 1\n```\n")

    def test_types_what_is_asked(self):
        self.read("```sh\nread a; read b; echo \"$b$a\"\n```\n```text typed\nName: x\nPath: /y\n```\n```text\n/yx\n```\n")
