#include "componentize/glue_modules.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "component/byte_writer.h"

namespace weft::componentize {
namespace {

using component::ByteWriter;
using component::CoreFuncType;
using component::CoreValKind;
using component::CoreValType;

enum Section : std::uint8_t {
  types = 1,
  imports = 2,
  functions = 3,
  tables = 4,
  exports = 7,
  start = 8,
  elements = 9,
  code = 10
};

class ModuleWriter {
 public:
  ModuleWriter() {
    constexpr std::array<std::byte, 8> preamble{std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                                std::byte{1}, std::byte{0},   std::byte{0},   std::byte{0}};
    w_.raw(preamble);
  }
  template <class F>
  void section(Section id, F write) {
    ByteWriter content;
    write(content);
    w_.byte(id);
    w_.sized(content.bytes());
  }
  void type_section(std::span<const CoreFuncType> all) {
    section(types, [&](ByteWriter& w) {
      w.vec(all, [&](const CoreFuncType& type) {
        w.byte(0x60);
        w.vec(type.params, [&](const CoreValType& value) { w.byte(code_of(value)); });
        w.vec(type.results, [&](const CoreValType& value) { w.byte(code_of(value)); });
      });
    });
  }
  std::vector<std::byte> take() { return w_.take(); }

 private:
  static std::uint8_t code_of(const CoreValType& type) {
    switch (type.kind) {
      case CoreValKind::i64:
        return 0x7e;
      case CoreValKind::f32:
        return 0x7d;
      case CoreValKind::f64:
        return 0x7c;
      default:
        return 0x7f;
    }
  }
  ByteWriter w_;
};

constexpr std::uint8_t func_kind = 0x00, table_kind = 0x01;
constexpr std::uint8_t funcref = 0x70;

// As many elements as there are functions, and never more.
void write_table_type(ByteWriter& w, std::size_t size) {
  w.byte(funcref);
  w.byte(0x01);
  w.u64(size);
  w.u64(size);
}

void write_import(ByteWriter& w, const std::string& name, std::uint8_t kind) {
  w.name("");
  w.name(name);
  w.byte(kind);
}

void write_bytes(ByteWriter& w, std::initializer_list<std::uint8_t> bytes) {
  for (const std::uint8_t b : bytes) w.byte(b);
}

void write_body(ByteWriter& w, const ByteWriter& body) {
  w.sized(body.bytes());
}

// A function without parameters and results, and one with an i32.
std::span<const CoreFuncType> start_and_run() {
  static const std::array<CoreFuncType, 2> both{CoreFuncType{},
                                                CoreFuncType{.params = {}, .results = {CoreValKind::i32}}};
  return both;
}

void import_start(ByteWriter& w) {
  w.u32(1);
  write_import(w, "start", func_kind);
  w.u32(0);
}

}  // namespace

bool is_of_numbers(const CoreFuncType& type) {
  const auto is_number = [](const CoreValType& value) {
    return value.kind != CoreValKind::ref && value.kind != CoreValKind::v128;
  };
  return std::ranges::all_of(type.params, is_number) && std::ranges::all_of(type.results, is_number);
}

std::vector<std::byte> shim_module(std::span<const CoreFuncType> all) {
  ModuleWriter module;
  module.type_section(all);
  module.section(functions, [&](ByteWriter& w) {
    w.u64(all.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) w.u32(i);
  });
  module.section(tables, [&](ByteWriter& w) {
    w.u32(1);
    write_table_type(w, all.size());
  });
  module.section(exports, [&](ByteWriter& w) {
    w.u64(all.size() + 1);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      w.name(std::to_string(i));
      w.byte(func_kind);
      w.u32(i);
    }
    w.name(shim_table);
    w.byte(table_kind);
    w.u32(0);
  });
  module.section(code, [&](ByteWriter& w) {
    w.u64(all.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      ByteWriter body;
      body.u32(0);
      for (std::uint32_t param = 0; param < all[i].params.size(); ++param) {
        body.byte(0x20);  // local.get
        body.u32(param);
      }
      body.byte(0x41);  // i32.const, as a signed number
      body.s33(i);
      body.byte(0x11);  // call_indirect
      body.u32(i);
      body.byte(0x00);
      body.byte(0x0b);
      write_body(w, body);
    }
  });
  return module.take();
}

std::vector<std::byte> fixup_module(std::span<const CoreFuncType> all) {
  ModuleWriter module;
  module.type_section(all);
  module.section(imports, [&](ByteWriter& w) {
    w.u64(all.size() + 1);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      write_import(w, std::to_string(i), func_kind);
      w.u32(i);
    }
    write_import(w, shim_table, table_kind);
    write_table_type(w, all.size());
  });
  module.section(elements, [&](ByteWriter& w) {
    w.u32(1);
    w.byte(0x00);
    write_bytes(w, {0x41, 0x00, 0x0b});  // i32.const 0
    w.u64(all.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) w.u32(i);
  });
  return module.take();
}

std::vector<std::byte> start_module() {
  ModuleWriter module;
  module.type_section(start_and_run().first(1));
  module.section(imports, import_start);
  module.section(start, [](ByteWriter& w) { w.u32(0); });
  return module.take();
}

std::vector<std::byte> run_module() {
  ModuleWriter module;
  module.type_section(start_and_run());
  module.section(imports, import_start);
  module.section(functions, [](ByteWriter& w) {
    w.u32(1);
    w.u32(1);
  });
  module.section(exports, [](ByteWriter& w) {
    w.u32(1);
    w.name("run");
    w.byte(func_kind);
    w.u32(1);
  });
  module.section(code, [](ByteWriter& w) {
    w.u32(1);
    ByteWriter body;
    write_bytes(body, {0x00, 0x10, 0x00, 0x41, 0x00, 0x0b});  // call 0, i32.const 0
    write_body(w, body);
  });
  return module.take();
}

}  // namespace weft::componentize
