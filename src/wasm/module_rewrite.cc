#include "wasm/module_rewrite.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::wasm {
namespace {

// Reads core binary syntax; becomes !ok at the first thing it cannot read.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t position() const { return at_; }

  std::uint8_t byte() {
    if (at_ >= bytes_.size()) return static_cast<std::uint8_t>(stop());
    return static_cast<std::uint8_t>(bytes_[at_++]);
  }
  std::uint64_t leb(int bits = 32) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < bits; shift += 7) {
      const std::uint8_t b = byte();
      value |= static_cast<std::uint64_t>(b & 0x7f) << shift;
      if ((b & 0x80) == 0) return value;
    }
    return stop();
  }
  std::int64_t signed_leb() {
    std::int64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      value |= static_cast<std::int64_t>(static_cast<std::uint64_t>(b & 0x7f) << shift);
      if ((b & 0x80) == 0) {
        if (shift + 7 < 64 && (b & 0x40) != 0) value |= -(std::int64_t{1} << (shift + 7));
        return value;
      }
    }
    return static_cast<std::int64_t>(stop());
  }
  std::span<const std::byte> bytes(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      stop();
      return {};
    }
    auto out = bytes_.subspan(at_, count);
    at_ += count;
    return out;
  }
  std::uint64_t stop() {
    ok_ = false;
    at_ = bytes_.size();
    return 0;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

struct Memory {
  std::uint64_t minimum_bytes = 0;
  bool empty = false;      // it begins without a page
  bool separable = false;  // not shared, 32-bit
};

struct Limits {
  std::uint64_t minimum = 0;
  std::uint8_t flags = 0;
  std::uint64_t page = 65536;
};

Limits read_limits(Reader& reader) {
  Limits limits;
  limits.flags = reader.byte();
  if (limits.flags > 0x0f) reader.stop();
  limits.minimum = reader.leb(64);
  if ((limits.flags & 1) != 0) reader.leb(64);
  if ((limits.flags & 8) != 0) {
    const std::uint64_t exponent = reader.leb();
    if (exponent > 16) reader.stop();
    limits.page = 1ull << (exponent & 31);
  }
  return limits;
}

void skip_value_type(Reader& reader) {
  const std::uint8_t b = reader.byte();
  if (b == 0x63 || b == 0x64) reader.signed_leb();
}

// The number of memories imported, or nothing if the section holds something unknown.
std::optional<std::uint64_t> count_imported_memories(std::span<const std::byte> section) {
  Reader reader(section);
  std::uint64_t memories = 0;
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
        ++memories;
        break;
      case 3:
        skip_value_type(reader);
        reader.byte();
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
  return memories;
}

std::vector<Memory> read_memories(std::span<const std::byte> section) {
  Reader reader(section);
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

// Sections that no compiled code depends on; compilers write a new hash of everything into theirs at every build.
bool needless(std::string_view name) {
  return name.starts_with(".debug_") || name == "producers" || name == "target_features" || name == "linking" ||
         name == "go:buildid" || name == "build_id" || name.starts_with("reloc.") || name.starts_with("component-type");
}

void put_leb(std::vector<std::byte>& out, std::uint64_t value) {
  do {
    const auto low = static_cast<std::uint8_t>(value & 0x7f);
    value >>= 7;
    out.push_back(std::byte{static_cast<std::uint8_t>(low | (value != 0 ? 0x80 : 0))});
  } while (value != 0);
}

void put(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Rewrites the data section into `out`, collecting segments by defined memory.
bool separate_data(std::span<const std::byte> section, std::uint64_t imported, const std::vector<Memory>& memories,
                   std::vector<std::vector<DataSegment>>& segments, std::vector<std::byte>& out) {
  Reader reader(section);
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

SeparatedModule separate(std::span<const std::byte> wasm) {
  constexpr std::size_t preamble = 8;
  SeparatedModule unchanged{.pieces = {wasm}, .data = {}, .rewritten = {}};
  SeparatedModule result;
  if (wasm.size() < preamble) return unchanged;
  Pieces pieces(result);
  pieces.keep(wasm.first(preamble));
  std::uint64_t imported = 0;
  std::vector<Memory> memories;
  Reader reader(wasm);
  reader.bytes(preamble);
  while (!reader.at_end()) {
    const std::size_t begin = reader.position();
    const std::uint8_t id = reader.byte();
    const auto section = reader.bytes(reader.leb());
    if (!reader.ok()) return unchanged;
    if (id == 0) {
      Reader custom(section);
      const auto name = custom.bytes(custom.leb());
      if (custom.ok() && needless({reinterpret_cast<const char*>(name.data()), name.size()})) continue;
    } else if (id == 2) {
      auto count = count_imported_memories(section);
      if (!count) return unchanged;
      imported = *count;
    } else if (id == 5) {
      memories = read_memories(section);
      result.data.resize(memories.size());
    } else if (id == 11) {
      std::vector<std::byte> data;
      if (!separate_data(section, imported, memories, result.data, data)) return unchanged;
      std::vector<std::byte> header{std::byte{11}};
      put_leb(header, data.size());
      pieces.add(std::move(header));
      pieces.add(std::move(data));
      continue;
    }
    pieces.keep(wasm.subspan(begin, reader.position() - begin));
  }
  for (std::size_t i = memories.size(); i-- > 0;) {
    if (memories[i].empty) result.data.erase(result.data.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return result;
}

}  // namespace weft::wasm
