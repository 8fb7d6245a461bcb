#include "manifest/text.h"

namespace weft::manifest {

std::string compose_text(std::string_view pattern, std::initializer_list<const TextArgument*> arguments) {
  std::string out;
  auto next = arguments.begin();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view pair = pattern.substr(i, 2);
    if (pair == "{}" && next != arguments.end()) {
      out += (*next++)->view();
      ++i;
    } else {
      out += pattern[i];
      if (pair == "{{" || pair == "}}") ++i;
    }
  }
  return out;
}

std::string toml_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += compose("\\u00{}{}", digits.substr(byte / 16, 1), digits.substr(byte % 16, 1));
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace weft::manifest
