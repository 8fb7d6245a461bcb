// Writes a decoded component as a binary again, with other names and with custom sections between its own.
#pragma once

#include <random>
#include <span>

#include "component/ast.h"
#include "component/byte_writer.h"
#include "wast/renaming.h"

namespace weft::wast {

using component::ByteWriter;

class Encoder {
 public:
  // Neither belongs to the encoder.
  Encoder(Renaming& names, std::mt19937& random) : names_(names), random_(random) {}

  std::vector<std::byte> component(const component::ast::Component& component);
  // Rewrites a core module. What does not parse stays as it is, for the engine to judge.
  std::vector<std::byte> core_module(std::span<const std::byte> module);
  // A custom section: an id byte and what follows.
  std::vector<std::byte> custom_section();

 private:
  template <class T>
  using Opt = std::optional<T>;

  // encoder.cc
  void define(ByteWriter& out, const component::ast::Component& component,
              const component::ast::Definition& definition);
  void core_sort_idx(ByteWriter& w, component::ast::SortIdx item);
  void sort_idx(ByteWriter& w, component::ast::SortIdx item);
  void core_instance(ByteWriter& w, const component::ast::CoreInstance& def);
  void instance(ByteWriter& w, const component::ast::Instance& def);
  void alias(ByteWriter& w, const component::ast::Alias& def);
  void extern_name(ByteWriter& w, const component::ast::ExternName& name);
  void extern_desc(ByteWriter& w, const component::ast::ExternDesc& desc);

  // encoder_canon.cc
  void lift(ByteWriter& w, const component::ast::CanonLift& def);
  void lower(ByteWriter& w, const component::ast::CanonLower& def);
  void builtin(ByteWriter& w, const component::ast::CanonBuiltin& def);
  void canon_opts(ByteWriter& w, const component::ast::CanonOpts& opts);

  // encoder_types.cc
  void type(ByteWriter& w, const component::ast::DefType& def);
  void valtype(ByteWriter& w, const component::ast::ValType& type);
  void optional_valtype(ByteWriter& w, const Opt<component::ast::ValType>& type);
  void result_list(ByteWriter& w, const Opt<component::ast::ValType>& type);
  void fields(ByteWriter& w, const std::vector<component::ast::LabelValType>& fields);
  void decls(ByteWriter& w, const std::vector<component::ast::Decl>& decls);
  void core_type(ByteWriter& w, const component::ast::CoreType& def);
  void core_module_decl(ByteWriter& w, const component::ast::CoreModuleDecl& decl);

  Renaming& names_;
  std::mt19937& random_;
};

// encoder_core_types.cc: core types, which have no names in them.
void write_core_rectype(ByteWriter& w, const component::CoreRecType& type);
void write_core_valtype(ByteWriter& w, const component::CoreValType& type);
void write_core_externtype(ByteWriter& w, const component::CoreExternType& type);

}  // namespace weft::wast
