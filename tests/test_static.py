"""Files, fixed responses and private routes, served without a component."""
import concurrent.futures
import gzip
import os
import re
import socket
import subprocess
import threading
import time

import weft

MANIFEST = """
spin_manifest_version = 2
[application]
name = "site"
[[trigger.http]]
route = "/..."
static_files = { source = "site", not_found = "404.html", headers = { x-frame-options = "DENY" } }
[[trigger.http]]
route = "/app/..."
static_files = { source = "app", fallback = "index.html", cache_control = "public, max-age=3600", precompressed = true }
[[trigger.http]]
route = "/favicon.ico"
static_files = { source = "site/icons", index = "icon.ico" }
[[trigger.http]]
route = "/dots/..."
static_files = { source = "site", dot_files = true }
[[trigger.http]]
route = "/old/:page"
static_response = { status_code = 308, headers = { location = "/new", x-why = "moved" }, body = "moved" }
[[trigger.http]]
route = "/plain"
static_response = { body = "hello" }
[[trigger.http]]
route = { private = true }
static_response = { body = "private" }
"""
TEXT = "".join(f"{i * 7919 % 10007}\n" for i in range(40_000)).encode()
BLOB = bytes(range(256)) * 12_000


class Site(weft.Case):
    @classmethod
    def setUpClass(cls):
        case = weft.Case()
        case.setUp()
        cls.addClassCleanup(case.doCleanups)
        cls.home = case.manifest(MANIFEST)
        files = {"site/index.html": b"<h1>home</h1>", "site/404.html": b"<h1>gone</h1>", "site/text.txt": TEXT, "site/blob.bin": BLOB,
                 "site/sub/index.html": b"sub", "site/a b.txt": b"spaced", "site/.env": b"SECRET=1", "site/icons/icon.ico": b"icon",
                 "site/.well-known/security.txt": b"contact", "app/index.html": b"the app", "app/main.js": b"plain " * 500,
                 "app/main.js.gz": gzip.compress(b"plain " * 500), "outside.txt": b"outside"}
        for path, content in files.items():
            (cls.home / path).parent.mkdir(parents=True, exist_ok=True)
            (cls.home / path).write_bytes(content)
        os.symlink("../outside.txt", cls.home / "site/link.txt")
        os.symlink("../../../../../../../etc", cls.home / "site/etc")
        os.symlink("text.txt", cls.home / "site/inside.txt")
        os.mkfifo(cls.home / "site/pipe.txt")
        # A file has a date, and is compressed, once the second of its change is over.
        time.sleep(1.1)
        cls.up = weft.Up("-f", cls.home, "--access-log", "--metrics-listen", "127.0.0.1:0")
        cls.addClassCleanup(cls.up.__exit__)

    def get(self, path, **headers):
        return self.up.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def status_of(self, target, method="GET"):
        """Of a request whose target is sent as it stands."""
        answer = self.up.raw(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))
        return int(answer.split(b" ", 2)[1]), answer

    def test_a_file_has_its_type_its_tag_and_its_date(self):
        status, headers, body = self.get("/text.txt")
        self.assertEqual((status, body), (200, TEXT))
        self.assertEqual(headers["content-type"], "text/plain; charset=utf-8")
        self.assertRegex(headers["etag"], r'^"[0-9a-f]{32}"$')
        self.assertRegex(headers["last-modified"], r" GMT$")
        self.assertEqual(headers["cache-control"], "no-cache")
        self.assertEqual(headers["accept-ranges"], "bytes")
        self.assertEqual(headers["x-frame-options"], "DENY")
        self.assertEqual(headers["x-content-type-options"], "nosniff")
        self.assertEqual(self.get("/a%20b.txt")[2], b"spaced")
        self.assertEqual(self.get("/inside.txt")[2], TEXT)
        self.assertEqual(self.get("/blob.bin")[1]["content-type"], "application/octet-stream")

    def test_head_is_get_without_the_body_and_other_methods_are_405(self):
        _, get, body = self.get("/blob.bin")
        status, head, nothing = self.up.request("HEAD", "/blob.bin")
        self.assertEqual((status, nothing), (200, b""))
        self.assertEqual(head["content-length"], str(len(body)))
        self.assertEqual(head["etag"], get["etag"])
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            status, headers, _ = self.up.request(method, "/text.txt", body=b"x" * 1000)
            self.assertEqual((status, headers["allow"]), (405, "GET, HEAD"), method)

    def test_a_folder_is_its_index_with_a_slash_behind(self):
        self.assertEqual(self.get("/")[2], b"<h1>home</h1>")
        status, headers, _ = self.get("/sub?q=1")
        self.assertEqual((status, headers["location"]), (308, "/sub/?q=1"))
        self.assertEqual(self.get("/sub/")[2], b"sub")
        self.assertEqual(self.get("/app")[1]["location"], "/app/")
        self.assertEqual(self.get("/icons/")[0], 404, "there are no listings")

    def test_one_path_serves_one_file(self):
        status, headers, body = self.get("/favicon.ico")
        self.assertEqual((status, body, headers["content-type"]), (200, b"icon", "image/vnd.microsoft.icon"))

    def test_what_is_missing_has_its_page_or_the_fallback(self):
        status, headers, body = self.get("/no/such/page")
        self.assertEqual((status, body), (404, b"<h1>gone</h1>"))
        self.assertEqual(headers["content-type"], "text/html; charset=utf-8")
        status, headers, body = self.get("/app/users/17")
        self.assertEqual((status, body), (200, b"the app"))
        self.assertEqual(headers["cache-control"], "no-cache", "it stands for a path that may get a file of its own")
        self.assertEqual(self.get("/app/index.html")[1]["cache-control"], "public, max-age=3600")

    def test_no_path_leads_out_of_the_folder(self):
        for target in ("/../outside.txt", "/..%2foutside.txt", "/%2e%2e/outside.txt", "/%2e%2e%2foutside.txt", "/sub/../../outside.txt",
                       "/sub/..%2f..%2foutside.txt", "/link.txt", "/etc/passwd", "/etc", "/etc/", "/..\\outside.txt", "/%5c..%5coutside.txt",
                       "/%c0%ae%c0%ae/outside.txt", "/%252e%252e/outside.txt", "/....//outside.txt", "/text.txt%00.html", "/%00",
                       "/text.txt/", "/text.txt/x", "/.", "/..", "/%zz", "/%", "//text.txt", "///etc/passwd", "/./text.txt",
                       "/" + "a/" * 3000, "/" + "x" * 8000, "/proc/self/environ", "/pipe.txt", "/%ff%fe"):
            status, answer = self.status_of(target)
            self.assertIn(status, (400, 404), target)
            for leak in (b"outside", b"root:", b"SECRET"):
                self.assertNotIn(leak, answer.split(b"\r\n\r\n", 1)[1], target)

    def test_a_redirect_never_names_another_server(self):
        for target in ("//sub", "//evil.example/sub", "/%2fevil.example/sub", "/\\evil.example/sub"):
            status, answer = self.status_of(target)
            self.assertIn(status, (400, 404), target)
            self.assertNotIn(b"location", answer.lower().split(b"\r\n\r\n", 1)[0])

    def test_dot_files_are_served_only_where_that_is_asked_for(self):
        self.assertEqual(self.get("/.env")[0], 404)
        self.assertEqual(self.get("/%2eenv")[0], 404)
        self.assertEqual(self.get("/dots/.env")[2], b"SECRET=1")
        self.assertEqual(self.get("/.well-known/security.txt")[2], b"contact")

    def test_an_unchanged_file_is_304(self):
        _, headers, _ = self.get("/text.txt")
        for condition in ({"If_None_Match": headers["etag"]}, {"If_None_Match": "W/" + headers["etag"]}, {"If_None_Match": "*"},
                          {"If_Modified_Since": headers["last-modified"]}):
            status, answer, body = self.get("/text.txt", **condition)
            self.assertEqual((status, body), (304, b""), condition)
            self.assertEqual(answer["etag"], headers["etag"])
        self.assertEqual(self.get("/text.txt", If_None_Match='"x"', If_Modified_Since=headers["last-modified"])[0], 200)
        self.assertEqual(self.get("/text.txt", If_Match='"x"')[0], 412)
        self.assertEqual(self.get("/text.txt", If_Match=headers["etag"])[0], 200)
        self.assertEqual(self.get("/text.txt", If_Unmodified_Since="Sun, 06 Nov 1994 08:49:37 GMT")[0], 412)

    def test_ranges(self):
        size = len(BLOB)
        for asked, first, last in (("0-9", 0, 9), ("1000000-", 1_000_000, size - 1), ("-5", size - 5, size - 1), ("0-", 0, size - 1),
                                   (f"{size - 1}-{size + 5}", size - 1, size - 1), ("5-100000", 5, 100_000)):
            status, headers, body = self.get("/blob.bin", Range=f"bytes={asked}")
            self.assertEqual(status, 206, asked)
            self.assertEqual(headers["content-range"], f"bytes {first}-{last}/{size}")
            self.assertEqual(body, BLOB[first:last + 1])
        status, headers, _ = self.get("/blob.bin", Range=f"bytes={size}-")
        self.assertEqual((status, headers["content-range"]), (416, f"bytes */{size}"))
        for ignored in ("bytes=x", "bytes=5-4", "lines=1-2", "bytes=" + ",".join(f"{i}-{i}" for i in range(0, 17_000, 1000))):
            self.assertEqual(self.get("/blob.bin", Range=ignored)[0], 200, ignored)
        etag = headers["etag"]
        self.assertEqual(self.get("/blob.bin", Range="bytes=0-9", If_Range=etag)[0], 206)
        self.assertEqual(self.get("/blob.bin", Range="bytes=0-9", If_Range='"x"')[0], 200)

    def test_several_ranges_come_in_parts(self):
        status, headers, body = self.get("/blob.bin", Range="bytes=0-9, 500000-700000, -3")
        self.assertEqual(status, 206)
        boundary = re.fullmatch(r"multipart/byteranges; boundary=(\S+)", headers["content-type"]).group(1).encode()
        parts = body.split(b"\r\n--" + boundary)
        self.assertEqual(parts[-1], b"--\r\n")
        found = [part.split(b"\r\n\r\n", 1) for part in parts[:-1]]
        self.assertEqual([data for _, data in found], [BLOB[:10], BLOB[500_000:700_001], BLOB[-3:]])
        self.assertIn(b"content-range: bytes 500000-700000/3072000", found[1][0])

    def test_overlapping_ranges_send_no_byte_twice(self):
        _, headers, body = self.get("/blob.bin", Range="bytes=" + ",".join(["0-"] * 10))
        self.assertEqual((headers["content-range"], len(body)), (f"bytes 0-{len(BLOB) - 1}/{len(BLOB)}", len(BLOB)))

    def test_text_is_compressed_for_those_who_ask(self):
        _, plain, _ = self.get("/text.txt")
        self.assertEqual((plain["vary"], plain["content-encoding"]), ("accept-encoding", None))
        tags = {plain["etag"]}
        for asked, coding in (("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"), ("zstd, gzip", "zstd"), ("br;q=0.1, gzip;q=0.5", "gzip")):
            _, headers, body = self.get("/text.txt", Accept_Encoding=asked)
            self.assertEqual(headers["content-encoding"], coding, asked)
            self.assertEqual(headers["vary"], "accept-encoding")
            self.assertLess(len(body), len(TEXT) / 2)
            tags.add(headers["etag"])
            if coding == "gzip":
                self.assertEqual(gzip.decompress(body), TEXT)
        self.assertEqual(len(tags), 4, "each coding has a tag of its own")
        for asked in ("identity", "gzip;q=0", "deflate", "*;q=0, identity"):
            self.assertIsNone(self.get("/text.txt", Accept_Encoding=asked)[1]["content-encoding"], asked)
        self.assertEqual(self.get("/blob.bin", Accept_Encoding="identity;q=0")[0], 406)
        self.assertIsNone(self.get("/blob.bin", Accept_Encoding="gzip")[1]["content-encoding"])

    def test_curl_takes_what_is_sent(self):
        for options in ([], ["--compressed"], ["--range", "100-20000"], ["--compressed", "--http1.0"]):
            done = subprocess.run(["curl", "--silent", "--show-error", "--fail", *options, self.up.base + "/text.txt"], capture_output=True,
                                  check=True)
            self.assertEqual(done.stdout, TEXT[100:20001] if "--range" in options else TEXT, options)

    def test_a_compressed_file_of_the_build_is_used(self):
        status, headers, body = self.get("/app/main.js", Accept_Encoding="gzip")
        self.assertEqual((status, headers["content-encoding"]), (200, "gzip"))
        self.assertEqual(body, (self.home / "app/main.js.gz").read_bytes())
        self.assertEqual(headers["content-type"], "text/javascript; charset=utf-8")

    def test_many_clients_read_ranges_at_once(self):
        def read(i):
            first = i * 45_000
            return self.get("/blob.bin", Range=f"bytes={first}-{first + 150_000}")[2] == BLOB[first:first + 150_001]
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            self.assertEqual(list(pool.map(read, range(64))), [True] * 64)

    def test_clients_that_leave_or_do_not_read_disturb_nobody(self):
        before = len(os.listdir(f"/proc/{self.up.process.pid}/fd"))
        sockets = []
        for i in range(40):
            s = self.up.connect()
            s.sendall(b"GET /blob.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            sockets.append(s)
        self.assertEqual(self.get("/sub/")[0], 200)
        for s in sockets:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.close()
        deadline = time.monotonic() + 10
        while len(os.listdir(f"/proc/{self.up.process.pid}/fd")) > before + 4:
            self.assertLess(time.monotonic(), deadline, "files stay open")
            time.sleep(0.05)

    def test_a_connection_serves_files_one_after_the_other(self):
        with self.up.connect() as s:
            s.sendall(b"GET /a%20b.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /blob.bin HTTP/1.1\r\nHost: x\r\n\r\n"
                      b"HEAD /blob.bin HTTP/1.1\r\nHost: x\r\n\r\nGET /sub/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            received = b""
            while chunk := s.recv(1 << 20):
                received += chunk
        self.assertEqual(received.count(b"HTTP/1.1 200 OK"), 4)
        self.assertIn(b"\r\n\r\n" + BLOB + b"HTTP/1.1 200 OK", received)
        self.assertTrue(received.endswith(b"sub"))

    def test_fixed_responses_are_as_the_manifest_says(self):
        status, headers, body = self.get("/old/page")
        self.assertEqual((status, headers["location"], headers["x-why"], body), (308, "/new", "moved", b"moved"))
        self.assertEqual(self.get("/plain")[::2], (200, b"hello"))
        self.assertEqual(self.up.request("POST", "/plain", body=b"x")[::2], (200, b"hello"))
        self.assertEqual(self.up.request("HEAD", "/plain")[1]["content-length"], "5")

    def test_a_private_route_has_no_path(self):
        self.assertNotIn("private", "".join(self.up.lines))
        self.assertEqual(self.get("/private")[0], 404)

    def test_routes_are_counted_and_logged_as_static(self):
        self.get("/sub/")
        self.up.wait_for_error("[(static)] GET /sub/ 200 ")
        metrics = next(line.split()[1] for line in self.up.lines if line.startswith("Metrics "))
        text = subprocess.run(["curl", "-sf", metrics], capture_output=True, text=True, check=True).stdout
        self.assertRegex(text, r'weft_http_requests_total\{component="\(static\)",route="/\.\.\.",status="2xx"\} [1-9]')
        self.assertNotIn('weft_instances_total{component="(static)"', text)


class Changing(weft.Case):
    SMALL = MANIFEST.split("[[trigger.http]]")[0] + '[[trigger.http]]\nroute = "/..."\nstatic_files = "site"\n'

    def site(self, **files):
        self.manifest(self.SMALL)
        for name, content in files.items():
            path = self.folder / "site" / name.replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        return self.folder

    def test_a_changed_file_is_served_at_the_next_request(self):
        for command in ("up", "watch"):
            with self.subTest(command), weft.Up("-f", self.site(a_txt=b"one" * 1000), command=command) as up:
                for content in (b"two" * 1000, b"six" * 1000, b"three"):
                    (self.folder / "site/a.txt").write_bytes(content)
                    self.assertEqual(up.get("/a.txt", headers={"Accept-Encoding": "gzip"})[2], content)
                (self.folder / "site").rename(self.folder / "before")
                self.assertEqual(up.get("/a.txt")[0], 404)
                (self.folder / "next").mkdir()
                (self.folder / "next/a.txt").write_bytes(b"built again")
                (self.folder / "next").rename(self.folder / "site")
                self.assertEqual(up.get("/a.txt")[2], b"built again")
                (self.folder / "site/a.txt").unlink()
                self.assertEqual(up.get("/a.txt")[0], 404)
                subprocess.run(["rm", "-r", self.folder / "before"], check=True)

    def read_slowly(self, up, path, between):
        """The body's bytes; `between` is called when the first have come. What is in the sockets' buffers is small."""
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(20)
        s.connect((up.host, up.port))
        with s:
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            received = s.recv(1000)
            between()
            try:
                while chunk := s.recv(1 << 20):
                    received += chunk
            except ConnectionResetError:
                pass
        head, body = received.split(b"\r\n\r\n", 1)
        return int(re.search(rb"content-length: (\d+)", head).group(1)), body

    def test_a_file_that_is_cut_while_it_is_sent_is_never_taken_for_whole(self):
        content = b"0123456789" * 2_000_000
        with weft.Up("-f", self.site(big_bin=content)) as up:
            file = self.folder / "site/big.bin"
            length, body = self.read_slowly(up, "/big.bin", lambda: os.truncate(file, 1000))
            self.assertEqual(length, len(content))
            self.assertLess(len(body), length)
            self.assertEqual(body, content[:len(body)])
            up.wait_for_error("a file changed while it was sent")
            self.assertEqual(len(up.get("/big.bin")[2]), 1000)

    def test_a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_end(self):
        content = b"0123456789" * 2_000_000
        with weft.Up("-f", self.site(big_bin=content, new_bin=b"new")) as up:
            length, body = self.read_slowly(up, "/big.bin", lambda: (self.folder / "site/new.bin").rename(self.folder / "site/big.bin"))
            self.assertEqual((length, body == content), (len(content), True))
            self.assertEqual(up.get("/big.bin")[2], b"new")

    def test_what_is_not_in_memory_is_read_from_the_disk(self):
        content = b"".join(b"%09d\n" % i for i in range(1_000_000))
        with weft.Up("-f", self.site(big_bin=content, small_txt=b"small")) as up:
            for name, whole in (("big.bin", content), ("small.txt", b"small")):
                for headers, expected in (({}, whole), ({"Range": "bytes=-3"}, whole[-3:])):
                    with open(self.folder / "site" / name, "rb") as file:
                        os.fsync(file.fileno())
                        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                    self.assertEqual(up.get(f"/{name}", headers=headers)[2], expected)

    def test_a_large_file_comes_under_tls_too(self):
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        content = b"0123456789" * 500_000
        with weft.Up("-f", self.site(big_bin=content), "--tls-cert", certificate, "--tls-key", key) as up:
            got = subprocess.run(["curl", "-sf", "--cacert", certificate, f"{up.base}/big.bin"], capture_output=True, check=True).stdout
            self.assertEqual(got, content)

    def test_others_are_served_while_a_large_file_is_sent(self):
        with weft.Up("-f", self.site(big_bin=b"x" * (256 << 20), a_txt=b"a")) as up:
            done = threading.Event()
            def download():
                subprocess.run(["curl", "-s", "-o", "/dev/null", up.base + "/big.bin"], check=True)
                done.set()
            thread = threading.Thread(target=download)
            thread.start()
            slowest, asked = 0, 0
            while not done.is_set():
                begun = time.monotonic()
                self.assertEqual(up.get("/a.txt")[2], b"a")
                slowest, asked = max(slowest, time.monotonic() - begun), asked + 1
            thread.join()
            self.assertGreater(asked, 1)
            self.assertLess(slowest, 1)
            self.assertLess(up.resident_bytes(), 200 << 20)


class Manifests(weft.Case):
    def start(self, trigger, *more):
        self.manifest(MANIFEST.split("[[trigger.http]]")[0] + '[[trigger.http]]\nroute = "/..."\n' + trigger)
        return weft.run("up", "-f", self.folder, "--listen", "127.0.0.1:0", *more)

    def test_what_cannot_be_served_is_said_with_its_place(self):
        (self.folder / "site").mkdir()
        os.symlink("/etc", self.folder / "linked")
        for trigger, said in (('static_files = "none"', ("spin.toml:7", "there is no folder")), ('static_files = "../x"', ("leaves the",)),
                              ('static_files = "/etc"', ("absolute path",)), ('static_files = "linked"', ("leads out",)),
                              ('static_files = { source = "site", fallback = "index.html" }', ("index.html", "spin.toml:7")),
                              ('static_files = { source = "site", indx = "a" }', ("did you mean `index`",)),
                              ('static_files = "site"\ncomponent = "a"\n[component.a]\nsource = "a.wasm"', ("not both",))):
            with self.subTest(trigger):
                done = self.start(trigger)
                self.assertEqual(done.returncode, 1)
                for text in said:
                    self.assertIn(text, done.stderr)

    def test_strict_knows_no_static_files(self):
        (self.folder / "site").mkdir()
        done = self.start('static_files = "site"', "--strict")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Spin has no `static_files`", done.stderr)


class Example(weft.Case):
    def test_the_example_answers_as_its_readme_says(self):
        with weft.Up("--from", weft.root / "examples/static-site") as up:
            self.assertIn(b"<h1>Guide</h1>", up.get("/guide/")[2])
            status, headers, _ = up.get("/manual")
            self.assertEqual((status, headers["location"]), (301, "/guide/"))
            status, _, body = up.get("/nothing")
            self.assertEqual(status, 404)
            self.assertIn(b"There is no such page", body)
            self.assertEqual(up.get("/", headers={"Range": "bytes=0-14"})[2], b"<!doctype html>")
            etag = up.get("/style.css")[1]["etag"]
            self.assertEqual(up.get("/style.css", headers={"If-None-Match": etag})[0], 304)
