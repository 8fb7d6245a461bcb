#include <charconv>
#include <cmath>
#include <concepts>
#include <type_traits>

#include "abi/memory.h"
#include "abi/unicode.h"
#include "abi/value.h"

namespace weft::abi {
namespace {

constexpr const char* kMismatch = "<mismatch>";

void print_char(std::string& out, char32_t c, char quote) {
  if (c == static_cast<char32_t>(quote) || c == '\\') {
    out += '\\';
    out += static_cast<char>(c);
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c < 0x20 || c == 0x7F) {
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<std::uint32_t>(c), 16).ptr;
    out += "\\u{" + std::string(digits, end) + "}";
  } else {
    out += static_cast<char>(c);
  }
}

template <class T>
std::string print_scalar(T value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::same_as<T, char32_t>) {
    std::string text = "'";
    if (value < 0x80) {
      print_char(text, value, '\'');
    } else {
      std::byte utf8[4];
      text.append(reinterpret_cast<const char*>(utf8), encode_utf8(value, utf8));
    }
    return text + "'";
  } else {
    if constexpr (std::floating_point<T>) {
      if (std::isnan(value)) return "nan";
      if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    }
    char digits[32];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
}

class Printer {
 public:
  explicit Printer(TypeRef type) : type_(type) {}

  template <class T>
  std::string operator()(const T& value) const {
    return print_scalar(value);
  }
  std::string operator()(const std::string& value) const {
    std::string text = "\"";
    for (const char c : value) {
      if (static_cast<unsigned char>(c) < 0x80) {
        print_char(text, static_cast<char32_t>(c), '"');
      } else {
        text += c;
      }
    }
    return text + "\"";
  }
  std::string operator()(const ScalarList& value) const { return print_list(scalars_of(value)); }
  std::string operator()(const List& value) const { return print_list(value.elements); }
  std::string operator()(const Record& value) const {
    if (value.fields.size() != type_->fields.size()) return kMismatch;
    const bool tuple = type_->kind == Kind::tuple;
    std::string text = tuple ? "(" : "{";
    for (std::size_t i = 0; i < value.fields.size(); ++i) {
      if (i != 0) text += ", ";
      if (!tuple) text += type_->fields[i].label + ": ";
      text += to_string(value.fields[i], type_->fields[i].type);
    }
    return text + (tuple ? ")" : "}");
  }
  std::string operator()(const Variant& value) const {
    if (value.case_index >= type_->cases.size()) return kMismatch;
    const Case& c = type_->cases[value.case_index];
    const std::string label = type_->kind == Kind::result && value.case_index == 1 ? "err" : c.label;
    if (value.payload == nullptr) return label;
    return label + "(" + (c.type == nullptr ? kMismatch : to_string(*value.payload, c.type)) + ")";
  }
  std::string operator()(Flags value) const {
    std::string text = "{";
    for (std::size_t i = 0; i < type_->labels.size() && i < 32; ++i) {
      if ((value.bits >> i & 1) == 0) continue;
      if (text.size() > 1) text += ", ";
      text += type_->labels[i];
    }
    return text + "}";
  }
  std::string operator()(const Resource& value) const {
    return std::string(value.own ? "own(" : "borrow(") + std::to_string(value.rep) + ")";
  }
  std::string operator()(const AsyncValue& value) const { return "<" + std::string(to_string(value.kind)) + ">"; }

 private:
  std::string print_list(const std::vector<Value>& elements) const {
    if (type_->element == nullptr) return kMismatch;
    std::string text = "[";
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (i != 0) text += ", ";
      text += to_string(elements[i], type_->element);
    }
    return text + "]";
  }

  TypeRef type_;
};

}  // namespace

std::string to_string(const Value& value, TypeRef type) {
  return std::visit(Printer(type), static_cast<const Value::variant&>(value));
}

}  // namespace weft::abi
