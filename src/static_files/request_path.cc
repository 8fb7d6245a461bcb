#include "static_files/request_path.h"

#include <algorithm>
#include <optional>

namespace weft::static_files {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// Appends the decoded segment. False: it is no name of a file.
bool append_segment(std::string_view segment, std::string& to) {
  for (std::size_t i = 0; i < segment.size(); ++i) {
    char c = segment[i];
    if (c == '%') {
      if (segment.size() - i < 3) return false;
      const auto high = hex_digit(segment[i + 1]);
      const auto low = hex_digit(segment[i + 2]);
      if (!high || !low) return false;
      c = static_cast<char>(*high * 16 + *low);
      i += 2;
    }
    if (c == '\0' || c == '/') return false;
    to += c;
  }
  return true;
}

}  // namespace

bool file_path(std::string_view path, DotFiles dot_files, std::string& to) {
  to.clear();
  if (path.empty() || path == "/") return true;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  for (bool first = true;; first = false) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end == 0) return false;
    if (!first) to += '/';
    const std::size_t begin = to.size();
    if (!append_segment(path.substr(0, end), to)) return false;
    const std::string_view name = std::string_view(to).substr(begin);
    if (name == "." || name == "..") return false;
    const bool is_public = dot_files == DotFiles::served || (first && name == ".well-known");
    if (name.starts_with('.') && !is_public) return false;
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
    if (path.empty()) return false;
  }
}

}  // namespace weft::static_files
