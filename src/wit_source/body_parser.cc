#include "wit_source/body_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weft::wit_source {
namespace {

constexpr std::array primitives = {
    std::string_view("bool"),   std::string_view("s8"),           std::string_view("u8"),  std::string_view("s16"),
    std::string_view("u16"),    std::string_view("s32"),          std::string_view("u32"), std::string_view("s64"),
    std::string_view("u64"),    std::string_view("f32"),          std::string_view("f64"), std::string_view("char"),
    std::string_view("string"), std::string_view("error-context")};

TypeRef named(Type::Kind kind, std::string name, At at) {
  return std::make_shared<const Type>(Type{.kind = kind, .at = at, .name = std::move(name)});
}

}  // namespace

// @since(version = 1.2.3), @unstable(feature = name), @deprecated(version = 1.2.3), @external-id("…")
Result<BodyParser::Gate> BodyParser::attributes() {
  Gate gate;
  while (is_mark("@")) {
    CHECK_OK(advance());
    TRY(const std::string attribute, name());
    CHECK_OK(expect("("));
    while (!is_mark(")")) {
      if (is_mark("=") && attribute != "unstable") {
        // A version is no row of tokens.
        TRY(const std::string unused, version());
        continue;
      }
      if (at_end()) return expected("`)`");
      CHECK_OK(advance());
    }
    CHECK_OK(advance());
    gate.is_unstable = gate.is_unstable || attribute == "unstable";
  }
  return gate;
}

// `poll`, or `wasi:io/poll@0.2.0`
Result<Path> BodyParser::path() {
  Path made;
  made.at = here();
  TRY(made.name, name());
  if (is_mark(":")) CHECK_OK(path_behind(made));
  return made;
}

// What follows the first name, which is in `made`, from its `:` on.
Result<void> BodyParser::path_behind(Path& made) {
  made.package = std::move(made.name);
  while (is_mark(":")) {
    CHECK_OK(advance());
    TRY(const std::string next, name());
    made.package += ":" + next;
  }
  CHECK_OK(expect("/"));
  TRY(made.name, name());
  if (is_mark("@")) {
    TRY(made.version, version());
  }
  return {};
}

// The items of an interface, in braces.
Result<void> BodyParser::body(Body& made) {
  CHECK_OK(expect("{"));
  while (!is_mark("}")) {
    TRY(const Gate gate, attributes());
    TRY(const bool taken, type_item(made, gate));
    if (taken) continue;
    Func func;
    func.is_unstable = gate.is_unstable;
    func.at = here();
    TRY(func.name, name());
    CHECK_OK(expect(":"));
    CHECK_OK(function(func));
    CHECK_OK(expect(";"));
    made.funcs.push_back(std::move(func));
  }
  return advance();
}

// A type or `use`, if one stands here.
Result<bool> BodyParser::type_item(Body& body, const Gate& gate) {
  if (is_word("use")) {
    CHECK_OK(use(body));
    return true;
  }
  using Kind = TypeDef::Kind;
  static constexpr std::pair<std::string_view, Kind> keywords[] = {
      {"record", Kind::record}, {"variant", Kind::variant}, {"enum", Kind::enumeration},
      {"flags", Kind::flags},   {"type", Kind::alias},      {"resource", Kind::resource}};
  const auto found = std::ranges::find_if(keywords, [&](const auto& each) { return is_word(each.first); });
  if (found == std::end(keywords)) return false;
  CHECK_OK(advance());
  TypeDef made;
  made.kind = found->second;
  made.at = here();
  TRY(made.name, name());
  if (made.kind == Kind::alias) {
    CHECK_OK(expect("="));
    TRY(made.alias, type(0));
    CHECK_OK(expect(";"));
  } else if (made.kind == Kind::resource) {
    CHECK_OK(resource(body, made.name, gate));
  } else {
    CHECK_OK(fields(made));
  }
  body.types.push_back(std::move(made));
  return true;
}

Result<void> BodyParser::use(Body& body) {
  CHECK_OK(advance());
  TRY(const Path from, path());
  CHECK_OK(expect("."));
  CHECK_OK(listed("{", "}", [&]() -> Result<void> {
    Use made{.from = from, .name = {}, .alias = {}, .at = here()};
    TRY(made.name, name());
    made.alias = made.name;
    TRY(const bool renamed, take_word("as"));
    if (renamed) {
      TRY(made.alias, name());
    }
    body.uses.push_back(std::move(made));
    return {};
  }));
  return expect(";");
}

Result<void> BodyParser::fields(TypeDef& made) {
  return listed("{", "}", [&]() -> Result<void> {
    Field field{.name = {}, .at = here()};
    TRY(field.name, name());
    if (made.kind == TypeDef::Kind::record) {
      CHECK_OK(expect(":"));
      TRY(field.type, type(0));
    } else if (made.kind == TypeDef::Kind::variant && is_mark("(")) {
      CHECK_OK(advance());
      TRY(field.type, type(0));
      CHECK_OK(expect(")"));
    }
    made.fields.push_back(std::move(field));
    return {};
  });
}

// `;`, or functions in braces, which go to the interface.
Result<void> BodyParser::resource(Body& body, const std::string& resource, const Gate& outer) {
  TRY(const bool is_bare, take(";"));
  if (is_bare) return {};
  CHECK_OK(expect("{"));
  while (!is_mark("}")) {
    TRY(const Gate gate, attributes());
    Func func;
    func.at = here();
    func.is_unstable = gate.is_unstable || outer.is_unstable;
    if (is_word("constructor")) {
      CHECK_OK(advance());
      func.name = "[constructor]" + resource;
      CHECK_OK(parameters(func));
      func.result = named(Type::Kind::own, resource, func.at);
      TRY(const bool may_fail, take("->"));
      if (may_fail) {
        TRY(func.result, type(0));
      }
    } else {
      TRY(const std::string label, name());
      CHECK_OK(expect(":"));
      TRY(const bool is_static, take_word("static"));
      func.name = (is_static ? "[static]" : "[method]") + resource + "." + label;
      if (!is_static)
        func.params.push_back({.name = "self", .at = func.at, .type = named(Type::Kind::borrow, resource, func.at)});
      CHECK_OK(function(func));
    }
    CHECK_OK(expect(";"));
    body.funcs.push_back(std::move(func));
  }
  return advance();
}

// `async func(a: u32) -> string`
Result<void> BodyParser::function(Func& func) {
  TRY(func.is_async, take_word("async"));
  if (!is_word("func")) return expected("`func`");
  CHECK_OK(advance());
  CHECK_OK(parameters(func));
  TRY(const bool has_result, take("->"));
  if (has_result) {
    TRY(func.result, type(0));
  }
  return {};
}

Result<void> BodyParser::parameters(Func& func) {
  return listed("(", ")", [&]() -> Result<void> {
    Field param{.name = {}, .at = here()};
    TRY(param.name, name());
    CHECK_OK(expect(":"));
    TRY(param.type, type(0));
    func.params.push_back(std::move(param));
    return {};
  });
}

Result<TypeRef> BodyParser::type(int depth) {
  if (depth > max_type_depth) return fault("types are nested more than " + std::to_string(max_type_depth) + " deep");
  Type made;
  made.at = here();
  const bool is_keyword = token().kind == Token::Kind::word && !token().is_escaped;
  TRY(made.name, name());
  if (is_keyword && std::ranges::find(primitives, made.name) != primitives.end())
    return std::make_shared<const Type>(std::move(made));
  using Kind = Type::Kind;
  struct Constructor {
    std::string_view word;
    Kind kind;
    std::size_t least, most;  // arguments
  };
  static constexpr Constructor constructors[] = {
      {"list", Kind::list, 1, 1},     {"map", Kind::map, 2, 2},       {"tuple", Kind::tuple, 1, 1000},
      {"option", Kind::option, 1, 1}, {"result", Kind::result, 0, 2}, {"borrow", Kind::borrow, 1, 1},
      {"own", Kind::own, 1, 1},       {"stream", Kind::stream, 0, 1}, {"future", Kind::future, 0, 1}};
  const auto found = std::ranges::find(constructors, made.name, &Constructor::word);
  if (!is_keyword || found == std::end(constructors)) {
    made.kind = Kind::name;
    return std::make_shared<const Type>(std::move(made));
  }
  made.kind = found->kind;
  if (is_mark("<")) {
    CHECK_OK(listed("<", ">", [&]() -> Result<void> {
      if (made.kind == Kind::list && made.arguments.size() == 1 && token().kind == Token::Kind::number)
        return length(made);
      if (made.kind == Kind::result && is_mark("_")) {
        made.arguments.push_back(nullptr);
        return advance();
      }
      TRY(made.arguments.emplace_back(), type(depth + 1));
      return {};
    }));
  }
  if (made.arguments.size() < found->least || made.arguments.size() > found->most)
    return fault(made.name + " takes another number of types");
  if (made.kind == Kind::borrow || made.kind == Kind::own) {
    if (made.arguments.front()->kind != Kind::name) return fault(made.name + " takes the name of a resource");
    made.name = made.arguments.front()->name;
    made.arguments.clear();
  }
  if (made.kind == Kind::result) made.arguments.resize(2);
  return std::make_shared<const Type>(std::move(made));
}

// Of a list of fixed length.
Result<void> BodyParser::length(Type& made) {
  const char* const end = token().text.data() + token().text.size();
  if (std::from_chars(token().text.data(), end, made.length).ptr != end || made.length == 0)
    return expected("the length of a list");
  made.kind = Type::Kind::fixed_list;
  return advance();
}

}  // namespace weft::wit_source
