#include "wasi_http/outgoing_request.h"

#include <algorithm>

#include "http/url.h"
#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Set = std::expected<void, std::monostate>;

Set valid(bool is_valid) {
  if (!is_valid) return std::unexpected(std::monostate());
  return {};
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// userinfo of RFC 3986.
bool is_user(std::string_view text) {
  constexpr std::string_view others = "-._~%!$&'()*+,;=:";
  return std::ranges::all_of(text,
                             [&](char c) { return is_letter_or_digit(c) || others.find(c) != std::string_view::npos; });
}

// [userinfo "@"] host [":" port]. A user is no part of what can be sent (RFC 9110, 4.2.4); that is send's to say.
bool is_authority(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return http::Authority::parse(text).has_value();
  return is_user(text.substr(0, at)) && http::Authority::parse(text.substr(at + 1)).has_value();
}

// What may follow an authority, or a path that is relative to nothing here, which send refuses: no other URL, none of
// what URLs have encoded (`"`, `{`, `|`, `}` and bytes above 0x7f are let through, as by other hosts).
bool is_reference(std::string_view text) {
  constexpr std::string_view encoded = "<>`";
  if (text.find_first_of(encoded) != std::string_view::npos) return false;
  const std::string_view first = text.substr(0, text.find_first_of("/?"));
  return first.find(':') == std::string_view::npos && http::is_path_with_query("/" + std::string(text));
}

Own<OutgoingRequest> constructor(Host host, Own<FieldsResource> headers) {
  return std::make_unique<OutgoingRequest>(headers->take(), budget_of(host));
}

std::expected<Own<OutgoingBody>, std::monostate> body(Host host, Borrow<OutgoingRequest> self) {
  auto made = self->body(host.context().loop(), budget_of(host));
  if (made == nullptr) return std::unexpected(std::monostate());
  return made;
}

Method method_of(Host, Borrow<OutgoingRequest> self) {
  return self->method();
}
Set set_method(Host, Borrow<OutgoingRequest> self, Method value) {
  return valid(self->set_method(std::move(value)));
}

std::optional<std::string> path(Host, Borrow<OutgoingRequest> self) {
  return self->path_with_query();
}
Set set_path(Host, Borrow<OutgoingRequest> self, std::optional<std::string> value) {
  return valid(self->set_path_with_query(std::move(value)));
}

std::optional<Scheme> scheme_of(Host, Borrow<OutgoingRequest> self) {
  return self->scheme();
}
Set set_scheme(Host, Borrow<OutgoingRequest> self, std::optional<Scheme> value) {
  return valid(self->set_scheme(std::move(value)));
}

std::optional<std::string> authority(Host, Borrow<OutgoingRequest> self) {
  return self->authority();
}
Set set_authority(Host, Borrow<OutgoingRequest> self, std::optional<std::string> value) {
  return valid(self->set_authority(std::move(value)));
}

Own<FieldsResource> headers(Host, Borrow<OutgoingRequest> self) {
  return FieldsResource::immutable(self->fields());
}

using Duration = std::optional<std::uint64_t>;
Own<RequestOptions> options_constructor(Host) {
  return std::make_unique<RequestOptions>();
}

template <Duration RequestOptions::* Field>
Duration get(Host, Borrow<RequestOptions> self) {
  return (*self).*Field;
}
template <Duration RequestOptions::* Field>
Set set(Host, Borrow<RequestOptions> self, Duration duration) {
  (*self).*Field = duration;
  return {};
}

}  // namespace

bool OutgoingRequest::set_method(Method method) {
  if (const auto* other = std::get_if<method::Other>(&method)) {
    if (!http::is_token(other->value) || other->value.size() > max_word_bytes) return false;
    method = to_method(std::string(other->value));  // "other(GET)" is GET
  }
  method_ = std::move(method);
  return true;
}

bool OutgoingRequest::set_path_with_query(std::optional<std::string> path) {
  if (path && path->empty()) path = "/";
  if (path && (path->size() > max_path_bytes || !is_reference(*path))) return false;
  charge_.set(path ? path->size() : 0);
  path_ = std::move(path);
  return true;
}

void OutgoingRequest::take_path_with_query(std::string path) {
  charge_.set(path.size());
  path_ = std::move(path);
}

bool OutgoingRequest::set_scheme(std::optional<Scheme> scheme) {
  if (scheme) {
    if (const auto* other = std::get_if<scheme::Other>(&*scheme)) {
      if (!http::is_scheme(other->value) || other->value.size() > max_word_bytes) return false;
      scheme = to_scheme(std::string(other->value));  // "other(https)" is HTTPS
    }
  }
  scheme_ = std::move(scheme);
  return true;
}

bool OutgoingRequest::set_authority(std::optional<std::string> authority) {
  // An empty one is as good as none: some toolkits have no other way to name the application itself.
  if (authority && !authority->empty() && !is_authority(*authority)) return false;
  authority_ = std::move(authority);
  return true;
}

Own<OutgoingBody> OutgoingRequest::body(Loop& loop, const std::shared_ptr<Budget>& budget) {
  if (writer_ != nullptr || open_body(loop, budget) == nullptr) return nullptr;
  return std::make_unique<OutgoingBody>(writer_);
}

const std::shared_ptr<BodyWriter>& OutgoingRequest::open_body(Loop& loop, const std::shared_ptr<Budget>& budget) {
  if (const auto length = content_length(*fields_))
    writer_ = std::make_shared<BodyWriter>(loop, Message::request, *length, budget);
  return writer_;
}

bind::Own<RequestOptions> RequestOptions::copy() const {
  auto made = std::make_unique<RequestOptions>();
  made->connect_timeout = connect_timeout;
  made->first_byte_timeout = first_byte_timeout;
  made->between_bytes_timeout = between_bytes_timeout;
  return made;
}

void add_outgoing_requests(bind::Registry& registry, std::string_view version) {
  auto& types = registry.interface(wasi::p2::versioned("wasi:http/types", version));
  types.resource<OutgoingRequest>();
  if (version == wasi::p2_october) return;
  // November says milliseconds in the names and nanoseconds in the type, which other hosts go by as well.
  const std::string unit = version == wasi::p2_november ? "-ms" : "";
  const auto named = [&](std::string_view what) {
    return std::string("[method]request-options.").append(what).append(unit);
  };
  types.resource<RequestOptions>()
      .func<&constructor>("[constructor]outgoing-request")
      .func<&body>("[method]outgoing-request.body")
      .func<&method_of>("[method]outgoing-request.method")
      .func<&set_method>("[method]outgoing-request.set-method")
      .func<&path>("[method]outgoing-request.path-with-query")
      .func<&set_path>("[method]outgoing-request.set-path-with-query")
      .func<&scheme_of>("[method]outgoing-request.scheme")
      .func<&set_scheme>("[method]outgoing-request.set-scheme")
      .func<&authority>("[method]outgoing-request.authority")
      .func<&set_authority>("[method]outgoing-request.set-authority")
      .func<&headers>("[method]outgoing-request.headers")
      .func<&options_constructor>("[constructor]request-options")
      .func<&get<&RequestOptions::connect_timeout>>(named("connect-timeout"))
      .func<&set<&RequestOptions::connect_timeout>>(named("set-connect-timeout"))
      .func<&get<&RequestOptions::first_byte_timeout>>(named("first-byte-timeout"))
      .func<&set<&RequestOptions::first_byte_timeout>>(named("set-first-byte-timeout"))
      .func<&get<&RequestOptions::between_bytes_timeout>>(named("between-bytes-timeout"))
      .func<&set<&RequestOptions::between_bytes_timeout>>(named("set-between-bytes-timeout"));
}

}  // namespace weft::wasi_http
