#include "component/decode.h"

#include <algorithm>
#include <array>
#include <utility>

#include "component/decoder.h"

namespace weft::component {
namespace {

using namespace ast;

std::optional<Sort> core_sort(uint8_t code) {
  switch (code) {
    case 0x00:
      return Sort::core_func;
    case 0x01:
      return Sort::core_table;
    case 0x02:
      return Sort::core_memory;
    case 0x03:
      return Sort::core_global;
    case 0x04:
      return Sort::core_tag;
    case 0x10:
      return Sort::core_type;
    case 0x11:
      return Sort::core_module;
    case 0x12:
      return Sort::core_instance;
    default:
      return std::nullopt;
  }
}

std::optional<Sort> component_sort(uint8_t code) {
  switch (code) {
    case 0x01:
      return Sort::func;
    case 0x02:
      return Sort::value;
    case 0x03:
      return Sort::type;
    case 0x04:
      return Sort::component;
    case 0x05:
      return Sort::instance;
    default:
      return std::nullopt;
  }
}

bool is_outer_alias_sort(Sort sort) {
  return sort == Sort::core_module || sort == Sort::core_type || sort == Sort::type || sort == Sort::component;
}

}  // namespace

Result<std::shared_ptr<const Component>> decode(Bytes bytes, const DecodeOptions& options) {
  if (bytes->size() > options.limits.max_bytes) {
    return fail(Errc::limit,
                cat("the component has ", bytes->size(), " bytes, more than the limit of ", options.limits.max_bytes));
  }
  return Decoder(std::move(bytes), options).run();
}

Result<std::shared_ptr<const Component>> Decoder::run() {
  auto component = read_component(Reader(*bytes_, 0, bytes_->size(), state_));
  if (state_.error) return std::unexpected(*state_.error);
  return component;
}

void Decoder::gated(Reader& r, gaps::Gap gap, std::string_view feature) {
  const Error error = gaps::refuse_saying(gap, cat(feature, " are a gated feature that is not supported"));
  r.fail(error.message(), error.code());
}

std::shared_ptr<const Component> Decoder::read_component(Reader r) {
  const Level level(*this, r);
  auto component = std::make_shared<Component>();
  component->bytes = bytes_;
  component->range = {r.offset(), r.remaining()};
  constexpr uint8_t kMagic[] = {0x00, 'a', 's', 'm'};
  for (const uint8_t expected : kMagic) {
    const size_t at = r.offset();
    if (r.byte() != expected) r.fail_at(at, "magic header not detected: bad magic number");
  }
  const size_t version_at = r.offset();
  const uint8_t preamble[] = {r.byte(), r.byte(), r.byte(), r.byte()};
  const auto version = static_cast<uint16_t>(preamble[0] | preamble[1] << 8);
  const auto layer = static_cast<uint16_t>(preamble[2] | preamble[3] << 8);
  if (r.ok() && layer == 0 && version == 1) r.fail_at(version_at, "expected a version header for a component");
  if (r.ok() && (version != 0x0d || layer != 1)) {
    r.fail_at(version_at, cat("unknown binary version and layer: ", hex(version), ", ", hex(layer)));
  }
  while (r.ok() && !r.at_end()) {
    const size_t at = r.offset();
    const uint8_t id = r.byte();
    if (id > 12) {
      r.fail_at(at, cat("malformed section id: ", id));
      break;
    }
    Reader section = r.take(r.u32());
    if (!r.ok()) break;
    read_section(id, section, *component);
    section.finish("the section");
  }
  return component;
}

template <class F>
void Decoder::read_definitions(Reader& r, Component& component, F read_one) {
  const uint32_t n = r.u32();
  for (uint32_t i = 0; i < n && r.count(); ++i) {
    const size_t offset = r.offset();
    component.definitions.push_back({offset, read_one()});
  }
}

void Decoder::read_section(uint8_t id, Reader& r, Component& component) {
  const size_t offset = r.offset();
  const auto add = [&](auto definition) {
    if (r.count()) component.definitions.push_back({offset, std::move(definition)});
  };
  switch (id) {
    case 0:
      return add(read_custom(r));
    case 1:
      return add(read_core_module(r));
    case 2:
      return read_definitions(r, component, [&] { return read_core_instance(r); });
    case 3:
      return read_definitions(r, component, [&] { return read_core_type(r, false); });
    case 4:
      return add(read_component(r.take(r.remaining())));
    case 5:
      return read_definitions(r, component, [&] { return read_instance(r); });
    case 6:
      return read_definitions(r, component, [&] { return read_alias(r); });
    case 7:
      return read_definitions(r, component, [&] { return read_type(r); });
    case 8: {
      const uint32_t n = r.u32();
      for (uint32_t i = 0; i < n && r.count(); ++i) read_canon(r, component);
      return;
    }
    case 10:
      return read_definitions(r, component, [&] { return read_import(r); });
    case 11:
      return read_definitions(r, component, [&] { return read_export(r); });
    default:
      return gated(r, gaps::Gap::component_values,
                   id == 9 ? "start definitions (values)" : "value definitions (values)");
  }
}

CustomSection Decoder::read_custom(Reader& r) {
  CustomSection custom;
  custom.name = r.name();
  custom.data = {r.offset(), r.remaining()};
  r.skip(r.remaining());
  return custom;
}

CoreModule Decoder::read_core_module(Reader& r) {
  CoreModule module;
  module.range = {r.offset(), r.remaining()};
  if (r.remaining() > options_.limits.max_module_bytes) r.fail("the core module is too large", Errc::limit);
  r.skip(r.remaining());
  return module;
}

CoreInstance Decoder::read_core_instance(Reader& r) {
  const uint8_t b = r.byte();
  if (b == 0x00) {
    CoreInstantiate instantiate;
    instantiate.module = r.u32();
    instantiate.args = read_vec(r, [&] {
      CoreInstantiateArg arg;
      arg.name = r.name();
      r.expect(0x12, "instantiation arg kind");
      arg.instance = r.u32();
      return arg;
    });
    return {std::move(instantiate)};
  }
  if (b != 0x01) r.bad_byte(b, "core instance");
  return {read_vec(r, [&] {
    CoreInlineExport item;
    item.name = r.name();
    item.item = read_core_sort_idx(r);
    return item;
  })};
}

Instance Decoder::read_instance(Reader& r) {
  const uint8_t b = r.byte();
  if (b == 0x00) {
    Instantiate instantiate;
    instantiate.component = r.u32();
    instantiate.args = read_vec(r, [&] {
      InstantiateArg arg;
      arg.name = r.name();
      arg.item = read_sort_idx(r);
      return arg;
    });
    return {std::move(instantiate)};
  }
  if (b != 0x01) r.bad_byte(b, "instance");
  return {read_vec(r, [&] {
    InlineExport item;
    item.name = read_name_attributes(r);
    item.item = read_sort_idx(r);
    return item;
  })};
}

SortIdx Decoder::read_core_sort_idx(Reader& r) {
  const uint8_t b = r.byte();
  const auto sort = core_sort(b);
  if (r.ok() && !sort) r.bad_byte(b, "external kind");
  return {sort.value_or(Sort::core_func), r.u32()};
}

SortIdx Decoder::read_sort_idx(Reader& r) {
  uint8_t b = r.byte();
  std::optional<Sort> sort;
  if (b == 0x00) {
    b = r.byte();
    sort = core_sort(b);
  } else {
    sort = component_sort(b);
  }
  if (r.ok() && !sort) r.bad_byte(b, "component external kind");
  if (r.ok() && *sort == Sort::value) gated(r, gaps::Gap::component_values, "component values");
  return {sort.value_or(Sort::func), r.u32()};
}

Alias Decoder::read_alias(Reader& r) {
  const uint8_t outer_code = r.byte();
  const bool is_core = outer_code == 0x00;
  const uint8_t code = is_core ? r.byte() : outer_code;
  const auto sort = is_core ? core_sort(code) : component_sort(code);
  const size_t code_end = r.offset();
  const uint8_t target = r.byte();
  if (!r.ok()) return {};
  if (target > 0x02) {
    r.bad_byte(target, "alias");
    return {};
  }
  const bool sort_fits = target == 0x02 ? sort && is_outer_alias_sort(*sort) : sort && (target == 0x00 || is_core);
  if (!sort_fits) {
    const auto what = target == 0x02 ? "component outer alias kind" : "component external kind";
    r.fail_at(code_end - 1, cat("invalid leading byte (", hex(code), ") for ", what));
    return {};
  }
  if (*sort == Sort::value) gated(r, gaps::Gap::component_values, "component values");
  Alias alias;
  alias.sort = *sort;
  const uint32_t first = r.u32();
  switch (target) {
    case 0x00:
      alias.target = ExportAlias{first, r.name()};
      break;
    case 0x01:
      alias.target = CoreExportAlias{first, r.name()};
      break;
    default:
      alias.target = OuterAlias{first, r.u32()};
      break;
  }
  return alias;
}

ExternName Decoder::read_name_attributes(Reader& r) {
  ExternName name;
  const uint8_t b = r.byte();
  if (r.ok() && b > 0x02) r.bad_byte(b, "component name");
  name.name = r.name();
  if (b != 0x02) return name;
  const uint32_t n = r.u32();
  const auto set = [&](std::optional<std::string>& attribute, std::string_view kind) {
    if (attribute) r.fail(cat("duplicate '", kind, "' option in name"));
    attribute = r.name();
  };
  for (uint32_t i = 0; i < n && r.ok(); ++i) {
    const uint8_t kind = r.byte();
    if (!r.ok()) break;
    switch (kind) {
      case 0x00:
        set(name.implements, "implements");
        break;
      case 0x01:
        gated(r, gaps::Gap::version_suffixes, "version suffixes of names (canonical interface names)");
        break;
      case 0x02:
        set(name.external_id, "external-id");
        break;
      default:
        r.bad_byte(kind, "name option");
    }
  }
  return name;
}

Import Decoder::read_import(Reader& r) {
  Import import;
  import.name = read_name_attributes(r);
  import.type = read_extern_desc(r);
  return import;
}

Export Decoder::read_export(Reader& r) {
  Export item;
  item.name = read_name_attributes(r);
  item.item = read_sort_idx(r);
  const uint8_t b = r.byte();
  if (b == 0x01) {
    item.type = read_extern_desc(r);
  } else if (r.ok() && b != 0x00) {
    r.bad_byte(b, "optional component export type");
  }
  return item;
}

bool is_core_module(std::span<const std::byte> bytes) {
  constexpr std::array<std::byte, 8> preamble{std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                              std::byte{1}};
  return bytes.size() >= preamble.size() && std::ranges::equal(bytes.first(preamble.size()), preamble);
}

}  // namespace weft::component
