#include "wasi_http/variants.h"

#include "http/fields.h"

namespace weft::wasi_http {
namespace {

constexpr std::string_view method_names[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                             "CONNECT", "OPTIONS", "TRACE", "PATCH"};

template <std::size_t I = 0>
Method nth_method(std::size_t index) {
  if constexpr (I + 1 < std::variant_size_v<Method>) {
    if (index == I) return std::variant_alternative_t<I, Method>{};
    return nth_method<I + 1>(index);
  } else {
    return method::Other{};
  }
}

}  // namespace

Method to_method(std::string_view name) {
  for (std::size_t i = 0; i < std::size(method_names); ++i) {
    if (method_names[i] == name) return nth_method(i);
  }
  return method::Other{std::string(name)};
}

std::string to_string(const Method& method) {
  if (const auto* other = std::get_if<method::Other>(&method)) return other->value;
  return std::string(method_names[method.index()]);
}

Scheme to_scheme(std::string_view name) {
  if (http::equal_names(name, "http")) return scheme::Http{};
  if (http::equal_names(name, "https")) return scheme::Https{};
  return scheme::Other{std::string(name)};
}

std::string to_string(const Scheme& scheme) {
  if (const auto* other = std::get_if<scheme::Other>(&scheme)) return other->value;
  return scheme.index() == 0 ? "http" : "https";
}

std::string_view to_string(const ErrorCode& code) {
  return std::visit([]<class C>(const C&) { return C::label; }, code);
}

}  // namespace weft::wasi_http
