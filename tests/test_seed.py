"""The founding text's samples as they are printed (tests/seed/*.toml), and its commands under the names it gives them."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

import test_metrics
import weft
from test_new import cache, debian, files_of

SOURCE = re.compile(r'^source = "(.*)"$', re.M)


class Seed(weft.Case):
    def sample(self, name, guest, change=None):
        """The sample as spin.toml, changed by nothing or by `change`, with a guest where it expects its component."""
        text = (weft.root / f"tests/seed/{name}.toml").read_text()
        text = change(text) if change else text
        (self.folder / "spin.toml").write_text(text)
        self.place(guest)
        return text

    def place(self, guest):
        wasm = self.folder / SOURCE.search((self.folder / "spin.toml").read_text()).group(1)
        wasm.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(weft.guest(guest), wasm)

    def up(self, *args, **more):
        up = weft.Up("-f", self.folder, *args, **{"cwd": self.folder, **more})
        self.addCleanup(up.__exit__)
        return up

    def refused(self, *parts):
        done = weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1, done.stdout)
        for part in parts:
            self.assertIn(part, done.stderr)


class Greeting(Seed):
    def test_the_manifest_is_served_verbatim_and_the_service_greets(self):
        self.sample("greeting", "greeting")
        up = self.up()
        self.assertNotIn("arning", up.error_text())
        self.assertIn(f"  greeting: {up.base}/api/greet\n", up.lines)
        info = json.loads(up.get("/.well-known/spin/info")[2])
        self.assertEqual((info["name"], info["version"]), ("greeting-service", "0.1.0"))
        status, headers, body = up.request("POST", "/api/greet", body=b'{"name": "Ada"}')
        self.assertEqual((status, headers["content-type"]), (200, "application/json"))
        answer = json.loads(body)
        self.assertEqual((list(answer), answer["message"]), (["message", "timestamp"], "Hello, Ada!"))
        self.assertLess(abs(answer["timestamp"] - time.time()), 60)
        self.assertEqual(up.get("/api/greet/more")[0], 404, "the route is exact")

    def test_what_is_no_greeting_is_an_error_of_the_component(self):
        self.sample("greeting", "greeting")
        up = self.up()
        for body in (b"", b"[]", b'{"nam": "Ada"}', b'{"name": 1}'):
            self.assertEqual(up.request("POST", "/api/greet", body=body)[0], 500, body)
        self.assertEqual(up.request("POST", "/api/greet", body=b'{"name": "Bob"}')[0], 200)

    def test_an_empty_list_of_hosts_reaches_nobody(self):
        # Elsewhere the guest has nothing to fetch.
        self.sample("greeting", "variables-rust", lambda text: text.replace("/api/greet", "/..."))
        up = self.up()
        for authority in (f"127.0.0.1:{up.port}", "example.com"):
            self.assertIn(b"HttpRequestDenied", up.get(f"/fetch?authority={authority}")[2], authority)
        up.wait_for_error("allowed_outbound_hosts")


class Observability(Seed):
    def test_it_is_served_verbatim_with_a_warning_for_the_version_and_one_for_what_is_not_sent(self):
        self.sample("observability", "echo-rust")
        up = self.up()
        info = json.loads(up.get("/.well-known/spin/info")[2])
        self.assertEqual((info["name"], info["version"]), ("production-app", "1.0.0"))
        status, headers, _ = up.get("/api/any/path")
        self.assertEqual(status, 200)
        seen = json.loads(headers["x-request-headers"])
        self.assertEqual((seen["spin-base-path"], seen["spin-path-info"]), (["/"], ["/any/path"]))
        self.assertEqual(up.get("/elsewhere")[0], 404)
        warnings = [line for line in up.errors if "arning" in line]
        self.assertEqual(len([line for line in warnings if "version" in line]), 1, up.error_text())
        self.assertEqual(len([line for line in warnings if "spin.toml:10: application.otel: telemetry is not sent (not yet)" in line]), 1,
                         up.error_text())

    def test_its_variables_turn_the_metrics_on(self):
        self.sample("observability", "echo-rust")
        up = self.up()
        self.assertEqual(up.get("/api/x")[0], 200)
        status, headers, body = up.get("/metrics")
        self.assertEqual((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertEqual(test_metrics.metrics(body.decode())['weft_http_requests_total{component="api",route="/api/...",status="2xx"}'], 1)

    def test_a_type_that_is_not_the_tables_name_is_an_error(self):
        self.sample("observability", "echo-rust", lambda text: text.replace('type = "http"', 'type = "redis"'))
        self.refused("spin.toml:7", "type", 'write type = "http"')

    def test_a_base_that_moves_the_routes_is_an_error(self):
        self.sample("observability", "echo-rust", lambda text: text.replace('base = "/"', 'base = "/v1"'))
        self.refused("spin.toml:8", "base", "every route")

    def test_what_telemetry_does_not_know_is_an_error(self):
        for line, old, new, part in ((11, "enabled = true", 'enabled = "yes"', "enabled"), (12, "endpoint =", "endpont =", "endpont"),
                                     (12, '"http://otel', '"otel', "http://localhost:4317"), (13, '"grpc"', '"udp"', "http/protobuf"),
                                     (14, '"hello-wasm"', "1", "service_name")):
            with self.subTest(new):
                self.sample("observability", "echo-rust", lambda text: text.replace(old, new))
                self.refused(f"spin.toml:{line}", part)

    def test_telemetry_that_is_off_is_not_spoken_of(self):
        self.sample("observability", "echo-rust", lambda text: text.replace("enabled = true", "enabled = false"))
        self.assertNotIn("otel", self.up().error_text())


class Security(Seed):
    """The fragment with the lines that weft itself says are missing, and with its secrets set."""

    def setUp(self):
        super().setUp()
        self.environment = {"WEFT_SECRETS_KEY": str(self.folder / "secrets.key")}

    def complete(self, guest):
        fragment = self.sample("security", guest)
        done = weft.run("up", "-f", self.folder, cwd=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("fragment", done.stderr)
        # What follows the remedy's line, as it stands there, up to the count at the end.
        printed = re.search(r"add at the top of the file:\n(.*component = \"api\"\n)", done.stderr, re.S)
        self.assertTrue(printed, done.stderr)
        lines = "".join(line.lstrip() for line in printed.group(1).splitlines(keepends=True))
        (self.folder / "spin.toml").write_text(lines + "\n" + fragment)

    def set_secrets(self):
        for name, value in (("database-url", "s3cret-database"), ("stripe-key", "s3cret-stripe")):
            done = weft.run("secret", "set", name, cwd=self.folder, env=self.environment, input=value)
            self.assertEqual(done.returncode, 0, done.stderr)

    def serve(self, guest):
        self.complete(guest)
        self.set_secrets()
        return self.up(env=self.environment)

    def test_secrets_that_are_not_set_are_named_with_the_command(self):
        self.complete("variables-rust")
        done = weft.run("up", "-f", self.folder, cwd=self.folder, env=self.environment)
        self.assertEqual(done.returncode, 1)
        for name in ("database-url", "stripe-key"):
            self.assertIn(f"weft secret set {name}", done.stderr)

    def test_secrets_are_read_as_variables_and_are_no_environment(self):
        up = self.serve("variables-rust")
        for name, value in (("database_url", b"s3cret-database"), ("stripe_key", b"s3cret-stripe")):
            self.assertEqual(up.get(f"/variables?name={name}")[::2], (200, value))
        self.assertEqual(sorted(up.get("/environment")[2].decode().split()), ["API_VERSION=v1", "LOG_LEVEL=info"])
        self.assertEqual(up.get("/variables?name=log_level")[::2], (200, b"info"))
        self.assertNotIn("s3cret", "".join(up.lines) + up.error_text())

    def test_hosts_that_are_not_on_the_list_are_denied(self):
        up = self.serve("variables-rust")
        # The list has api.stripe.com for https.
        for authority in ("api.stripe.com", "api.stripe.com:443", "example.com", f"127.0.0.1:{up.port}"):
            self.assertIn(b"HttpRequestDenied", up.get(f"/fetch?authority={authority}")[2], authority)
        up.wait_for_error("allowed_outbound_hosts")

    def test_the_store_on_the_list_is_there_and_no_other(self):
        up = self.serve("kv-rust")
        self.assertEqual(up.request("PUT", "/spin/set?key=a", body=b"one")[0], 200)
        self.assertEqual(up.get("/spin/get?key=a")[::2], (200, b"one"))
        status, _, body = up.get("/spin/get?key=a&store=other")
        self.assertEqual((status, body), (500, b"access-denied"))

    def test_there_is_no_file_system(self):
        up = self.serve("files-rust")
        for path in ("/", "/etc/passwd", "/spin.toml", f"{self.folder}/spin.toml"):
            self.assertEqual(up.get(path)[0], 500, path)


class Commands(Seed):
    """`spin ...`, as the text writes it."""

    def setUp(self):
        super().setUp()
        self.spin = self.folder / "spin"
        os.symlink(weft.program, self.spin)

    def run_spin(self, *args, **more):
        return subprocess.run([self.spin, *args], capture_output=True, text=True, **{"timeout": 30, "cwd": self.folder, **more})

    def test_the_version_is_in_the_form_that_scripts_read(self):
        self.assertRegex(self.run_spin("--version").stdout, r"^spin \d+\.\d+\.\d+ \([0-9a-f]{7,} \d{4}-\d\d-\d\d\)")

    def test_new_asks_what_the_text_says_and_makes_what_it_lists(self):
        done = self.run_spin("new", "-t", "http-rust", "hello-wasm", input="hello-wasm\n/hello\n\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(re.findall(r"[A-Z][A-Za-z ]+:(?= )", done.stdout), ["Project name:", "HTTP path:", "HTTP scope:"])
        self.assertLessEqual({"spin.toml", "Cargo.toml", "src/lib.rs"}, files_of(self.folder / "hello-wasm"))

    def test_what_new_made_is_built_and_answers_at_its_path(self):
        made = self.run_spin("new", "-t", "http-rust", "hello-wasm", input="hello-wasm\n/hello\n\n")
        self.assertEqual(made.returncode, 0, made.stderr)
        app = self.folder / "hello-wasm"
        built = self.run_spin("build", cwd=app, timeout=600,
                              env={**os.environ, **debian, "CARGO_BUILD_BUILD_DIR": str(cache / "target-new")})
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        with weft.Up(cwd=app, within=("bash", "-c", 'exec -a spin "$@"', "bash")) as up:
            self.assertEqual(up.get("/hello")[::2], (200, b"Hello from Rust\n"))
            # The text goes on with another path than the one it gave.
            status, _, body = up.get("/api/users")
            self.assertEqual(status, 404)
            self.assertIn(b"/hello", body)

    def test_up_listens_where_the_text_asks(self):
        # Whoever has the port, weft must ask for it.
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", 3000))
            except OSError:
                pass  # another has it
            done = self.run_spin("up", weft.guest("hello-rust"))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("127.0.0.1:3000", done.stderr)


class Together(Seed):
    def test_each_component_of_an_application_has_its_own_language(self):
        guests = {"rust": b"Hello, world!\n", "c": b"Hello from C\n", "cpp": b"Hello from C++"}
        text = 'spin_manifest_version = 2\n[application]\nname = "languages"\n'
        for name in guests:
            text += f'[[trigger.http]]\nroute = "/{name}"\ncomponent = "{name}"\n[component.{name}]\nsource = "{name}.wasm"\n'
        self.manifest(text, **{name: f"hello-{name}" for name in guests})
        up = self.up()
        for name, answer in guests.items():
            status, _, body = up.get(f"/{name}")
            self.assertEqual(status, 200)
            self.assertIn(answer, body)


class Costs(test_metrics.Measured):
    def test_a_request_under_way_costs_less_than_128_kilobytes(self):
        up = self.start(test_metrics.MANIFEST.replace("/hello/...", "/..."), "--metrics-listen", "127.0.0.1:0")
        port = self.listener(up)
        sockets = []

        def resident_with(count):
            while len(sockets) < count:
                sockets.append(up.connect())
                self.addCleanup(sockets[-1].close)
                sockets[-1].sendall(b"GET /never HTTP/1.1\r\nhost: a\r\n\r\n")
            self.until(lambda: self.scrape(port).get('weft_instances_live{component="it",route="/..."}') == count)
            return up.resident_bytes()

        few = resident_with(50)
        each = (resident_with(250) - few) / 200
        self.assertLess(each, 128 << 10, f"{each / 1024:.0f} KiB each")
