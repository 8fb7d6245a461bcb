"""`weft call` and `weft serve-api`: exported functions called with JSON typed by their WIT, with what they are granted."""
import json
import signal
import subprocess
import threading
import time

import weft

USER = {"name": "Ada", "age": 36, "email": None, "tags": ["math", "\u00e9\n\"\\"]}
NUMBERS = {"a": -128, "b": 255, "c": -32768, "d": 65535, "e": -2147483648, "f": 4294967295, "g": -9223372036854775808,
           "h": 18446744073709551615, "i": 1.5, "j": 1e300, "k": True, "l": "\U0001F600", "m": -1, "n": 1, "o": 0.1,
           "p": -2.5, "q": 1, "r": 2}
# What a function of weft:values/echo is given and gives back.
ECHOED = [
    ("booleans", True), ("tiny", -128), ("signed64", -9223372036854775808), ("unsigned64", 18446744073709551615),
    ("single", 0.1), ("single", "NaN"), ("double", 1e300), ("double", "-Infinity"), ("letter", "\U0001F600"),
    ("text", "a\u0000\"\\\n\u00e9"), ("users", USER), ("users", {**USER, "email": "ada@example.com", "tags": []}),
    ("all-numbers", NUMBERS), ("shapes", "point"), ("shapes", {"circle": 1.5}), ("shapes", {"rect": [1, 2.5]}),
    ("shapes", {"portrait": USER}), ("colors", "dark-blue"), ("rights", ["read", "execute"]), ("rights", []),
    ("pair", ["x", 7]), ("maybe", None), ("maybe", 7), ("nested", None), ("nested", {"some": None}),
    ("nested", {"some": "x"}), ("outcome", {"ok": 7}), ("outcome", {"err": "no"}), ("bare-outcome", {"ok": None}),
    ("bare-outcome", {"err": None}), ("bytes", [0, 255]), ("bytes", []), ("matrix", [[1, 2.5], []]), ("people", [USER, USER]),
]
# Types that C has no bindings for.
RARE = """(component
  (core module $m
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "map") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
    (func (export "fixed") (param i32 i32 i32) (result i32)
      (i32.store8 (i32.const 32) (local.get 0)) (i32.store8 (i32.const 33) (local.get 1))
      (i32.store8 (i32.const 34) (local.get 2)) (i32.const 32))
    (func (export "twice") (result i32)
      (i32.store (i32.const 64) (i32.const 80)) (i32.store (i32.const 68) (i32.const 2))
      (i32.store (i32.const 80) (i32.const 0x2000)) (i32.store (i32.const 84) (i32.const 1)) (i32.store (i32.const 88) (i32.const 1))
      (i32.store (i32.const 92) (i32.const 0x2000)) (i32.store (i32.const 96) (i32.const 1)) (i32.store (i32.const 100) (i32.const 2))
      (i32.store8 (i32.const 0x2000) (i32.const 107)) (i32.const 64)))
  (core instance $i (instantiate $m))
  (type $map (map string u32))
  (type $fixed (list u8 3))
  (func (export "map") (param "v" $map) (result $map)
    (canon lift (core func $i "map") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "fixed") (param "v" $fixed) (result $fixed)
    (canon lift (core func $i "fixed") (memory (core memory $i "memory"))))
  (func (export "twice") (result $map)
    (canon lift (core func $i "twice") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"""


def by_name(function, value):
    return {"user" if function == "users" else "v": value}


class CallCase(weft.Case):
    def setUp(self):
        super().setUp()
        self.guest = weft.guest("values-c")
        self.env = {"WEFT_CACHE_DIR": str(weft.guests.parent / "test-run-cache")}

    def call(self, *words, file=None, **more):
        return weft.run("call", file or self.guest, *words, env=self.env, **more)

    def result(self, *words, **more):
        done = self.call(*words, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def fails(self, *words, code, saying, **more):
        done = self.call(*words, **more)
        self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))
        for text in [saying] if isinstance(saying, str) else saying:
            self.assertIn(text, done.stderr)
        return done

    def wat(self, text):
        path = self.folder / "text.wasm"
        subprocess.run([weft.tool("wasm-tools"), "parse", "-o", path, "-"], input=text, text=True, check=True)
        return path


class Call(CallCase):
    def test_every_kind_of_value_comes_back_as_it_was(self):
        for name, value in ECHOED:
            with self.subTest(name, value=value):
                self.assertEqual(json.loads(self.result(f"echo#{name}", json.dumps(by_name(name, value)))), value)
                self.assertEqual(json.loads(self.result(f"echo#{name}", json.dumps(value))), value)

    def test_maps_and_lists_of_fixed_length_too(self):
        rare = self.wat(RARE)
        for name, text in [("map", '{"a":1,"b":2}'), ("map", "{}"), ("fixed", "[1,2,3]")]:
            self.assertEqual(self.result(name, text, file=rare), text + "\n")
        self.assertEqual(self.result("fixed", '{"base64": "AQID"}', file=rare), "[1,2,3]\n")
        self.assertEqual(self.result("twice", file=rare), '[["k",1],["k",2]]\n', "as an object it would lose one")
        self.fails("fixed", "[1,2]", file=rare, code=2, saying="$.v: expected 3 elements, found 2")

    def test_a_function_is_named_as_far_as_it_is_clear(self):
        for name in ("greet", "weft:values/echo@1.2.0#text", "weft:values/echo#text", "echo#text", "text"):
            self.assertIn("x", self.result(name, '"x"'))
        self.fails("divide", "[1, 2]", code=2, saying="weft:values/behave@1.2.0#divide, weft:values/later@1.2.0#divide")
        self.fails("gret", '"x"', code=2, saying="did you mean `greet`?")
        self.fails("echo#txet", '"x"', code=2, saying="did you mean `echo#text`?")
        self.fails(code=2, saying="--list")

    def test_arguments_are_values_in_order_or_all_in_one(self):
        said = '"Ada, 36, 2 tags!, 3 times"\n'
        user = json.dumps(USER)
        self.assertEqual(self.result("describe", user, "true", "3"), said)
        self.assertEqual(self.result("describe", f"[{user}, true, 3]"), said)
        self.assertEqual(self.result("describe", f'{{"loud": true, "times": 3, "user": {user}}}'), said)
        self.assertEqual(self.result("describe", f'{{"loud": false, "user": {user}}}'), '"Ada, 36, 2 tags, 1 times"\n')
        self.assertEqual(self.result("describe", "-", input=f"[{user}, true, 3]"), said)
        self.assertEqual(self.result("describe", "-", "true", "3", input=user), said)
        self.assertEqual(self.result("tiny", "-5"), "-5\n", "no option")
        self.assertEqual(self.result("count"), "0\n")

    def test_a_mistake_names_its_place_the_type_and_what_would_be_right(self):
        self.fails("users", '{"user": {"name": 3, "age": 1, "tags": []}}', code=2, saying=[
            "Error: $.user.name: expected a string, found 3\n", "weft:values/echo@1.2.0#users: func(user: user) -> user"])
        self.fails("users", '{"nmae": "x"}', code=2, saying="$.user.nmae: there is no such field; did you mean `name`?")
        self.fails("describe", '{"lout": true}', code=2, saying="$.lout: there is no such parameter; did you mean `loud`?")
        self.fails("describe", "1", "2", code=2, saying="expected 3 arguments, found 2")
        self.fails("text", "Ada", code=2, saying=["argument is not JSON: line 1, column 1", "text has quotes in JSON: '\"Ada\"'"])
        self.fails("colors", '"rad"', code=2, saying="did you mean `red`?")
        self.fails("text", '"\\ud800"', code=2, saying="not JSON")
        self.fails("bytes", "-", input="[" * 1_000_000, code=2, saying="nested more than 256 deep")
        self.fails("unsigned64", "99999999999999999999999", code=2, saying="expected u64")
        self.fails("text", "-", "-", input='"x"', code=2, saying="- stands twice")

    def test_options_that_there_are_not_are_refused_and_help_has_examples(self):
        self.fails("greet", '"x"', "--tiemout", "5", code=2, saying="there is no option --tiemout")
        done = weft.run("call", "--help")
        self.assertEqual(done.returncode, 0)
        for text in ("Examples:", "weft call calc.wasm add 2 3", "Exit codes:", "--allow-outbound-hosts"):
            self.assertIn(text, done.stdout)

    def test_asynchronous_functions_are_called_likewise(self):
        self.assertEqual(self.result("later#double", "21"), "42\n")
        self.assertEqual(self.result("later#divide", '{"a": 7, "b": 2}'), '{"ok":3}\n')
        self.assertEqual(self.result("later#divide", "[7, 0]"), '{"err":"division by zero"}\n')

    def test_an_error_it_returns_is_a_result_and_a_failure_only_when_asked(self):
        self.assertEqual(self.result("behave#divide", "7", "0"), '{"err":"division by zero"}\n')
        done = self.call("--fail", "behave#divide", "7", "0")
        self.assertEqual((done.returncode, done.stdout), (1, '{"err":"division by zero"}\n'))
        self.assertEqual(self.call("--fail", "behave#divide", "7", "2").returncode, 0)

    def test_a_trap_and_a_limit_fail_with_their_reason(self):
        self.fails("crash", code=1, saying=["weft:values/behave@1.2.0#crash", "unreachable"])
        self.fails("--timeout", "0.3", "spin", code=1, saying="the time limit is over")
        self.fails("--max-memory", "4MiB", "take", "100000000", code=1, saying="unreachable")
        self.assertEqual(self.result("take", "1000000"), "1000000\n")

    def test_what_it_prints_is_not_the_result(self):
        done = self.call("behave#print", '"a line"')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", "a line\n"))

    def test_nothing_is_granted_that_is_not_named(self):
        (self.folder / "note").write_text("some text")
        self.assertEqual(self.result("read-file", '"/data/note"'), '{"err":"cannot be opened"}\n')
        granted = self.result("--dir", f"{self.folder}::/data:ro", "read-file", '"/data/note"')
        self.assertEqual(granted, '{"ok":"some text"}\n')
        self.assertEqual(self.result("variable", '"HOME"'), "null\n")
        self.assertEqual(self.result("variable", '"MODE"', "--env", "MODE=fast"), '"fast"\n')

    def test_bytes_may_be_text(self):
        self.assertEqual(self.result("--bytes", "base64", "bytes", "[104, 105]"), '{"base64":"aGk="}\n')
        self.assertEqual(self.result("bytes", '{"base64": "aGk="}'), "[104,105]\n")

    def test_what_there_is_to_call_is_listed_as_wit(self):
        lines = self.result("--list").splitlines()
        self.assertIn("greet: func(name: string) -> string", lines)
        self.assertIn("weft:values/echo@1.2.0#users: func(user: user) -> user", lines)
        self.assertIn("weft:values/later@1.2.0#double: async func(n: u32) -> u32", lines)
        self.assertTrue(any("objects@1.2.0#make" in line and "not with JSON: its result has a resource" in line
                            for line in lines))
        listed = {each["function"]: each for each in json.loads(self.result("--list", "--json"))}
        self.assertEqual(listed["weft:values/echo@1.2.0#pair"]["params"], [{"name": "v", "type": "tuple<string, u32>"}])
        self.assertIn("name: string", listed["weft:values/echo@1.2.0#users"]["result"])
        self.assertIn("refused", listed["weft:values/objects@1.2.0#[method]counter.next"])

    def test_resources_are_refused_by_name(self):
        self.fails("objects#make", "1", code=1, saying=["objects@1.2.0#make: its result has a resource", "not yet"])
        self.fails("total", "[]", code=1, saying="its parameter of has a resource")

    def test_what_is_no_component_is_told_so(self):
        (self.folder / "spin.toml").write_text("")
        self.fails("f", file=self.folder / "spin.toml", code=1, saying="is an application")
        (self.folder / "text.wasm").write_text("no component")
        self.fails("f", file=self.folder / "text.wasm", code=1, saying="text.wasm")
        self.fails("f", file=self.folder / "absent.wasm", code=1, saying="absent.wasm")
        self.fails("--list", file=self.folder / "absent.wasm", code=1, saying="absent.wasm")


class Api(CallCase):
    def serve(self, *options, file=None):
        return weft.Up("--no-access-log", "--threads", "2", *options, file or self.guest, env=self.env, command="serve-api")

    def post(self, up, path, body=None, headers=None, status=200):
        got, fields, text = up.request("POST", path, body=body, headers=headers)
        self.assertEqual(got, status, (path, text))
        return json.loads(text) if text else None

    def test_every_kind_of_value_comes_back_as_it_was(self):
        with self.serve() as up:
            for name, value in ECHOED:
                with self.subTest(name, value=value):
                    self.assertEqual(self.post(up, f"/weft:values/echo@1.2.0/{name}", json.dumps(by_name(name, value))), value)

    def test_functions_are_at_their_names_or_as_short_as_is_clear(self):
        with self.serve() as up:
            for path in ("/greet", "/greet?x=y"):
                self.assertEqual(self.post(up, path, '{"name": "Ada"}'), "Hello, Ada!")
            for path in ("/weft:values/echo@1.2.0/text", "/weft%3Avalues%2Fecho%401.2.0%2Ftext", "/weft:values/echo/text",
                         "/echo/text", "/text"):
                self.assertEqual(self.post(up, path, '"x"'), "x")
            self.assertEqual(self.post(up, "/count"), 0, "no arguments, no body")
            self.assertEqual(self.post(up, "/later/double", "[21]"), 42)

    def test_what_there_is_is_listed_for_programs_and_for_people(self):
        with self.serve() as up:
            status, fields, body = up.get("/")
            self.assertEqual((status, fields["content-type"]), (200, "application/json"))
            listed = {each["path"]: each for each in json.loads(body)["functions"]}
            self.assertEqual(listed["/weft:values/echo@1.2.0/users"]["wit"], "func(user: user) -> user")
            status, fields, body = up.get("/", headers={"Accept": "text/html,*/*"})
            self.assertTrue(fields["content-type"].startswith("text/plain"))
            self.assertIn("POST /greet\n  func(name: string) -> string\n", body.decode())
            status, _, body = up.get("/greet")
            self.assertEqual((status, json.loads(body)["wit"]), (200, "func(name: string) -> string"))

    def test_each_mistake_has_its_status(self):
        with self.serve("--max-body-bytes", "1000") as up:
            said = self.post(up, "/users", '{"user": {"name": 3}}', status=400)
            self.assertEqual((said["path"], said["function"]), ("$.user.name", "weft:values/echo@1.2.0#users"))
            self.assertIn("expected a string, found 3", said["error"])
            self.assertIn("not JSON", self.post(up, "/users", '{"user"', status=400)["error"])
            said = self.post(up, "/nothing", "1", status=404)
            self.assertIn("/greet", said["functions"])
            self.assertIn("did you mean", self.post(up, "/gret", "1", status=404)["error"])
            self.post(up, "/%zz", "1", status=404)
            self.post(up, "/", "1", status=405)
            status, fields, _ = up.request("DELETE", "/greet")
            self.assertEqual((status, fields["allow"]), (405, "GET, HEAD, POST"))
            self.post(up, "/objects/make", "1", status=501)
            self.assertEqual(up.request("POST", "/text", body=json.dumps("x" * 2000))[0], 413)
            self.post(up, "/text", '"x"', headers={"Origin": "https://example.com"}, status=403)
            self.assertEqual(self.post(up, "/text", '"x"', headers={"Origin": up.base}), "x")
            self.assertEqual(self.post(up, "/behave/divide", "[1, 0]"), {"err": "division by zero"})
            self.post(up, "/behave/print", '"x"', status=204)

    def test_a_trap_is_500_and_time_that_is_over_504_and_others_go_on(self):
        with self.serve("--cpu-limit-ms", "200") as up:
            said = self.post(up, "/crash", status=500)["error"]
            self.assertIn("weft:values/behave@1.2.0#crash did not return: wasm trap: wasm `unreachable`", said)
            self.assertNotIn("backtrace", said, "that is for who runs it")
            up.wait_for_error("wasm backtrace")
            self.assertIn("did not return: the CPU time limit", self.post(up, "/spin", status=504)["error"])
            up.wait_for_error("the CPU time limit")
            self.assertEqual(self.post(up, "/text", '"x"'), "x")

    def test_each_call_has_an_instance_of_its_own(self):
        with self.serve() as up:
            for _ in range(5):
                self.assertEqual(self.post(up, "/calls"), 1)

    def test_many_clients_are_served_at_once(self):
        with self.serve() as up:
            wrong = []

            def ask(i):
                for j in range(25):
                    if self.post(up, "/pair", json.dumps([str(i), j])) != [str(i), j]:
                        wrong.append((i, j))
            threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_a_body_that_stops_is_for_nobody(self):
        with self.serve() as up:
            for _ in range(20):
                with up.connect() as s:
                    s.sendall(b"POST /text HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n\"x")
            self.assertEqual(self.post(up, "/text", '"x"'), "x")

    def test_open_calls_finish_after_sigterm(self):
        with self.serve() as up:
            with up.connect() as s:
                s.sendall(b"POST /text HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\n\"x")
                time.sleep(0.2)
                up.process.send_signal(signal.SIGTERM)
                time.sleep(0.2)
                s.sendall(b'"')
                received = b""
                while chunk := s.recv(4096):
                    received += chunk
            self.assertIn(b"200 OK", received)
            self.assertTrue(received.endswith(b'"x"\n'))
            self.assertEqual(up.process.wait(10), 0)

    def test_a_manifest_gives_the_route_and_the_grants(self):
        (self.folder / "data").mkdir()
        (self.folder / "data/note").write_text("some text")
        (self.folder / "spin.toml").write_text(f"""spin_manifest_version = 2
[application]
name = "it"
[[trigger.http]]
route = "/api/..."
component = "values"
[component.values]
source = "{self.guest}"
environment = {{ MODE = "fast" }}
files = [{{ source = "data", destination = "/data" }}]
""")
        with self.serve("-f", file=self.folder / "spin.toml") as up:
            self.assertEqual(self.post(up, "/api/behave/variable", '"MODE"'), "fast")
            self.assertEqual(self.post(up, "/api/behave/read-file", '"/data/note"'), {"ok": "some text"})
            self.assertEqual(up.get("/api")[0], 200)
            self.assertEqual(up.request("POST", "/behave/variable", body='"MODE"')[0], 404)

    def test_middleware_stands_in_front_of_handlers_only(self):
        self.manifest(f"""spin_manifest_version = 2
[application]
name = "it"
[[trigger.http]]
route = "/..."
component = "values"
dependencies.middleware = [{{ path = "loud.wasm" }}]
[component.values]
source = "{self.guest}"
""", loud="middleware-p3-rust")
        with self.serve("-f", file=self.folder / "spin.toml") as up:
            self.assertEqual(self.post(up, "/text", '"x"'), "x")

    def test_a_component_without_functions_is_refused(self):
        done = weft.run("serve-api", self.wat("(component)"), env=self.env)
        self.assertEqual(done.returncode, 1)
        self.assertIn("exports no functions", done.stderr)
