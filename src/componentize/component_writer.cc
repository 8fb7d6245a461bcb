#include "componentize/component_writer.h"

#include <array>

namespace weft::componentize {
namespace {

constexpr std::array<std::byte, 8> preamble{std::byte{0},    std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                            std::byte{0x0d}, std::byte{0},   std::byte{1},   std::byte{0}};

void write_options(ByteWriter& w, const CanonOptions& options) {
  const std::array given{options.memory, options.realloc, options.post_return};
  // string-encoding=utf8, and of the others those that are there.
  std::uint32_t count = 1;
  for (const auto& option : given) count += option.has_value();
  w.u32(count);
  w.byte(0x00);
  for (std::uint8_t i = 0; i < given.size(); ++i) {
    if (!given[i]) continue;
    w.byte(static_cast<std::uint8_t>(0x03 + i));
    w.u32(*given[i]);
  }
}

void write_sort(ByteWriter& w, CoreSort sort) {
  w.byte(0x00);
  w.byte(static_cast<std::uint8_t>(sort));
}
void write_sort(ByteWriter& w, Sort sort) {
  w.byte(static_cast<std::uint8_t>(sort));
}

}  // namespace

void write_extern_name(ByteWriter& w, std::string_view name) {
  w.byte(0x00);
  w.name(name);
}

ComponentWriter::ComponentWriter() {
  w_.raw(preamble);
}

void ComponentWriter::section(Section id, const ByteWriter& definition) {
  w_.byte(static_cast<std::uint8_t>(id));
  // vec of one
  w_.u64(definition.bytes().size() + 1);
  w_.byte(1);
  w_.raw(definition.bytes());
}

ComponentWriter::Index& ComponentWriter::count(Sort sort) {
  switch (sort) {
    case Sort::func:
      return funcs_;
    case Sort::type:
      return types_;
    case Sort::component:
      return components_;
    case Sort::instance:
      return instances_;
  }
  return instances_;
}

ComponentWriter::Index& ComponentWriter::count(CoreSort sort) {
  switch (sort) {
    case CoreSort::func:
      return core_funcs_;
    case CoreSort::table:
      return core_tables_;
    case CoreSort::memory:
      return core_memories_;
    case CoreSort::global:
      return core_globals_;
    case CoreSort::instance:
      return core_instances_;
  }
  return core_instances_;
}

ComponentWriter::Index ComponentWriter::core_module(std::span<const std::byte> wasm) {
  // A module is its section's content, without a count.
  w_.byte(static_cast<std::uint8_t>(Section::core_module));
  w_.sized(wasm);
  return core_modules_++;
}

ComponentWriter::Index ComponentWriter::core_instance(Index module,
                                                      const std::vector<std::pair<std::string, Index>>& arguments) {
  ByteWriter w;
  w.byte(0x00);
  w.u32(module);
  w.vec(arguments, [&](const auto& argument) {
    w.name(argument.first);
    w.byte(static_cast<std::uint8_t>(CoreSort::instance));
    w.u32(argument.second);
  });
  section(Section::core_instance, w);
  return core_instances_++;
}

ComponentWriter::Index ComponentWriter::core_instance(const std::vector<CoreItem>& exports) {
  ByteWriter w;
  w.byte(0x01);
  w.vec(exports, [&](const CoreItem& item) {
    w.name(item.name);
    w.byte(static_cast<std::uint8_t>(item.sort));
    w.u32(item.index);
  });
  section(Section::core_instance, w);
  return core_instances_++;
}

ComponentWriter::Index ComponentWriter::core_export(Index instance, CoreSort sort, std::string_view name) {
  ByteWriter w;
  write_sort(w, sort);
  w.byte(0x01);
  w.u32(instance);
  w.name(name);
  section(Section::alias, w);
  return count(sort)++;
}

ComponentWriter::Index ComponentWriter::type(const ByteWriter& definition) {
  section(Section::type, definition);
  return types_++;
}

ComponentWriter::Index ComponentWriter::import(std::string_view name, Sort sort, const ByteWriter& externdesc) {
  ByteWriter w;
  write_extern_name(w, name);
  w.raw(externdesc.bytes());
  section(Section::import, w);
  return count(sort)++;
}

ComponentWriter::Index ComponentWriter::alias_export(Index instance, Sort sort, std::string_view name) {
  ByteWriter w;
  write_sort(w, sort);
  w.byte(0x00);
  w.u32(instance);
  w.name(name);
  section(Section::alias, w);
  return count(sort)++;
}

ComponentWriter::Index ComponentWriter::component(std::span<const std::byte> binary) {
  w_.byte(static_cast<std::uint8_t>(Section::component));
  w_.sized(binary);
  return components_++;
}

ComponentWriter::Index ComponentWriter::instance(Index component, const std::vector<Item>& arguments) {
  ByteWriter w;
  w.byte(0x00);
  w.u32(component);
  w.vec(arguments, [&](const Item& item) {
    w.name(item.name);
    write_sort(w, item.sort);
    w.u32(item.index);
  });
  section(Section::instance, w);
  return instances_++;
}

ComponentWriter::Index ComponentWriter::instance(const std::vector<Item>& exports) {
  ByteWriter w;
  w.byte(0x01);
  w.vec(exports, [&](const Item& item) {
    write_extern_name(w, item.name);
    write_sort(w, item.sort);
    w.u32(item.index);
  });
  section(Section::instance, w);
  return instances_++;
}

ComponentWriter::Index ComponentWriter::export_item(std::string_view name, Sort sort, Index index,
                                                    const ByteWriter* externdesc) {
  ByteWriter w;
  write_extern_name(w, name);
  write_sort(w, sort);
  w.u32(index);
  w.byte(externdesc == nullptr ? 0x00 : 0x01);
  if (externdesc != nullptr) w.raw(externdesc->bytes());
  section(Section::export_, w);
  return count(sort)++;
}

ComponentWriter::Index ComponentWriter::lower(Index func, const CanonOptions& options) {
  ByteWriter w;
  w.byte(0x01);
  w.byte(0x00);
  w.u32(func);
  write_options(w, options);
  section(Section::canon, w);
  return core_funcs_++;
}

ComponentWriter::Index ComponentWriter::lift(Index core_func, const CanonOptions& options, Index type) {
  ByteWriter w;
  w.byte(0x00);
  w.byte(0x00);
  w.u32(core_func);
  write_options(w, options);
  w.u32(type);
  section(Section::canon, w);
  return funcs_++;
}

ComponentWriter::Index ComponentWriter::resource(ResourceFunc what, Index type) {
  ByteWriter w;
  w.byte(static_cast<std::uint8_t>(what));
  w.u32(type);
  section(Section::canon, w);
  return core_funcs_++;
}

}  // namespace weft::componentize
