#include "abi/type.h"

#include <array>

namespace weft::abi {
namespace {

constexpr std::array<std::string_view, 28> kKindNames{
    "bool", "s8",     "u8",     "s16",           "u16",  "s32",    "u32",    "s64",    "u64",   "f32",
    "f64",  "char",   "string", "error-context", "list", "list",   "map",    "record", "tuple", "variant",
    "enum", "option", "result", "flags",         "own",  "borrow", "stream", "future"};

// Deeper parts are left out: a type may stand for a tree far larger than itself.
constexpr int kMaxPrintedDepth = 8;

// Prints one type.
class Printer {
 public:
  explicit Printer(const ResourceNames& names) : names_(names) {}

  std::string print(TypeRef type, int depth) {
    if (++depth > kMaxPrintedDepth) return "...";
    const auto field = [&](const Field& f) { return f.label + ": " + print(f.type, depth); };
    const auto element = [&](const Field& f) { return print(f.type, depth); };
    const auto one_case = [&](const Case& c) {
      return c.type == nullptr ? c.label : c.label + "(" + print(c.type, depth) + ")";
    };
    const auto case_label = [](const Case& c) { return c.label; };
    const auto label = [](const std::string& l) { return l; };
    const std::string_view name = to_string(type->kind);
    switch (type->kind) {
      case Kind::list:
        return arguments(name, {type->element}, depth);
      case Kind::fixed_list:
        return "list<" + print(type->element, depth) + ", " + std::to_string(type->length) + ">";
      case Kind::map:
        return arguments(name, {type->element->fields[0].type, type->element->fields[1].type}, depth);
      case Kind::stream:
      case Kind::future:
        if (type->element == nullptr) return std::string(name);
        return arguments(name, {type->element}, depth);
      case Kind::record:
        return list("record { ", type->fields, field) + " }";
      case Kind::tuple:
        return list("tuple<", type->fields, element) + ">";
      case Kind::variant:
        return list("variant { ", type->cases, one_case) + " }";
      case Kind::enumeration:
        return list("enum { ", type->cases, case_label) + " }";
      case Kind::flags:
        return list("flags { ", type->labels, label) + " }";
      case Kind::option:
        return arguments(name, {type->cases[1].type}, depth);
      case Kind::result:
        return arguments(name, {type->cases[0].type, type->cases[1].type}, depth);
      case Kind::own:
      case Kind::borrow:
        return std::string(name) + "<" + name_of(type->resource) + ">";
      default:
        return std::string(name);
    }
  }

  std::string print(const FuncType& type) {
    const auto param = [&](const Field& f) { return f.label + ": " + print(f.type, 0); };
    std::string text = list(type.async ? "async func(" : "func(", type.params->fields, param) + ")";
    if (type.result != nullptr) text += " -> " + print(type.result, 0);
    return text;
  }

 private:
  static std::string list(const char* open, const auto& parts, const auto& print_one) {
    std::string text = open;
    const char* separator = "";
    for (const auto& part : parts) {
      text += separator;
      text += print_one(part);
      separator = ", ";
    }
    return text;
  }

  std::string arguments(std::string_view name, std::initializer_list<TypeRef> types, int depth) {
    return list((std::string(name) + "<").c_str(), types,
                [&](TypeRef type) { return type == nullptr ? "_" : print(type, depth); }) +
           ">";
  }

  std::string name_of(ResourceIndex resource) const {
    return names_ ? names_(resource) : std::to_string(static_cast<std::uint32_t>(resource));
  }

  const ResourceNames& names_;
};

}  // namespace

std::string_view to_string(Kind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::string to_string(TypeRef type, const ResourceNames& names) {
  return Printer(names).print(type, 0);
}

std::string to_string(const FuncType& type, const ResourceNames& names) {
  return Printer(names).print(type);
}

}  // namespace weft::abi
