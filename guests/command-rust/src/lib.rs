//! A command. What it does is its first argument:
//!
//!     args ...            its arguments, one in a line, the name of the program first
//!     env                 its environment, NAME=VALUE, sorted
//!     cat                 standard input to standard output
//!     poll                whether standard input has something now, and after it was waited for
//!     tty                 which of the standard files are terminals
//!     flood BYTES         so many bytes to standard output
//!     exit CODE, fail, panic, loop, sleep SECONDS, memory MIB
//!     files ...           see files.rs
//!     connect PLACE, listen PLACE, get URL: see net.rs

mod files;
mod net;

use std::io::{self, IsTerminal, Read, Write};
use std::time::Duration;
use wasip2::cli::exit::exit_with_code;
use wasip2::cli::stdin::get_stdin;

type Outcome = Result<(), Box<dyn std::error::Error>>;

struct Command;
wasip2::cli::command::export!(Command);

impl wasip2::exports::cli::run::Guest for Command {
    fn run() -> Result<(), ()> {
        let arguments: Vec<String> = std::env::args().collect();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let done = run(&words).and_then(|()| Ok(io::stdout().flush()?));
        done.map_err(|error| eprintln!("{error}"))
    }
}

fn run(words: &[&str]) -> Outcome {
    match words[1..] {
        ["args", ..] => words.iter().for_each(|word| println!("{word}")),
        ["env"] => {
            let mut variables: Vec<_> = std::env::vars().map(|(name, value)| format!("{name}={value}")).collect();
            variables.sort();
            variables.iter().for_each(|line| println!("{line}"));
        }
        ["cat"] => drop(io::copy(&mut io::stdin(), &mut io::stdout())?),
        ["poll"] => {
            let readable = get_stdin().subscribe();
            println!("{}", readable.ready());
            readable.block();
            println!("{}", readable.ready());
        }
        ["tty"] => {
            let are = [io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()];
            println!("{are:?}");
        }
        ["flood", bytes] => {
            let piece = [b'x'; 8192];
            let all = io::repeat(0).take(bytes.parse()?).bytes().count();
            let mut out = io::stdout().lock();
            for at in (0..all).step_by(piece.len()) {
                out.write_all(&piece[..piece.len().min(all - at)])?;
            }
        }
        ["exit", code] => exit_with_code(code.parse()?),
        ["fail"] => return Err("failed, as asked".into()),
        ["panic"] => panic!("as asked"),
        ["loop"] => loop {
            std::hint::black_box(());
        },
        ["sleep", seconds] => std::thread::sleep(Duration::from_secs_f64(seconds.parse()?)),
        ["memory", mib] => println!("{}", vec![1u8; mib.parse::<usize>()? << 20].iter().map(|&b| b as u64).sum::<u64>()),
        ["files", ref rest @ ..] => return files::run(rest),
        ["connect", place] => print!("{}", net::connect(place)?),
        ["listen", place] => net::listen(place)?,
        ["get", url] => print!("{}", net::get(url)?),
        _ => return Err(format!("cannot do {:?}", &words[1..]).into()),
    }
    Ok(())
}
