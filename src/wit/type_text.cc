#include "wit/type_text.h"

#include "wit/names.h"

namespace weft::wit {
namespace {

using namespace component;

template <class... F>
struct Overload : F... {
  using F::operator()...;
};

std::string with_docs(const std::string& docs, const std::string& line) {
  std::string text;
  std::string_view rest = docs;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    text += "  ///" + (end == 0 ? std::string() : " " + std::string(rest.substr(0, end))) + "\n";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return text + "  " + line + "\n";
}

}  // namespace

std::string TypeText::reference(const ValueType* type) {
  if (type == nullptr) return "_";
  if (std::string name = scope_.name_of(type); !name.empty()) return escaped(name);
  if (needs_name(*type)) {
    const Owner* owner = scope_.elsewhere(type);
    if (owner == nullptr) owner = scope_.equal_elsewhere(type);
    if (owner != nullptr) return of_owner(*owner);
  }
  return shape(*type);
}

std::string TypeText::reference(const ResourceType* type) {
  if (std::string name = scope_.name_of(type); !name.empty()) return escaped(name);
  if (const Owner* owner = scope_.elsewhere(type)) return of_owner(*owner);
  return "unnamed-resource-" + std::to_string(static_cast<std::uint32_t>(type->id));
}

std::string TypeText::of_owner(const Owner& owner) {
  // WIT has no way to use a type of an interface without a name; the type's own name says it to people at least.
  return escaped(owner.is_anonymous() ? owner.name : scope_.use(owner));
}

std::string TypeText::arguments(std::string_view name, std::initializer_list<const ValueType*> types) {
  std::string text(name);
  const char* separator = "<";
  for (const ValueType* type : types) {
    text += separator + reference(type);
    separator = ", ";
  }
  return text + ">";
}

std::string TypeText::shape(const ValueType& type) {
  if (!budget_.spend(8)) return "_";
  const auto labels = [](const auto& list, auto label) {
    std::string text;
    for (const auto& each : list) text += (text.empty() ? "" : ", ") + escaped(label(each));
    return text;
  };
  return std::visit(
      Overload{
          [](PrimValType prim) { return std::string(prim_name(prim)); },
          [&](const ListType& t) {
            if (t.length) return "list<" + reference(t.element) + ", " + std::to_string(*t.length) + ">";
            return arguments("list", {t.element});
          },
          [&](const TupleType& t) {
            std::string text = "tuple<";
            for (const ValueType* part : t.types) text += (text.ends_with('<') ? "" : ", ") + reference(part);
            return text + ">";
          },
          [&](const OptionType& t) { return arguments("option", {t.type}); },
          [&](const ResultType& t) {
            if (t.ok == nullptr && t.error == nullptr) return std::string("result");
            if (t.error == nullptr) return arguments("result", {t.ok});
            return arguments("result", {t.ok, t.error});
          },
          [&](const OwnType& t) { return reference(t.resource); },
          [&](const BorrowType& t) { return "borrow<" + reference(t.resource) + ">"; },
          [&](const StreamType& t) { return t.element == nullptr ? "stream" : arguments("stream", {t.element}); },
          [&](const FutureType& t) { return t.element == nullptr ? "future" : arguments("future", {t.element}); },
          [&](const MapType& t) { return arguments("map", {t.key, t.value}); },
          // Without a name only in components that no WIT describes.
          [&](const RecordType& t) {
            return "record { " + labels(t.fields, [](const Field& f) { return f.label; }) + " }";
          },
          [&](const VariantType& t) {
            return "variant { " + labels(t.cases, [](const Case& c) { return c.label; }) + " }";
          },
          [&](const FlagsType& t) { return "flags { " + labels(t.labels, std::identity()) + " }"; },
          [&](const EnumType& t) { return "enum { " + labels(t.labels, std::identity()) + " }"; },
      },
      type.shape);
}

std::string TypeText::definition(const ValueType* type, const std::string& name, const Docs& docs,
                                 std::string_view owner) {
  const auto block = [&](std::string_view keyword, const auto& parts, auto line) {
    std::string text = std::string(keyword) + " " + escaped(name) + " {\n";
    for (const auto& part : parts) {
      const auto& [label, rest] = line(part);
      if (!budget_.spend(label.size() + rest.size())) break;
      text += with_docs(docs.of(owner, name, label), escaped(label) + rest + ",");
    }
    return text + "}";
  };
  using Line = std::pair<std::string, std::string>;
  const auto plain = [](const std::string& label) { return Line(label, ""); };
  if (const auto* t = std::get_if<RecordType>(&type->shape)) {
    return block("record", t->fields, [&](const Field& f) { return Line(f.label, ": " + reference(f.type)); });
  }
  if (const auto* t = std::get_if<VariantType>(&type->shape)) {
    return block("variant", t->cases,
                 [&](const Case& c) { return Line(c.label, c.type == nullptr ? "" : "(" + reference(c.type) + ")"); });
  }
  if (const auto* t = std::get_if<FlagsType>(&type->shape)) return block("flags", t->labels, plain);
  if (const auto* t = std::get_if<EnumType>(&type->shape)) return block("enum", t->labels, plain);
  const auto* own = std::get_if<OwnType>(&type->shape);
  return "type " + escaped(name) + " = " + (own == nullptr ? shape(*type) : "own<" + reference(own->resource) + ">") +
         ";";
}

std::string TypeText::function(const FuncType& type, bool is_method, std::string_view keyword) {
  std::string text = (type.async ? "async " : "") + std::string(keyword) + "(";
  for (std::size_t i = is_method ? 1 : 0; i < type.params.size(); ++i) {
    if (!budget_.spend(type.params[i].label.size())) break;
    text += (text.ends_with('(') ? "" : ", ") + escaped(type.params[i].label) + ": " + reference(type.params[i].type);
  }
  text += ")";
  if (type.result != nullptr) text += " -> " + reference(type.result);
  return text;
}

}  // namespace weft::wit
