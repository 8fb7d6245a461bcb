// Component types and the module types in them (Binary.md "Type Definitions").
#include "wast/encoder.h"

namespace weft::wast {
namespace {

namespace ast = component::ast;

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

std::uint8_t code(ast::PrimValType type) {
  using enum ast::PrimValType;
  switch (type) {
    case bool_:
      return 0x7f;
    case s8:
      return 0x7e;
    case u8:
      return 0x7d;
    case s16:
      return 0x7c;
    case u16:
      return 0x7b;
    case s32:
      return 0x7a;
    case u32:
      return 0x79;
    case s64:
      return 0x78;
    case u64:
      return 0x77;
    case f32:
      return 0x76;
    case f64:
      return 0x75;
    case char_:
      return 0x74;
    case string:
      return 0x73;
    case error_context:
      return 0x64;
  }
  return 0xff;
}

}  // namespace

void Encoder::valtype(ByteWriter& w, const ast::ValType& type) {
  if (const auto* prim = std::get_if<ast::PrimValType>(&type)) {
    w.byte(code(*prim));
  } else {
    w.s33(std::get<std::uint32_t>(type));
  }
}

void Encoder::optional_valtype(ByteWriter& w, const Opt<ast::ValType>& type) {
  w.byte(type ? 0x01 : 0x00);
  if (type) valtype(w, *type);
}

void Encoder::result_list(ByteWriter& w, const Opt<ast::ValType>& type) {
  w.byte(type ? 0x00 : 0x01);
  if (type) {
    valtype(w, *type);
  } else {
    w.byte(0x00);
  }
}

void Encoder::fields(ByteWriter& w, const std::vector<ast::LabelValType>& fields) {
  w.vec(fields, [&](const ast::LabelValType& field) {
    w.name(field.label);
    valtype(w, field.type);
  });
}

void Encoder::type(ByteWriter& w, const ast::DefType& def) {
  const auto labels = [&](std::uint8_t opcode, const std::vector<std::string>& texts) {
    w.byte(opcode);
    w.vec(texts, [&](const std::string& text) { w.name(text); });
  };
  const auto indexed = [&](std::uint8_t opcode, std::uint32_t index) {
    w.byte(opcode);
    w.u32(index);
  };
  std::visit(Overload{
                 [&](ast::PrimValType prim) { w.byte(code(prim)); },
                 [&](const ast::Record& t) {
                   w.byte(0x72);
                   fields(w, t.fields);
                 },
                 [&](const ast::Variant& t) {
                   w.byte(0x71);
                   w.vec(t.cases, [&](const ast::Case& c) {
                     w.name(c.label);
                     optional_valtype(w, c.type);
                     w.byte(0x00);
                   });
                 },
                 [&](const ast::List& t) {
                   w.byte(t.length ? 0x67 : 0x70);
                   valtype(w, t.element);
                   if (t.length) w.u32(*t.length);
                 },
                 [&](const ast::Tuple& t) {
                   w.byte(0x6f);
                   w.vec(t.types, [&](const ast::ValType& type) { valtype(w, type); });
                 },
                 [&](const ast::Flags& t) { labels(0x6e, t.labels); },
                 [&](const ast::Enum& t) { labels(0x6d, t.labels); },
                 [&](const ast::Option& t) {
                   w.byte(0x6b);
                   valtype(w, t.type);
                 },
                 [&](const ast::ResultT& t) {
                   w.byte(0x6a);
                   optional_valtype(w, t.ok);
                   optional_valtype(w, t.error);
                 },
                 [&](const ast::Own& t) { indexed(0x69, t.type); },
                 [&](const ast::Borrow& t) { indexed(0x68, t.type); },
                 [&](const ast::Stream& t) {
                   w.byte(0x66);
                   optional_valtype(w, t.type);
                 },
                 [&](const ast::Future& t) {
                   w.byte(0x65);
                   optional_valtype(w, t.type);
                 },
                 [&](const ast::Map& t) {
                   w.byte(0x63);
                   valtype(w, t.key);
                   valtype(w, t.value);
                 },
                 [&](const ast::FuncType& t) {
                   w.byte(t.async ? 0x43 : 0x40);
                   fields(w, t.params);
                   result_list(w, t.result);
                 },
                 [&](const ast::ComponentType& t) {
                   w.byte(0x41);
                   decls(w, t.decls);
                 },
                 [&](const ast::InstanceType& t) {
                   w.byte(0x42);
                   decls(w, t.decls);
                 },
                 [&](const ast::ResourceType& t) {
                   w.byte(0x3f);
                   write_core_valtype(w, t.rep);
                   w.byte(t.dtor ? 0x01 : 0x00);
                   if (t.dtor) w.u32(*t.dtor);
                 },
             },
             def);
}

void Encoder::decls(ByteWriter& w, const std::vector<ast::Decl>& decls) {
  w.vec(decls, [&](const ast::Decl& decl) {
    std::visit(Overload{
                   [&](const ast::CoreType& def) {
                     w.byte(0x00);
                     core_type(w, def);
                   },
                   [&](const ast::Type& def) {
                     w.byte(0x01);
                     type(w, def.type);
                   },
                   [&](const ast::Alias& def) {
                     w.byte(0x02);
                     alias(w, def);
                   },
                   [&](const ast::ImportDecl& def) {
                     w.byte(0x03);
                     extern_name(w, def.name);
                     extern_desc(w, def.type);
                   },
                   [&](const ast::ExportDecl& def) {
                     w.byte(0x04);
                     extern_name(w, def.name);
                     extern_desc(w, def.type);
                   },
               },
               decl.decl);
  });
}

void Encoder::core_type(ByteWriter& w, const ast::CoreType& def) {
  if (const auto* rec = std::get_if<component::CoreRecType>(&def.type)) {
    // The prefix tells an open subtype from a module type.
    if (rec->types.size() == 1 && !rec->types[0].is_final) w.byte(0x00);
    write_core_rectype(w, *rec);
    return;
  }
  w.byte(0x50);
  const auto& decls = std::get<std::shared_ptr<const ast::CoreModuleType>>(def.type)->decls;
  w.vec(decls, [&](const ast::CoreModuleDecl& decl) { core_module_decl(w, decl); });
}

void Encoder::core_module_decl(ByteWriter& w, const ast::CoreModuleDecl& decl) {
  std::visit(Overload{
                 [&](const component::CoreImport& def) {
                   w.byte(0x00);
                   w.name(names_.core_name(def.module));
                   w.name(names_.core_name(def.name));
                   write_core_externtype(w, def.type);
                 },
                 [&](const ast::CoreType& def) {
                   w.byte(0x01);
                   core_type(w, def);
                 },
                 [&](const ast::CoreOuterAlias& def) {
                   w.byte(0x02);
                   w.byte(0x10);
                   w.byte(0x01);
                   w.u32(def.count);
                   w.u32(def.idx);
                 },
                 [&](const component::CoreExport& def) {
                   w.byte(0x03);
                   w.name(names_.core_name(def.name));
                   write_core_externtype(w, def.type);
                 },
             },
             decl.decl);
}

}  // namespace weft::wast
