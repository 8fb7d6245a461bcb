"""Key-value stores: every interface that guests have, the grant, what survives, and the limits."""
import concurrent.futures
import http.client
import signal
import sqlite3
import threading
import time
import urllib.parse

import test_outbound as outbound
import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "kv"
[[trigger.http]]
route = "/..."
component = "kv"
[component.kv]
source = "kv.wasm"
key_value_stores = ["default"]
[[trigger.http]]
route = "/spin3/..."
component = "kv3"
[component.kv3]
source = "kv3.wasm"
key_value_stores = ["default"]
"""
GUESTS = {"kv": "kv-rust", "kv3": "spin-p3-rust"}

# Of the component `kv3` is what is asynchronous: spin:key-value@3.0.0.
INTERFACES = ("spin", "wasi", "spin1", "spin3")


class KeyValue(weft.Case):
    def start(self, *args, manifest=MANIFEST, **more):
        up = weft.Up("-f", self.manifest(manifest, **GUESTS), *args, **more)
        self.addCleanup(up.__exit__)
        return up

    def call(self, up, path, body=None, status=200, **parameters):
        """The text of an answer with that status."""
        query = urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)
        got, _, answer = up.request("PUT" if body is not None else "GET", f"{path}?{query}", body=body)
        self.assertEqual(got, status, answer)
        return answer.decode()

    def database(self):
        return self.folder / ".spin/sqlite_key_value.db"

    # ---- the interfaces ----

    def test_values_are_set_read_listed_and_deleted_through_every_interface(self):
        up = self.start()
        for of in INTERFACES:
            with self.subTest(of):
                self.assertEqual(self.call(up, f"/{of}/get", key="a", status=404), "none")
                self.assertEqual(self.call(up, f"/{of}/exists", key="a"), "false")
                self.call(up, f"/{of}/set", body=b"one", key="a")
                self.assertEqual(self.call(up, f"/{of}/get", key="a"), "one")
                self.call(up, f"/{of}/set", body=b"", key="a")
                self.assertEqual(self.call(up, f"/{of}/get", key="a"), "")
                self.assertEqual(self.call(up, f"/{of}/exists", key="a"), "true")
                self.call(up, f"/{of}/set", body=b"x", key="b c/ä")
                self.assertEqual(self.call(up, f"/{of}/keys"), "a\nb c/ä")
                self.call(up, f"/{of}/delete", key="a")
                self.call(up, f"/{of}/delete", key="a")
                self.call(up, f"/{of}/delete", key="b c/ä")
                self.assertEqual(self.call(up, f"/{of}/keys"), "")

    def test_what_one_interface_sets_the_others_read(self):
        up = self.start()
        self.call(up, "/spin/set", body=b"shared", key="k")
        self.assertEqual([self.call(up, f"/{of}/get", key="k") for of in INTERFACES], ["shared"] * len(INTERFACES))

    def test_a_spin_1_store_that_was_closed_is_invalid(self):
        self.assertEqual(self.call(self.start(), "/spin1/closed", key="k", status=500), "invalid-store")

    def test_batches_and_counters(self):
        up = self.start()
        self.assertEqual(self.call(up, "/wasi/many", n=500), "500 500 1")
        self.assertEqual(self.call(up, "/wasi/keys"), "")
        self.assertEqual(self.call(up, "/wasi/increment", key="n", by=10), "10")
        self.assertEqual(self.call(up, "/wasi/increment", key="n", by=-15), "-5")
        self.call(up, "/wasi/set", body=b"text", key="t")
        self.assertIn("not a counter", self.call(up, "/wasi/increment", key="t", status=500))

    def test_a_swap_fails_when_the_value_changed_meanwhile_and_hands_back_the_latest(self):
        up = self.start()
        self.assertEqual(self.call(up, "/wasi/swap", key="k", value="1"), "swapped")
        self.assertEqual(self.call(up, "/wasi/swap", key="k", value="2", meanwhile="other"), "failed: other")
        self.assertEqual(self.call(up, "/wasi/get", key="k"), "other")
        self.assertEqual(self.call(up, "/wasi/swap", key="k", value="3"), "swapped")
        self.assertEqual(self.call(up, "/wasi/swap", key="k", value="4", meanwhile="other", unread=1), "swapped")
        self.assertEqual(self.call(up, "/wasi/get", key="k"), "4")
        # Where there was none, a swap does not replace what came meanwhile.
        self.assertEqual(self.call(up, "/wasi/swap", key="new", value="5", meanwhile="6"), "failed: 6")

    def test_counts_by_compare_and_swap_are_exact_under_64_clients(self):
        up = self.start()
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(lambda _: int(self.call(up, "/wasi/count", key="n")), range(256)))
            self.assertEqual(sorted(answers), list(range(1, 257)))
            sums = list(pool.map(lambda _: int(self.call(up, "/wasi/increment", key="m")), range(256)))
            self.assertEqual(sorted(sums), list(range(1, 257)))

    # ---- other stores than the default one ----

    def config(self, text):
        file = self.folder / "site/runtime-config.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return "--runtime-config-file", file

    def redis(self, **more):
        server = weft.RedisServer(self.folder, **more)
        self.addCleanup(server.stop)
        return server

    def test_labels_stand_for_the_stores_of_the_runtime_configuration(self):
        manifest = MANIFEST.replace('["default"]', '["default", "cart", "short-lived"]')
        config = self.config("""[key_value_store.cart]
type = "spin"
path = "data/cart.db"
[key_value_store.short-lived]
type = "spin"
""")
        with self.start(*config, "--key-value", "cart:preset=7", manifest=manifest) as up:
            for store in ("default", "cart", "short-lived"):
                self.call(up, "/spin/set", body=store.encode(), key="k", store=store)
            self.assertEqual(self.call(up, "/wasi/keys", store="cart"), "k\npreset")
        up = self.start(*config, manifest=manifest)
        self.assertEqual(self.call(up, "/spin/get", key="k"), "default")
        self.assertEqual(self.call(up, "/spin/get", key="k", store="cart"), "cart")
        self.call(up, "/spin/get", key="k", store="short-lived", status=404)
        with sqlite3.connect(self.folder / "site/data/cart.db") as db:
            self.assertEqual(db.execute("SELECT store, value FROM spin_key_value WHERE key = 'k'").fetchall(), [("cart", b"cart")])
        db.close()

    def test_what_is_wrong_with_a_runtime_configuration_is_said_with_its_line(self):
        folder = self.manifest(MANIFEST, **GUESTS)
        for text, expected in (
            ('[key_value_store.default]\ntype = "redis"\nurl = "http://:secret@h"\n', "runtime-config.toml:1: key_value_store.default: the Redis URL"),
            ('[key_value_store.default]\ntype = "aws_dynamo"\n', "runtime-config.toml:1: key_value_store.default of type aws_dynamo (not yet)"),
            ('[llm_compute]\ntype = "spin"\n', "runtime-config.toml:1: llm_compute (not yet)"),
            ('[key_value_store.default]\ntype = "nothing"\n', "runtime-config.toml:2:8: error: key_value_store.default.type"),
        ):
            with self.subTest(text):
                done = weft.run("up", "-f", folder, *self.config(text))
                self.assertEqual(done.returncode, 1)
                self.assertIn(expected, done.stderr)
                self.assertNotIn("secret", done.stderr)

    def test_redis_has_the_keys_as_they_are(self):
        redis = self.redis()
        up = self.start(*self.config(f'[key_value_store.default]\ntype = "redis"\nurl = "{redis.url}"\n'))
        up.wait_for_error(f"Storing default key-value data to Redis at {redis.socket}")
        for of in INTERFACES:
            self.call(up, f"/{of}/set", body=b"one", key=f"by-{of}")
            self.assertEqual(redis.command("GET", f"by-{of}"), b"$3\r\none\r\n")
            self.assertEqual(self.call(up, f"/{of}/get", key=f"by-{of}"), "one")
        self.assertEqual(self.call(up, "/spin/keys"), "by-spin\nby-spin1\nby-spin3\nby-wasi")
        redis.command("SET", b"\xff\xfe", "not text")
        for of in INTERFACES:
            self.assertEqual(self.call(up, f"/{of}/keys"), "by-spin\nby-spin1\nby-spin3\nby-wasi")
        self.assertEqual(self.call(up, "/wasi/increment", key="n", by=41), "41")
        self.assertEqual(redis.command("INCR", "n"), b":42\r\n")
        self.assertEqual(self.call(up, "/wasi/many", n=500), "500 500 1")
        self.assertEqual(self.call(up, "/wasi/swap", key="k", value="2", meanwhile="other"), "failed: other")
        self.call(up, "/spin/fill", key="big", n=20_000_000)
        self.assertEqual(self.call(up, "/spin/length", key="big"), "20000000")
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: int(self.call(up, "/wasi/count", key="c")), range(128)))
        self.assertEqual(sorted(answers), list(range(1, 129)))
        self.assertFalse(self.database().exists())

    def test_redis_that_is_down_is_an_error_at_once_and_works_when_it_is_back(self):
        redis = self.redis()
        up = self.start(*self.config(f'[key_value_store.default]\ntype = "redis"\nurl = "{redis.url}"\n'))
        self.call(up, "/spin/set", body=b"1", key="k")
        redis.stop()
        for _ in range(5):
            began = time.monotonic()
            self.assertEqual(self.call(up, "/spin/get", key="k", status=500), "other: the store cannot be reached now")
            self.assertLess(time.monotonic() - began, 3)
        up.wait_for_error(f"key-value: Redis at {redis.socket}")
        redis.start()
        deadline = time.monotonic() + 10
        while up.get("/spin/set?key=k&value=2")[0] != 200:
            self.assertLess(time.monotonic(), deadline, "it was not found again")
        self.assertEqual(self.call(up, "/spin/get", key="k"), "2")

    def start_with_redis_over_tls(self, url, trusted=None):
        return self.start(*self.config(f'[key_value_store.default]\ntype = "redis"\nurl = "{url}"\n'),
                          env={"SSL_CERT_FILE": str(trusted)} if trusted else None)

    def test_redis_over_tls_is_used_when_its_certificate_is_trusted(self):
        certificates = outbound.Certificates()
        self.addCleanup(certificates.remove)
        redis = self.redis(tls=certificates.good)
        for host in ("127.0.0.1", "localhost"):
            up = self.start_with_redis_over_tls(f"rediss://{host}:{redis.port}", certificates.authority)
            for of in INTERFACES:
                self.call(up, f"/{of}/set", body=host.encode(), key=f"by-{of}")
                self.assertEqual(redis.command("GET", f"by-{of}"), b"$9\r\n%s\r\n" % host.encode())
                self.assertEqual(self.call(up, f"/{of}/get", key=f"by-{of}"), host)
        self.call(up, "/spin/fill", key="big", n=20_000_000)
        self.assertEqual(self.call(up, "/spin/length", key="big"), "20000000")
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: int(self.call(up, "/wasi/count", key="c")), range(128)))
        self.assertEqual(sorted(answers), list(range(1, 129)))
        redis.stop()
        self.assertEqual(self.call(up, "/spin/get", key="c", status=500), "other: the store cannot be reached now")
        redis.start()
        deadline = time.monotonic() + 10
        while up.get("/spin/get?key=c")[0] == 500:
            self.assertLess(time.monotonic(), deadline, "it was not found again")

    def test_redis_over_tls_whose_certificate_is_not_trusted_is_not_told_anything(self):
        certificates = outbound.Certificates()
        self.addCleanup(certificates.remove)
        for certificate, trusted in ((certificates.good, None), (certificates.other, certificates.authority),
                                     (certificates.expired, certificates.authority)):
            with self.subTest(certificate):
                redis = weft.RedisServer(self.folder, tls=certificate)
                self.addCleanup(redis.stop)
                up = self.start_with_redis_over_tls(f"rediss://:hush@127.0.0.1:{redis.port}", trusted)
                self.assertEqual(self.call(up, "/spin/get", key="k", status=500), "other: the store cannot be reached now")
                up.wait_for_error(f"Redis at 127.0.0.1:{redis.port}: TLS: certificate verify failed")
                self.assertNotIn("hush", up.error_text())
                self.assertNotIn(b"cmdstat_auth", redis.command("INFO", "commandstats"))
                # Who says so goes on without.
                up = self.start_with_redis_over_tls(f"rediss://127.0.0.1:{redis.port}#insecure", trusted)
                self.call(up, "/spin/set", body=b"1", key="k")
                self.assertEqual(self.call(up, "/spin/get", key="k"), "1")
                redis.stop()

    def test_redis_that_speaks_tls_and_one_that_does_not_are_not_confused(self):
        certificates = outbound.Certificates()
        self.addCleanup(certificates.remove)
        redis = self.redis(tls=certificates.good)
        up = self.start_with_redis_over_tls(f"redis://127.0.0.1:{redis.port}")
        began = time.monotonic()
        self.call(up, "/spin/get", key="k", status=500)
        self.assertLess(time.monotonic() - began, 5)

    # ---- links ----

    def test_a_label_moves_to_redis_over_tls_and_back(self):
        certificates = outbound.Certificates()
        self.addCleanup(certificates.remove)
        redis = self.redis(tls=certificates.good)
        up = self.start(env={"SSL_CERT_FILE": str(certificates.authority)})
        self.call(up, "/spin/set", key="k", body=b"moved")
        code, said = self.link("put", "default", f"rediss://localhost:{redis.port}")
        self.assertEqual(code, 0, said)
        self.assertEqual(redis.command("GET", "k"), b"$5\r\nmoved\r\n")
        self.call(up, "/spin/set", key="k", body=b"again")
        self.assertEqual(redis.command("GET", "k"), b"$5\r\nagain\r\n")
        self.assertEqual(self.link("put", "default", "configured", "--replace")[0], 0)
        redis.stop()
        self.assertEqual(self.call(up, "/spin/get", key="k"), "again")

    def link(self, *arguments):
        done = weft.run("link", *arguments, "-f", self.folder)
        return done.returncode, done.stdout + done.stderr

    def test_a_label_moves_to_redis_and_back_under_load_without_a_failed_request_or_a_lost_write(self):
        redis = self.redis()
        up = self.start()
        for i in range(50):
            self.call(up, "/spin/set", key=f"idle-{i}", body=b"x" * 1000)
        stop = threading.Event()
        answered, faults = {}, []

        def load(client):
            connection = http.client.HTTPConnection(up.host, up.port, timeout=20)
            number = 0
            while not stop.is_set():
                number += 1
                for path, expected in ((f"/spin/set?key=own-{client}&value={number}", b"done"), (f"/spin/get?key=own-{client}", b"%d" % number),
                                       (f"/spin3/set?key=three-{client}&value={number}", b"done"), (f"/spin3/get?key=three-{client}", b"%d" % number),
                                       ("/wasi/increment?key=shared&by=1", None)):
                    connection.request("GET", path)
                    response = connection.getresponse()
                    body = response.read()
                    if response.status != 200 or expected not in (None, body):
                        faults.append((path, response.status, body))
                answered[client] = number

        clients = [threading.Thread(target=load, args=(i,)) for i in range(8)]
        for client in clients:
            client.start()
        moves = []
        for target in (redis.url, "configured", redis.url, "configured"):
            before = sum(answered.values())
            moves.append(self.link("put", "default", target, "--replace"))
            deadline = time.monotonic() + 10
            while sum(answered.values()) < before + 40 and time.monotonic() < deadline:
                time.sleep(0.01)
        stop.set()
        for client in clients:
            client.join()
        self.assertEqual(faults, [])
        for code, said in moves:
            self.assertEqual(code, 0, said)
        self.assertIn("Redis at", moves[0][1])
        self.assertIn("sqlite_key_value.db", moves[1][1])
        self.assertGreater(sum(answered.values()), 160)
        for client, number in answered.items():
            self.assertEqual(self.call(up, "/spin/get", key=f"own-{client}"), str(number))
            self.assertEqual(self.call(up, "/spin3/get", key=f"three-{client}"), str(number))
        self.assertEqual(self.call(up, "/wasi/increment", key="shared", by=0), str(sum(answered.values())))
        self.assertEqual(len(self.call(up, "/spin/keys").split("\n")), 50 + 8 + 8 + 1)

    def test_a_link_outlives_a_restart_and_can_be_taken_back(self):
        redis = self.redis()
        with self.start() as up:
            self.call(up, "/spin/set", key="k", body=b"kept")
            self.assertEqual(self.link("put", "default", redis.url)[0], 0)
            self.call(up, "/spin/set", key="new", body=b"in redis")
        self.assertEqual((self.folder / ".spin/links.json").stat().st_mode & 0o777, 0o600)
        up = self.start()
        self.assertEqual(self.link("list"), (0, f"default: Redis at {redis.socket} (generation 1)\n"))
        self.assertEqual(self.call(up, "/spin/get", key="new"), "in redis")
        self.assertEqual(self.link("put", "default", "configured", "--replace")[0], 0)
        redis.stop()
        self.assertEqual(self.call(up, "/spin/keys"), "k\nnew")

    def test_a_move_that_fails_leaves_everything_as_it_was(self):
        redis = self.redis()
        up = self.start()
        self.call(up, "/spin/set", key="k", body=b"kept")
        redis.command("SET", "theirs", "1")
        code, said = self.link("put", "default", redis.url)
        self.assertEqual(code, 1)
        self.assertIn("has keys already", said)
        redis.stop()
        code, said = self.link("put", "default", redis.url, "--merge")
        self.assertEqual(code, 1)
        self.assertIn("Redis at", said)
        for arguments in (("put", "nothing", redis.url), ("put", "default", "http://h")):
            code, said = self.link(*arguments)
            self.assertEqual(code, 1, said)
        self.assertEqual(self.call(up, "/spin/get", key="k"), "kept")
        self.assertIn("sqlite_key_value.db", self.link("list")[1])

    def test_the_control_socket_is_for_its_owner_and_says_when_nobody_serves(self):
        with self.start():
            self.assertEqual((self.folder / ".spin/control.sock").stat().st_mode & 0o777, 0o600)
        self.assertFalse((self.folder / ".spin/control.sock").exists())
        code, said = self.link("list")
        self.assertEqual(code, 1)
        self.assertIn("no weft serves this application", said)

    # ---- asynchronous calls ----

    def test_tasks_of_one_instance_call_at_once(self):
        up = self.start()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            # Each request has keys of its own: what one deletes another may not miss.
            together = pool.map(lambda request: self.call(up, "/spin3/together", n=200, key=f"of-{request}"), range(4))
            self.assertEqual(list(together), ["200"] * 4)
        self.assertEqual(self.call(up, "/spin/keys"), "")

    def test_a_call_that_waits_for_the_store_holds_no_other_task(self):
        redis = self.redis()
        up = self.start(*self.config(f'[key_value_store.default]\ntype = "redis"\nurl = "{redis.url}"\n'))
        self.call(up, "/spin3/set", body=b"1", key="k")
        redis.command("CLIENT", "PAUSE", 800)
        self.assertGreaterEqual(int(self.call(up, "/spin3/beside", key="k")), 10, "it could not sleep meanwhile")

    def test_a_call_that_is_given_up_ends_and_others_go_on(self):
        redis = self.redis()
        up = self.start(*self.config(f'[key_value_store.default]\ntype = "redis"\nurl = "{redis.url}"\n'))
        self.call(up, "/spin3/set", body=b"kept", key="k")
        for _ in range(3):
            redis.command("CLIENT", "PAUSE", 200)
            self.assertEqual(self.call(up, "/spin3/left", key="k"), "kept")
            # A client that leaves ends its instance while the store still works for it.
            redis.command("CLIENT", "PAUSE", 200)
            for what in (b"get?key=k", b"set?key=k&value=kept", b"keys"):
                with up.connect() as s:
                    s.sendall(b"GET /spin3/%s HTTP/1.1\r\nhost: a\r\n\r\n" % what)
                    time.sleep(0.02)
        self.assertEqual(self.call(up, "/spin3/get", key="k"), "kept")
        self.assertEqual(self.call(up, "/spin3/keys"), "k")

    def test_a_task_may_go_on_after_its_response(self):
        up = self.start()
        self.assertEqual(self.call(up, "/spin3/unfinished", key="k", value="v"), "begun")
        deadline = time.monotonic() + 5
        while up.get("/spin/get?key=k")[2] != b"v":
            self.assertLess(time.monotonic(), deadline, "it was not set")

    def test_keys_are_a_stream_that_may_be_left(self):
        up = self.start()
        self.call(up, "/spin/set", body=b"v", key="key-0")
        with sqlite3.connect(self.database()) as db:
            db.executemany("INSERT INTO spin_key_value VALUES ('default', ?, x'00')", [(f"key-{i}",) for i in range(1, 5000)])
        db.close()
        for n in (1, 999, 1000, 1001, 2500):
            read = self.call(up, "/spin3/some-keys", n=n).split("\n")
            self.assertEqual((len(set(read)), len(read)), (n, n))
        self.assertEqual(len(self.call(up, "/spin3/some-keys", n=10000).split("\n")), 5000)

    # ---- the grant ----

    def test_a_store_that_is_not_granted_is_denied_and_the_log_says_what_to_add(self):
        up = self.start()
        for of in INTERFACES:
            self.assertEqual(self.call(up, f"/{of}/get", key="a", store="forbidden", status=500), "access-denied")
        up.wait_for_error('key_value_stores = ["default", "forbidden"] under [component.kv]')
        for of in ("spin", "spin3"):
            self.assertEqual(self.call(up, f"/{of}/open", store="forbidden"), "0: access-denied")

    def test_without_key_value_stores_nothing_is_granted_and_no_file_is_made(self):
        up = self.start(manifest=MANIFEST.replace('key_value_stores = ["default"]\n', ""))
        for of in INTERFACES:
            self.assertEqual(self.call(up, f"/{of}/get", key="a", status=500), "access-denied")
        self.assertFalse(self.database().exists())

    def test_a_label_that_stands_for_nothing_is_an_error_with_its_line(self):
        done = weft.run("up", "-f", self.manifest(MANIFEST.replace('["default"]', '["default", "cart"]'), **GUESTS))
        self.assertEqual(done.returncode, 1)
        self.assertIn("spin.toml:9", done.stderr)
        self.assertIn("component.kv.key_value_stores[1]: no key-value store has the label cart", done.stderr)
        self.assertIn("[key_value_store.cart]", done.stderr)

    # ---- limits ----

    def test_an_instance_may_have_256_stores_open(self):
        up = self.start()
        for of in ("spin", "spin3"):
            self.assertEqual(self.call(up, f"/{of}/open", n=256), "256")
            self.assertEqual(self.call(up, f"/{of}/open", n=257), "256: store-table-full")

    def test_a_key_that_is_too_long_is_an_error_that_names_the_limit(self):
        up = self.start()
        for of in INTERFACES:
            self.call(up, f"/{of}/fill", n=1, long=65536)
            refused = self.call(up, f"/{of}/fill", n=1, long=65537, status=500)
            self.assertIn("a key of 65537 bytes exceeds the limit of 65536 bytes", refused)

    def test_big_values_pass_whole(self):
        up = self.start()
        for of in INTERFACES:
            self.call(up, f"/{of}/fill", key="big", n=20_000_000)
            self.assertEqual(self.call(up, f"/{of}/length", key="big"), "20000000")
        body = bytes(range(256)) * 20_000
        self.assertEqual(up.request("PUT", "/spin/set?key=body", body=body)[0], 200)
        self.assertEqual(up.get("/wasi/get?key=body")[2], body)

    def test_many_keys_are_listed_whole(self):
        values = [("default", f"key-{i:06}", b"v") for i in range(20_000)]
        up = self.start()
        self.call(up, "/spin/set", body=b"v", key="first")
        with sqlite3.connect(self.database()) as db:
            db.executemany("INSERT INTO spin_key_value VALUES (?, ?, ?)", values)
        db.close()
        expected = ["first"] + [key for _, key, _ in values]
        for of in INTERFACES:
            self.assertEqual(self.call(up, f"/{of}/keys").split("\n"), sorted(expected))

    def test_a_cursor_of_no_listing_is_refused(self):
        self.assertIn("not a cursor", self.call(self.start(), "/wasi/cursor", cursor="0", status=500))

    # ---- what survives ----

    def test_values_survive_a_restart_and_another_program_reads_them(self):
        with self.start() as up:
            self.call(up, "/spin/set", body=b"kept", key="k")
            up.wait_for_error(f'Storing default key-value data to "{self.database()}"')
        with sqlite3.connect(self.database()) as db:
            self.assertEqual(db.execute("SELECT store, key, value FROM spin_key_value").fetchall(), [("default", "k", b"kept")])
            db.execute("INSERT INTO spin_key_value VALUES ('default', 'theirs', x'6869')")
        db.close()
        up = self.start()
        self.assertEqual(self.call(up, "/wasi/get", key="k"), "kept")
        self.assertEqual(self.call(up, "/wasi/get", key="theirs"), "hi")

    def test_what_was_answered_is_there_after_a_kill_under_load(self):
        up = self.start()
        answered = {}
        stop = threading.Event()

        def write(client):
            connection = http.client.HTTPConnection(up.host, up.port, timeout=20)
            number = 0
            try:
                while not stop.is_set():
                    number += 1
                    connection.request("PUT", f"/spin/set?key=client-{client}", body=str(number).encode())
                    if connection.getresponse().read() == b"done":
                        answered[client] = number
            except (OSError, http.client.HTTPException):
                pass

        clients = [threading.Thread(target=write, args=(i,)) for i in range(16)]
        for client in clients:
            client.start()
        deadline = time.monotonic() + 15
        while sum(answered.values()) < 300 and time.monotonic() < deadline:
            time.sleep(0.01)
        up.process.send_signal(signal.SIGKILL)
        up.process.wait()
        stop.set()
        for client in clients:
            client.join()
        self.assertGreaterEqual(sum(answered.values()), 300)
        again = self.start()
        for client, number in answered.items():
            self.assertGreaterEqual(int(self.call(again, "/spin/get", key=f"client-{client}")), number)

    def test_without_a_state_folder_values_live_as_long_as_the_process(self):
        with self.start("--state-dir", "") as up:
            self.call(up, "/spin/set", body=b"1", key="k")
            self.assertEqual(self.call(up, "/wasi/get", key="k"), "1")
            up.wait_for_error("in-memory")
        self.assertFalse(self.database().exists())
        self.call(self.start("--state-dir", ""), "/spin/get", key="k", status=404)

    def test_values_can_be_set_before_anything_is_served(self):
        up = self.start("--key-value", "a=1", "--key-value", "default:b=x=y", "--key-value", "user:7=z")
        self.assertEqual([self.call(up, "/spin/get", key=key) for key in ("a", "b", "user:7")], ["1", "x=y", "z"])
        done = weft.run("up", "-f", self.folder, "--key-value", "nothing")
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected KEY=VALUE", done.stderr)

    def test_a_database_that_cannot_be_opened_is_an_error_for_the_guest_and_a_line_in_the_log(self):
        folder = self.manifest(MANIFEST, **GUESTS)
        self.database().mkdir(parents=True)  # in the way
        up = self.start()
        self.assertEqual(self.call(up, "/spin/get", key="k", status=500), "other: the store failed")
        up.wait_for_error(f"key-value: opening {folder}/.spin/sqlite_key_value.db")
        self.database().rmdir()
        self.call(up, "/spin/set", body=b"1", key="k")
        self.assertEqual(self.call(up, "/spin/get", key="k"), "1")

    def test_clients_that_leave_while_their_request_waits_leave_the_store_well(self):
        up = self.start()
        for i in range(200):
            with up.connect() as s:
                s.sendall(b"GET /%s/visit?key=n HTTP/1.1\r\nhost: a\r\n\r\n" % (b"spin", b"spin3")[i % 2])
        self.call(up, "/spin/set", body=b"1", key="after")
        self.assertEqual(self.call(up, "/spin/get", key="after"), "1")
        self.assertIsNone(up.process.poll())
