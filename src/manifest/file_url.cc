#include "manifest/file_url.h"

namespace weft::manifest {
namespace {

constexpr std::string_view hex = "0123456789ABCDEF";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/").contains(c);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string file_url(const std::filesystem::path& absolute) {
  std::string url = "file://";
  for (const char c : absolute.string()) {
    if (is_plain(c)) {
      url += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    url += '%';
    url += hex[byte >> 4];
    url += hex[byte & 0xf];
  }
  return url;
}

std::optional<std::filesystem::path> path_of_file_url(std::string_view url) {
  constexpr std::string_view scheme = "file://", local = "localhost";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  if (url.starts_with(local)) url.remove_prefix(local.size());
  if (!url.starts_with('/')) return std::nullopt;
  std::string path;
  for (std::size_t i = 0; i < url.size(); ++i) {
    char c = url[i];
    if (c == '%') {
      if (url.size() - i < 3) return std::nullopt;
      const int high = hex_value(url[i + 1]), low = hex_value(url[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    path += c;
  }
  return path;
}

}  // namespace weft::manifest
