// Names in WIT text.
#pragma once

#include <string>
#include <string_view>

namespace weft::wit {

// "list" → "%list": a label that would read as a keyword.
std::string escaped(std::string_view label);

// "wasi:io/poll@0.2.0" in parts, each as written.
struct InterfaceName {
  std::string_view package;  // "wasi:io"
  std::string_view interface;
  std::string_view version;  // "0.2.0", or empty

  explicit InterfaceName(std::string_view name);
  // "wasi:io@0.2.0", escaped
  std::string package_text() const;
};

// The whole name with its parts escaped.
std::string escaped_interface(std::string_view name);

// Control characters, which would drive a terminal, replaced; lines stay lines.
std::string printable(std::string_view text);

}  // namespace weft::wit
