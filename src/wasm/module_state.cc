#include "wasm/module_state.h"

#include "wasm/core_syntax.h"

namespace weft::wasm {
namespace {

constexpr std::uint8_t export_section = 7;
constexpr std::uint8_t memory_kind = 2;
constexpr std::uint8_t global_kind = 3;

void put_name(std::vector<std::byte>& out, std::string_view name) {
  put_leb(out, name.size());
  put(out, std::as_bytes(std::span(name)));
}

void put_export(std::vector<std::byte>& out, std::string_view what, std::size_t number, std::uint8_t kind,
                std::uint64_t index) {
  put_name(out, state_name(what, number));
  out.push_back(std::byte{kind});
  put_leb(out, index);
}

}  // namespace

std::string state_name(std::string_view what, std::size_t number) {
  return std::string(state_prefix) + std::string(what) + "/" + std::to_string(number);
}

void StateExports::see_imports(std::uint64_t memories, std::uint64_t globals) {
  imported_memories_ = memories;
  imported_globals_ = globals;
}

void StateExports::see_memories(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) memories_.push_back(imported_memories_ + i);
}

void StateExports::see_globals(const std::optional<std::vector<DefinedGlobal>>& globals) {
  understood_ = understood_ && globals.has_value();
  if (!globals) return;
  for (std::size_t i = 0; i < globals->size(); ++i) {
    if ((*globals)[i].is_mutable) globals_.push_back(imported_globals_ + i);
  }
}

std::optional<std::vector<std::byte>> StateExports::section(std::optional<std::span<const std::byte>> exports) {
  done_ = true;
  if (!understood_ || (memories_.empty() && globals_.empty())) return std::nullopt;
  std::span<const std::byte> items;
  std::uint64_t count = 0;
  if (exports) {
    CoreReader reader(*exports);
    count = reader.leb();
    items = exports->subspan(reader.position());
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
      const auto name = reader.bytes(reader.leb());
      if (std::string_view(reinterpret_cast<const char*>(name.data()), name.size()).starts_with(state_prefix))
        return std::nullopt;
      reader.byte();
      reader.leb();
    }
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
  }
  std::vector<std::byte> content;
  put_leb(content, count + memories_.size() + globals_.size());
  put(content, items);
  for (std::size_t i = 0; i < memories_.size(); ++i) put_export(content, "memory", i, memory_kind, memories_[i]);
  for (std::size_t i = 0; i < globals_.size(); ++i) put_export(content, "global", i, global_kind, globals_[i]);
  std::vector<std::byte> section{std::byte{export_section}};
  put_leb(section, content.size());
  put(section, content);
  return section;
}

}  // namespace weft::wasm
