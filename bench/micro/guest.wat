;; Calls the host n times in a row: what micro.cc divides by n. `fill` writes the list, so that it is memory of its own.
(component
  (import "weft:bench/host@1.0.0" (instance $host
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "take-string" (func (param "text" string)))
    (export "take-list" (func (param "bytes" (list u8))))
    (export "copy-list" (func (param "bytes" (list u8))))))

  (core module $Memory
    (memory (export "memory") 20)
    (data (i32.const 16) "sixteen bytes ok"))
  (core instance $memory (instantiate $Memory))
  (alias core export $memory "memory" (core memory $mem))

  (core func $add (canon lower (func $host "add")))
  (core func $take-string (canon lower (func $host "take-string") (memory $mem)))
  (core func $take-list (canon lower (func $host "take-list") (memory $mem)))
  (core func $copy-list (canon lower (func $host "copy-list") (memory $mem)))

  (core module $Main
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (import "host" "take-string" (func $take-string (param i32 i32)))
    (import "host" "take-list" (func $take-list (param i32 i32)))
    (import "host" "copy-list" (func $copy-list (param i32 i32)))
    (import "env" "memory" (memory 20))
    (func (export "nothing"))
    (func (export "fill") (memory.fill (i32.const 65536) (i32.const 170) (i32.const 1048576)))
    (func (export "scalar") (param $n i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (call $add (local.get $sum) (local.get $n)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "string") (param $n i32)
      (loop $again
        (call $take-string (i32.const 16) (i32.const 16))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "list") (param $n i32)
      (loop $again
        (call $take-list (i32.const 65536) (i32.const 1048576))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "list-copied") (param $n i32)
      (loop $again
        (call $copy-list (i32.const 65536) (i32.const 1048576))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (core instance $main (instantiate $Main
    (with "env" (instance $memory))
    (with "host" (instance
      (export "add" (func $add))
      (export "take-string" (func $take-string))
      (export "take-list" (func $take-list))
      (export "copy-list" (func $copy-list))))))

  (func (export "fill") (canon lift (core func $main "fill")))
  (func (export "nothing") (canon lift (core func $main "nothing")))
  (func (export "scalar") (param "n" u32) (canon lift (core func $main "scalar")))
  (func (export "string") (param "n" u32) (canon lift (core func $main "string")))
  (func (export "list") (param "n" u32) (canon lift (core func $main "list")))
  (func (export "list-copied") (param "n" u32) (canon lift (core func $main "list-copied"))))
