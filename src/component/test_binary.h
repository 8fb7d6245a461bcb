// Test helpers: component binaries put together by hand, piece by piece.
#pragma once

#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "component/decode.h"
#include "component/validate.h"

namespace weft::component::test {

inline std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

inline std::string leb(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  return out + static_cast<char>(value);
}

// A type index where a value type is expected: signed LEB128.
inline std::string type_ref(uint64_t index) {
  std::string out;
  for (; index >= 0x40; index >>= 7) out += static_cast<char>((index & 0x7f) | 0x80);
  return out + static_cast<char>(index);
}

inline std::string name(std::string_view text) {
  return leb(text.size()) + std::string(text);
}

inline std::string vec(const std::vector<std::string>& items) {
  std::string out = leb(items.size());
  for (const std::string& item : items) out += item;
  return out;
}

inline std::string section(int id, const std::string& body) {
  return bytes({id}) + leb(body.size()) + body;
}
inline std::string component(const std::string& sections = {}) {
  return bytes({0, 'a', 's', 'm', 0x0d, 0, 1, 0}) + sections;
}
inline std::string core_module(const std::string& sections = {}) {
  return bytes({0, 'a', 's', 'm', 1, 0, 0, 0}) + sections;
}

// Sections with the given definitions.
inline std::string types(const std::vector<std::string>& defs) {
  return section(7, vec(defs));
}
inline std::string imports(const std::vector<std::string>& defs) {
  return section(10, vec(defs));
}
inline std::string exports(const std::vector<std::string>& defs) {
  return section(11, vec(defs));
}
inline std::string instances(const std::vector<std::string>& defs) {
  return section(5, vec(defs));
}
inline std::string aliases(const std::vector<std::string>& defs) {
  return section(6, vec(defs));
}
inline std::string canons(const std::vector<std::string>& defs) {
  return section(8, vec(defs));
}

inline std::string extern_name(std::string_view text) {
  return bytes({0}) + name(text);
}
inline std::string import(std::string_view text, const std::string& desc) {
  return extern_name(text) + desc;
}
// An export of `sort_idx` without ascribed type.
inline std::string export_of(std::string_view text, const std::string& sort_idx) {
  return extern_name(text) + sort_idx + bytes({0});
}

inline ast::Bytes shared(std::string_view text) {
  auto out = std::make_shared<std::vector<std::byte>>(text.size());
  if (!text.empty()) std::memcpy(out->data(), text.data(), text.size());
  return out;
}

// "" if the binary decodes and validates, else the message.
inline std::string error_of(std::string_view binary, const DecodeOptions& options = {}) {
  const auto decoded = decode(shared(binary), options);
  if (!decoded) return decoded.error().message();
  const auto valid = validate(**decoded);
  return valid ? "" : valid.error().message();
}

}  // namespace weft::component::test
