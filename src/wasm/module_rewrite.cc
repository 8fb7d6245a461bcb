#include "wasm/module_rewrite.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "wasm/core_syntax.h"
#include "wasm/global_section.h"
#include "wasm/module_state.h"

namespace weft::wasm {
namespace {

struct Memory {
  std::uint64_t minimum_bytes = 0;
  bool empty = false;      // it begins without a page
  bool separable = false;  // not shared, 32-bit
};

struct Imported {
  std::uint64_t memories = 0;
  std::uint64_t globals = 0;
};

// How much is imported, or nothing if the section holds something unknown.
std::optional<Imported> count_imports(std::span<const std::byte> section) {
  CoreReader reader(section);
  Imported imported;
  for (std::uint64_t count = reader.leb(); count > 0 && reader.ok(); --count) {
    reader.bytes(reader.leb());
    reader.bytes(reader.leb());
    switch (reader.byte()) {
      case 0:
        reader.leb();
        break;
      case 1:
        skip_value_type(reader);
        read_limits(reader);
        break;
      case 2:
        read_limits(reader);
        ++imported.memories;
        break;
      case 3:
        skip_value_type(reader);
        reader.byte();
        ++imported.globals;
        break;
      case 4:
        reader.byte();
        reader.leb();
        break;
      default:
        reader.stop();
    }
  }
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return imported;
}

std::vector<Memory> read_memories(std::span<const std::byte> section) {
  CoreReader reader(section);
  std::vector<Memory> memories;
  for (std::uint64_t count = reader.leb(); count > 0 && reader.ok(); --count) {
    const Limits limits = read_limits(reader);
    Memory memory;
    memory.empty = limits.minimum == 0;
    const bool shared_or_64 = (limits.flags & 0b110) != 0;
    if (!shared_or_64 && limits.minimum <= (1ull << 32) / limits.page) {
      memory.minimum_bytes = limits.minimum * limits.page;
      memory.separable = true;
    }
    memories.push_back(memory);
  }
  if (!reader.ok() || !reader.at_end()) memories.clear();
  return memories;
}

// Sections that no compiled code depends on; compilers write a new hash of everything into theirs at every build. A
// name that may be malformed is for the engine to judge.
bool needless(std::string_view name) {
  if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return false;
  return name.starts_with(".debug_") || name == "producers" || name == "target_features" || name == "linking" ||
         name == "go:buildid" || name == "build_id" || name.starts_with("reloc.") || name.starts_with("component-type");
}

// Rewrites the data section into `out`, collecting segments by defined memory.
bool separate_data(std::span<const std::byte> section, std::uint64_t imported, const std::vector<Memory>& memories,
                   std::vector<std::vector<DataSegment>>& segments, std::vector<std::byte>& out) {
  CoreReader reader(section);
  const std::uint64_t count = reader.leb();
  put_leb(out, count);
  // Segments are written in order: after one that must stay, later ones stay too, for they may overlap it.
  bool separable = true;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::size_t begin = reader.position();
    const std::uint64_t flag = reader.leb();
    if (flag == 1) {
      reader.bytes(reader.leb());
      put(out, section.subspan(begin, reader.position() - begin));
      continue;
    }
    if (flag > 2) return false;
    const std::uint64_t index = flag == 2 ? reader.leb() : 0;
    if (reader.byte() != 0x41) separable = false;  // i32.const
    if (!separable) {
      // The rest of an unknown expression cannot be skipped safely; leave everything from here on.
      put(out, section.subspan(begin));
      return reader.ok();
    }
    const auto offset = static_cast<std::uint32_t>(reader.signed_leb());
    if (reader.byte() != 0x0b) separable = false;
    std::span<const std::byte> bytes;
    if (separable) bytes = reader.bytes(reader.leb());
    if (index < imported || index - imported >= memories.size()) separable = false;
    if (separable) {
      const Memory& memory = memories[index - imported];
      separable = memory.separable && std::uint64_t{offset} + bytes.size() <= memory.minimum_bytes;
    }
    if (!separable) {
      put(out, section.subspan(begin));
      return reader.ok();
    }
    segments[index - imported].push_back({offset, bytes});
    out.push_back(std::byte{1});
    out.push_back(std::byte{0});
  }
  return reader.ok() && reader.at_end();
}

// Collects the pieces of the separated code; neighbours in the original become one piece.
class Pieces {
 public:
  explicit Pieces(SeparatedModule& result) : result_(result) {}
  void keep(std::span<const std::byte> part) {
    auto& pieces = result_.pieces;
    if (!pieces.empty() && pieces.back().data() + pieces.back().size() == part.data()) {
      pieces.back() = {pieces.back().data(), pieces.back().size() + part.size()};
    } else if (!part.empty()) {
      pieces.push_back(part);
    }
  }
  void add(std::vector<std::byte> bytes) {
    result_.rewritten.push_back(std::move(bytes));
    result_.pieces.emplace_back(result_.rewritten.back());
  }

 private:
  SeparatedModule& result_;
};

}  // namespace

std::size_t SeparatedModule::code_size() const {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  return size;
}

std::vector<std::byte> SeparatedModule::code() const {
  std::vector<std::byte> joined;
  joined.reserve(code_size());
  for (const auto piece : pieces) put(joined, piece);
  return joined;
}

SeparatedModule::Shape SeparatedModule::shape() const {
  Shape shape;
  std::uint64_t size = 0;
  const auto keep = [&](std::span<const std::byte> piece) {
    if (!piece.empty()) shape.pieces.push_back(piece);
    size += piece.size();
  };
  auto constant = constants.begin();
  for (std::span<const std::byte> piece : pieces) {
    // Both are in the order of the original, so a piece has those that begin within it.
    const auto has = [&](std::span<const std::byte> part) {
      return std::less_equal()(piece.data(), part.data()) && std::less()(part.data(), piece.data() + piece.size());
    };
    for (; constant != constants.end() && has(*constant); ++constant) {
      const auto before = static_cast<std::size_t>(constant->data() - piece.data());
      keep(piece.first(before));
      shape.places.push_back(size);
      piece = piece.subspan(before + constant->size());
    }
    keep(piece);
  }
  return shape;
}

SeparatedModule separate(std::span<const std::byte> wasm) {
  constexpr std::size_t preamble = 8;
  SeparatedModule unchanged{.pieces = {wasm}, .data = {}, .rewritten = {}, .constants = {}};
  SeparatedModule result;
  if (wasm.size() < preamble) return unchanged;
  Pieces pieces(result);
  pieces.keep(wasm.first(preamble));
  Imported imported;
  std::vector<Memory> memories;
  StateExports state;
  // Nothing: the section stays as it is.
  const auto add_exports = [&](std::optional<std::span<const std::byte>> exports) {
    auto section = state.section(exports);
    if (section) pieces.add(*std::move(section));
    return section.has_value();
  };
  CoreReader reader(wasm);
  reader.bytes(preamble);
  while (!reader.at_end()) {
    const std::size_t begin = reader.position();
    const std::uint8_t id = reader.byte();
    const auto section = reader.bytes(reader.leb());
    if (!reader.ok()) return unchanged;
    if (id == 0) {
      CoreReader custom(section);
      const auto name = custom.bytes(custom.leb());
      if (custom.ok() && needless({reinterpret_cast<const char*>(name.data()), name.size()})) continue;
    } else if (id == 2) {
      auto count = count_imports(section);
      if (!count) return unchanged;
      imported = *count;
      state.see_imports(imported.memories, imported.globals);
    } else if (id == 5) {
      memories = read_memories(section);
      result.data.resize(memories.size());
      state.see_memories(memories.size());
    } else if (id == 6) {
      const auto globals = read_globals(section);
      state.see_globals(globals);
      if (globals && result.constants.empty()) {
        result.constants = constants_of(*globals);
        const std::size_t size_at = begin + 1;
        const auto size_end = static_cast<std::size_t>(section.data() - wasm.data());
        if (!result.constants.empty())
          result.constants.insert(result.constants.begin(), wasm.subspan(size_at, size_end - size_at));
      }
    } else if (id == 7) {
      if (add_exports(section)) continue;
    } else if (id >= 8 && id <= 12 && !state.done()) {
      // Those sections come after the exports.
      add_exports(std::nullopt);
    }
    if (id == 11) {
      std::vector<std::byte> data;
      if (!separate_data(section, imported.memories, memories, result.data, data)) return unchanged;
      std::vector<std::byte> header{std::byte{11}};
      put_leb(header, data.size());
      pieces.add(std::move(header));
      pieces.add(std::move(data));
      continue;
    }
    pieces.keep(wasm.subspan(begin, reader.position() - begin));
  }
  if (!state.done()) add_exports(std::nullopt);
  for (std::size_t i = memories.size(); i-- > 0;) {
    if (memories[i].empty) result.data.erase(result.data.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return result;
}

}  // namespace weft::wasm
