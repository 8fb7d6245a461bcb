#include "call/from_json.h"

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <vector>

#include "abi/memory.h"
#include "abi/scalars.h"
#include "call/base64.h"
#include "call/json_scalar.h"
#include "call/json_text.h"
#include "manifest/identifier.h"

namespace weft::call {
namespace {

using abi::Kind;
using abi::TypeRef;
using abi::Value;
using nlohmann::json;

std::string index(std::size_t i) {
  return "[" + std::to_string(i) + "]";
}

// "…; did you mean `name`?"
std::string with_near(std::string message, const std::string& word, const std::vector<std::string>& names) {
  const std::string hint = manifest::suggest(word, names);
  return hint.empty() ? message : std::move(message) + "; " + hint;
}

// What the values of one call may take: a few bytes of JSON may stand for many options that are left out.
struct Budget {
  std::size_t left = max_value_bytes;
  bool spend(std::size_t bytes) {
    if (bytes > left) return false;
    left -= bytes;
    return true;
  }
};

class Reader {
 public:
  Reader(const json& value, TypeRef type, Budget& budget) : value_(value), type_(*type), budget_(budget) {}

  Read<Value> read() const {
    if (!budget_.spend(sizeof(Value) + (value_.is_string() ? value_.get_ref<const std::string&>().size() : 0)))
      return mistaken("the arguments take more than " + std::to_string(max_value_bytes) + " bytes of memory");
    switch (type_.kind) {
      case Kind::string:
        if (value_.is_string()) return Value(value_.get<std::string>());
        return expected("a string", value_);
      case Kind::list:
      case Kind::fixed_list:
        return list();
      case Kind::map:
        return map();
      case Kind::record:
        return record();
      case Kind::tuple:
        return tuple();
      case Kind::variant:
        return variant();
      case Kind::enumeration:
        return enumeration();
      case Kind::option:
        return option();
      case Kind::result:
        return result();
      case Kind::flags:
        return flags();
      case Kind::own:
      case Kind::borrow:
      case Kind::stream:
      case Kind::future:
      case Kind::error_context:
        return mistaken("JSON has no " + abi::to_string(&type_));
      default:
        return abi::with_scalar(type_.kind, [&](auto zero) -> Read<Value> {
          TRY(const auto scalar, scalar_of<decltype(zero)>(value_, type_.kind));
          return Value(scalar);
        });
    }
  }

 private:
  Read<Value> read(const json& value, TypeRef type) const { return Reader(value, type, budget_).read(); }

  // {"base64": "…"} stands for the array of these bytes.
  Read<Value> base64() const {
    const auto found = value_.find("base64");
    if (value_.size() != 1 || found == value_.end() || !found->is_string())
      return expected(R"(an array of bytes, or {"base64": "..."})", value_);
    auto bytes = from_base64(found->get_ref<const std::string&>());
    if (!bytes) return std::unexpected(Mistake{".base64", "not base64 (RFC 4648, section 4)"});
    return Value(abi::ScalarList{Kind::u8, *std::move(bytes)});
  }

  Read<Value> list() const {
    const TypeRef element = type_.element;
    const bool is_bytes = element->kind == Kind::u8;
    const bool in_base64 = is_bytes && value_.is_object();
    if (!value_.is_array() && !in_base64) return expected("an array", value_);
    TRY(Value made, in_base64 ? base64() : elements(*element));
    if (type_.kind != Kind::fixed_list) return made;
    const auto* scalars = made.as<abi::ScalarList>();
    const std::size_t count =
        scalars != nullptr ? scalars->bytes.size() / element->elem_size() : made.as<abi::List>()->elements.size();
    if (count != type_.length)
      return mistaken("expected " + std::to_string(type_.length) + " elements, found " + std::to_string(count));
    return made;
  }

  Read<Value> elements(const abi::Type& element) const {
    if (!abi::is_scalar(element.kind)) {
      abi::List made;
      made.elements.reserve(value_.size());
      for (std::size_t i = 0; i < value_.size(); ++i) {
        auto one = read(value_[i], &element);
        if (!one) return std::unexpected(std::move(one).error().inside(index(i)));
        made.elements.push_back(*std::move(one));
      }
      return Value(std::move(made));
    }
    abi::ScalarList made{element.kind, std::vector<std::byte>(value_.size() * element.elem_size())};
    return abi::with_scalar(element.kind, [&](auto zero) -> Read<Value> {
      std::byte* out = made.bytes.data();
      for (std::size_t i = 0; i < value_.size(); ++i, out += sizeof zero) {
        auto one = scalar_of<decltype(zero)>(value_[i], element.kind);
        if (!one) return std::unexpected(std::move(one).error().inside(index(i)));
        abi::write_as(out, abi::canonical(*one));
      }
      return Value(std::move(made));
    });
  }

  Read<Value> map() const {
    const abi::Type& entry = *type_.element;
    const TypeRef value_type = entry.fields[1].type;
    if (value_.is_object() && entry.fields[0].type->kind == Kind::string) {
      abi::List made;
      for (const auto& [name, value] : value_.items()) {
        auto one = read(value, value_type);
        if (!one) return std::unexpected(std::move(one).error().inside(member(name)));
        std::vector<Value> fields;
        fields.emplace_back(name);
        fields.push_back(*std::move(one));
        made.elements.emplace_back(abi::Record{std::move(fields)});
      }
      return Value(std::move(made));
    }
    if (value_.is_array()) return elements(entry);
    return expected(entry.fields[0].type->kind == Kind::string ? "an object, or an array of [key, value]"
                                                               : "an array of [key, value]",
                    value_);
  }

  Read<Value> record() const {
    if (!value_.is_object()) return expected("an object with " + labels(type_.fields), value_);
    for (const auto& [name, unused] : value_.items()) {
      if (std::ranges::find(type_.fields, name, &abi::Field::label) != type_.fields.end()) continue;
      return std::unexpected(Mistake{member(name), with_near("there is no such field", name, names(type_.fields))});
    }
    abi::Record made;
    for (const abi::Field& field : type_.fields) {
      const auto found = value_.find(field.label);
      if (found == value_.end() && field.type->kind != Kind::option)
        return mistaken("the field " + field.label + " is missing: " + abi::to_string(field.type));
      static const json null;
      auto one = read(found == value_.end() ? null : *found, field.type);
      if (!one) return std::unexpected(std::move(one).error().inside(member(field.label)));
      made.fields.push_back(*std::move(one));
    }
    return Value(std::move(made));
  }

  Read<Value> tuple() const {
    const std::size_t count = type_.fields.size();
    if (!value_.is_array()) return expected("an array of " + std::to_string(count), value_);
    if (value_.size() != count)
      return mistaken("expected " + std::to_string(count) + " elements, found " + std::to_string(value_.size()));
    abi::Record made;
    for (std::size_t i = 0; i < count; ++i) {
      auto one = read(value_[i], type_.fields[i].type);
      if (!one) return std::unexpected(std::move(one).error().inside(index(i)));
      made.fields.push_back(*std::move(one));
    }
    return Value(std::move(made));
  }

  Read<Value> of_case(std::size_t i, const json& payload) const {
    const abi::Case& found = type_.cases[i];
    auto made = read(payload, found.type);
    if (!made) return std::unexpected(std::move(made).error().inside(member(found.label)));
    return Value(abi::Variant(static_cast<std::uint32_t>(i), *std::move(made)));
  }
  Value bare_case(std::size_t i) const { return abi::Variant(static_cast<std::uint32_t>(i)); }

  // "name" for a case without a value, {"name": value} for one with it.
  Read<Value> variant() const {
    const bool is_object = value_.is_object() && value_.size() == 1;
    if (!value_.is_string() && !is_object)
      return expected(R"("case", or {"case": value}, of )" + labels(type_.cases), value_);
    const std::string name = is_object ? value_.begin().key() : value_.get<std::string>();
    const auto found = std::ranges::find(type_.cases, name, &abi::Case::label);
    if (found == type_.cases.end()) {
      return std::unexpected(Mistake{is_object ? member(name) : "",
                                     with_near("there is no case " + shown(name), name, names(type_.cases))});
    }
    const auto i = static_cast<std::size_t>(found - type_.cases.begin());
    if (found->type == nullptr) {
      if (is_object) return mistaken("the case " + name + " has no value: write " + shown(name));
      return bare_case(i);
    }
    if (!is_object)
      return mistaken("the case " + name + " has a value: write {" + shown(name) + ": " + abi::to_string(found->type) +
                      "}");
    return of_case(i, *value_.begin());
  }

  Read<Value> enumeration() const {
    if (!value_.is_string()) return expected("a string, of " + labels(type_.cases), value_);
    const auto& name = value_.get_ref<const std::string&>();
    const auto found = std::ranges::find(type_.cases, name, &abi::Case::label);
    if (found == type_.cases.end())
      return mistaken(with_near("there is no case " + shown(value_), name, names(type_.cases)));
    return bare_case(static_cast<std::size_t>(found - type_.cases.begin()));
  }

  // null or the value; where the value may be null itself, {"some": value}.
  Read<Value> option() const {
    const TypeRef inner = type_.cases[1].type;
    if (value_.is_null()) return bare_case(0);
    if (inner->kind == Kind::option) {
      if (!value_.is_object() || value_.size() != 1 || !value_.contains("some"))
        return expected(R"(null or {"some": value}, for an option of an option)", value_);
      return of_case(1, value_["some"]);
    }
    TRY(Value made, read(value_, inner));
    return Value(abi::Variant(1, std::move(made)));
  }

  // {"ok": value} or {"err": value}; of a side without a value it is null.
  Read<Value> result() const {
    const bool is_ok = value_.is_object() && value_.size() == 1 && value_.contains("ok");
    const bool is_error = value_.is_object() && value_.size() == 1 && value_.contains("err");
    if (!is_ok && !is_error) return expected(R"({"ok": value} or {"err": value})", value_);
    const std::size_t i = is_ok ? 0 : 1;
    const char* const label = is_ok ? "ok" : "err";
    const json& payload = value_[label];
    if (type_.cases[i].type == nullptr) {
      if (!payload.is_null())
        return std::unexpected(expected("null: it has no value", payload).error().inside(member(label)));
      return bare_case(i);
    }
    auto made = read(payload, type_.cases[i].type);
    if (!made) return std::unexpected(std::move(made).error().inside(member(label)));
    return Value(abi::Variant(static_cast<std::uint32_t>(i), *std::move(made)));
  }

  Read<Value> flags() const {
    if (!value_.is_array()) return expected("an array of names, of " + labels(type_.labels), value_);
    abi::Flags made;
    for (std::size_t i = 0; i < value_.size(); ++i) {
      const json& one = value_[i];
      const auto found =
          one.is_string() ? std::ranges::find(type_.labels, one.get_ref<const std::string&>()) : type_.labels.end();
      if (found == type_.labels.end()) {
        const std::string word = one.is_string() ? one.get<std::string>() : "";
        return std::unexpected(Mistake{index(i), with_near("there is no flag " + shown(one), word, type_.labels)});
      }
      made.bits |= std::uint32_t{1} << (found - type_.labels.begin());
    }
    return Value(made);
  }

  static std::vector<std::string> names(const auto& parts) {
    std::vector<std::string> all;
    for (const auto& part : parts) all.push_back(part.label);
    return all;
  }
  // "a, b, c"; not more than people read.
  static std::string labels(const auto& parts) {
    constexpr std::size_t most = 12;
    std::string text;
    for (std::size_t i = 0; i < parts.size() && i < most; ++i) {
      if (i != 0) text += ", ";
      if constexpr (std::same_as<std::remove_cvref_t<decltype(parts[i])>, std::string>)
        text += parts[i];
      else
        text += parts[i].label;
    }
    return parts.size() > most ? text + ", ..." : text;
  }

  const json& value_;
  const abi::Type& type_;
  Budget& budget_;
};

}  // namespace

Read<Value> from_json(const json& value, TypeRef type) {
  Budget budget;
  return Reader(value, type, budget).read();
}

bool is_json(TypeRef type) {
  return type == nullptr || !(type->contains_handle || type->contains_async_value);
}

bool may_be_object(TypeRef type) {
  switch (type->kind) {
    case Kind::record:
    case Kind::variant:
    case Kind::result:
      return true;
    case Kind::map:
      return type->element->fields[0].type->kind == Kind::string;
    case Kind::list:
    case Kind::fixed_list:
      return type->element->kind == Kind::u8;
    case Kind::option:
      return type->cases[1].type->kind == Kind::option || may_be_object(type->cases[1].type);
    default:
      return false;
  }
}

bool may_be_array(TypeRef type) {
  switch (type->kind) {
    case Kind::list:
    case Kind::fixed_list:
    case Kind::map:
    case Kind::tuple:
    case Kind::flags:
      return true;
    case Kind::option:
      return type->cases[1].type->kind != Kind::option && may_be_array(type->cases[1].type);
    default:
      return false;
  }
}

std::string member(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (!name.empty() && name.size() <= 64 && std::ranges::all_of(name, is_plain)) return "." + std::string(name);
  return "[" + shown(json(std::string(name))) + "]";
}

}  // namespace weft::call
