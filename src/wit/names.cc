#include "wit/names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weft::wit {
namespace {

constexpr std::array<std::string_view, 46> keywords{
    "_",   "as",      "async",  "bool",    "borrow",  "char",     "constructor", "enum",    "error-context", "export",
    "f32", "f64",     "flags",  "from",    "func",    "future",   "import",      "include", "interface",     "list",
    "map", "option",  "own",    "package", "record",  "resource", "result",      "s16",     "s32",           "s64",
    "s8",  "static",  "stream", "string",  "tuple",   "type",     "u16",         "u32",     "u64",           "u8",
    "use", "variant", "with",   "world",   "float32", "float64"};

}  // namespace

std::string escaped(std::string_view label) {
  const bool is_keyword = std::ranges::find(keywords, label) != keywords.end();
  return (is_keyword ? "%" : "") + std::string(label);
}

InterfaceName::InterfaceName(std::string_view name) {
  if (const auto at = name.find('@'); at != std::string_view::npos) {
    version = name.substr(at + 1);
    name = name.substr(0, at);
  }
  if (const auto slash = name.find('/'); slash != std::string_view::npos) {
    interface = name.substr(slash + 1);
    name = name.substr(0, slash);
  }
  package = name;
}

std::string InterfaceName::package_text() const {
  const auto colon = std::min(package.find(':'), package.size());
  std::string text = escaped(package.substr(0, colon));
  if (colon < package.size()) text += ":" + escaped(package.substr(colon + 1));
  if (!version.empty()) text += "@" + std::string(version);
  return text;
}

std::string escaped_interface(std::string_view name) {
  InterfaceName parts(name);
  const std::string_view version = std::exchange(parts.version, {});
  std::string text = parts.package_text() + "/" + escaped(parts.interface);
  if (!version.empty()) text += "@" + std::string(version);
  return text;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code == '\n' || code == '\t')
      out += c;
    else if (code < 0x20 || code == 0x7f)
      out += '?';
    // U+0080 to U+009F, in UTF-8 C2 80 to C2 9F, are control characters too.
    else if (code >= 0x80 && code < 0xa0 && !out.empty() && out.back() == '\xc2')
      out.back() = '?';
    else
      out += c;
  }
  return out;
}

}  // namespace weft::wit
