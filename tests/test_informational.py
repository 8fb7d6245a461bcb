"""Informational responses of a component (RFC 9110, 15.2)."""
import socket
import subprocess

import weft

# Says 103 with a field, then 100, which is not for a handler to say; and answers 204, or 500 if either went otherwise.
module = """(module
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.set-status-code" (func $set-status (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]response-outparam.send-informational" (func $inform (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "link</style.css>; rel=preload")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (local $fields i32) (local $status i32) (local $response i32)
    (local.set $status (i32.const 204))
    (local.set $fields (call $fields))
    (call $append (local.get $fields) (i32.const 16) (i32.const 4) (i32.const 20) (i32.const 25) (i32.const 64))
    (call $inform (local.get $out) (i32.const 103) (local.get $fields) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then (local.set $status (i32.const 500))))
    (call $inform (local.get $out) (i32.const 100) (call $fields) (i32.const 128))
    (if (i32.eqz (i32.load8_u (i32.const 128))) (then (local.set $status (i32.const 500))))
    (local.set $response (call $response (call $fields)))
    (drop (call $set-status (local.get $response) (local.get $status)))
    (call $set (local.get $out) (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0))))
"""
world = """package test:informational;
world hints {
  import wasi:http/types@0.2.12;
  export wasi:http/incoming-handler@0.2.12;
}
"""


class Informational(weft.Case):
    def test_they_reach_the_client_before_the_response(self):
        folder = self.folder
        (folder / "wit").mkdir()
        (folder / "wit/world.wit").write_text(world)
        (folder / "wit/deps").symlink_to(weft.root / "tests/wit/wasi-0.2.12/deps")
        (folder / "core.wat").write_text(module)
        tools = weft.tool("wasm-tools")
        for arguments in (["embed", "--all-features", "-w", "hints", folder / "wit", folder / "core.wat", "-o", folder / "core.wasm"],
                          ["new", folder / "core.wasm", "-o", folder / "hints.wasm"]):
            subprocess.run([tools, "component", *map(str, arguments)], check=True)
        with weft.Up(folder / "hints.wasm") as up:
            with socket.create_connection(("127.0.0.1", up.port), timeout=10) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: client.recv(4096), b""))
            hints, _, response = answer.partition(b"\r\n\r\n")
            self.assertEqual(hints, b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload")
            self.assertTrue(response.startswith(b"HTTP/1.1 204 No Content\r\n"), response)
