#include "component/composition.h"

#include <algorithm>
#include <array>
#include <set>

#include "component/byte_writer.h"
#include "component/reader.h"

namespace weft::component {
namespace {

constexpr std::uint8_t format_version = 1;
constexpr std::uint8_t custom_section = 0, component_section = 4;
constexpr std::array<std::byte, 8> preamble{std::byte{0},    std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                            std::byte{0x0d}, std::byte{0},   std::byte{1},   std::byte{0}};

Wiring read_wiring(Reader& r) {
  Wiring wiring;
  if (r.byte() != format_version) r.fail("the composition is of another version of weft");
  const std::uint32_t links = r.u32();
  for (std::uint32_t i = 0; i < links && r.count(); ++i) {
    Link link;
    link.part = r.u32();
    link.import = r.name();
    link.from = r.u32();
    link.export_name = r.name();
    wiring.links.push_back(std::move(link));
  }
  const std::uint32_t denied = r.u32();
  for (std::uint32_t i = 0; i < denied && r.count(); ++i) {
    Denied one;
    one.part = r.u32();
    one.import = r.name();
    one.reason = r.name();
    wiring.denied.push_back(std::move(one));
  }
  r.finish("the composition");
  return wiring;
}

}  // namespace

std::vector<std::byte> write_composition(std::span<const ast::Bytes> parts, const Wiring& wiring) {
  ByteWriter content;
  content.name(composition_section);
  content.byte(format_version);
  content.vec(wiring.links, [&](const Link& link) {
    content.u32(link.part);
    content.name(link.import);
    content.u32(link.from);
    content.name(link.export_name);
  });
  content.vec(wiring.denied, [&](const Denied& denied) {
    content.u32(denied.part);
    content.name(denied.import);
    content.name(denied.reason);
  });
  ByteWriter w;
  w.raw(preamble);
  for (const ast::Bytes& part : parts) {
    w.byte(component_section);
    w.sized(*part);
  }
  w.byte(custom_section);
  w.sized(content.bytes());
  return w.take();
}

Result<std::optional<Composition>> read_composition(const ast::Component& component) {
  const auto says_so = [](const ast::Definition& definition) {
    const auto* custom = std::get_if<ast::CustomSection>(&definition.def);
    return custom != nullptr && custom->name == composition_section;
  };
  const auto found = std::ranges::find_if(component.definitions, says_so);
  if (found == component.definitions.end()) return std::nullopt;
  Composition composition;
  for (const ast::Definition& definition : component.definitions) {
    if (const auto* nested = std::get_if<ast::NestedComponent>(&definition.def)) {
      composition.parts.push_back(nested->get());
    } else if (&definition != &*found) {
      return std::unexpected(error_at(Errc::invalid, definition.offset, "a composition has components and no more"));
    }
  }
  const ast::ByteRange range = std::get<ast::CustomSection>(found->def).data;
  Reader::State state{std::nullopt, UINT32_MAX};
  Reader r(*component.bytes, range.offset, range.offset + range.size, state);
  composition.wiring = read_wiring(r);
  if (state.error) return std::unexpected(*std::move(state.error));
  const std::size_t parts = composition.parts.size();
  if (parts == 0 || parts > max_parts) {
    return fail(Errc::limit, "a composition has from 1 to " + std::to_string(max_parts) + " components");
  }
  std::set<std::pair<std::uint32_t, std::string_view>> linked;
  for (const Link& link : composition.wiring.links) {
    const bool is_new = linked.emplace(link.part, link.import).second;
    if (!is_new || link.part >= parts || link.from >= link.part) {
      return fail(Errc::invalid, "a link of the composition is broken");
    }
  }
  for (const Denied& denied : composition.wiring.denied) {
    if (denied.part >= parts) return fail(Errc::invalid, "the composition denies something to nobody");
  }
  return composition;
}

std::vector<const ast::Component*> parts_of(const ast::Component& component,
                                            const std::optional<Composition>& composition) {
  return composition ? composition->parts : std::vector{&component};
}

}  // namespace weft::component
