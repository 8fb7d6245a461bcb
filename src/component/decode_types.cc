// Decoding of core and component types (Binary.md "Type Definitions").
#include "component/decoder.h"

namespace weft::component {
namespace {

using namespace ast;

std::optional<PrimValType> prim_valtype(uint8_t code) {
  switch (code) {
    case 0x7f:
      return PrimValType::bool_;
    case 0x7e:
      return PrimValType::s8;
    case 0x7d:
      return PrimValType::u8;
    case 0x7c:
      return PrimValType::s16;
    case 0x7b:
      return PrimValType::u16;
    case 0x7a:
      return PrimValType::s32;
    case 0x79:
      return PrimValType::u32;
    case 0x78:
      return PrimValType::s64;
    case 0x77:
      return PrimValType::u64;
    case 0x76:
      return PrimValType::f32;
    case 0x75:
      return PrimValType::f64;
    case 0x74:
      return PrimValType::char_;
    case 0x73:
      return PrimValType::string;
    case 0x64:
      return PrimValType::error_context;
    default:
      return std::nullopt;
  }
}

}  // namespace

CoreType Decoder::read_core_type(Reader& r, bool in_module_type) {
  const uint8_t b = r.peek();
  if (b == 0x50 && !in_module_type) return {read_core_module_type(r)};
  if (b == 0x00) {
    // The prefix that tells a non-final subtype from a module type.
    r.byte();
    if (r.ok() && r.peek() != 0x50) r.expect(0x50, "non-final sub type");
  }
  return {read_core_rectype(r)};
}

std::shared_ptr<const CoreModuleType> Decoder::read_core_module_type(Reader& r) {
  const Level level(*this, r);
  r.byte();
  auto type = std::make_shared<CoreModuleType>();
  type->decls = read_vec(r, [&] {
    CoreModuleDecl decl;
    decl.offset = r.offset();
    const uint8_t b = r.byte();
    switch (b) {
      case 0x00:
        decl.decl = read_core_import(r);
        break;
      case 0x01:
        decl.decl = read_core_type(r, true);
        break;
      case 0x02: {
        r.expect(0x10, "outer alias kind");
        r.expect(0x01, "outer alias target");
        CoreOuterAlias alias;
        alias.count = r.u32();
        alias.idx = r.u32();
        decl.decl = alias;
        break;
      }
      case 0x03: {
        CoreExport item;
        item.name = r.name();
        item.type = read_core_externtype(r);
        decl.decl = std::move(item);
        break;
      }
      default:
        r.bad_byte(b, "type definition");
    }
    return decl;
  });
  return type;
}

ValType Decoder::read_valtype(Reader& r) {
  if (const auto prim = prim_valtype(r.peek()); prim && r.ok()) {
    r.byte();
    return *prim;
  }
  const size_t at = r.offset();
  const int64_t index = r.s33();
  if (r.ok() && index < 0) {
    r.fail_at(at, "invalid leading byte (" + hex(static_cast<uint64_t>(index) & 0x7f) + ") for component value type");
  }
  return static_cast<uint32_t>(index);
}

std::optional<ValType> Decoder::read_optional_valtype(Reader& r) {
  const uint8_t b = r.byte();
  if (b == 0x01) return read_valtype(r);
  if (r.ok() && b != 0x00) r.bad_byte(b, "optional component value type");
  return std::nullopt;
}

std::optional<ValType> Decoder::read_result_list(Reader& r) {
  const uint8_t b = r.byte();
  if (!r.ok()) return std::nullopt;
  if (b == 0x00) return read_valtype(r);
  if (b == 0x01) {
    r.expect(0x00, "number of results");
  } else {
    r.bad_byte(b, "component function results");
  }
  return std::nullopt;
}

std::vector<LabelValType> Decoder::read_label_valtypes(Reader& r) {
  return read_vec(r, [&] {
    LabelValType field;
    field.label = r.name();
    field.type = read_valtype(r);
    return field;
  });
}

FuncType Decoder::read_func_type(Reader& r, bool async) {
  FuncType func;
  func.async = async;
  func.params = read_label_valtypes(r);
  func.result = read_result_list(r);
  return func;
}

ResourceType Decoder::read_resource_type(Reader& r) {
  ResourceType resource;
  resource.rep = read_core_valtype(r);
  if (r.ok() && resource.rep == CoreValType(CoreValKind::i64))
    gated(r, gaps::Gap::memory64, "resources represented by i64 (memory64)");
  const uint8_t b = r.byte();
  if (b == 0x01) {
    resource.dtor = r.u32();
  } else if (r.ok() && b != 0x00) {
    r.bad_byte(b, "optional resource destructor");
  }
  return resource;
}

Type Decoder::read_type(Reader& r) {
  const uint8_t b = r.byte();
  if (!r.ok()) return {};
  if (const auto prim = prim_valtype(b)) return {*prim};
  const auto labels = [&] { return read_vec(r, [&] { return r.name(); }); };
  switch (b) {
    case 0x72:
      return {Record{read_label_valtypes(r)}};
    case 0x71:
      return {Variant{read_vec(r, [&] {
        Case c;
        c.label = r.name();
        c.type = read_optional_valtype(r);
        r.expect(0x00, "zero byte required");
        return c;
      })}};
    case 0x70:
      return {List{read_valtype(r), std::nullopt}};
    case 0x67: {
      List list{read_valtype(r), std::nullopt};
      list.length = r.u32();
      return {list};
    }
    case 0x6f:
      return {Tuple{read_vec(r, [&] { return read_valtype(r); })}};
    case 0x6e:
      return {Flags{labels()}};
    case 0x6d:
      return {Enum{labels()}};
    case 0x6b:
      return {Option{read_valtype(r)}};
    case 0x6a: {
      ResultT result;
      result.ok = read_optional_valtype(r);
      result.error = read_optional_valtype(r);
      return {result};
    }
    case 0x69:
      return {Own{r.u32()}};
    case 0x68:
      return {Borrow{r.u32()}};
    case 0x66:
      return {Stream{read_optional_valtype(r)}};
    case 0x65:
      return {Future{read_optional_valtype(r)}};
    case 0x63: {
      Map map;
      map.key = read_valtype(r);
      map.value = read_valtype(r);
      return {map};
    }
    case 0x40:
      return {read_func_type(r, false)};
    case 0x43:
      return {read_func_type(r, true)};
    case 0x41:
      return {ComponentType{read_decls(r, true)}};
    case 0x42:
      return {InstanceType{read_decls(r, false)}};
    case 0x3f:
      return {read_resource_type(r)};
    default:
      r.bad_byte(b, "component defined type");
      return {};
  }
}

std::vector<Decl> Decoder::read_decls(Reader& r, bool is_component_type) {
  const Level level(*this, r);
  return read_vec(r, [&] {
    Decl decl;
    decl.offset = r.offset();
    const uint8_t b = r.byte();
    const auto named = [&]<class T>(T item) {
      item.name = read_name_attributes(r);
      item.type = read_extern_desc(r);
      decl.decl = std::move(item);
    };
    if (b == 0x03 && is_component_type) {
      named(ImportDecl{});
      return decl;
    }
    switch (b) {
      case 0x00:
        decl.decl = read_core_type(r, false);
        break;
      case 0x01:
        decl.decl = read_type(r);
        break;
      case 0x02:
        decl.decl = read_alias(r);
        break;
      case 0x04:
        named(ExportDecl{});
        break;
      default:
        r.bad_byte(b, "component or instance type declaration");
    }
    return decl;
  });
}

ExternDesc Decoder::read_extern_desc(Reader& r) {
  const uint8_t b = r.byte();
  if (!r.ok()) return ExternFunc{};
  switch (b) {
    case 0x00:
      r.expect(0x11, "component external kind");
      return ExternModule{r.u32()};
    case 0x01:
      return ExternFunc{r.u32()};
    case 0x02:
      gated(r, gaps::Gap::component_values, "component values");
      return ExternFunc{};
    case 0x03: {
      const uint8_t bound = r.byte();
      if (bound == 0x00) return ExternType{{r.u32()}};
      if (r.ok() && bound != 0x01) r.bad_byte(bound, "type bound");
      return ExternType{};
    }
    case 0x04:
      return ExternComponent{r.u32()};
    case 0x05:
      return ExternInstance{r.u32()};
    default:
      r.bad_byte(b, "component external kind");
      return ExternFunc{};
  }
}

}  // namespace weft::component
