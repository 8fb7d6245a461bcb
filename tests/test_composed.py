"""Binaries that wac and `wasm-tools compose` made of several components answer as the same composition by a manifest does."""
import json
import subprocess

import weft
from answers import by_timing
from test_dependencies import HEAD, LIBRARY, MIDDLEWARE

INTERFACES = ("text", "counters", "reach")
LIBRARY_PATHS = ("/shout?text=hello", "/words?text=one%20two%20%20three", "/count?from=40", "/count?from=40", "/library/variable?name=word",
                 "/library/variable?name=absent", "/library/config?name=word", "/library/value?store=default&key=k",
                 "/library/value?store=none&key=k", "/library/file?path=/note.txt", "/library/file?path=/none.txt", "/library/environment",
                 "/library/fetch?authority=127.0.0.1:1", "/library/fetch?authority=example.com", "/own/variable?name=word",
                 "/own/value?store=default&key=k", "/nothing")
HANDLER = "wasi:http/handler@0.3.0"
MIDDLEWARE_PATHS = ("/", "/store", "/a/b?c=d")
WAC = """package weft:composed;

let library = new weft:library { ... };
let app = new weft:dependent {
%s  ...
};

export app...;
"""


def wac(*args):
    made = subprocess.run([weft.tool("wac"), *map(str, args)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def compose(*args):
    made = subprocess.run([weft.tool("wasm-tools"), "compose", "--quiet", *map(str, args)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


class Composed(weft.Case):
    def answers(self, paths, *flags):
        """What is answered at each path, as far as it is the components'."""
        out = []
        with weft.Up("-f", self.folder, "--key-value", "k=v", *flags) as up:
            for method, path in ((method, path) for path in paths for method in ("GET", "POST")):
                status, headers, body = up.request(method, path, body=b"some text" if method == "POST" else None)
                named = sorted((name.lower(), value) for name, value in headers.items() if name.lower() not in by_timing)
                out.append((method, path, status, named, body))
        return out

    def same(self, paths, by_manifest, manifest, make):
        """Whether what `make` makes answers as the manifest's own composition did."""
        made = self.folder / "made.wasm"
        make(made)
        self.assertTrue(made.read_bytes().startswith(b"\0asm"))
        self.manifest(manifest)
        made.rename(self.folder / "app.wasm")
        self.assertEqual(self.answers(paths), by_manifest)
        self.assertIn("It has all that it imports here.", weft.run("inspect", self.folder / "app.wasm").stdout)


class Libraries(Composed):
    """dependent-rust and what it imports, which library-rust exports in a newer version."""

    def check(self, make):
        self.manifest(f"{HEAD}[component.app.dependencies]\n{LIBRARY % ', inherit_configuration = true'}",
                      app="dependent-rust", lib="library-rust")
        (self.folder / "note.txt").write_text("a file")
        by_manifest = self.answers(LIBRARY_PATHS)
        said = {path: (status, body) for method, path, status, _, body in by_manifest if method == "GET"}
        self.assertEqual(said["/shout?text=hello"], (200, b"HELLO"))
        self.assertEqual(said["/count?from=40"], (200, b"40 41 42"))
        self.assertEqual(said["/library/variable?name=word"], (200, b"sesame"))
        self.assertEqual(said["/library/file?path=/note.txt"], (200, b"a file"))
        self.same(LIBRARY_PATHS, by_manifest, HEAD, make)

    def test_wac_plug(self):
        self.check(lambda made: wac("plug", "--plug", weft.guest("library-rust"), weft.guest("dependent-rust"), "-o", made))

    def test_wac_compose(self):
        script = self.folder / "composed.wac"
        script.write_text(WAC % "".join(f'  "weft:library/{name}@1.0.0": library["weft:library/{name}@1.2.0"],\n' for name in INTERFACES))
        self.check(lambda made: wac("compose", "--dep", f"weft:library={weft.guest('library-rust')}", "--dep",
                                    f"weft:dependent={weft.guest('dependent-rust')}", script, "-o", made))

    def test_wasm_tools_compose(self):
        # JSON is YAML.
        arguments = {f"weft:library/{name}@1.0.0": {"instance": "lib", "export": f"weft:library/{name}@1.2.0"} for name in INTERFACES}
        config = self.folder / "compose.yml"
        config.write_text(json.dumps({"dependencies": {"lib": str(weft.guest("library-rust"))},
                                      "instantiations": {"root": {"arguments": arguments}}}))
        self.check(lambda made: compose("--config", config, weft.guest("dependent-rust"), "-o", made))


class Middleware(Composed):
    """middleware-p3-rust in front of hello-p3-rust: asynchronous calls, streams and resources from one to the other."""

    LOUD = '{ component = "loud", inherit_configuration = true }'

    def check(self, depth, make):
        self.manifest(MIDDLEWARE % ", ".join([self.LOUD] * depth), app="hello-p3-rust", loud="middleware-p3-rust")
        by_manifest = self.answers(MIDDLEWARE_PATHS)
        self.assertEqual({status for _, _, status, _, _ in by_manifest}, {200})
        chain = [value for name, value in by_manifest[0][3] if name == "x-chain"]
        self.assertEqual(chain, [str(at) for at in range(depth)])
        self.assertEqual({dict(named)["x-store"] for _, path, _, named, _ in by_manifest if path == "/store"}, {"open"})
        self.assertTrue(all(body == body.upper() and body for *_, body in by_manifest))
        self.same(MIDDLEWARE_PATHS, by_manifest, MIDDLEWARE % "", make)

    def behind(self, behind, made):
        wac("plug", "--plug", behind, weft.guest("middleware-p3-rust"), "-o", made)

    def test_wac_plug(self):
        self.check(1, lambda made: self.behind(weft.guest("hello-p3-rust"), made))

    def test_wac_plug_twice(self):
        def twice(made):
            self.behind(weft.guest("hello-p3-rust"), self.folder / "once.wasm")
            self.behind(self.folder / "once.wasm", made)

        self.check(2, twice)

    def test_wac_compose(self):
        script = self.folder / "composed.wac"
        script.write_text("package weft:composed;\n\nlet hello = new weft:hello { ... };\n"
                          f'let loud = new weft:loud {{ "{HANDLER}": hello["{HANDLER}"], ... }};\n\nexport loud...;\n')
        self.check(1, lambda made: wac("compose", "--dep", f"weft:hello={weft.guest('hello-p3-rust')}", "--dep",
                                       f"weft:loud={weft.guest('middleware-p3-rust')}", script, "-o", made))

    def test_wasm_tools_compose(self):
        self.check(1, lambda made: compose("--definitions", weft.guest("hello-p3-rust"), weft.guest("middleware-p3-rust"), "-o", made))
