#include "preview1/errno.h"

#include "wasi/file_streams.h"

namespace weft::preview1 {

Errno errno_of(wasi::ErrorCode code) {
  using Code = wasi::ErrorCode;
  switch (code) {
    case Code::access:
      return Errno::acces;
    case Code::would_block:
      return Errno::again;
    case Code::already:
      return Errno::already;
    case Code::bad_descriptor:
      return Errno::badf;
    case Code::busy:
      return Errno::busy;
    case Code::deadlock:
      return Errno::deadlk;
    case Code::quota:
      return Errno::dquot;
    case Code::exist:
      return Errno::exist;
    case Code::file_too_large:
      return Errno::fbig;
    case Code::illegal_byte_sequence:
      return Errno::ilseq;
    case Code::in_progress:
      return Errno::inprogress;
    case Code::interrupted:
      return Errno::intr;
    case Code::invalid:
      return Errno::inval;
    case Code::io:
      return Errno::io;
    case Code::is_directory:
      return Errno::isdir;
    case Code::loop:
      return Errno::loop;
    case Code::too_many_links:
      return Errno::mlink;
    case Code::message_size:
      return Errno::msgsize;
    case Code::name_too_long:
      return Errno::nametoolong;
    case Code::no_device:
      return Errno::nodev;
    case Code::no_entry:
      return Errno::noent;
    case Code::no_lock:
      return Errno::nolck;
    case Code::insufficient_memory:
      return Errno::nomem;
    case Code::insufficient_space:
      return Errno::nospc;
    case Code::not_directory:
      return Errno::notdir;
    case Code::not_empty:
      return Errno::notempty;
    case Code::not_recoverable:
      return Errno::notrecoverable;
    case Code::unsupported:
      return Errno::notsup;
    case Code::no_tty:
      return Errno::notty;
    case Code::no_such_device:
      return Errno::nxio;
    case Code::overflow:
      return Errno::overflow;
    case Code::not_permitted:
      return Errno::perm;
    case Code::pipe:
      return Errno::pipe;
    case Code::read_only:
      return Errno::rofs;
    case Code::invalid_seek:
      return Errno::spipe;
    case Code::text_file_busy:
      return Errno::txtbsy;
    case Code::cross_device:
      return Errno::xdev;
  }
  return Errno::io;
}

Errno errno_of(const wasi::StreamError& error) {
  if (std::holds_alternative<wasi::Closed>(error)) return Errno::pipe;
  const auto* failure = dynamic_cast<const wasi::FileError*>(std::get<wasi::LastOperationFailed>(error).value.get());
  return failure == nullptr ? Errno::io : errno_of(failure->code());
}

}  // namespace weft::preview1
