#include "wast/encoder.h"

#include "component/core_binary.h"
#include "component/reader.h"

namespace weft::wast {
namespace {

namespace ast = component::ast;
using component::Reader;

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

constexpr std::uint8_t core_preamble[] = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
constexpr std::uint8_t component_preamble[] = {0x00, 'a', 's', 'm', 0x0d, 0x00, 0x01, 0x00};

std::uint8_t core_code(ast::Sort sort) {
  switch (sort) {
    case ast::Sort::core_func:
      return 0x00;
    case ast::Sort::core_table:
      return 0x01;
    case ast::Sort::core_memory:
      return 0x02;
    case ast::Sort::core_global:
      return 0x03;
    case ast::Sort::core_tag:
      return 0x04;
    case ast::Sort::core_type:
      return 0x10;
    case ast::Sort::core_module:
      return 0x11;
    default:
      return 0x12;
  }
}

std::uint8_t code(ast::Sort sort) {
  switch (sort) {
    case ast::Sort::func:
      return 0x01;
    case ast::Sort::value:
      return 0x02;
    case ast::Sort::type:
      return 0x03;
    case ast::Sort::component:
      return 0x04;
    case ast::Sort::instance:
      return 0x05;
    default:
      return 0x00;
  }
}

void section(ByteWriter& out, std::uint8_t id, std::span<const std::byte> content) {
  out.byte(id);
  out.sized(content);
}

void write_sort(ByteWriter& w, ast::Sort sort) {
  w.byte(code(sort));
  if (code(sort) == 0x00) w.byte(core_code(sort));
}

}  // namespace

std::vector<std::byte> Encoder::custom_section() {
  ByteWriter content;
  content.name("weft-wast " + std::to_string(random_()));
  for (std::uint32_t left = random_() % 40; left > 0; --left) content.byte(static_cast<std::uint8_t>(random_()));
  ByteWriter out;
  section(out, 0, content.bytes());
  return out.take();
}

std::vector<std::byte> Encoder::component(const ast::Component& component) {
  ByteWriter out;
  out.raw(std::as_bytes(std::span(component_preamble)));
  out.raw(custom_section());
  for (const ast::Definition& definition : component.definitions) {
    define(out, component, definition);
    if (random_() % 2 == 0) out.raw(custom_section());
  }
  return out.take();
}

void Encoder::define(ByteWriter& out, const ast::Component& component, const ast::Definition& definition) {
  ByteWriter w;
  // Each definition stands in a section of its own.
  const auto one = [&](std::uint8_t id, auto write) {
    w.u32(1);
    write();
    section(out, id, w.bytes());
  };
  std::visit(Overload{
                 [&](const ast::CustomSection& def) {
                   w.name(def.name);
                   w.raw(bytes_of(component, def.data));
                   section(out, 0, w.bytes());
                 },
                 [&](const ast::CoreModule& def) { section(out, 1, core_module(bytes_of(component, def.range))); },
                 [&](const ast::CoreInstance& def) { one(2, [&] { core_instance(w, def); }); },
                 [&](const ast::CoreType& def) { one(3, [&] { core_type(w, def); }); },
                 [&](const ast::NestedComponent& def) { section(out, 4, this->component(*def)); },
                 [&](const ast::Instance& def) { one(5, [&] { instance(w, def); }); },
                 [&](const ast::Alias& def) { one(6, [&] { alias(w, def); }); },
                 [&](const ast::Type& def) { one(7, [&] { type(w, def.type); }); },
                 [&](const ast::CanonLift& def) { one(8, [&] { lift(w, def); }); },
                 [&](const ast::CanonLower& def) { one(8, [&] { lower(w, def); }); },
                 [&](const ast::CanonBuiltin& def) { one(8, [&] { builtin(w, def); }); },
                 [&](const ast::Import& def) {
                   one(10, [&] {
                     extern_name(w, def.name);
                     extern_desc(w, def.type);
                   });
                 },
                 [&](const ast::Export& def) {
                   one(11, [&] {
                     extern_name(w, def.name);
                     sort_idx(w, def.item);
                     w.byte(def.type ? 0x01 : 0x00);
                     if (def.type) extern_desc(w, *def.type);
                   });
                 },
             },
             definition.def);
}

void Encoder::core_sort_idx(ByteWriter& w, ast::SortIdx item) {
  w.byte(core_code(item.sort));
  w.u32(item.idx);
}

void Encoder::sort_idx(ByteWriter& w, ast::SortIdx item) {
  write_sort(w, item.sort);
  w.u32(item.idx);
}

void Encoder::core_instance(ByteWriter& w, const ast::CoreInstance& def) {
  if (const auto* instantiate = std::get_if<ast::CoreInstantiate>(&def.expr)) {
    w.byte(0x00);
    w.u32(instantiate->module);
    w.vec(instantiate->args, [&](const ast::CoreInstantiateArg& arg) {
      w.name(names_.core_name(arg.name));
      w.byte(0x12);
      w.u32(arg.instance);
    });
    return;
  }
  w.byte(0x01);
  w.vec(std::get<std::vector<ast::CoreInlineExport>>(def.expr), [&](const ast::CoreInlineExport& item) {
    w.name(names_.core_name(item.name));
    core_sort_idx(w, item.item);
  });
}

void Encoder::instance(ByteWriter& w, const ast::Instance& def) {
  if (const auto* instantiate = std::get_if<ast::Instantiate>(&def.expr)) {
    w.byte(0x00);
    w.u32(instantiate->component);
    w.vec(instantiate->args, [&](const ast::InstantiateArg& arg) {
      w.name(names_.component_name(arg.name));
      sort_idx(w, arg.item);
    });
    return;
  }
  w.byte(0x01);
  w.vec(std::get<std::vector<ast::InlineExport>>(def.expr), [&](const ast::InlineExport& item) {
    extern_name(w, item.name);
    sort_idx(w, item.item);
  });
}

void Encoder::alias(ByteWriter& w, const ast::Alias& def) {
  write_sort(w, def.sort);
  std::visit(Overload{
                 [&](const ast::ExportAlias& target) {
                   w.byte(0x00);
                   w.u32(target.instance);
                   w.name(names_.component_name(target.name));
                 },
                 [&](const ast::CoreExportAlias& target) {
                   w.byte(0x01);
                   w.u32(target.instance);
                   w.name(names_.core_name(target.name));
                 },
                 [&](const ast::OuterAlias& target) {
                   w.byte(0x02);
                   w.u32(target.count);
                   w.u32(target.idx);
                 },
             },
             def.target);
}

void Encoder::extern_name(ByteWriter& w, const ast::ExternName& name) {
  const bool plain = !name.implements && !name.external_id;
  w.byte(plain ? 0x00 : 0x02);
  w.name(names_.component_name(name.name));
  if (plain) return;
  w.u32((name.implements ? 1 : 0) + (name.external_id ? 1 : 0));
  if (name.implements) {
    w.byte(0x00);
    w.name(names_.component_name(*name.implements));
  }
  if (name.external_id) {
    w.byte(0x02);
    w.name(*name.external_id);
  }
}

void Encoder::extern_desc(ByteWriter& w, const ast::ExternDesc& desc) {
  const auto indexed = [&](std::uint8_t code, std::uint32_t index) {
    w.byte(code);
    w.u32(index);
  };
  std::visit(Overload{
                 [&](const ast::ExternModule& def) {
                   w.byte(0x00);
                   indexed(0x11, def.type);
                 },
                 [&](const ast::ExternFunc& def) { indexed(0x01, def.type); },
                 [&](const ast::ExternType& def) {
                   w.byte(0x03);
                   if (def.bound.eq) {
                     indexed(0x00, *def.bound.eq);
                   } else {
                     w.byte(0x01);
                   }
                 },
                 [&](const ast::ExternComponent& def) { indexed(0x04, def.type); },
                 [&](const ast::ExternInstance& def) { indexed(0x05, def.type); },
             },
             desc);
}

std::vector<std::byte> Encoder::core_module(std::span<const std::byte> module) {
  const std::vector<std::byte> unchanged(module.begin(), module.end());
  const auto preamble = std::as_bytes(std::span(core_preamble));
  if (module.size() < 8 || !std::equal(preamble.begin(), preamble.end(), module.begin())) return unchanged;
  Reader::State state{std::nullopt, UINT32_MAX};
  Reader r(module, preamble.size(), module.size(), state);
  ByteWriter out;
  out.raw(preamble);
  out.raw(custom_section());
  while (r.ok() && !r.at_end()) {
    const std::uint8_t id = r.byte();
    Reader content = r.take(r.u32());
    if (!r.ok()) break;
    ByteWriter w;
    if (id == 2) {
      const std::uint32_t n = content.u32();
      w.u32(n);
      for (std::uint32_t i = 0; i < n && content.ok(); ++i) {
        w.name(names_.core_name(content.name()));
        w.name(names_.core_name(content.name()));
        const std::size_t type = content.offset();
        component::read_core_externtype(content);
        if (content.ok()) w.raw(module.subspan(type, content.offset() - type));
      }
      content.finish("imports");
    } else if (id == 7) {
      const std::uint32_t n = content.u32();
      w.u32(n);
      for (std::uint32_t i = 0; i < n && content.ok(); ++i) {
        w.name(names_.core_name(content.name()));
        w.byte(content.byte());
        w.u32(content.u32());
      }
      content.finish("exports");
    } else {
      w.raw(module.subspan(content.offset(), content.remaining()));
    }
    if (!r.ok()) break;
    section(out, id, w.bytes());
    if (random_() % 2 == 0) out.raw(custom_section());
  }
  return r.ok() ? out.take() : unchanged;
}

}  // namespace weft::wast
