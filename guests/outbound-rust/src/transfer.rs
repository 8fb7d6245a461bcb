//! Moving bodies without waiting, so that several can be waited for together.

use wasip2::http::types::{IncomingBody, OutgoingBody};
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// A body on its way in that goes out again.
pub struct Transfer(Option<Ends>);

// In this order they are dropped: each stream before the body it belongs to.
struct Ends {
    from: InputStream,
    to: OutputStream,
    pending: Vec<u8>,
    _source: IncomingBody,
    sink: OutgoingBody,
}

enum Step {
    Waiting(Pollable),
    Complete,
    Broken,
}

/// What is read at a time.
const PIECE: u64 = 64 << 10;

impl Transfer {
    pub fn new(source: IncomingBody, sink: OutgoingBody) -> Transfer {
        let (from, to) = (source.stream().unwrap(), sink.write().unwrap());
        Transfer(Some(Ends { from, to, pending: Vec::new(), _source: source, sink }))
    }

    /// Moves what can be moved now. Returns what to wait for, or nothing when the transfer has ended. One whose input
    /// broke ends without finishing its output, which therefore does not look complete to who receives it.
    pub fn advance(&mut self) -> Option<Pollable> {
        match self.0.as_mut()?.step() {
            Step::Waiting(pollable) => return Some(pollable),
            Step::Complete => {
                let Ends { from, to, _source, sink, .. } = self.0.take()?;
                drop((from, to));
                let _ = OutgoingBody::finish(sink, None);
            }
            Step::Broken => self.0 = None,
        }
        None
    }
}

impl Ends {
    fn step(&mut self) -> Step {
        loop {
            if self.pending.is_empty() {
                match self.from.read(PIECE) {
                    Ok(bytes) if bytes.is_empty() => return Step::Waiting(self.from.subscribe()),
                    Ok(bytes) => self.pending = bytes,
                    Err(StreamError::Closed) => return Step::Complete,
                    Err(_) => return Step::Broken,
                }
            }
            let room = match self.to.check_write() {
                Ok(0) => return Step::Waiting(self.to.subscribe()),
                Ok(room) => self.pending.len().min(room as usize),
                Err(_) => return Step::Broken,
            };
            if self.to.write(&self.pending[..room]).is_err() {
                return Step::Broken;
            }
            self.pending.drain(..room);
        }
    }
}
