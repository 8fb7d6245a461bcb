// outgoing-request and request-options of wasi:http/types.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bind/registry.h"
#include "wasi_http/outgoing_body.h"
#include "wasi_http/variants.h"

namespace weft::wasi_http {

// Bytes of a path with its query; servers accept far less.
inline constexpr std::size_t max_path_bytes = 64 << 10;
// Bytes of a method or scheme of the guest's own.
inline constexpr std::size_t max_word_bytes = 64;

// resource outgoing-request
class OutgoingRequest : public host::Resource {
 public:
  static constexpr const char* resource_name = "outgoing-request";
  OutgoingRequest(std::shared_ptr<const http::Fields> fields, const std::shared_ptr<Budget>& budget)
      : fields_(std::move(fields)), charge_(budget) {}

  // The setters say whether the value is syntactically valid; if not, the old one stays.
  bool set_method(Method method);
  bool set_path_with_query(std::optional<std::string> path);
  bool set_scheme(std::optional<Scheme> scheme);
  bool set_authority(std::optional<std::string> authority);
  // As a client's request came with it, which may be more than a guest can set.
  void take_path_with_query(std::string path);

  const Method& method() const { return method_; }
  const std::optional<std::string>& path_with_query() const { return path_; }
  const std::optional<Scheme>& scheme() const { return scheme_; }
  const std::optional<std::string>& authority() const { return authority_; }
  const std::shared_ptr<const http::Fields>& fields() const { return fields_; }

  // The body, once; then null, or when the fields promise no single length.
  bind::Own<OutgoingBody> body(Loop& loop, const std::shared_ptr<Budget>& budget);
  // The same without its resource.
  const std::shared_ptr<BodyWriter>& open_body(Loop& loop, const std::shared_ptr<Budget>& budget);
  const std::shared_ptr<BodyWriter>& writer() const { return writer_; }

 private:
  std::shared_ptr<const http::Fields> fields_;
  Method method_ = method::Get{};
  std::optional<std::string> path_;
  std::optional<Scheme> scheme_;
  std::optional<std::string> authority_;
  std::shared_ptr<BodyWriter> writer_;
  Charge charge_;  // of path_
};

// resource request-options. Durations in nanoseconds.
class RequestOptions : public host::Resource {
 public:
  static constexpr const char* resource_name = "request-options";
  std::optional<std::uint64_t> connect_timeout;
  std::optional<std::uint64_t> first_byte_timeout;
  std::optional<std::uint64_t> between_bytes_timeout;
  bool immutable = false;  // of WASI 0.3
  // A mutable one.
  bind::Own<RequestOptions> copy() const;
};

void add_outgoing_requests(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http
