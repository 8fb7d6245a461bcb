#include "util/error.h"

#include <cstring>

namespace weft {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::unsupported:
      return "unsupported";
    case Errc::not_found:
      return "not found";
    case Errc::denied:
      return "denied";
    case Errc::limit:
      return "limit reached";
    case Errc::timeout:
      return "timed out";
    case Errc::cancelled:
      return "cancelled";
    case Errc::unavailable:
      return "unavailable";
    case Errc::io:
      return "input/output";
    case Errc::internal:
      return "internal";
  }
  return "unknown";
}

Error Error::context(std::string_view what) && {
  message_.insert(0, std::string(what) + ": ");
  return std::move(*this);
}

Error Error::from_errno(std::string_view what, int error_number) {
  Errc code = Errc::io;
  if (error_number == ENOENT) code = Errc::not_found;
  if (error_number == EACCES || error_number == EPERM) code = Errc::denied;
  return Error(code, std::string(what) + ": " + std::strerror(error_number));
}

std::string what_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an unknown failure";
  }
}

}  // namespace weft
