#include "componentize/type_writer.h"

#include <array>

namespace weft::componentize {
namespace {

namespace ast = component::ast;
using component::ByteWriter;

std::uint8_t code_of(ast::PrimValType type) {
  switch (type) {
    case ast::PrimValType::bool_:
      return 0x7f;
    case ast::PrimValType::s8:
      return 0x7e;
    case ast::PrimValType::u8:
      return 0x7d;
    case ast::PrimValType::s16:
      return 0x7c;
    case ast::PrimValType::u16:
      return 0x7b;
    case ast::PrimValType::s32:
      return 0x7a;
    case ast::PrimValType::u32:
      return 0x79;
    case ast::PrimValType::s64:
      return 0x78;
    case ast::PrimValType::u64:
      return 0x77;
    case ast::PrimValType::f32:
      return 0x76;
    case ast::PrimValType::f64:
      return 0x75;
    case ast::PrimValType::char_:
      return 0x74;
    case ast::PrimValType::string:
      return 0x73;
    case ast::PrimValType::error_context:
      return 0x64;
  }
  return 0x7f;
}

struct TypeWriter {
  ByteWriter& w;

  void value(const ast::ValType& type) {
    if (const auto* prim = std::get_if<ast::PrimValType>(&type))
      w.byte(code_of(*prim));
    else
      w.s33(std::get<std::uint32_t>(type));
  }
  void optional(const std::optional<ast::ValType>& type) {
    w.byte(type ? 0x01 : 0x00);
    if (type) value(*type);
  }
  void fields(const std::vector<ast::LabelValType>& all) {
    w.vec(all, [&](const ast::LabelValType& field) {
      w.name(field.label);
      value(field.type);
    });
  }
  void labels(std::uint8_t code, const std::vector<std::string>& all) {
    w.byte(code);
    w.vec(all, [&](const std::string& label) { w.name(label); });
  }

  void operator()(ast::PrimValType type) { w.byte(code_of(type)); }
  void operator()(const ast::Record& t) {
    w.byte(0x72);
    fields(t.fields);
  }
  void operator()(const ast::Variant& t) {
    w.byte(0x71);
    w.vec(t.cases, [&](const ast::Case& one) {
      w.name(one.label);
      optional(one.type);
      w.byte(0x00);
    });
  }
  void operator()(const ast::List& t) {
    w.byte(t.length ? 0x67 : 0x70);
    value(t.element);
    if (t.length) w.u32(*t.length);
  }
  void operator()(const ast::Tuple& t) {
    w.byte(0x6f);
    w.vec(t.types, [&](const ast::ValType& one) { value(one); });
  }
  void operator()(const ast::Flags& t) { labels(0x6e, t.labels); }
  void operator()(const ast::Enum& t) { labels(0x6d, t.labels); }
  void operator()(const ast::Option& t) {
    w.byte(0x6b);
    value(t.type);
  }
  void operator()(const ast::ResultT& t) {
    w.byte(0x6a);
    optional(t.ok);
    optional(t.error);
  }
  void operator()(const ast::Own& t) {
    w.byte(0x69);
    w.u32(t.type);
  }
  void operator()(const ast::Borrow& t) {
    w.byte(0x68);
    w.u32(t.type);
  }
  void operator()(const ast::Stream& t) {
    w.byte(0x66);
    optional(t.type);
  }
  void operator()(const ast::Future& t) {
    w.byte(0x65);
    optional(t.type);
  }
  void operator()(const ast::Map& t) {
    w.byte(0x63);
    value(t.key);
    value(t.value);
  }
  void operator()(const ast::FuncType& t) {
    w.byte(t.async ? 0x43 : 0x40);
    fields(t.params);
    w.byte(t.result ? 0x00 : 0x01);
    if (t.result)
      value(*t.result);
    else
      w.byte(0x00);
  }
  void operator()(const auto&) {}  // none of those that may be here
};

}  // namespace

void write_type(ByteWriter& w, const ast::DefType& type) {
  std::visit(TypeWriter{w}, type);
}

}  // namespace weft::componentize
