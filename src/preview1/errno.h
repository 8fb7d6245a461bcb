// errno of WASI preview 1, and what functions of preview 1 return.
#pragma once

#include <cstdint>
#include <expected>

#include "bind/abi.h"
#include "wasi/error_code.h"
#include "wasi/streams.h"

namespace weft::preview1 {

// In the order of the interface; values are its numbers.
enum class Errno : std::uint16_t {
  success,
  toobig,
  acces,
  addrinuse,
  addrnotavail,
  afnosupport,
  again,
  already,
  badf,
  badmsg,
  busy,
  canceled,
  child,
  connaborted,
  connrefused,
  connreset,
  deadlk,
  destaddrreq,
  dom,
  dquot,
  exist,
  fault,
  fbig,
  hostunreach,
  idrm,
  ilseq,
  inprogress,
  intr,
  inval,
  io,
  isconn,
  isdir,
  loop,
  mfile,
  mlink,
  msgsize,
  multihop,
  nametoolong,
  netdown,
  netreset,
  netunreach,
  nfile,
  nobufs,
  nodev,
  noent,
  noexec,
  nolck,
  nolink,
  nomem,
  nomsg,
  noprotoopt,
  nospc,
  nosys,
  notconn,
  notdir,
  notempty,
  notrecoverable,
  notsock,
  notsup,
  notty,
  nxio,
  overflow,
  ownerdead,
  perm,
  pipe,
  proto,
  protonosupport,
  prototype,
  range,
  rofs,
  spipe,
  srch,
  stale,
  timedout,
  txtbsy,
  xdev,
  notcapable,
};

Errno errno_of(wasi::ErrorCode code);
Errno errno_of(const wasi::StreamError& error);

template <class T>
using Outcome = std::expected<T, Errno>;

inline std::unexpected<Errno> failed(Errno error) {
  return std::unexpected(error);
}
template <class T>
Outcome<T> outcome(wasi::FileResult<T> result) {
  if (!result) return failed(errno_of(result.error()));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

// What a function gives its caller: success, or why not. Made of the errors of this folder and of wasi.
class Status {
 public:
  Status() = default;
  Status(Errno error) : error_(error) {}                                                        // NOLINT
  Status(const std::unexpected<Errno>& error) : error_(error.error()) {}                        // NOLINT
  Status(const std::unexpected<wasi::ErrorCode>& error) : error_(errno_of(error.error())) {}    // NOLINT
  Status(const Outcome<void>& outcome) : error_(outcome ? Errno::success : outcome.error()) {}  // NOLINT
  Status(const wasi::FileResult<void>& result)
      : error_(result ? Errno::success : errno_of(result.error())) {}  // NOLINT

  Errno error() const { return error_; }

 private:
  Errno error_ = Errno::success;
};

}  // namespace weft::preview1

namespace weft::bind {

// As a core function returns it: an i32.
template <>
struct Abi<preview1::Status> {
  static std::string wit() { return "u32"; }
  static bool check(TypeRef type, const ResourceTypes&) { return type->kind == abi::Kind::u32; }
  static void lower(Lower&, auto to, preview1::Status status, TypeRef) {
    to.write(static_cast<std::uint32_t>(status.error()));
  }
};

}  // namespace weft::bind
