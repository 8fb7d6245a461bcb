#include "http2/header_list.h"

#include <charconv>

#include "http/response_writer.h"

namespace weft::http2 {
namespace {

// nghttp2 does not write to what it is given.
std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

bool is_trailer(http::Fields::Field field) {
  return http::is_token(field.name) && http::is_field_value(field.value) && !http::is_connections_own(field.name) &&
         !http::equal_names(field.name, "host") && !http::equal_names(field.name, "trailer");
}

}  // namespace

void HeaderList::add(std::string_view name, std::string_view value) {
  list_.push_back({.name = bytes_of(name),
                   .value = bytes_of(value),
                   .namelen = name.size(),
                   .valuelen = value.size(),
                   .flags = NGHTTP2_NV_FLAG_NONE});
}

void HeaderList::add(std::string_view name, std::uint64_t number) {
  auto& digits = digits_[numbers_++ % std::size(digits_)];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  add(name, std::string_view(digits, end));
}

void HeaderList::add_trailers(const http::Fields& trailers) {
  for (std::size_t i = 0; i < trailers.size(); ++i) {
    if (is_trailer(trailers[i])) add(trailers[i].name, trailers[i].value);
  }
}

}  // namespace weft::http2
