"""A component of WASI 0.3 whose requests share one instance, each on a stack of its own, made of the text below.

What it does depends on the second character of the request's path:

- `/park`: waits until another request resumes it, then computes for 200 ms and answers
- `/wake`: resumes the one that is parked, within its own turn, and answers afterwards
- `/late`: answers, and works on for a second; `/forever`: for ever
- `/never`: waits and never answers; `/spin`: computes and never answers
- else: answers
"""
import subprocess

import weft

CORE = """(module
  (import "wasi:http/types@0.3.0" "[method]request.get-path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.3.0" "[static]fields.from-list" (func $fields (param i32 i32 i32)))
  (import "wasi:http/types@0.3.0" "[static]response.new" (func $response (param i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.3.0" "[future-new-1][static]response.new" (func $trailers (result i64)))
  (import "wasi:http/types@0.3.0" "[future-write-1][static]response.new" (func $write (param i32 i32) (result i32)))
  (import "wasi:http/types@0.3.0" "[future-drop-writable-1][static]response.new" (func $drop-writable (param i32)))
  (import "wasi:http/types@0.3.0" "[future-drop-readable-2][static]response.new" (func $drop-sent (param i32)))
  (import "[export]wasi:http/handler@0.3.0" "[task-return]handle"
    (func $return (param i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:clocks/monotonic-clock@0.3.0" "now" (func $now (result i64)))
  (import "wasi:clocks/monotonic-clock@0.3.0" "wait-for" (func $wait-for (param i64)))
  (import "wasi:clocks/monotonic-clock@0.3.0" "[async-lower]wait-for" (func $begin-wait-for (param i64) (result i32)))
  (import "$root" "[thread-index]" (func $index (result i32)))
  (import "$root" "[thread-suspend]" (func $suspend (result i32)))
  (import "$root" "[thread-yield-then-resume]" (func $yield-then-resume (param i32) (result i32)))
  (memory (export "memory") 2)
  (global $room (mut i32) (i32.const 65536))
  (global $parked (mut i32) (i32.const 0))
  ;; What it is given stays: a request needs little.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $room (i32.and (i32.add (global.get $room) (i32.const 7)) (i32.const -8)))
    (global.get $room)
    (global.set $room (i32.add (global.get $room) (local.get 3))))
  (func $compute (param $nanoseconds i64)
    (local.set $nanoseconds (i64.add (local.get $nanoseconds) (call $now)))
    (loop $on (br_if $on (i64.lt_u (call $now) (local.get $nanoseconds)))))
  (func $answer (local $ends i64)
    (call $fields (i32.const 0) (i32.const 0) (i32.const 64))
    (local.set $ends (call $trailers))
    (call $response (i32.load (i32.const 68)) (i32.const 0) (i32.const 0) (i32.wrap_i64 (local.get $ends)) (i32.const 96))
    (call $drop-sent (i32.load (i32.const 100)))
    (call $return (i32.const 0) (i32.load (i32.const 96)) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0))
    (local.set $ends (i64.shr_u (local.get $ends) (i64.const 32)))
    ;; 1024: zeroes, no trailers.
    (drop (call $write (i32.wrap_i64 (local.get $ends)) (i32.const 1024)))
    (call $drop-writable (i32.wrap_i64 (local.get $ends))))
  (func (export "[async-lift-stackful]wasi:http/handler@0.3.0#handle") (param $request i32) (local $asked i32)
    (call $path (local.get $request) (i32.const 16))
    (local.set $asked (i32.load8_u offset=1 (i32.load (i32.const 20))))
    (if (i32.eq (local.get $asked) (i32.const 0x70 (; p ;))) (then
      ;; Who waits for nothing of the host's is stuck.
      (drop (call $begin-wait-for (i64.const 10000000000)))
      (global.set $parked (call $index))
      (drop (call $suspend))
      (call $compute (i64.const 200000000))))
    (if (i32.eq (local.get $asked) (i32.const 0x77 (; w ;))) (then
      (drop (call $yield-then-resume (global.get $parked)))))
    (if (i32.eq (local.get $asked) (i32.const 0x73 (; s ;))) (then (loop $on (br $on))))
    (if (i32.eq (local.get $asked) (i32.const 0x6e (; n ;))) (then
      (loop $on (call $wait-for (i64.const 1000000000)) (br $on))))
    (call $answer)
    (if (i32.eq (local.get $asked) (i32.const 0x6c (; l ;))) (then (call $wait-for (i64.const 1000000000))))
    (if (i32.eq (local.get $asked) (i32.const 0x66 (; f ;))) (then
      (loop $on (call $wait-for (i64.const 1000000000)) (br $on))))))
"""
CLOCK = """
package wasi:clocks@0.3.0 {
  interface monotonic-clock {
    now: func() -> u64;
    wait-for: async func(how-long: u64);
  }
}
"""


def component(folder):
    wit = (weft.root / "sdk/c/weft_http_p3.wit").read_text() + CLOCK
    (folder / "threads.wit").write_text(wit.replace("world http-guest {", "world http-guest {\n  import wasi:clocks/monotonic-clock@0.3.0;"))
    (folder / "threads.wat").write_text(CORE)
    tools, module, made = weft.tool("wasm-tools"), folder / "threads.core.wasm", folder / "threads.wasm"
    subprocess.run([tools, "component", "embed", "-w", "http-guest", folder / "threads.wit", folder / "threads.wat", "-o", module], check=True)
    subprocess.run([tools, "component", "new", module, "-o", made], check=True)
    return made
