#include "component/core_shape.h"

#include <algorithm>

#include "component/core_binary.h"
#include "component/reader.h"

namespace weft::component {
namespace {

namespace section {
constexpr std::uint8_t custom = 0, type = 1, import = 2, function = 3, table = 4, global = 6, exports = 7, start = 8,
                       element = 9, code = 10;
}  // namespace section

// Functions of a shim: tools make one for each function that is called before its memory exists.
constexpr std::uint32_t max_items = 100'000;
constexpr std::size_t preamble_size = 8;

bool is_number(const CoreValType& type) {
  return type.kind == CoreValKind::i32 || type.kind == CoreValKind::i64 || type.kind == CoreValKind::f32 ||
         type.kind == CoreValKind::f64;
}

bool is_plain_funcref(const CoreTableType& table) {
  const CoreRefType& ref = table.element;
  return ref.nullable && ref.heap.kind == CoreHeapKind::func && !ref.heap.shared && !table.limits.is64 &&
         !table.limits.shared;
}

// Reads what shims, fix-ups and inert modules are made of. The preamble and the order of the sections have been checked
// where the module's interface was read; what is read twice here is refused.
class ShapeReader {
 public:
  explicit ShapeReader(std::span<const std::byte> module)
      : bytes_(module), state_{std::nullopt, max_items}, r_(bytes_, 0, bytes_.size(), state_) {
    r_.skip(preamble_size);
  }

  bool ok() const { return r_.ok(); }
  void fail() { r_.fail("another shape"); }

  // Calls f(id, section) for each but custom ones, until one is not wanted.
  template <class F>
  void sections(F f) {
    while (ok() && !r_.at_end()) {
      const std::uint8_t id = r_.byte();
      Reader section = r_.take(r_.u32());
      if (!ok()) return;
      if (id == section::custom) {
        section.name();
        continue;
      }
      f(id, section);
    }
  }

  template <class F>
  void each(Reader& r, F f) {
    const std::uint32_t n = r.u32();
    for (std::uint32_t i = 0; i < n && r.count(); ++i) f();
    r.finish("the section");
  }

  // Plain function types: groups, subtypes and references could make types differ that look alike.
  void types(Reader& r) {
    each(r, [&] {
      CoreFuncType type;
      r.expect(0x60, "function type");
      type.params = numbers(r);
      type.results = numbers(r);
      types_.push_back(std::move(type));
    });
  }

  const CoreFuncType& type_at(std::uint32_t index) {
    static const CoreFuncType none;
    if (index < types_.size()) return types_[index];
    fail();
    return none;
  }

  // i32.const `value` end
  std::uint32_t const_i32(Reader& r) {
    r.expect(0x41, "i32.const");
    const std::int64_t value = r.s33();
    if (value < 0 || value > INT32_MAX) fail();
    return static_cast<std::uint32_t>(value);
  }

 private:
  std::vector<CoreValType> numbers(Reader& r) {
    std::vector<CoreValType> out;
    const std::uint32_t n = r.u32();
    for (std::uint32_t i = 0; i < n && r.count(); ++i) {
      out.push_back(read_core_valtype(r));
      if (!is_number(out.back())) fail();
    }
    return out;
  }

  std::span<const std::byte> bytes_;
  Reader::State state_;
  Reader r_;
  std::vector<CoreFuncType> types_;
};

class ShimReader : ShapeReader {
 public:
  using ShapeReader::ShapeReader;

  std::optional<Shim> run() {
    sections([&](std::uint8_t id, Reader& r) {
      switch (id) {
        case section::type:
          return types(r);
        case section::function:
          return each(r, [&] { funcs_.push_back(type_at(r.u32())); });
        case section::table:
          return table(r);
        case section::exports:
          return exports(r);
        case section::code:
          return code(r);
        default:
          return fail();
      }
    });
    if (!ok() || tables_ != 1 || !has_table_ || bodies_ != funcs_.size()) return std::nullopt;
    for (auto& [name, index] : exported_) shim_.funcs[name] = {slots_[index], funcs_[index]};
    return std::move(shim_);
  }

 private:
  void table(Reader& r) {
    each(r, [&] {
      // Without an initialiser: its elements are null.
      const CoreTableType type = read_core_tabletype(r);
      if (++tables_ > 1 || !is_plain_funcref(type) || type.limits.min > max_items) return fail();
      shim_.slots = static_cast<std::uint32_t>(type.limits.min);
    });
  }

  void exports(Reader& r) {
    each(r, [&] {
      std::string name = r.name();
      const std::uint8_t kind = r.byte();
      const std::uint32_t index = r.u32();
      if (kind == 0x00 && index < funcs_.size()) {
        exported_.emplace_back(std::move(name), index);
      } else if (kind == 0x01 && index < tables_ && !has_table_) {
        has_table_ = true;
        shim_.table = std::move(name);
      } else {
        fail();
      }
    });
  }

  void code(Reader& r) {
    each(r, [&] {
      if (bodies_ == funcs_.size()) return fail();
      Reader body = r.take(r.u32());
      const CoreFuncType& type = funcs_[bodies_++];
      body.expect(0x00, "locals");
      for (std::uint32_t i = 0; i < type.params.size() && ok(); ++i) {
        body.expect(0x20, "local.get");
        if (body.u32() != i) fail();
      }
      const std::uint32_t slot = const_i32(body);
      body.expect(0x11, "call_indirect");
      if (type_at(body.u32()) != type) fail();
      body.expect(0x00, "table");
      body.expect(0x0b, "end");
      body.finish("the body");
      if (slot >= shim_.slots) fail();
      slots_.push_back(slot);
    });
  }

  Shim shim_;
  std::uint32_t tables_ = 0;
  bool has_table_ = false;
  std::vector<CoreFuncType> funcs_;
  std::vector<std::pair<std::string, std::uint32_t>> exported_;  // functions
  std::size_t bodies_ = 0;
  std::vector<std::uint32_t> slots_;  // by function
};

class FixupReader : ShapeReader {
 public:
  using ShapeReader::ShapeReader;

  std::optional<Fixup> run() {
    sections([&](std::uint8_t id, Reader& r) {
      switch (id) {
        case section::type:
          return types(r);
        case section::import:
          return imports(r);
        case section::element:
          return elements(r);
        default:
          return fail();
      }
    });
    if (!ok() || tables_ != 1 || segments_ != 1) return std::nullopt;
    return std::move(fixup_);
  }

 private:
  void imports(Reader& r) {
    std::uint32_t place = 0;
    each(r, [&] {
      const CoreImport import = read_core_import(r);
      if (const auto* func = std::get_if<CoreFuncRef>(&import.type)) {
        funcs_.push_back({place, type_at(func->type)});
      } else if (const auto* table = std::get_if<CoreTableType>(&import.type);
                 table != nullptr && is_plain_funcref(*table)) {
        ++tables_;
        fixup_.table = place;
      } else {
        fail();
      }
      ++place;
    });
  }

  void elements(Reader& r) {
    each(r, [&] {
      ++segments_;
      r.expect(0x00, "an active segment of table 0");
      if (const_i32(r) != 0) fail();
      r.expect(0x0b, "end");
      const std::uint32_t n = r.u32();
      for (std::uint32_t i = 0; i < n && r.count(); ++i) {
        const std::uint32_t func = r.u32();
        if (func >= funcs_.size()) return fail();
        fixup_.elements.push_back(funcs_[func]);
      }
    });
  }

  Fixup fixup_;
  std::vector<Fixup::Element> funcs_;
  std::uint32_t tables_ = 0, segments_ = 0;
};

class StartCallReader : ShapeReader {
 public:
  using ShapeReader::ShapeReader;

  bool run() {
    std::uint32_t imports = 0;
    bool starts = false;
    sections([&](std::uint8_t id, Reader& r) {
      switch (id) {
        case section::type:
          return types(r);
        case section::import:
          return each(r, [&] {
            const CoreImport import = read_core_import(r);
            const auto* func = std::get_if<CoreFuncRef>(&import.type);
            if (func == nullptr || type_at(func->type) != CoreFuncType()) fail();
            ++imports;
          });
        case section::start:
          if (r.u32() != 0) fail();
          r.finish("the section");
          starts = true;
          return;
        default:
          return fail();
      }
    });
    return ok() && imports == 1 && starts;
  }
};

class InertReader : ShapeReader {
 public:
  using ShapeReader::ShapeReader;

  bool run() {
    sections([&](std::uint8_t id, Reader& r) {
      switch (id) {
        case section::type:
        case section::import:
        case section::function:
        case section::exports:
        case section::code:
          return;
        case section::global:
          return each(r, [&] { global(r); });
        default:
          return fail();
      }
    });
    return ok();
  }

 private:
  void global(Reader& r) {
    read_core_globaltype(r);
    switch (r.byte()) {
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
      default:
        fail();
    }
    r.expect(0x0b, "end");
  }
};

class StartReader : ShapeReader {
 public:
  using ShapeReader::ShapeReader;

  bool run() {
    bool found = false;
    sections([&](std::uint8_t id, Reader&) { found = found || id == section::start; });
    return found || !ok();
  }
};

}  // namespace

std::optional<Shim> read_shim(std::span<const std::byte> module) {
  return ShimReader(module).run();
}

std::optional<Fixup> read_fixup(std::span<const std::byte> module) {
  return FixupReader(module).run();
}

bool is_start_call(std::span<const std::byte> module) {
  return StartCallReader(module).run();
}

bool is_inert(std::span<const std::byte> module) {
  return InertReader(module).run();
}

bool has_start(std::span<const std::byte> module) {
  return StartReader(module).run();
}

}  // namespace weft::component
