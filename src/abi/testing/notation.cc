#include "abi/testing/notation.h"

#include <bit>
#include <charconv>
#include <stdexcept>

#include "abi/scalars.h"

namespace weft::abi::testing {
namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool eat(std::string_view token) {
    while (!text_.empty() && text_[0] == ' ') text_.remove_prefix(1);
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!eat(token)) throw std::runtime_error("expected " + std::string(token) + " at " + std::string(text_));
  }
  std::string_view word() {
    eat("");
    return take(text_.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_"));
  }
  template <class T>
  T integer(int base = 10) {
    eat("");
    T value{};
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value, base);
    if (error != std::errc()) throw std::runtime_error("expected a number at " + std::string(text_));
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }
  std::string_view until(char c) {
    const std::string_view found = take(text_.find(c));
    expect(std::string_view(&c, 1));
    return found;
  }
  void expect_end() {
    eat("");
    if (!text_.empty()) throw std::runtime_error("unexpected " + std::string(text_));
  }

 private:
  std::string_view take(std::size_t length) {
    const std::string_view taken = text_.substr(0, length);
    text_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view text_;
};

std::string label(std::uint32_t i) {
  return std::string(1, static_cast<char>('a' + i % 26)) + (i < 26 ? "" : std::to_string(i / 26));
}

std::vector<std::string> made_up_labels(Cursor& in) {
  std::vector<std::string> labels(in.integer<std::uint32_t>());
  for (std::uint32_t i = 0; i < labels.size(); ++i) labels[i] = label(i);
  return labels;
}

std::vector<std::string> parse_labels(Cursor& in) {
  std::vector<std::string> labels;
  in.expect("{");
  do labels.emplace_back(in.word());
  while (in.eat(","));
  in.expect("}");
  return labels;
}

TypeRef parse(TypeTable& types, Cursor& in);

std::vector<TypeRef> parse_arguments(TypeTable& types, Cursor& in) {
  std::vector<TypeRef> arguments;
  in.expect("<");
  do arguments.push_back(in.eat("_") ? nullptr : parse(types, in));
  while (in.eat(","));
  in.expect(">");
  return arguments;
}

TypeRef parse_list(TypeTable& types, Cursor& in) {
  in.expect("<");
  const TypeRef element = parse(types, in);
  TypeRef list = nullptr;
  if (in.eat(",")) {
    list = types.fixed_list(element, in.integer<std::uint32_t>());
  } else {
    list = types.list(element);
  }
  in.expect(">");
  return list;
}

TypeRef parse_record(TypeTable& types, Cursor& in) {
  std::vector<Field> fields;
  in.expect("{");
  do {
    std::string name(in.word());
    in.expect(":");
    fields.push_back({std::move(name), parse(types, in)});
  } while (in.eat(","));
  in.expect("}");
  return types.record(std::move(fields));
}

TypeRef parse_variant(TypeTable& types, Cursor& in) {
  std::vector<Case> cases;
  in.expect("{");
  do {
    Case c{std::string(in.word())};
    if (in.eat("(")) {
      c.type = parse(types, in);
      in.expect(")");
    }
    cases.push_back(std::move(c));
  } while (in.eat(","));
  in.expect("}");
  return types.variant(std::move(cases));
}

ResourceIndex parse_resource(Cursor& in) {
  in.expect("<");
  const auto index = static_cast<ResourceIndex>(in.integer<std::uint32_t>());
  in.expect(">");
  return index;
}

TypeRef parse_element(TypeTable& types, Cursor& in) {
  if (!in.eat("<")) return nullptr;
  const TypeRef element = parse(types, in);
  in.expect(">");
  return element;
}

TypeRef parse(TypeTable& types, Cursor& in) {
  const std::string_view name = in.word();
  for (auto kind = Kind::boolean; kind <= Kind::error_context; kind = static_cast<Kind>(static_cast<int>(kind) + 1)) {
    if (name == to_string(kind)) return types.primitive(kind);
  }
  if (name == "list") return parse_list(types, in);
  if (name == "record") return parse_record(types, in);
  if (name == "variant") return parse_variant(types, in);
  if (name == "enum") return types.enumeration(in.eat("#") ? made_up_labels(in) : parse_labels(in));
  if (name == "flags") return types.flags(in.eat("#") ? made_up_labels(in) : parse_labels(in));
  if (name == "own") return types.own(parse_resource(in));
  if (name == "borrow") return types.borrow(parse_resource(in));
  if (name == "stream") return types.stream(parse_element(types, in));
  if (name == "future") return types.future(parse_element(types, in));
  if (name == "tuple") return types.tuple(parse_arguments(types, in));
  if (name == "option") return types.option(parse_arguments(types, in).at(0));
  if (name == "result" || name == "map") {
    const auto arguments = parse_arguments(types, in);
    return name == "map" ? types.map(arguments.at(0), arguments.at(1)) : types.result(arguments.at(0), arguments.at(1));
  }
  throw std::runtime_error("unknown type " + std::string(name));
}

Value parse_scalar(Kind kind, Cursor& in) {
  return with_scalar(kind, [&]<class T>(T) -> Value {
    if constexpr (std::is_same_v<T, bool>) {
      return in.integer<int>() != 0;
    } else if constexpr (std::is_same_v<T, float>) {
      in.expect("x");
      return std::bit_cast<float>(in.integer<std::uint32_t>(16));
    } else if constexpr (std::is_same_v<T, double>) {
      in.expect("x");
      return std::bit_cast<double>(in.integer<std::uint64_t>(16));
    } else if constexpr (std::is_same_v<T, char32_t>) {
      return static_cast<char32_t>(in.integer<std::uint32_t>());
    } else {
      return in.integer<T>();
    }
  });
}

Value parse(TypeRef type, Cursor& in) {
  switch (type->kind) {
    case Kind::string:
      in.expect("\"");
      return from_hex(in.until('"'));
    case Kind::list:
    case Kind::fixed_list:
    case Kind::map: {
      std::vector<Value> elements;
      in.expect("[");
      while (!in.eat("]")) {
        elements.push_back(parse(type->element, in));
        in.eat(",");
      }
      return make_list(type->element, std::move(elements));
    }
    case Kind::record:
    case Kind::tuple: {
      Record record;
      in.expect("(");
      for (const Field& field : type->fields) {
        record.fields.push_back(parse(field.type, in));
        in.eat(",");
      }
      in.expect(")");
      return record;
    }
    case Kind::variant:
    case Kind::enumeration:
    case Kind::option:
    case Kind::result: {
      const auto index = in.integer<std::uint32_t>();
      if (!in.eat("(")) return Variant(index);
      Value payload = parse(type->cases.at(index).type, in);
      in.expect(")");
      return Variant(index, std::move(payload));
    }
    case Kind::flags:
      return Flags{in.integer<std::uint32_t>()};
    case Kind::own:
    case Kind::borrow:
      return Resource{type->resource, in.integer<std::uint32_t>(), type->kind == Kind::own};
    default:
      return parse_scalar(type->kind, in);
  }
}

}  // namespace

TypeRef parse_type(TypeTable& types, std::string_view text) {
  Cursor in(text);
  const TypeRef type = parse(types, in);
  in.expect_end();
  return type;
}

Value parse_value(TypeRef type, std::string_view text) {
  Cursor in(text);
  Value value = parse(type, in);
  in.expect_end();
  return value;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(Cursor(text.substr(i, 2)).integer<std::uint8_t>(16));
  }
  return bytes;
}

}  // namespace weft::abi::testing
