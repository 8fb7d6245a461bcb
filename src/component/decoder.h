// The state and productions of the component decoder; see decode.h for the entry point.
// Each read_* is one production of Binary.md. On failure the reader's error is set and the value is meaningless.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "component/ast.h"
#include "component/core_binary.h"
#include "component/decode.h"
#include "component/reader.h"
#include "gaps/gaps.h"
#include "util/pinned.h"

namespace weft::component {

class Decoder : private Pinned {
 public:
  Decoder(ast::Bytes bytes, const DecodeOptions& options)
      : bytes_(std::move(bytes)), options_(options), state_{std::nullopt, options.limits.max_items} {}

  Result<std::shared_ptr<const ast::Component>> run();

 private:
  // decode.cc: sections and the definitions that are neither types nor canons
  std::shared_ptr<const ast::Component> read_component(Reader r);
  void read_section(uint8_t id, Reader& r, ast::Component& component);
  template <class F>
  void read_definitions(Reader& r, ast::Component& component, F read_one);
  ast::CustomSection read_custom(Reader& r);
  ast::CoreModule read_core_module(Reader& r);
  ast::CoreInstance read_core_instance(Reader& r);
  ast::Instance read_instance(Reader& r);
  ast::Alias read_alias(Reader& r);
  ast::Import read_import(Reader& r);
  ast::Export read_export(Reader& r);
  ast::ExternName read_name_attributes(Reader& r);
  ast::SortIdx read_sort_idx(Reader& r);
  ast::SortIdx read_core_sort_idx(Reader& r);

  // decode_types.cc
  ast::CoreType read_core_type(Reader& r, bool in_module_type);
  std::shared_ptr<const ast::CoreModuleType> read_core_module_type(Reader& r);
  ast::Type read_type(Reader& r);
  ast::ValType read_valtype(Reader& r);
  std::optional<ast::ValType> read_optional_valtype(Reader& r);
  std::optional<ast::ValType> read_result_list(Reader& r);
  std::vector<ast::LabelValType> read_label_valtypes(Reader& r);
  ast::FuncType read_func_type(Reader& r, bool async);
  ast::ResourceType read_resource_type(Reader& r);
  std::vector<ast::Decl> read_decls(Reader& r, bool is_component_type);
  ast::ExternDesc read_extern_desc(Reader& r);

  // decode_canon.cc
  void read_canon(Reader& r, ast::Component& component);
  ast::CanonOpts read_canon_opts(Reader& r);
  ast::CanonBuiltin read_builtin(Reader& r, uint8_t opcode);
  bool read_bool(Reader& r);
  bool read_cancellable(Reader& r);

  // vec(B): calls `read_one` for each element.
  template <class F>
  auto read_vec(Reader& r, F read_one) {
    std::vector<decltype(read_one())> items;
    const uint32_t n = r.u32();
    for (uint32_t i = 0; i < n && r.count(); ++i) items.push_back(read_one());
    return items;
  }
  // Refuses a feature by name.
  void gated(Reader& r, gaps::Gap gap, std::string_view feature);

  // One level of nesting while it lives.
  class Level {
   public:
    Level(Decoder& decoder, Reader& r) : decoder_(decoder) {
      if (++decoder_.depth_ > decoder_.options_.limits.max_nesting) {
        r.fail("components and types are nested too deeply", Errc::limit);
      }
    }
    ~Level() { --decoder_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Decoder& decoder_;
  };

  ast::Bytes bytes_;
  const DecodeOptions& options_;
  Reader::State state_;
  uint32_t depth_ = 0;
};

}  // namespace weft::component
