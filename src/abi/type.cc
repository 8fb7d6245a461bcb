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

std::string print(TypeRef type, int depth);

std::string print_labels(const char* open, const auto& labels, const auto& print_one) {
  std::string text = open;
  const char* separator = "";
  for (const auto& label : labels) {
    text += separator;
    text += print_one(label);
    separator = ", ";
  }
  return text;
}

std::string print_arguments(std::string_view name, std::initializer_list<TypeRef> types, int depth) {
  std::string text(name);
  const char* separator = "<";
  for (TypeRef type : types) {
    text += separator;
    text += type == nullptr ? "_" : print(type, depth);
    separator = ", ";
  }
  return text + ">";
}

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
      return print_arguments(name, {type->element}, depth);
    case Kind::fixed_list:
      return "list<" + print(type->element, depth) + ", " + std::to_string(type->length) + ">";
    case Kind::map:
      return print_arguments(name, {type->element->fields[0].type, type->element->fields[1].type}, depth);
    case Kind::stream:
    case Kind::future:
      if (type->element == nullptr) return std::string(name);
      return print_arguments(name, {type->element}, depth);
    case Kind::record:
      return print_labels("record { ", type->fields, field) + " }";
    case Kind::tuple:
      return print_labels("tuple<", type->fields, element) + ">";
    case Kind::variant:
      return print_labels("variant { ", type->cases, one_case) + " }";
    case Kind::enumeration:
      return print_labels("enum { ", type->cases, case_label) + " }";
    case Kind::flags:
      return print_labels("flags { ", type->labels, label) + " }";
    case Kind::option:
      return print_arguments(name, {type->cases[1].type}, depth);
    case Kind::result:
      return print_arguments(name, {type->cases[0].type, type->cases[1].type}, depth);
    case Kind::own:
    case Kind::borrow:
      return std::string(name) + "<" + std::to_string(static_cast<std::uint32_t>(type->resource)) + ">";
    default:
      return std::string(name);
  }
}

}  // namespace

std::string_view to_string(Kind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::string to_string(TypeRef type) {
  return print(type, 0);
}

}  // namespace weft::abi
