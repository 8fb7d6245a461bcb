//! A component that can be asked to do what components should not, and to tell what it sees of its host.

mod faults;
mod views;

use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use guest_http::{answer, Answer, Target};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

struct Misbehave;
wasip2::http::proxy::export!(Misbehave);

impl Guest for Misbehave {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        match target.path.as_str() {
            "/" => answer(out, 200, "fine\n"),

            "/trap" => faults::trap(),
            "/panic" => panic!("asked to panic"),
            "/loop" => faults::endless_loop(),
            "/alloc" => faults::allocate_without_end(),
            "/deep-recursion" => answer(out, 200, faults::recurse(target.number("from", 0)).to_string()),
            "/never" => sleep(Duration::MAX),
            "/exit" => std::process::exit(target.number("code", 0) as i32),
            "/twice" => faults::answer_twice(out),
            "/short-body" => faults::body_of_other_length(out, 100, 10),
            "/long-body" => faults::body_of_other_length(out, 10, 100),
            "/no-body" => faults::leave_body_unwritten(out),
            "/no-body-kept" => std::mem::forget(Answer::start(out, 200, &[])),
            "/no-body-trap" => {
                let _answer = Answer::start(out, 200, &[]);
                faults::trap()
            }
            "/close-early" => faults::leave_body_unfinished(out),

            "/slow" => {
                sleep(Duration::from_millis(target.number("ms", 1000)));
                answer(out, 200, "late\n");
            }
            "/hold" => {
                faults::hold_memory(target.number("mib", 1), Duration::from_millis(target.number("ms", 1000)));
                answer(out, 200, "let go\n");
            }
            "/hold-late" => {
                let time = Duration::from_millis(target.number("ms", 1000));
                let mib = target.number("mib", 1);
                if target.number("begun", 0) == 0 {
                    faults::hold_memory_written_late(mib, time);
                    return answer(out, 200, "let go\n");
                }
                let mut answer = Answer::start(out, 200, &[]);
                let _ = answer.write_all(b"begun\n");
                let _ = answer.flush();
                faults::hold_memory_written_late(mib, time);
                let _ = answer.finish();
            }
            "/big-body" => big_body(out, target.number("n", 1 << 20)),
            "/stdout" => {
                for line in 0..target.number("lines", 1) {
                    println!("out {line}");
                    eprintln!("err {line}");
                }
                answer(out, 200, "written\n");
            }

            "/env" => answer(out, 200, views::environment()),
            "/random" => answer(out, 200, views::random(target.number("n", 16))),
            "/clock" => answer(out, 200, views::clocks()),
            "/remember" => answer(out, 200, views::remembered(target.query())),

            _ => answer(out, 404, "not found\n"),
        }
    }
}

fn big_body(out: ResponseOutparam, mut left: u64) {
    let mut answer = Answer::start(out, 200, &[]);
    let piece = [b'x'; 64 << 10];
    while left > 0 {
        let n = left.min(piece.len() as u64);
        // The client has left.
        if answer.write_all(&piece[..n as usize]).is_err() {
            return;
        }
        left -= n;
    }
    let _ = answer.finish();
}
