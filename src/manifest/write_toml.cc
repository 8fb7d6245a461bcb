#include "manifest/write_toml.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weft::manifest {
namespace {

bool is_bare_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          constexpr const char* digits = "0123456789ABCDEF";
          out += "\\u00";
          out += digits[(c >> 4) & 15];
          out += digits[c & 15];
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string key_of(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, is_bare_key_character) ? name : quoted(name);
}

std::string text_of(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char buffer[64];
  char* const end = std::to_chars(std::begin(buffer), std::end(buffer), number).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string inline_value(const Value& value);

std::string inline_table(const Value::Table& table) {
  if (table.empty()) return "{}";
  std::string out = "{ ";
  for (std::size_t i = 0; i < table.size(); ++i) {
    out += (i == 0 ? "" : ", ") + key_of(table[i].name) + " = " + inline_value(table[i].value);
  }
  return out + " }";
}

std::string inline_value(const Value& value) {
  struct Writer {
    std::string operator()(const std::string& text) const { return quoted(text); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return text_of(number); }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(const Datetime& datetime) const { return datetime.text; }
    std::string operator()(const Value::Array& array) const {
      std::string out = "[";
      for (std::size_t i = 0; i < array.size(); ++i) out += (i == 0 ? "" : ", ") + inline_value(array[i]);
      return out + "]";
    }
    std::string operator()(const Value::Table& table) const { return inline_table(table); }
  };
  return std::visit(Writer(), value.data);
}

bool is_header_table(const Value& value) {
  const auto* table = value.get<Value::Table>();
  return table != nullptr && !table->empty();
}

bool is_header_array(const Value& value) {
  const auto* array = value.get<Value::Array>();
  return array != nullptr && !array->empty() && std::ranges::all_of(*array, is_header_table);
}

void write_table(const Value::Table& table, const std::string& path, std::string& out) {
  for (const Member& member : table) {
    if (is_header_table(member.value) || is_header_array(member.value)) continue;
    out += key_of(member.name) + " = " + inline_value(member.value) + "\n";
  }
  for (const Member& member : table) {
    const std::string name = path.empty() ? key_of(member.name) : path + "." + key_of(member.name);
    if (is_header_table(member.value)) {
      const auto& inner = *member.value.get<Value::Table>();
      // A header of tables alone says nothing that theirs do not.
      const bool own_keys = !std::ranges::all_of(
          inner, [](const Member& m) { return is_header_table(m.value) || is_header_array(m.value); });
      if (own_keys) out += "\n[" + name + "]\n";
      write_table(inner, name, out);
    } else if (is_header_array(member.value)) {
      for (const Value& element : *member.value.get<Value::Array>()) {
        out += "\n[[" + name + "]]\n";
        write_table(*element.get<Value::Table>(), name, out);
      }
    }
  }
}

}  // namespace

std::string write_toml(const Value& root) {
  std::string out;
  if (const auto* table = root.get<Value::Table>()) write_table(*table, "", out);
  return out;
}

}  // namespace weft::manifest
