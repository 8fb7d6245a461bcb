#include "download/url.h"

#include <utility>

#include "http/fields.h"

namespace weft::download {
namespace {

constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t http_port = 80;

// Takes "scheme://" off `text`, letter case ignored.
bool take_scheme(std::string_view& text, std::string_view scheme) {
  if (!http::equal_names(text.substr(0, scheme.size()), scheme)) return false;
  text.remove_prefix(scheme.size());
  return true;
}

std::string_view before(std::string_view text, char end) {
  return text.substr(0, text.find(end));
}

std::string_view up_to_last_slash(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}

}  // namespace

std::optional<Url> Url::parse(std::string_view text) {
  if (text.size() > max_url_bytes) return std::nullopt;
  const bool tls = take_scheme(text, "https://");
  if (!tls && !take_scheme(text, "http://")) return std::nullopt;
  text = before(text, '#');
  const std::string_view authority_text = text.substr(0, text.find_first_of("/?"));
  auto authority = http::Authority::parse(authority_text);
  if (!authority) return std::nullopt;
  const std::string_view rest = text.substr(authority_text.size());
  if (!http::is_path_with_query(rest)) return std::nullopt;
  return Url{.origin = {.tls = tls,
                        .host = std::move(authority->host),
                        .port = authority->port.value_or(tls ? https_port : http_port)},
             .path_with_query = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest)};
}

std::optional<Url> Url::redirected(std::string_view location) const {
  location = before(location, '#');
  if (location.empty()) return std::nullopt;
  const std::string scheme = std::string(origin.scheme()) + ":";
  if (location.starts_with("//")) return parse(scheme + std::string(location));
  const std::string base = scheme + "//" + origin.authority();
  if (location.starts_with('/')) return parse(base + std::string(location));
  // A scheme ends at a colon that stands before everything else.
  if (const auto end = location.find_first_of(":/?"); end != std::string_view::npos && location[end] == ':')
    return parse(location);
  const std::string_view path = before(path_with_query, '?');
  if (location.starts_with('?')) return parse(base + std::string(path) + std::string(location));
  return parse(base + std::string(up_to_last_slash(path)) + std::string(location));
}

std::string Url::text() const {
  return std::string(origin.scheme()) + "://" + origin.authority() + path_with_query;
}

}  // namespace weft::download
