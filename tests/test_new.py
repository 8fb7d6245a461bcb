"""`weft new`: what it asks, what it refuses, and that an application of each template builds and answers.

The tools are Debian's and those of scripts/tools.sh, and what npm and pip install comes from their own caches when it was there
before.
"""
import os
import pathlib
import pty
import re
import subprocess

import weft

cache = pathlib.Path(os.environ.get("WEFT_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weft-dev")
# Debian's own tools, whatever else this machine has.
debian = {"PATH": "/usr/bin:/bin"}


def with_tool(name):
    return f"{pathlib.Path(weft.tool(name)).parent}:{debian['PATH']}"


def npm():
    return {"PATH": with_tool("node"), "npm_config_prefer_offline": "true"}


def files_of(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and ".git" not in p.relative_to(folder).parts}


class New(weft.Case):
    def new(self, *args, **more):
        return weft.run("new", *args, cwd=self.folder, **more)

    def manifest_of(self, name):
        return (self.folder / name / "spin.toml").read_text()

    def test_it_asks_for_name_path_and_scope_and_nothing_else(self):
        done = self.new("-t", "http-rust", "hello-wasm", input="\n/hello\n\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(re.findall(r"[A-Z][A-Za-z ]+:(?= )", done.stdout), ["Project name:", "HTTP path:", "HTTP scope:"])
        self.assertEqual(files_of(self.folder / "hello-wasm"), {"spin.toml", "Cargo.toml", "src/lib.rs", "README.md", ".gitignore"})
        self.assertIn('name = "hello-wasm"', self.manifest_of("hello-wasm"))
        self.assertIn('route = "/hello"', self.manifest_of("hello-wasm"))
        self.assertTrue((self.folder / "hello-wasm/.git").is_dir())

    def test_an_answer_may_differ_from_the_name_given(self):
        self.new("-t", "http-c", "one", input="two\n/x\n/api\n")
        self.assertIn('route = "/api/x"', self.manifest_of("two"))

    def test_a_bad_answer_on_a_terminal_is_asked_for_again(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([weft.program, "new", "-t", "http-c", "--no-vcs"], cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        os.write(ours, b"Bad Name\ngood-name\n/a/.../b\n/fine\n\n")
        self.assertEqual(process.wait(10), 0)
        screen = os.read(ours, 65536).decode()
        os.close(ours)
        self.assertIn("use kebab-case: `bad-name`", screen)
        self.assertIn('route = "/fine"', self.manifest_of("good-name"))

    def test_scripts_need_no_answers(self):
        done = self.new("-t", "http-c", "shop", "--value", "http-path=/cart/...", "--value", "project-description=A \"shop\"", "-a", "-o", "elsewhere", "--no-vcs")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = self.manifest_of("elsewhere")
        self.assertIn('route = "/cart/..."', text)
        self.assertIn('description = "A \\"shop\\""', text)
        self.assertFalse((self.folder / "elsewhere/.git").exists())
        (self.folder / "values.toml").write_text('http-path = "/a"\nhttp-scope = "/s"\n')
        done = self.new("-t", "http-c", "other", "--values-file", "values.toml", "--value", "http-path=/b", input="")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('route = "/s/b"', self.manifest_of("other"))

    def test_the_order_of_old_versions_of_spin_is_understood(self):
        self.assertEqual(self.new("http-c", "old", "-a").returncode, 0)
        self.assertIn('name = "old"', self.manifest_of("old"))

    def test_init_uses_the_current_folder_and_its_name(self):
        here = self.folder / "my-api"
        here.mkdir()
        (here / "notes.txt").write_text("mine")
        done = weft.run("new", "-t", "http-c", "--init", "-a", cwd=here)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('name = "my-api"', (here / "spin.toml").read_text())
        self.assertEqual((here / "notes.txt").read_text(), "mine")

    def test_nothing_is_overwritten_unless_asked_for(self):
        self.new("-t", "http-c", "app", "-a")
        (self.folder / "app/src/main.c").write_text("mine")
        done = self.new("-t", "http-c", "app", "-a")
        self.assertEqual(done.returncode, 1)
        self.assertIn("src/main.c", done.stderr)
        self.assertIn("--allow-overwrite", done.stderr)
        self.assertEqual((self.folder / "app/src/main.c").read_text(), "mine")
        self.assertEqual(self.new("-t", "http-c", "app", "-a", "--allow-overwrite").returncode, 0)
        self.assertNotEqual((self.folder / "app/src/main.c").read_text(), "mine")

    def test_what_is_wrong_is_said_with_the_remedy(self):
        for args, text in ((("-t", "http-c", "Bad Name", "-a"), "`bad-name`"), (("-t", "http-c", "../up", "-a"), "kebab-case"),
                           (("-t", "http-rsut", "x", "-a"), "http-rust"), (("x", "-a"), "-t"), (("-t", "http-c", "-a"), "my-app"),
                           (("-t", "http-c", "x", "-a", "--value", "http-pth=/"), "http-path"),
                           (("-t", "http-c", "x", "-a", "--value", "http-path=/.../b"), "/.../b"), (("-t", "http-rust", "match", "-a"), "my-match"),
                           (("-t", "http-c", "x"), "--accept-defaults")):
            with self.subTest(args):
                done = self.new(*args, input="")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(text, done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_templates_are_listed_with_what_they_need(self):
        done = weft.run("templates", "list")
        self.assertEqual(re.findall(r"^http-\w+", done.stdout, re.M), ["http-rust", "http-js", "http-ts", "http-py", "http-go", "http-c", "http-cpp"])
        self.assertIn("Node.js", done.stdout)


class Languages(weft.Case):
    def answers(self, language, text, env=None, timeout=600, name="my-app"):
        """Makes an application, builds it as the manifest says, and asks it."""
        made = weft.run("new", "-t", f"http-{language}", name, "-a", "--value", "http-scope=/api", cwd=self.folder)
        self.assertEqual(made.returncode, 0, made.stderr)
        built = weft.run("build", cwd=self.folder / name, env=env, timeout=timeout)
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        with weft.Up("-f", self.folder / name, start_timeout=120) as up:
            status, headers, body = up.get("/api/any/path?x=1")
            self.assertEqual((status, headers["content-type"], body), (200, "text/plain", text))
            up.wait_for_error("GET /api/any/path")

    def test_rust(self):
        # What only depends on the template is compiled once.
        self.answers("rust", b"Hello from Rust\n", env={**debian, "CARGO_BUILD_BUILD_DIR": str(cache / "target-new")})

    def test_c(self):
        self.answers("c", b"Hello from C\n", env=debian)

    def test_cpp(self):
        self.answers("cpp", b"Hello from C++\n", env=debian)

    def test_go(self):
        # Under a name that Go does not take for a module.
        env = {"PATH": with_tool("go"), "GOTOOLCHAIN": "local", "GOCACHE": str(cache / "go-build")}
        self.answers("go", b"Hello from Go\n", env=env, name="go")

    def test_javascript(self):
        self.answers("js", b"Hello from JavaScript\n", env=npm())

    def test_typescript(self):
        self.answers("ts", b"Hello from TypeScript\n", env=npm())

    def test_python(self):
        self.answers("py", b"Hello from Python\n", env=debian)
