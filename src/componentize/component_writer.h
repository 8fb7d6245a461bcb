// Writes a component definition by definition, and keeps count of its index spaces.
//
// Knows the binary format (Binary.md) and nothing of what is right: what comes out is validated like any component.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/byte_writer.h"

namespace weft::componentize {

using component::ByteWriter;

enum class CoreSort : std::uint8_t { func = 0x00, table = 0x01, memory = 0x02, global = 0x03, instance = 0x12 };
enum class Sort : std::uint8_t { func = 0x01, type = 0x03, component = 0x04, instance = 0x05 };

// Value types without a definition.
enum class Primitive : std::uint8_t { f64 = 0x75, f32 = 0x76, u64 = 0x77, s64 = 0x78, u32 = 0x79, s32 = 0x7a };

// What crosses between a core function and a component function besides numbers.
struct CanonOptions {
  std::optional<std::uint32_t> memory;
  std::optional<std::uint32_t> realloc;
  std::optional<std::uint32_t> post_return;
};

class ComponentWriter {
 public:
  using Index = std::uint32_t;
  struct CoreItem {
    std::string name;
    CoreSort sort;
    Index index;
  };
  struct Item {
    std::string name;
    Sort sort;
    Index index;
  };

  ComponentWriter();

  // ---- core ----
  Index core_module(std::span<const std::byte> wasm);
  // The arguments are instances.
  Index core_instance(Index module, const std::vector<std::pair<std::string, Index>>& arguments);
  Index core_instance(const std::vector<CoreItem>& exports);
  Index core_export(Index instance, CoreSort sort, std::string_view name);

  // ---- component level ----
  // `definition`: a deftype, as it is written.
  Index type(const ByteWriter& definition);
  // `externdesc`: of the item, as it is written.
  Index import(std::string_view name, Sort sort, const ByteWriter& externdesc);
  Index alias_export(Index instance, Sort sort, std::string_view name);
  Index component(std::span<const std::byte> binary);
  Index instance(Index component, const std::vector<Item>& arguments);
  Index instance(const std::vector<Item>& exports);
  // An export is an item of its own, which may have another type than what it is made of.
  Index export_item(std::string_view name, Sort sort, Index index, const ByteWriter* externdesc = nullptr);

  // ---- canonical definitions ----
  Index lower(Index func, const CanonOptions& options);
  Index lift(Index core_func, const CanonOptions& options, Index type);
  enum class ResourceFunc : std::uint8_t { make = 0x02, drop = 0x03, rep = 0x04 };
  Index resource(ResourceFunc what, Index type);

  std::vector<std::byte> take() { return w_.take(); }

  Index& count(Sort sort);
  Index& count(CoreSort sort);

 private:
  enum class Section : std::uint8_t {
    core_module = 1,
    core_instance = 2,
    component = 4,
    instance = 5,
    alias = 6,
    type = 7,
    canon = 8,
    import = 10,
    export_ = 11,
  };
  // A section of one definition.
  void section(Section id, const ByteWriter& definition);

  ByteWriter w_;
  Index core_modules_ = 0, core_funcs_ = 0, core_tables_ = 0, core_memories_ = 0, core_globals_ = 0,
        core_instances_ = 0;
  Index funcs_ = 0, types_ = 0, components_ = 0, instances_ = 0;
};

// externname of an import or export.
void write_extern_name(ByteWriter& w, std::string_view name);

}  // namespace weft::componentize
