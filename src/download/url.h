// Where a download is asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/url.h"

namespace weft::download {

// Bytes of a URL, and of what a server redirects to.
inline constexpr std::size_t max_url_bytes = 8192;

struct Url {
  http::Origin origin;
  std::string path_with_query;  // begins with "/"

  // "https://host[:port]/path?query" or http; a fragment is left out. Nothing for anything else, user names included.
  static std::optional<Url> parse(std::string_view text);
  // What `location` stands for in an answer to this URL (RFC 3986 5.2, without dot segments). Nothing when it is not
  // one.
  std::optional<Url> redirected(std::string_view location) const;

  std::string text() const;
};

}  // namespace weft::download
