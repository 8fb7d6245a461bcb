// request-options of wasi:http 0.3.
#include "wasi_http/p3_messages.h"

namespace weft::wasi_http::p3 {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Duration = std::optional<std::uint64_t>;

Own<RequestOptions> constructor(Host) {
  return std::make_unique<RequestOptions>();
}

template <Duration RequestOptions::* Field>
Duration get(Host, Borrow<RequestOptions> self) {
  return (*self).*Field;
}

template <Duration RequestOptions::* Field>
std::expected<void, RequestOptionsError> set(Host, Borrow<RequestOptions> self, Duration duration) {
  if (self->immutable) return std::unexpected(request_options_error::Immutable{});
  (*self).*Field = duration;
  return {};
}

Own<RequestOptions> clone(Host, Borrow<RequestOptions> self) {
  return self->copy();
}

}  // namespace

void add_request_options(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:http/types@" + std::string(version))
      .resource<RequestOptions>()
      .func<&constructor>("[constructor]request-options")
      .func<&get<&RequestOptions::connect_timeout>>("[method]request-options.get-connect-timeout")
      .func<&set<&RequestOptions::connect_timeout>>("[method]request-options.set-connect-timeout")
      .func<&get<&RequestOptions::first_byte_timeout>>("[method]request-options.get-first-byte-timeout")
      .func<&set<&RequestOptions::first_byte_timeout>>("[method]request-options.set-first-byte-timeout")
      .func<&get<&RequestOptions::between_bytes_timeout>>("[method]request-options.get-between-bytes-timeout")
      .func<&set<&RequestOptions::between_bytes_timeout>>("[method]request-options.set-between-bytes-timeout")
      .func<&clone>("[method]request-options.clone");
}

}  // namespace weft::wasi_http::p3
