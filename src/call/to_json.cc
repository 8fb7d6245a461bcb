#include "call/to_json.h"

#include <charconv>
#include <cmath>
#include <concepts>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <unordered_set>

#include "abi/memory.h"
#include "abi/scalars.h"
#include "abi/unicode.h"
#include "call/base64.h"

namespace weft::call {
namespace {

using abi::Kind;
using abi::TypeRef;
using abi::Value;

// How much is too much is known on the way only.
struct TooLong {};

class Writer {
 public:
  Writer(Bytes bytes, std::size_t max_bytes) : bytes_(bytes), max_bytes_(max_bytes) {}
  std::string take() { return std::move(out_); }

  void write(const Value& value, TypeRef type) {
    if (out_.size() > max_bytes_) throw TooLong();
    std::visit([&](const auto& one) { write_as(one, *type); }, static_cast<const Value::variant&>(value));
  }
  void check() const {
    if (out_.size() > max_bytes_) throw TooLong();
  }

 private:
  void write_as(bool value, const abi::Type&) { out_ += value ? "true" : "false"; }
  void write_as(std::integral auto value, const abi::Type&) { number(value); }
  void write_as(std::floating_point auto value, const abi::Type&) { real(value); }
  void write_as(char32_t value, const abi::Type&) { character(value); }
  void write_as(const std::string& value, const abi::Type&) { string(value); }
  void write_as(const abi::ScalarList& value, const abi::Type&) {
    if (value.kind == Kind::u8 && bytes_ == Bytes::base64) {
      out_ += R"({"base64":")";
      append_base64(out_, value.bytes);
      out_ += "\"}";
      return;
    }
    abi::with_scalar(value.kind, [&](auto zero) {
      using T = decltype(zero);
      char open = '[';
      for (std::size_t at = 0; at + sizeof zero <= value.bytes.size(); at += sizeof zero) {
        check();
        out_ += std::exchange(open, ',');
        const T element = abi::read_as<T>(value.bytes.data() + at);
        if constexpr (std::same_as<T, bool>)
          out_ += element ? "true" : "false";
        else if constexpr (std::same_as<T, char32_t>)
          character(element);
        else if constexpr (std::floating_point<T>)
          real(element);
        else
          number(element);
      }
      if (open == '[') out_ += '[';
      out_ += ']';
    });
  }
  void write_as(const abi::List& value, const abi::Type& type) {
    if (type.kind == Kind::map && type.element->fields[0].type->kind == Kind::string && has_distinct_keys(value))
      return object(value, type);
    out_ += '[';
    for (std::size_t i = 0; i < value.elements.size(); ++i) {
      if (i != 0) out_ += ',';
      write(value.elements[i], type.element);
    }
    out_ += ']';
  }
  void write_as(const abi::Record& value, const abi::Type& type) {
    const bool is_tuple = type.kind == Kind::tuple;
    out_ += is_tuple ? '[' : '{';
    for (std::size_t i = 0; i < value.fields.size(); ++i) {
      if (i != 0) out_ += ',';
      if (!is_tuple) label(type.fields[i].label);
      write(value.fields[i], type.fields[i].type);
    }
    out_ += is_tuple ? ']' : '}';
  }
  void write_as(const abi::Variant& value, const abi::Type& type) {
    const abi::Case& found = type.cases[value.case_index];
    if (type.kind == Kind::option) {
      if (value.payload == nullptr) {
        out_ += "null";
      } else if (found.type->kind == Kind::option) {
        member("some", *value.payload, found.type);
      } else {
        write(*value.payload, found.type);
      }
      return;
    }
    const bool is_result = type.kind == Kind::result;
    const std::string_view side = value.case_index == 0 ? "ok" : "err";
    const std::string_view name = is_result ? side : std::string_view(found.label);
    if (value.payload != nullptr) return member(name, *value.payload, found.type);
    if (!is_result) return string(name);
    out_ += value.case_index == 0 ? R"({"ok":null})" : R"({"err":null})";
  }
  void write_as(abi::Flags value, const abi::Type& type) {
    char open = '[';
    for (std::size_t i = 0; i < type.labels.size(); ++i) {
      if ((value.bits >> i & 1) == 0) continue;
      out_ += std::exchange(open, ',');
      string(type.labels[i]);
    }
    out_ += open == '[' ? "[]" : "]";
  }
  void write_as(const abi::Resource&, const abi::Type&) { throw std::logic_error("a handle is no JSON"); }
  void write_as(const abi::AsyncValue&, const abi::Type&) { throw std::logic_error("a stream is no JSON"); }

  void object(const abi::List& value, const abi::Type& type) {
    char open = '{';
    for (const Value& element : value.elements) {
      const auto& fields = element.as<abi::Record>()->fields;
      out_ += std::exchange(open, ',');
      label(*fields[0].as<std::string>());
      write(fields[1], type.element->fields[1].type);
    }
    out_ += open == '{' ? "{}" : "}";
  }
  // A guest's map may have a key twice; as an object it would lose one of them.
  static bool has_distinct_keys(const abi::List& map) {
    std::unordered_set<std::string_view> keys;
    for (const Value& element : map.elements) {
      if (!keys.insert(*element.as<abi::Record>()->fields[0].as<std::string>()).second) return false;
    }
    return true;
  }
  void member(std::string_view name, const Value& value, TypeRef type) {
    out_ += '{';
    label(name);
    write(value, type);
    out_ += '}';
  }
  void label(std::string_view name) {
    string(name);
    out_ += ':';
  }

  void number(auto value) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  // The shortest text that reads as the same number.
  void real(auto value) {
    if (std::isnan(value)) {
      out_ += "\"NaN\"";
    } else if (std::isinf(value)) {
      out_ += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    } else if (value == 0) {
      // Readers take -0 for an integer, which has no sign.
      out_ += std::signbit(value) ? "-0.0" : "0";
    } else {
      char digits[40];
      out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    }
  }
  void character(char32_t value) {
    std::byte utf8[4];
    const std::size_t size = abi::encode_utf8(value, utf8);
    string({reinterpret_cast<const char*>(utf8), size});
  }
  void string(std::string_view text) {
    out_ += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      // Control characters up to U+009F would drive a terminal.
      const bool is_c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += text[i];
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (c == '\t') {
        out_ += "\\t";
      } else if (c == '\r') {
        out_ += "\\r";
      } else if (c < 0x20 || c == 0x7f) {
        escape(c);
      } else if (is_c1) {
        escape(static_cast<unsigned char>(text[++i]));
      } else {
        out_ += text[i];
      }
    }
    out_ += '"';
  }
  void escape(unsigned char code) {
    constexpr std::string_view hex = "0123456789abcdef";
    out_ += "\\u00";
    out_ += hex[code >> 4];
    out_ += hex[code & 15];
  }

  const Bytes bytes_;
  const std::size_t max_bytes_;
  std::string out_;
};

}  // namespace

Result<std::string> to_json(const Value& value, TypeRef type, Bytes bytes, std::size_t max_bytes) {
  Writer writer(bytes, max_bytes);
  try {
    writer.write(value, type);
    writer.check();
  } catch (const TooLong&) {
    return fail(Errc::limit, "the result has more than " + std::to_string(max_bytes) + " bytes as JSON");
  }
  return writer.take();
}

}  // namespace weft::call
