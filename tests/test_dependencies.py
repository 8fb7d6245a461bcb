"""`dependencies` of a component, and `middleware` of a trigger: components that import what other components export."""
import http.client
import http.server
import json
import shutil
import subprocess
import threading
import time

import weft

HEAD = """spin_manifest_version = 2
[application]
name = "composed"
[variables]
secret_word = { default = "sesame" }
[[trigger.http]]
route = "/..."
component = "app"
[component.app]
source = "app.wasm"
files = ["note.txt"]
environment = { NAME = "dependant" }
key_value_stores = ["default"]
allowed_outbound_hosts = ["http://127.0.0.1:*"]
[component.app.variables]
word = "{{ secret_word }}"
"""
LIBRARY = '"weft:library" = { path = "lib.wasm"%s }\n'


class Dependencies(weft.Case):
    def app(self, dependencies, rest="", head=HEAD, **guests):
        self.manifest(f"{head}[component.app.dependencies]\n{dependencies}{rest}",
                      **{"app": "dependent-rust", "lib": "library-rust", **guests})
        (self.folder / "note.txt").write_text("a file")

    def up(self, *args, **more):
        up = weft.Up("-f", self.folder, "--key-value", "k=v", *args, **more)
        self.addCleanup(up.__exit__)
        return up

    def text(self, up, path):
        status, _, body = up.get(path)
        return status, body.decode()

    def refused(self, *args):
        done = weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0", *args)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr


class Served(Dependencies):
    def check(self, up):
        self.assertEqual(self.text(up, "/shout?text=hello"), (200, "HELLO"))
        self.assertEqual(self.text(up, "/words?text=one%20two%20%20three"), (200, "one\ntwo\nthree"))
        # An object of the library's, and its state.
        self.assertEqual(self.text(up, "/count?from=40"), (200, "40 41 42"))
        # Each request has instances of its own of both.
        self.assertEqual(self.text(up, "/count?from=40"), (200, "40 41 42"))

    def test_a_package_from_a_file_in_a_newer_compatible_version(self):
        self.app(LIBRARY % "")
        self.check(self.up())

    def test_interfaces_one_by_one(self):
        self.app('"weft:library/text@1.0.0" = { path = "lib.wasm" }\n'
                 '"weft:library/counters" = { path = "lib.wasm", export = "weft:library/counters@1.2.0" }\n'
                 '"weft:library/reach@1.1.0" = { path = "lib.wasm", inherit_configuration = true }\n')
        up = self.up()
        self.check(up)
        self.assertEqual(self.text(up, "/library/variable?name=word"), (200, "sesame"))

    def test_another_component_of_the_application(self):
        self.app('"weft:library" = { component = "lib" }\n', '[component.lib]\nsource = "lib.wasm"\n')
        self.check(self.up())

    def test_a_component_that_several_depend_on(self):
        self.app('"weft:library" = { component = "lib", inherit_configuration = ["variables"] }\n',
                 '[component.lib]\nsource = "lib.wasm"\n'
                 '[[trigger.http]]\nroute = "/other/..."\ncomponent = "other"\n'
                 '[component.other]\nsource = "app.wasm"\n[component.other.dependencies]\n"weft:library" = { component = "lib" }\n')
        up = self.up()
        self.check(up)
        self.assertEqual(self.text(up, "/library/variable?name=word"), (200, "sesame"))
        # What the other one's may do is another matter; its paths are not those of the route.
        self.assertEqual(self.text(up, "/other/shout?text=hello"), (500, "no such path"))

    def test_the_next_start_takes_the_plan_that_was_kept(self):
        self.app(LIBRARY % "")
        cache = self.folder / "cache"
        for _ in range(2):
            with weft.Up("-f", self.folder, "--cache-dir", cache) as up:
                self.assertEqual(self.text(up, "/shout?text=hello"), (200, "HELLO"))
                self.assertEqual(self.text(up, "/library/variable?name=word"), (500, 'Error::Undefined("word")'))
        self.assertEqual(len(list(cache.rglob("*.plan"))), 1)
        # With other grants it is another component.
        self.app(LIBRARY % ", inherit_configuration = true")
        with weft.Up("-f", self.folder, "--cache-dir", cache) as up:
            self.assertEqual(self.text(up, "/library/variable?name=word"), (200, "sesame"))
        self.assertEqual(len(list(cache.rglob("*.plan"))), 2)


class Isolation(Dependencies):
    """What a dependency reaches of what its dependant was granted."""

    ENTRIES = {
        "variables": ("/library/variable?name=word", "sesame", 'Error::Undefined("word")'),
        "key_value_stores": ("/library/value?store=default&key=k", "v", "Error::AccessDenied"),
        "files": ("/library/file?path=/note.txt", "a file", None),
        "environment": ("/library/environment", "NAME=dependant", ""),
    }

    def upstream(self):
        class Hello(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        asked = []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_port, asked

    def test_a_dependency_that_inherits_nothing_reaches_nothing(self):
        port, asked = self.upstream()
        for grants in ("", ", inherit_configuration = false", ", inherit_configuration = []"):
            with self.subTest(grants):
                self.app(LIBRARY % grants)
                with weft.Up("-f", self.folder, "--key-value", "k=v", "--env", "MORE=1") as up:
                    self.assertEqual(self.text(up, "/own/variable?name=word"), (200, "sesame"))
                    self.assertEqual(self.text(up, "/own/value?store=default&key=k"), (200, "v"))
                    for path, _, denied in self.ENTRIES.values():
                        status, text = self.text(up, path)
                        self.assertEqual(status, 500 if denied != "" else 200, text)
                        if denied is not None:
                            self.assertEqual(text, denied)
                    self.assertEqual(self.text(up, "/library/config?name=word"),
                                     (500, 'Error::Io("\\"wasi:config/store\\" is not permitted")'))
                    status, text = self.text(up, f"/library/fetch?authority=127.0.0.1:{port}")
                    self.assertEqual(status, 500)
                    self.assertIn("wasi:http/outgoing-handler\\\" is not permitted", text)
                    up.wait_for_error("denied fermyon:spin/key-value@2.0.0#[static]store.open: the dependency weft:library of component "
                                      'app does not inherit it; to allow it: inherit_configuration = ["key_value_stores"]')
                    # What gives nothing away it has.
                    self.assertEqual(self.text(up, "/library/print?text=said"), (200, "printed"))
                    up.wait_for_error("said")
        self.assertEqual(asked, [])

    def test_each_grant_is_inherited_by_its_name_alone(self):
        for grant, (path, allowed, _) in self.ENTRIES.items():
            with self.subTest(grant):
                self.app(LIBRARY % f', inherit_configuration = ["{grant}"]')
                with weft.Up("-f", self.folder, "--key-value", "k=v") as up:
                    self.assertEqual(self.text(up, path), (200, allowed))
                    for other, (path, allowed, _) in self.ENTRIES.items():
                        if other != grant:
                            self.assertNotEqual(self.text(up, path), (200, allowed), f"{other} with {grant}")

    def test_all_is_inherited_by_true_or_for_all_dependencies(self):
        port, asked = self.upstream()
        for grants, head in ((", inherit_configuration = true", HEAD),
                             ("", HEAD.replace('files =', 'dependencies_inherit_configuration = true\nfiles ='))):
            with self.subTest(grants):
                self.app(LIBRARY % grants, head=head)
                with weft.Up("-f", self.folder, "--key-value", "k=v") as up:
                    for path, allowed, _ in self.ENTRIES.values():
                        self.assertEqual(self.text(up, path), (200, allowed))
                    self.assertEqual(self.text(up, f"/library/fetch?authority=127.0.0.1:{port}"), (200, "204"))
        self.assertEqual(asked, ["/", "/"])

    def test_what_is_inherited_is_no_more_than_the_dependant_has(self):
        port, asked = self.upstream()
        self.app(LIBRARY % ", inherit_configuration = true", head=HEAD.replace("127.0.0.1:*", "10.1.2.3"))
        up = self.up()
        self.assertEqual(self.text(up, f"/library/fetch?authority=127.0.0.1:{port}"), (500, "ErrorCode::HttpRequestDenied"))
        self.assertEqual(asked, [])


class Refused(Dependencies):
    def test_an_export_that_is_missing(self):
        self.app('"weft:library" = { path = "lib.wasm" }\n', lib="hello-rust")
        said = self.refused()
        self.assertIn('spin.toml:18', said)
        self.assertIn('component.app.dependencies."weft:library"', said)
        self.assertRegex(said, r"lib\.wasm exports no weft:library/\w+@1\.0\.0, which .*app\.wasm imports")
        self.assertIn("its exports: wasi:http/incoming-handler@0.2", said)

    def test_a_name_that_is_not_imported(self):
        self.app('"weft:libary" = { path = "lib.wasm" }\n')
        self.assertRegex(self.refused(), r"app\.wasm imports nothing of the name weft:libary")

    def test_an_import_that_nobody_serves(self):
        self.app('"weft:library/text" = { path = "lib.wasm" }\n')
        said = self.refused()
        self.assertIn("needs weft:library@1.0.0 with counters, reach, which weft does not know", said)

    def test_types_that_differ_are_said_both(self):
        self.component("export weft:library/text@1.0.0; export weft:library/counters@1.0.0; export weft:library/reach@1.0.0;",
                       (weft.root / "guests/dependent-rust/wit/dependent.wit").read_text().split("/// What", 1)[1]
                       .split("\n", 1)[1].replace("next: func() -> u32", "next: func() -> u64"))
        self.app('"weft:library" = { path = "component.wasm" }\n')
        said = self.refused()
        self.assertIn("spin.toml:18", said)
        self.assertRegex(said, r"component\.wasm exports another weft:library/counters@1\.0\.0#\[method\]counter\.next than .*app\.wasm imports")
        self.assertRegex(said, r"imported: func\(.*\) -> u32")
        self.assertRegex(said, r"exported: func\(.*\) -> u64")

    def test_a_file_that_is_not_there_and_one_that_is_no_component(self):
        self.app(LIBRARY % "")
        (self.folder / "lib.wasm").unlink()
        said = self.refused()
        self.assertIn("spin.toml:18", said)
        self.assertIn("lib.wasm", said)
        (self.folder / "lib.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.assertIn("lib.wasm exports no", self.refused())
        (self.folder / "lib.wasm").write_bytes(b"nothing of the kind")
        self.assertRegex(self.refused(), r"lib\.wasm: offset 0x0")

    def test_a_registry_is_refused_by_name(self):
        self.app('"weft:library" = "1.2.0"\n')
        self.assertIn("spin.toml:18: dependency weft:library of component app comes from a registry (not yet)", self.refused())

    def test_a_component_with_grants_of_its_own_and_itself(self):
        self.app('"weft:library" = { component = "app" }\n')
        self.assertIn("the component `app` depends on itself", self.refused())
        self.app('"weft:library" = { component = "lib" }\n',
                 '[component.lib]\nsource = "lib.wasm"\nkey_value_stores = ["default"]\n')
        self.assertIn("the component `lib` has grants of its own", self.refused())


class Tools(Dependencies):
    def test_inspect_shows_what_serves_an_import_and_what_is_denied(self):
        self.app(LIBRARY % ', inherit_configuration = ["files"]')
        done = weft.run("inspect", self.folder, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)[0]
        self.assertTrue(report["runs"], report["lacks"])
        folder = self.folder
        self.assertEqual(sorted(report["links"]),
                         [f"weft:library/{name}@1.0.0 of {folder}/app.wasm: weft:library/{name}@1.2.0 of {folder}/lib.wasm"
                          for name in ("counters", "reach", "text")])
        states = {item["name"]: item["state"] for item in report["imports"]}
        self.assertFalse([name for name in states if name.startswith("weft:")])
        self.assertEqual(states["wasi:config/store@0.2.0-draft-2024-09-27"], "denied")
        # The dependant imports it too, and may.
        self.assertEqual(states["fermyon:spin/key-value@2.0.0"], "offered")
        self.assertTrue([name for name in report["exports"] if name.startswith("wasi:http/incoming-handler@")])
        text = weft.run("inspect", self.folder).stdout
        self.assertIn("Served by other components", text)
        self.assertIn("denied: not inherited", text)

    def test_watch_serves_a_dependency_that_changed(self):
        self.app(LIBRARY % "")
        up = self.up(command="watch")
        self.assertEqual(self.text(up, "/library/variable?name=word"), (500, 'Error::Undefined("word")'))

        def served(count):
            deadline = time.monotonic() + 20
            while "".join(up.lines).count("Serving the new version") < count:
                self.assertLess(time.monotonic(), deadline, "".join(up.lines + up.errors))
                time.sleep(0.01)

        # Grants are part of what is served, though no file of a component changed.
        self.app(LIBRARY % ", inherit_configuration = true")
        served(1)
        self.assertEqual(self.text(up, "/library/variable?name=word"), (200, "sesame"))
        good = (self.folder / "lib.wasm").read_bytes()
        (self.folder / "lib.wasm").write_bytes(b"broken")
        up.wait_for_line("The version from before is still served")
        up.wait_for_error("lib.wasm")
        self.assertEqual(self.text(up, "/shout?text=hello"), (200, "HELLO"))
        (self.folder / "lib.wasm").write_bytes(good)
        served(2)
        self.assertEqual(self.text(up, "/shout?text=hello"), (200, "HELLO"))

    def test_build_builds_dependencies_before_and_watch_again(self):
        self.app('"weft:library" = { component = "lib" }\n',
                 '[component.app.build]\ncommand = "test -e out.wasm"\n'
                 '[component.lib]\nsource = "out.wasm"\n[component.lib.build]\ncommand = "cp lib.wasm out.wasm"\n')
        self.assertRegex(self.refused(), "build it first: cp lib.wasm out.wasm")
        done = weft.run("build", "-f", self.folder, "-c", "app")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.text(self.up(), "/shout?text=hello"), (200, "HELLO"))


MIDDLEWARE = """spin_manifest_version = 2
[application]
name = "middleware"
[[trigger.http]]
route = "/..."
component = "app"
dependencies.middleware = [%s]
[component.app]
source = "app.wasm"
key_value_stores = ["default"]
[component.loud]
source = "loud.wasm"
"""


class Middleware(Dependencies):
    def start(self, middleware, app="echo-p3-rust", rest="", **more):
        self.manifest(MIDDLEWARE % middleware + rest, app=app, loud="middleware-p3-rust")
        return self.up(**more)

    def test_a_chain_is_passed_in_order(self):
        up = self.start('{ component = "loud" }, { path = "loud.wasm" }, { component = "loud" }')
        status, headers, body = up.request("POST", "/", body="some text")
        self.assertEqual((status, body), (200, b"SOME TEXT"))
        # The outermost found 0, and adds its field last.
        self.assertEqual(headers.get_all("x-chain"), ["2", "1", "0"])

    def test_a_body_streams_through_in_bounded_memory(self):
        up = self.start('{ component = "loud" }, { component = "loud" }')
        up.request("POST", "/", body=b"x" * 1000)
        before = up.resident_bytes()
        body = b"abcdefgh" * (2 << 20)
        with up.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body))
            sender = threading.Thread(target=connection.sendall, args=(body,))
            sender.start()
            with http.client.HTTPResponse(connection) as response:
                response.begin()
                self.assertEqual((response.status, response.read() == body.upper()), (200, True))
            sender.join()
        self.assertLess(up.resident_bytes() - before, 24 << 20)

    def test_a_slow_answer_is_passed_on_as_it_comes(self):
        up = self.start('{ component = "loud" }')
        with up.connect() as connection:
            connection.sendall(b"GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            with http.client.HTTPResponse(connection) as response:
                response.begin()
                first = response.readline()
                began = time.monotonic()
                rest = response.read()
        self.assertEqual(first, first.upper())
        self.assertGreater(time.monotonic() - began, 0.1)
        self.assertEqual(len(rest.splitlines()), 4)

    def test_a_fault_behind_it_ends_the_request(self):
        up = self.start('{ component = "loud" }')
        self.assertEqual(up.get("/trap")[0], 500)
        self.assertEqual(up.get("/no-response")[0], 500)
        self.assertEqual(up.get("/unread")[::2], (200, b"UNREAD\n"))

    def test_grants_are_the_components_and_inherited_by_name(self):
        up = self.start('{ component = "loud" }, { component = "loud", inherit_configuration = ["key_value_stores"] }')
        headers = up.get("/store")[1]
        self.assertRegex(" ".join(headers.get_all("x-store")), r"^open \S*AccessDenied$")
        up.wait_for_error("denied spin:key-value/key-value@3.0.0#[static]store.open: middleware 0 of component app does not inherit it")

    def test_a_component_of_two_triggers_has_it_for_one_of_them(self):
        up = self.start('{ component = "loud" }', rest='[[trigger.http]]\nroute = "/unread"\ncomponent = "app"\n')
        self.assertEqual(up.get("/dropped")[2], b"DROPPED\n")
        self.assertEqual(up.get("/unread")[2], b"unread\n")

    def test_in_front_of_a_component_with_dependencies_or_of_another_version(self):
        self.manifest(MIDDLEWARE % '{ component = "loud" }', app="hello-p3-rc-rust", loud="middleware-p3-rust")
        self.assertRegex(self.refused(), r"loud\.wasm calls wasi:http/handler@0\.3\.\d, and .*app\.wasm exports wasi:http/handler@0\.3\.0-rc-2026-03-15")
        self.manifest(MIDDLEWARE % '{ component = "loud" }', app="hello-rust", loud="middleware-p3-rust")
        said = self.refused()
        self.assertIn("spin.toml:7", said)
        self.assertRegex(said, r"app\.wasm does not export wasi:http/handler, which middleware calls")
        self.manifest(MIDDLEWARE % '{ component = "loud" }', app="echo-p3-rust", loud="hello-p3-rust")
        self.assertRegex(self.refused(), r"loud\.wasm is no middleware: it must import and export wasi:http/handler")

    def test_alone_it_is_refused_with_what_it_needs(self):
        done = weft.run("up", weft.guest("middleware-p3-rust"), "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs wasi:http/handler@0.3", done.stderr)
        self.assertIn("dependencies.middleware", done.stderr)


# Memory that is given out and never taken back.
MEMORY = """
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param $old i32) (param i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
"""
# Answers for one version of wasi:config what the host answers for another.
WRAPPER = """(module
  (import "wasi:config/store@0.2.0-draft-2024-09-27" "get" (func $get (param i32 i32 i32)))
  (import "wasi:config/store@0.2.0-draft-2024-09-27" "get-all" (func $all (param i32)))
  (func (export "wasi:config/store@0.2.0-rc.1#get") (param i32 i32) (result i32)
    (call $get (local.get 0) (local.get 1) (i32.const 1024)) (i32.const 1024))
  (func (export "wasi:config/store@0.2.0-rc.1#get-all") (result i32) (call $all (i32.const 1024)) (i32.const 1024))""" + MEMORY + ")"
# Adds 1 to the status of what stands behind it.
COUNTER = """(module
  (import "wasi:http/handler@0.3.2" "handle" (func $next (param i32 i32)))
  (import "wasi:http/types@0.3.2" "[method]response.get-status-code" (func $get (param i32) (result i32)))
  (import "wasi:http/types@0.3.2" "[method]response.set-status-code" (func $set (param i32 i32) (result i32)))
  (func (export "wasi:http/handler@0.3.2#handle") (param $request i32) (result i32)
    (call $next (local.get $request) (i32.const 1024))
    (if (i32.eqz (i32.load8_u (i32.const 1024))) (then
      (drop (call $set (i32.load (i32.const 1032)) (i32.add (call $get (i32.load (i32.const 1032))) (i32.const 1))))))
    (i32.const 1024))""" + MEMORY + ")"


class Small(Dependencies):
    """Components that are written here, around guests that the other tests have too."""

    def written(self, name, core, world, packages):
        """A component of a core module's text and a world; `packages` are WIT files."""
        wit = self.folder / f"{name}-wit"
        (wit / "deps").mkdir(parents=True)
        (wit / "world.wit").write_text(f"package test:it;\nworld it {{ {world} }}\n")
        for package in packages:
            shutil.copy(package, wit / "deps")
        (self.folder / f"{name}.wat").write_text(core)
        out = self.folder / f"{name}.wasm"
        for args in (["embed", wit, "--world", "it", self.folder / f"{name}.wat"], ["new", out]):
            subprocess.run([weft.tool("wasm-tools"), "component", *args, "-o", out], check=True)

    def wrapped(self, dependency):
        text = (weft.root / "guests/variables-rust/wit/all.wit").read_text()
        packages = self.folder / "config.wit"
        packages.write_text("package test:config;\n" + text[text.index("package wasi:config@0.2.0-draft"):])
        self.written("wrapper", WRAPPER, "import wasi:config/store@0.2.0-draft-2024-09-27; export wasi:config/store@0.2.0-rc.1;",
                     [packages])
        self.manifest("""spin_manifest_version = 2
[application]
name = "wrapped"
[[trigger.http]]
route = "/..."
component = "app"
[component.app]
source = "app.wasm"
[component.app.variables]
plain = "as it is"
[component.app.dependencies]
%s
""" % dependency, app="variables-rust")

    def test_an_interface_of_the_host_is_wrapped_with_what_is_inherited(self):
        self.wrapped('"wasi:config/store@0.2.0-rc.1" = { path = "wrapper.wasm", inherit_configuration = ["variables"] }')
        up = self.up()
        self.assertEqual(self.text(up, "/rc1?name=plain"), (200, "as it is"))
        self.assertEqual(self.text(up, "/rc1?name=absent"), (404, "none"))

    def test_a_wrapper_that_does_not_inherit_is_denied_and_its_dependant_is_not(self):
        self.wrapped('"wasi:config/store@0.2.0-rc.1" = { path = "wrapper.wasm", inherit_configuration = ["files"] }')
        up = self.up()
        self.assertEqual(self.text(up, "/rc1?name=plain"), (404, 'Error::Io("\\"wasi:config/store\\" is not permitted")'))
        self.assertEqual(self.text(up, "/config?name=plain"), (200, "as it is"))
        up.wait_for_error("denied wasi:config/store@0.2.0-draft-2024-09-27#get: the dependency wasi:config/store@0.2.0-rc.1 of component "
                          'app does not inherit it; to allow it: inherit_configuration = ["variables"]')

    def counters(self, n, app="hello-p3-c"):
        self.written("count", COUNTER, "import wasi:http/types@0.3.2; import wasi:http/handler@0.3.2; export wasi:http/handler@0.3.2;",
                     sorted((weft.root / "wit/wasi-0.3.2/deps").glob("*.wit")))
        chain = ", ".join(['{ path = "count.wasm" }'] * n)
        self.manifest(f"""spin_manifest_version = 2
[application]
name = "counted"
[[trigger.http]]
route = "/..."
component = "app"
dependencies.middleware = [{chain}]
[component.app]
source = "app.wasm"
""", app=app)

    def test_each_of_a_chain_is_called_once(self):
        self.counters(10)
        up = self.up()
        for _ in range(3):
            self.assertEqual(up.get("/")[::2], (210, b"Hello from C, WASI 0.3\n"))

    def test_the_longest_chain_is_served(self):
        self.counters(31)
        up = self.up()
        for _ in range(2):
            self.assertEqual(up.get("/")[::2], (231, b"Hello from C, WASI 0.3\n"))

    def test_more_than_there_may_be_is_refused(self):
        self.counters(32)
        self.assertIn("component app is composed of more than 32 components", self.refused())

    def test_a_body_passes_by(self):
        self.counters(3, "echo-p3-rust")
        up = self.up()
        body = bytes(range(256)) * 4096
        self.assertEqual(up.request("POST", "/", body=body)[::2], (203, body))
