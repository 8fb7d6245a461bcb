#include "componentize/unique_imports.h"

#include <set>
#include <utility>

#include "component/byte_writer.h"
#include "component/core_binary.h"
#include "component/reader.h"

namespace weft::componentize {

std::vector<std::string> unique_names(const std::vector<component::CoreImport>& imports) {
  std::set<std::pair<std::string, std::string>> taken;
  for (const component::CoreImport& import : imports) taken.emplace(import.module, import.name);
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<std::string> names;
  std::uint64_t number = 1;
  for (const component::CoreImport& import : imports) {
    std::string name = import.name;
    if (!seen.emplace(import.module, name).second) {
      do {
        name = import.name + "#" + std::to_string(++number);
      } while (!taken.emplace(import.module, name).second);
    }
    names.push_back(std::move(name));
  }
  return names;
}

Result<std::vector<std::byte>> rename_imports(std::span<const std::byte> module,
                                              const std::vector<std::string>& names) {
  constexpr std::size_t preamble = 8;
  constexpr std::uint8_t import_section = 2;
  component::Reader::State state{std::nullopt, UINT32_MAX};
  component::Reader r(module, preamble, module.size(), state);
  component::ByteWriter out;
  out.raw(module.first(preamble));
  while (r.ok() && !r.at_end()) {
    const std::uint8_t id = r.byte();
    component::Reader section = r.take(r.u32());
    out.byte(id);
    if (id != import_section) {
      out.sized(module.subspan(section.offset(), section.remaining()));
      continue;
    }
    component::ByteWriter content;
    const std::uint32_t count = section.u32();
    if (count != names.size()) section.fail("the imports changed");
    content.u32(count);
    for (std::uint32_t i = 0; i < count && section.ok(); ++i) {
      content.name(section.name());
      section.name();
      content.name(names[i]);
      const std::size_t begin = section.offset();
      component::read_core_externtype(section);
      content.raw(module.subspan(begin, section.offset() - begin));
    }
    out.sized(content.bytes());
  }
  if (state.error) return std::unexpected(*std::move(state.error));
  return out.take();
}

}  // namespace weft::componentize
