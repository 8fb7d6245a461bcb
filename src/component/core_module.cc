#include "component/core_module.h"

#include <unordered_set>

#include "component/core_binary.h"
#include "component/core_file.h"
#include "component/text.h"

namespace weft::component {
namespace {

// Place of each section id in the prescribed order (tag stands after memory, data count before code); 0: no such id.
constexpr uint8_t kSectionOrder[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};

// Types, their parts, imports, exports and other definitions of one module. The largest modules (language runtimes)
// have below 200 000; engines allow a million functions.
constexpr uint32_t kMaxItems = 4'000'000;

// Moves over a constant expression: its instructions with their immediates, up to `end`.
void skip_const_expr(Reader& r) {
  while (r.ok()) {
    const uint8_t opcode = r.byte();
    if (!r.ok()) return;
    switch (opcode) {
      case 0x0b:
        return;
      case 0x41:
        r.skip_leb(32);
        break;
      case 0x42:
        r.skip_leb(64);
        break;
      case 0x43:
        r.skip(4);
        break;
      case 0x44:
        r.skip(8);
        break;
      case 0x23:  // global.get
      case 0xd2:  // ref.func
        r.u32();
        break;
      case 0xd0:
        read_core_heaptype(r);
        break;
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;      // add, sub, mul of i32 and i64
      case 0xfd: {  // v128.const
        if (r.u32() != 12 && r.ok()) r.fail("constant expression required");
        r.skip(16);
        break;
      }
      case 0xfb: {
        const uint32_t op = r.u32();
        switch (op) {
          case 0:
          case 1:
          case 6:
          case 7:
            r.u32();
            break;  // struct.new, array.new and their defaults
          case 8:
            r.u32();
            r.u32();
            break;  // array.new_fixed
          case 26:
          case 27:
          case 28:
            break;  // conversions, ref.i31
          default:
            r.fail("constant expression required");
        }
        break;
      }
      default:
        r.bad_byte(opcode, "constant expression");
    }
  }
}

class ModuleReader {
 public:
  ModuleReader(Reader& r, CoreTypeStore& store) : r_(r), store_(store) {}

  CoreModuleInterface run() {
    read_preamble();
    uint8_t last = 0;
    while (r_.ok() && !r_.at_end()) {
      const size_t at = r_.offset();
      const uint8_t id = r_.byte();
      if (id >= sizeof kSectionOrder) {
        r_.fail_at(at, cat("malformed section id: ", id));
        break;
      }
      Reader section = r_.take(r_.u32());
      if (!r_.ok()) break;
      if (id != 0) {
        if (kSectionOrder[id] <= last) {
          r_.fail_at(at, "section out of order");
          break;
        }
        last = kSectionOrder[id];
      }
      read_section(id, section);
    }
    return std::move(module_);
  }

 private:
  void read_preamble() {
    constexpr uint8_t kMagic[] = {0x00, 'a', 's', 'm'};
    for (const uint8_t expected : kMagic) {
      const size_t at = r_.offset();
      if (r_.byte() != expected) r_.fail_at(at, "magic header not detected: bad magic number");
    }
    const size_t at = r_.offset();
    uint32_t version = 0;
    for (int shift = 0; shift < 32; shift += 8) version |= static_cast<uint32_t>(r_.byte()) << shift;
    if (!r_.ok() || version == 1) return;
    if (version >> 16 != 0) return r_.fail_at(at, "expected a version header for a module");
    r_.fail_at(at, cat("unknown binary version: ", hex(version)));
  }

  template <class F>
  void each(Reader& r, F f) {
    const uint32_t n = r.u32();
    for (uint32_t i = 0; i < n && r.count(); ++i) f();
    r.finish("the section");
  }

  void read_section(uint8_t id, Reader& r) {
    switch (id) {
      case 1:
        return each(r, [&] { read_rectype(r); });
      case 2:
        return each(r, [&] { read_import(r); });
      case 3:
        return each(r, [&] { add(r, CoreFuncRef{r.u32()}); });
      case 4:
        return each(r, [&] { read_table(r); });
      case 5:
        return each(r, [&] { add(r, read_core_memtype(r)); });
      case 13:
        return each(r, [&] { add(r, read_core_tagtype(r)); });
      case 6:
        return each(r, [&] {
          const CoreGlobalType type = read_core_globaltype(r);
          skip_const_expr(r);
          add(r, type);
        });
      case 7:
        return each(r, [&] { read_export(r); });
      case 0:
        r.name();
        return;
      default:
        return;  // start, elements, code, data: the engine's
    }
  }

  void read_rectype(Reader& r) {
    const size_t at = r.offset();
    const CoreRecType rec = read_core_rectype(r);
    if (!r.ok()) return;
    const auto ids = store_.add(rec, types_);
    if (!ids) return r.fail_at(at, ids.error().message());
    types_.insert(types_.end(), ids->begin(), ids->end());
  }

  // Adds an item to its index space, resolved; returns whether it was valid.
  bool add(Reader& r, const CoreExternType& unresolved) {
    if (!r.ok()) return false;
    auto type = resolve(unresolved, types_);
    if (type) {
      if (const auto limits = check_limits(*type); !limits) type = std::unexpected(limits.error());
    }
    if (!type) {
      r.fail(type.error().message());
      return false;
    }
    spaces_[type->index()].push_back(*type);
    return true;
  }

  void read_import(Reader& r) {
    CoreImport import = read_core_import(r);
    if (!add(r, import.type)) return;
    import.type = spaces_[import.type.index()].back();
    module_.imports.push_back(std::move(import));
  }

  void read_table(Reader& r) {
    const bool has_init = r.peek() == 0x40;
    if (has_init) {
      r.byte();
      r.expect(0x00, "table");
    }
    const CoreTableType type = read_core_tabletype(r);
    if (has_init) skip_const_expr(r);
    add(r, type);
  }

  void read_export(Reader& r) {
    CoreExport item;
    item.name = r.name();
    const uint8_t kind = r.byte();
    if (r.ok() && kind > 4) r.bad_byte(kind, "external kind");
    const uint32_t index = r.u32();
    if (!r.ok()) return;
    const auto& space = spaces_[kind];
    if (index >= space.size()) {
      constexpr std::string_view kNames[] = {"function", "table", "memory", "global", "tag"};
      return r.fail(cat("unknown ", kNames[kind], " ", index, ": ", kNames[kind], " index out of bounds"));
    }
    item.type = space[index];
    module_.exports.push_back(std::move(item));
  }

  Reader& r_;
  CoreTypeStore& store_;
  CoreModuleInterface module_;
  std::vector<uint32_t> types_;            // index → canonical id
  std::vector<CoreExternType> spaces_[5];  // by the alternative of CoreExternType
};

}  // namespace

namespace {

Result<CoreModuleInterface> read_interface(std::span<const std::byte> bytes, ast::ByteRange range,
                                           CoreTypeStore& store) {
  Reader::State state{std::nullopt, kMaxItems};
  Reader r(bytes, range.offset, range.offset + range.size, state);
  CoreModuleInterface module = ModuleReader(r, store).run();
  if (state.error) return std::unexpected(*state.error);
  return module;
}

}  // namespace

Result<CoreModuleInterface> read_file_interface(std::span<const std::byte> module, CoreTypeStore& store) {
  return read_interface(module, {0, module.size()}, store);
}

Result<CoreModuleInterface> read_module_interface(std::span<const std::byte> bytes, ast::ByteRange range,
                                                  CoreTypeStore& store) {
  TRY(auto module, read_interface(bytes, range, store));
  if (const auto unique = check_unique_names(module); !unique) {
    return std::unexpected(error_at(Errc::invalid, range.offset, unique.error().message()));
  }
  return module;
}

Result<void> check_unique_names(const CoreModuleInterface& module) {
  std::unordered_set<std::string> names;
  for (const CoreImport& import : module.imports) {
    // The length keeps "a:" "b" and "a" ":b" apart.
    if (!names.insert(cat(import.module.size(), ":", import.module, import.name)).second) {
      return fail(Errc::invalid, cat("duplicate import name `", import.module, ":", import.name, "`"));
    }
  }
  names.clear();
  for (const CoreExport& item : module.exports) {
    if (!names.insert(item.name).second) {
      return fail(Errc::invalid, cat("duplicate export name: export name `", item.name, "` already defined"));
    }
  }
  return {};
}

}  // namespace weft::component
