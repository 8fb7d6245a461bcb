//! What a component should not do. Each of these is the component's fault, and none of its neighbours'.

use std::hint::black_box;
use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use guest_http::{answer, Answer};
use wasip2::http::types::ResponseOutparam;

pub fn trap() -> ! {
    core::arch::wasm32::unreachable()
}

pub fn endless_loop() -> ! {
    loop {
        black_box(());
    }
}

/// Takes memory and writes to all of it, until an allocation fails (which Rust answers with a trap).
pub fn allocate_without_end() -> ! {
    let mut taken = Vec::new();
    loop {
        taken.push(black_box(vec![1u8; 1 << 20]));
    }
}

/// Keeps memory it has written to while it waits. Taken piece by piece, as most programs do.
pub fn hold_memory(mib: u64, time: Duration) {
    let taken: Vec<_> = (0..mib).map(|_| black_box(vec![1u8; 1 << 20])).collect();
    sleep(time);
    drop(black_box(taken));
}

/// The same in one piece, which costs no memory until it is written to: after everything was granted.
pub fn hold_memory_written_late(mib: u64, time: Duration) {
    // The first wait allocates what it needs, which would not be granted any more.
    sleep(Duration::from_millis(1));
    let size = (mib as usize) << 20;
    let mut taken: Vec<u8> = Vec::with_capacity(size);
    black_box(taken.as_mut_ptr());
    taken.resize(size, 1);
    black_box(&mut taken);
    sleep(time);
}

/// Deep enough for any stack. It keeps nothing in linear memory, so that it is the engine's stack that ends.
#[inline(never)]
pub fn recurse(n: u64) -> u64 {
    if n == u64::MAX {
        return 0;
    }
    // No compiler can make a loop of this: what follows the call is not associative.
    (recurse(n + 1) ^ n).rotate_left(7).wrapping_mul(n | 1)
}

/// Uses a handle that the first answer has consumed.
pub fn answer_twice(out: ResponseOutparam) {
    let again = unsafe { ResponseOutparam::from_handle(out.handle()) };
    answer(out, 200, "first\n");
    answer(again, 200, "second\n");
}

pub fn body_of_other_length(out: ResponseOutparam, announced: usize, written: usize) {
    let mut answer = Answer::start(out, 200, &[("content-length", &announced.to_string())]);
    let _ = answer.write_all(&vec![b'x'; written]);
    let _ = answer.finish();
}

/// The response is set, and nothing of its body follows.
pub fn leave_body_unwritten(out: ResponseOutparam) {
    drop(Answer::start(out, 200, &[]));
}

pub fn leave_body_unfinished(out: ResponseOutparam) {
    let mut answer = Answer::start(out, 200, &[]);
    let _ = answer.write_all(b"the beginning of");
    let _ = answer.flush();
}
