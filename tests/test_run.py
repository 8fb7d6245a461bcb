"""`weft run`: commands, with what they are granted and with nothing else."""
import contextlib
import http.server
import os
import pathlib
import pty
import signal
import socket
import subprocess
import threading
import time

import weft


# A command that a tool made which imports more than it calls.
UNION = """(component
  (@producers (processed-by "componentize-py" "0.25.1"))
  (import "spin:redis/redis@3.0.0" (instance $redis (export "ping" (func))))
  (core func $ping (canon lower (func $redis "ping")))
  (core module $m
    (import "" "ping" (func $ping))
    (func (export "run") (result i32) %s (i32.const 0)))
  (core instance $i (instantiate $m (with "" (instance (export "ping" (func $ping))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $run (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $run)))"""


class RunCase(weft.Case):
    def setUp(self):
        super().setUp()
        self.guest = weft.guest("command-rust")
        self.env = {"WEFT_CACHE_DIR": str(weft.guests.parent / "test-run-cache")}

    def command(self, *words, options=(), **more):
        return weft.run("run", *options, self.guest, *words, env=self.env, **more)

    def start(self, *words, options=(), **more):
        process = subprocess.Popen([weft.program, "run", *map(str, options), self.guest, *words],
                                   env={**os.environ, **self.env}, **more)
        self.addCleanup(process.wait)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                self.addCleanup(stream.close)
        return process

    def output(self, *words, **more):
        done = self.command(*words, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def fails(self, *words, code=1, saying="", **more):
        done = self.command(*words, **more)
        self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))
        self.assertIn(saying, done.stderr)
        return done


class Run(RunCase):
    def test_what_follows_the_file_is_the_commands_own(self):
        for words in (["--help"], ["-e", "A=b", "--", "up"], ["--dir"], [""]):
            self.assertEqual(self.output("args", *words).splitlines(), ["command-rust.wasm", "args", *words])

    def test_the_environment_is_what_is_given(self):
        self.assertEqual(self.output("env"), "")
        given = self.output("env", options=["--env", "B=2", "-e", "A=1 x=y", "--env", "HOME", "--env", "WEFT_NOT_SET"])
        self.assertEqual(given, f"A=1 x=y\nB=2\nHOME={os.environ['HOME']}\n")

    def test_its_exit_code_is_what_it_says(self):
        for code in (0, 1, 3, 255):
            self.assertEqual(self.fails("exit", str(code), code=code).stderr, "")
        self.fails("fail", code=1, saying="failed, as asked")

    def test_a_trap_is_134_and_standard_error_says_what_it_was(self):
        done = self.fails("panic", code=134, saying="as asked")
        self.assertIn("unreachable", done.stderr)

    def test_standard_streams_go_through_as_they_are(self):
        text = "".join(f"line {i}\n" for i in range(100_000)) + "without an end"
        self.assertEqual(self.output("cat", input=text), text)
        self.assertEqual(len(self.output("flood", "3000000")), 3_000_000)
        with (self.folder / "in").open("w+") as source, (self.folder / "out").open("w+") as to:
            source.write(text)
            source.seek(0)
            process = self.start("cat", stdin=source, stdout=to)
            self.assertEqual(process.wait(20), 0)
            self.assertEqual(os.fstat(to.fileno()).st_size, len(text))

    def test_standard_input_is_waited_for_and_ends(self):
        process = self.start("poll", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "false\n")
        process.stdin.write("x\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "true\n")
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(self.start("cat", stdin=subprocess.DEVNULL).wait(20), 0)

    def test_a_reader_who_leaves_ends_what_writes(self):
        process = self.start("flood", "100000000", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(process.stdout.read(1), b"x")
        process.stdout.close()
        self.assertNotEqual(process.wait(20), 0)

    def test_a_closed_standard_output_is_no_other_file(self):
        done = subprocess.run(["sh", "-c", 'exec "$0" run "$1" args >&-', weft.program, self.guest], env={**os.environ, **self.env},
                              timeout=30)
        self.assertEqual(done.returncode, 0)

    def test_terminals_are_known(self):
        self.assertEqual(self.output("tty", input=""), "[false, false, false]\n")
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = self.start("tty", stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        self.assertEqual(process.wait(20), 0)
        self.assertEqual(os.read(ours, 100).strip(), b"[true, true, false]")

    def test_ctrl_c_ends_it_at_once(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            for words in (["sleep", "60"], ["loop"]):
                process = self.start(*words)
                time.sleep(0.5)
                process.send_signal(number)
                self.assertEqual(process.wait(5), -number)

    def test_limits_end_it_and_are_named(self):
        for words in (["loop"], ["sleep", "60"]):
            self.fails(*words, code=134, saying="the time limit is over", options=["--timeout", "0.5"])
        process = self.start("flood", "100000000", options=["--timeout", "0.5"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(process.wait(10), 134, "nobody reads what it writes")
        self.assertEqual(self.output("memory", "20"), f"{20 << 20}\n")
        self.fails("memory", "20", code=134, options=["--max-memory", "16MiB"])

    def test_what_is_no_command_is_refused_by_name(self):
        done = weft.run("run", weft.guest("hello-c"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("exports no command (wasi:cli/run)", done.stderr)
        self.assertIn("weft up", done.stderr)
        core = self.folder / "core.wasm"
        core.write_bytes(b"\0asm\1\0\0\0")
        done = weft.run("run", core)
        self.assertEqual(done.returncode, 1)
        self.assertIn("exports no command (wasi:cli/run); its exports are: none", done.stderr)
        self.assertIn("No such file", weft.run("run", self.folder / "absent.wasm").stderr)
        self.assertIn("weft up serves it", weft.run("run", self.folder).stderr)

    def test_what_is_not_there_yet_fails_only_when_it_is_called(self):
        for call, code in (("", 0), ("(call $ping)", 134)):
            (self.folder / "it.wat").write_text(UNION % call)
            subprocess.run([weft.tool("wasm-tools"), "parse", self.folder / "it.wat", "-o", self.folder / "it.wasm"], check=True)
            done = weft.run("run", self.folder / "it.wasm")
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn("runs, but fails when it calls what it needs spin:redis/redis@3.0.0 (not yet)", done.stderr)
            self.assertEqual("the component calls spin:redis/redis@3.0.0#ping: it needs spin:redis" in done.stderr, bool(call))

    def test_the_command_line_is_checked(self):
        self.assertEqual(weft.run("run").returncode, 2)
        for options, said in ((["--what"], "no option --what"), (["--timeout", "-1"], "--timeout"), (["--max-memory", "x"], "--max-memory")):
            done = weft.run("run", *options, self.guest)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn(said, done.stderr + done.stdout)
        for options, said in ((["--dir", "::x"], "--dir ::x: expected HOST"), (["--dir", "/absent"], "--dir /absent: the directory /absent"),
                              (["--env", "=x"], "--env =x"), (["--allow-outbound-hosts", "x"], "--allow-outbound-hosts")):
            self.fails("args", options=options, saying=said)
        text = weft.run("run", "--help").stdout
        for word in ("Usage: weft run [OPTIONS] FILE [ARGS...]", "Examples:", "--dir", "134"):
            self.assertIn(word, text)


class Asynchronous(RunCase):
    """The same of a command of WASI 0.3."""

    def setUp(self):
        super().setUp()
        self.guest = weft.guest("command-p3-rust")

    def test_arguments_and_environment_are_what_is_given(self):
        self.assertEqual(self.output("args", "--help", options=["-e", "A=1"]), "command-p3-rust.wasm\nargs\n--help\nA=1\n")

    def test_its_exit_code_is_what_it_says(self):
        for code in (0, 3, 255):
            self.assertEqual(self.fails("exit", str(code), code=code).stderr, "")
        self.assertEqual(self.fails("fail", code=1).stderr, "it failed\n")
        self.fails("what?", code=134, saying="what is to be done?")

    def test_standard_streams_go_through_as_they_are(self):
        text = "".join(f"line {i}\n" for i in range(100_000)) + "without an end"
        self.assertEqual(self.output("cat", input=text), text)
        self.assertEqual(self.output("upper", input=text), text.upper())
        with (self.folder / "in").open("w+") as source, (self.folder / "out").open("w+") as to:
            source.write(text)
            source.seek(0)
            self.assertEqual(self.start("cat", stdin=source, stdout=to).wait(20), 0)
            to.seek(0)
            self.assertEqual(to.read(), text)

    def test_what_comes_is_passed_on_as_it_comes(self):
        for word in ("cat", "upper"):
            process = self.start(word, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for line in ("ONE\n", "TWO\n"):
                process.stdin.write(line)
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), line)
            process.stdin.close()
            self.assertEqual(process.wait(10), 0)

    def test_a_reader_who_leaves_ends_what_writes(self):
        for word in ("cat", "upper"):
            with open("/dev/zero", "rb") as endless:
                process = self.start(word, stdin=endless, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertEqual(process.stdout.read(1), b"\0")
                process.stdout.close()
                self.assertEqual(process.wait(20), 1, process.stderr.read())

    def test_terminals_are_known(self):
        self.assertEqual(self.output("terminals", input=""), "stdin false\nstdout false\nstderr false\n")
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = self.start("terminals", stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        self.assertEqual(process.wait(20), 0)
        self.assertEqual(os.read(ours, 100).split(), b"stdin true stdout true stderr false".split())

    def test_files_are_what_is_granted(self):
        (self.folder / "here").write_text("it is\n")
        self.assertEqual(self.output("read", "here", options=["--dir", f"{self.folder}::/"]), "it is\n")
        self.fails("read", "../here", options=["--dir", f"{self.folder}::/"])
        self.fails("read", "here")

    def listening(self, word, place, *more, options):
        process = self.start(word, place, *more, options=options, stdout=subprocess.PIPE, text=True)
        return process, int(process.stdout.readline())

    def test_listening_is_granted_apart(self):
        self.fails("listen", "127.0.0.1:0", "1")
        process, port = self.listening("listen", "127.0.0.1:0", "3", options=["--allow-listen", "tcp://127.0.0.1:*"])
        data = os.urandom(3_000_000)
        connections = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)]
        for s in connections:
            self.addCleanup(s.close)
            s.sendall(b"one")
            self.assertEqual(s.recv(100), b"one")
        sender = threading.Thread(target=lambda: (connections[0].sendall(data), connections[0].shutdown(socket.SHUT_WR)))
        sender.start()
        received = b""
        while piece := connections[0].recv(1 << 20):
            received += piece
        sender.join(20)
        self.assertTrue(received == data)
        for s in connections[1:]:
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(s.recv(100), b"")
        self.assertEqual(process.wait(20), 0)

    def test_datagrams_are_heard_where_it_may_listen(self):
        options = ["--allow-outbound-hosts", "udp://127.0.0.1:*"]
        self.fails("hear", "127.0.0.1:1053", options=["--allow-outbound-hosts", "udp://127.0.0.2:*"])
        process, port = self.listening("hear", "127.0.0.1:0", options=[*options, "--allow-listen", "udp://127.0.0.1:*"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(20)
            s.sendto(b"hello", ("127.0.0.1", port))
            self.assertEqual(s.recvfrom(100), (b"hello", ("127.0.0.1", port)))
        self.assertEqual(process.wait(20), 0)

    def test_ctrl_c_ends_a_listener_that_waits(self):
        process, _ = self.listening("listen", "127.0.0.1:0", "1", options=["--allow-listen", "tcp://127.0.0.1:*"])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(5), -signal.SIGINT)

    def test_ctrl_c_and_limits_end_it(self):
        process = self.start("sleep", "60000")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(5), -signal.SIGINT)
        self.fails("sleep", "60000", code=134, saying="the time limit is over", options=["--timeout", "0.5"])


class Folders(RunCase):
    def setUp(self):
        super().setUp()
        self.granted = self.folder / "granted"
        self.granted.mkdir()
        (self.granted / "file").write_text("content")
        (self.folder / "secret").write_text("not granted")

    def files(self, *words, grant="{}::/d", **more):
        return self.output("files", *words, options=["--dir", grant.format(self.granted)], **more)

    def refused(self, *words, grant="{}::/d", saying="", options=()):
        self.fails("files", *words, options=["--dir", grant.format(self.granted), *options], saying=saying)

    def test_there_are_none_unless_granted(self):
        self.fails("files", "read", str(self.granted / "file"))
        self.fails("files", "list", "/")
        self.fails("files", "write", "x", "y")

    def test_files_are_written_in_every_way(self):
        self.files("write", "/d/new", "one")
        self.files("append", "/d/new", " two")
        self.assertEqual(self.files("read", "/d/new"), "one two")
        self.files("truncate", "/d/new", "3")
        self.assertEqual((self.granted / "new").read_text(), "one")
        self.files("mkdir", "/d/folder")
        self.files("rename", "/d/new", "/d/folder/moved")
        self.files("link", "/d/folder/moved", "/d/linked")
        self.files("symlink", "folder/moved", "/d/symbolic")
        self.assertEqual(self.files("read", "/d/symbolic"), "one")
        self.assertEqual(self.files("list", "/d"), "file\nfolder\nlinked\nsymbolic\n")
        self.files("touch", "/d/linked", "1234567890")
        self.assertEqual((self.granted / "linked").stat().st_mtime, 1234567890)
        self.assertEqual(self.files("times", "/d/linked"), "1234567890\n")
        self.files("sync", "/d/linked")
        self.files("remove", "/d/folder/moved")
        self.files("rmdir", "/d/folder")
        self.assertEqual(sorted(os.listdir(self.granted)), ["file", "linked", "symbolic"])

    def test_a_folder_has_its_own_name_unless_it_is_given_another(self):
        self.assertEqual(self.output("files", "read", "granted/file", options=["--dir", "granted"], cwd=self.folder), "content")
        self.assertEqual(self.output("files", "read", "file", options=["--dir", "."], cwd=self.granted), "content")

    def test_read_only_is_read_only(self):
        grant = "{}::/d:ro"
        self.assertEqual(self.files("read", "/d/file", grant=grant), "content")
        self.assertEqual(self.files("writable", "/d", grant=grant), "false\n")
        self.assertEqual(self.files("writable", "/d"), "true\n")
        for words in (["write", "/d/x", "y"], ["append", "/d/file", "y"], ["truncate", "/d/file", "0"], ["mkdir", "/d/x"],
                      ["rename", "/d/file", "/d/x"], ["link", "/d/file", "/d/x"], ["remove", "/d/file"], ["touch", "/d/file", "1"]):
            self.refused(*words, grant=grant, saying="Read-only file system")
        self.refused("symlink", "file", "/d/x", grant=grant, saying="read-only")
        self.assertEqual(os.listdir(self.granted), ["file"])
        self.assertEqual((self.granted / "file").read_text(), "content")

    def test_two_folders_may_have_different_rights(self):
        other = self.folder / "other"
        other.mkdir()
        options = ["--dir", f"{self.granted}::/from:ro", "--dir", f"{other}::/to"]
        self.output("files", "write", "/to/x", "y", options=options)
        self.fails("files", "write", "/from/x", "y", options=options)
        self.fails("files", "rename", "/to/x", "/from/x", options=options)
        self.fails("files", "link", "/from/file", "/to/linked", options=options)
        self.assertEqual((os.listdir(self.granted), os.listdir(other)), (["file"], ["x"]))

    def test_nothing_leads_out(self):
        (self.granted / "out").symlink_to("../secret")
        (self.granted / "folder-out").symlink_to("..")
        (self.granted / "absolute").symlink_to(self.folder / "secret")
        for path in ("/d/../secret", "/d/out", "/d/absolute", "/d/folder-out/secret", str(self.folder / "secret")):
            self.refused("read", path)
            self.refused("write", path, "changed")
            self.refused("append", path, "changed")
            self.refused("truncate", path, "0")
            self.refused("rename", "/d/file", "/d/../secret")
        for path in ("/d/../secret", "/d/folder-out/secret", str(self.folder / "secret")):
            self.refused("link", path, "/d/in")
        # Another name for a symbolic link, which leads nowhere under that either.
        self.files("link", "/d/out", "/d/in")
        self.refused("read", "/d/in")
        self.refused("remove", "/d/folder-out/secret")
        self.refused("mkdir", "/d/folder-out/made")
        self.refused("symlink", str(self.folder / "secret"), "/d/made")
        self.assertEqual((self.folder / "secret").read_text(), "not granted")
        self.assertEqual(sorted(os.listdir(self.folder)), ["granted", "secret"])

    def test_what_it_may_write_is_limited_and_the_limit_named(self):
        limit = ["--max-disk", "100KiB"]
        self.refused("fill", "/d/x", "200000", options=limit, saying="Quota exceeded")
        self.refused("fill", "/d/x", "200000", options=limit, saying="the disk limit is used up")
        self.refused("fill", "/d/x", "200000", options=limit, saying="--max-disk")
        self.assertLessEqual((self.granted / "x").stat().st_size, 100 << 10)
        self.refused("truncate", "/d/file", "200000", options=limit)
        self.assertEqual((self.granted / "file").stat().st_size, 7)
        self.output("files", "fill", "/d/x", "50000", options=["--dir", f"{self.granted}::/d", *limit])


class Network(RunCase):
    def serve(self):
        """A server that says hello to each connection; its address."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.sendall(b"hello")
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        return "127.0.0.1:%d" % listener.getsockname()[1]

    def test_sockets_reach_what_is_granted(self):
        place = self.serve()
        done = self.fails("connect", place, saying="denied outbound socket")
        self.assertIn(f"to allow it: --allow-outbound-hosts 'tcp://{place}'", done.stderr)
        self.assertEqual(self.output("connect", place, options=["--allow-outbound-hosts", f"tcp://{place}"]), "hello")

    def test_http_reaches_what_is_granted(self):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = f"this is {self.path}".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"http://127.0.0.1:{server.server_port}"
        self.assertEqual(self.output("get", host + "/x?y", options=["--allow-outbound-hosts", host]), "this is /x?y")
        self.fails("get", host + "/x", saying=f"--allow-outbound-hosts '{host}'")

    def test_listening_is_granted_apart(self):
        self.fails("listen", "127.0.0.1:0", saying="--allow-listen 'tcp://127.0.0.1:*'",
                   options=["--allow-outbound-hosts", "tcp://127.0.0.1:*"])
        process = self.start("listen", "127.0.0.1:0", options=["--allow-listen", "tcp://127.0.0.1:*"], stdout=subprocess.PIPE, text=True)
        port = int(process.stdout.readline().rsplit(" ", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
            s.sendall(b"a line\n")
            self.assertEqual(s.recv(100), b"a line\n")
        self.assertEqual(process.wait(10), 0)
