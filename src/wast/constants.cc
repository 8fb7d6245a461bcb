#include "wast/constants.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <span>

#include "abi/unicode.h"

namespace weft::wast {
namespace {

using abi::Kind;
using abi::TypeRef;
using abi::Value;
using nlohmann::json;

std::unexpected<Error> mismatch(const json& constant, std::string_view type) {
  return fail(Errc::invalid, "the constant " + constant.dump() + " is not of type " + std::string(type));
}

std::string_view type_of(const json& constant) {
  const auto type = constant.find("type");
  return type != constant.end() && type->is_string() ? type->get_ref<const std::string&>() : std::string_view();
}

const json& value_of(const json& constant) {
  static const json null;
  const auto value = constant.find("value");
  return value == constant.end() ? null : *value;
}

// Numbers stand as decimal text.
template <class T>
std::optional<T> number(const json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  T out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

class ValueReader {
 public:
  ValueReader(const json& constant, TypeRef type) : constant_(constant), value_(value_of(constant)), type_(type) {}

  Result<Value> read() const {
    if (type_of(constant_) != name()) return wrong();
    switch (type_->kind) {
      case Kind::boolean:
        if (!value_.is_boolean()) return wrong();
        return Value(value_.get<bool>());
      case Kind::s8:
        return integer<std::int8_t>();
      case Kind::u8:
        return integer<std::uint8_t>();
      case Kind::s16:
        return integer<std::int16_t>();
      case Kind::u16:
        return integer<std::uint16_t>();
      case Kind::s32:
        return integer<std::int32_t>();
      case Kind::u32:
        return integer<std::uint32_t>();
      case Kind::s64:
        return integer<std::int64_t>();
      case Kind::u64:
        return integer<std::uint64_t>();
      case Kind::f32:
        return real<float, std::uint32_t>();
      case Kind::f64:
        return real<double, std::uint64_t>();
      case Kind::character:
        return character();
      case Kind::string:
        if (!value_.is_string()) return wrong();
        return Value(value_.get<std::string>());
      case Kind::list:
      case Kind::fixed_list:
      case Kind::map:
        return list();
      case Kind::record:
        return record();
      case Kind::tuple:
        return tuple();
      case Kind::variant:
        return variant();
      case Kind::enumeration:
        if (!value_.is_string()) return wrong();
        return of_case(value_.get<std::string>(), json());
      case Kind::option:
        return of_case(value_.is_null() ? "none" : "some", value_);
      case Kind::result:
        return result();
      case Kind::flags:
        return flags();
      case Kind::error_context:
      case Kind::own:
      case Kind::borrow:
      case Kind::stream:
      case Kind::future:
        break;
    }
    return wrong();
  }

 private:
  // The `type` of constants of this kind.
  std::string_view name() const {
    switch (type_->kind) {
      case Kind::boolean:
        return "bool";
      case Kind::character:
        return "char";
      case Kind::enumeration:
        return "enum";
      case Kind::fixed_list:
      case Kind::map:
        return "list";
      default:
        return abi::to_string(type_->kind);
    }
  }

  std::unexpected<Error> wrong() const { return mismatch(constant_, abi::to_string(type_)); }

  template <class T>
  Result<Value> integer() const {
    const auto read = number<T>(value_);
    if (!read) return wrong();
    return Value(*read);
  }

  template <class Float, class Bits>
  Result<Value> real() const {
    const auto bits = number<Bits>(value_);
    if (!bits) return wrong();
    return Value(std::bit_cast<Float>(*bits));
  }

  Result<Value> character() const {
    if (!value_.is_string()) return wrong();
    const auto& utf8 = value_.get_ref<const std::string&>();
    if (utf8.size() > 4) return wrong();
    std::array<char16_t, 4> utf16;
    const std::size_t bytes = abi::write_utf16({.data = reinterpret_cast<const std::byte*>(utf8.data()),
                                                .code_units = static_cast<std::uint32_t>(utf8.size())},
                                               0, std::as_writable_bytes(std::span(utf16)));
    if (bytes == 2) return Value(char32_t{utf16[0]});
    if (bytes == 4 && (utf16[0] & 0xFC00) == 0xD800)
      return Value(char32_t{0x10000u + ((utf16[0] - 0xD800u) << 10) + (utf16[1] - 0xDC00u)});
    return wrong();
  }

  Result<Value> list() const {
    if (!value_.is_array()) return wrong();
    if (type_->kind == Kind::fixed_list && value_.size() != type_->length) return wrong();
    std::vector<Value> elements;
    for (const json& element : value_) {
      TRY(auto read, component_value(element, type_->element));
      elements.push_back(std::move(read));
    }
    return abi::make_list(type_->element, std::move(elements));
  }

  Result<Value> record() const {
    if (!value_.is_array() || value_.size() != type_->fields.size()) return wrong();
    abi::Record record;
    for (std::size_t i = 0; i < value_.size(); ++i) {
      const json& field = value_[i];
      if (!field.is_array() || field.size() != 2 || field[0] != type_->fields[i].label) return wrong();
      TRY(auto read, component_value(field[1], type_->fields[i].type));
      record.fields.push_back(std::move(read));
    }
    return Value(std::move(record));
  }

  Result<Value> tuple() const {
    if (!value_.is_array() || value_.size() != type_->fields.size()) return wrong();
    abi::Record record;
    for (std::size_t i = 0; i < value_.size(); ++i) {
      TRY(auto read, component_value(value_[i], type_->fields[i].type));
      record.fields.push_back(std::move(read));
    }
    return Value(std::move(record));
  }

  Result<Value> variant() const {
    if (!value_.is_object() || !value_.contains("case") || !value_.at("case").is_string()) return wrong();
    return of_case(value_.at("case").get<std::string>(), value_.contains("payload") ? value_.at("payload") : json());
  }

  Result<Value> result() const {
    if (!value_.is_object() || value_.size() != 1) return wrong();
    if (value_.contains("Ok")) return of_case("ok", value_.at("Ok"));
    if (value_.contains("Err")) return of_case("error", value_.at("Err"));
    return wrong();
  }

  Result<Value> of_case(const std::string& label, const json& payload) const {
    for (std::uint32_t i = 0; i < type_->cases.size(); ++i) {
      if (type_->cases[i].label != label) continue;
      if (payload.is_null() != (type_->cases[i].type == nullptr)) return wrong();
      if (payload.is_null()) return Value(abi::Variant(i));
      TRY(auto read, component_value(payload, type_->cases[i].type));
      return Value(abi::Variant(i, std::move(read)));
    }
    return wrong();
  }

  Result<Value> flags() const {
    if (!value_.is_array()) return wrong();
    abi::Flags flags;
    for (const json& label : value_) {
      if (!label.is_string()) return wrong();
      const auto found = std::find(type_->labels.begin(), type_->labels.end(), label.get_ref<const std::string&>());
      if (found == type_->labels.end()) return wrong();
      flags.bits |= 1u << (found - type_->labels.begin());
    }
    return Value(flags);
  }

  const json& constant_;
  const json& value_;
  TypeRef type_;
};

std::string_view name_of(wasm::CoreType type) {
  switch (type) {
    case wasm::CoreType::i32:
      return "i32";
    case wasm::CoreType::i64:
      return "i64";
    case wasm::CoreType::f32:
      return "f32";
    case wasm::CoreType::f64:
      return "f64";
    case wasm::CoreType::v128:
      return "v128";
    case wasm::CoreType::funcref:
      return "funcref";
    case wasm::CoreType::externref:
      return "externref";
  }
  return "";
}

bool is_number(wasm::CoreType type) {
  return type <= wasm::CoreType::f64;
}

std::unexpected<Error> not_a_number(wasm::CoreType type) {
  return fail(Errc::unsupported, "core constants of type " + std::string(name_of(type)));
}

// The exponent's bits all set and the top bit of the fraction too; `canonical`: and no other bit of the fraction.
template <class Bits>
bool is_nan_of_class(Bits bits, Bits quiet, bool canonical) {
  const Bits magnitude = bits & static_cast<Bits>(~(Bits{1} << (sizeof(Bits) * 8 - 1)));
  return canonical ? magnitude == quiet : (magnitude & quiet) == quiet;
}

}  // namespace

Result<Value> component_value(const json& constant, TypeRef type) {
  return ValueReader(constant, type).read();
}

Result<abi::CoreValue> core_value(const json& constant, wasm::CoreType type) {
  if (!is_number(type)) return not_a_number(type);
  if (type_of(constant) != name_of(type)) return mismatch(constant, name_of(type));
  abi::CoreValue out;
  const json& value = value_of(constant);
  bool read = false;
  switch (type) {
    case wasm::CoreType::i32:
      if (auto number_read = number<std::int32_t>(value); (read = number_read.has_value())) {
        out.set_i32(static_cast<std::uint32_t>(*number_read));
      }
      break;
    case wasm::CoreType::i64:
      if (auto number_read = number<std::int64_t>(value); (read = number_read.has_value())) {
        out.set_i64(static_cast<std::uint64_t>(*number_read));
      }
      break;
    case wasm::CoreType::f32:
      if (auto bits = number<std::uint32_t>(value); (read = bits.has_value())) out.set_i32(*bits);
      break;
    default:
      if (auto bits = number<std::uint64_t>(value); (read = bits.has_value())) out.set_i64(*bits);
      break;
  }
  if (!read) return mismatch(constant, name_of(type));
  return out;
}

Result<bool> core_matches(const json& constant, wasm::CoreType type, const abi::CoreValue& value) {
  if (!is_number(type)) return not_a_number(type);
  const json& expected = value_of(constant);
  const bool canonical = expected == "nan:canonical";
  if (canonical || expected == "nan:arithmetic") {
    if (type_of(constant) != name_of(type)) return mismatch(constant, name_of(type));
    if (type == wasm::CoreType::f32) return is_nan_of_class<std::uint32_t>(value.i32(), 0x7fc0'0000, canonical);
    return is_nan_of_class<std::uint64_t>(value.i64(), 0x7ff8'0000'0000'0000, canonical);
  }
  TRY(auto exact, core_value(constant, type));
  const bool narrow = type == wasm::CoreType::i32 || type == wasm::CoreType::f32;
  return narrow ? exact.i32() == value.i32() : exact.i64() == value.i64();
}

std::string to_string(const abi::CoreValue& value, wasm::CoreType type) {
  switch (type) {
    case wasm::CoreType::i32:
      return "(i32.const " + std::to_string(value.i32()) + ")";
    case wasm::CoreType::i64:
      return "(i64.const " + std::to_string(value.i64()) + ")";
    case wasm::CoreType::f32:
      return "(f32.const " + std::to_string(value.f32()) + ")";
    case wasm::CoreType::f64:
      return "(f64.const " + std::to_string(value.f64()) + ")";
    default:
      return std::string(name_of(type));
  }
}

}  // namespace weft::wast
