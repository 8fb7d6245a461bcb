// A module or component of a script, checked as far as it can be without being instantiated.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "component/ast.h"
#include "component/linked.h"
#include "component/plan.h"
#include "util/error.h"
#include "wasm/engine.h"

namespace weft::wast {

struct CoreDefinition {
  component::CompiledModule module;
};

// Every core module in it is compiled, also one that no instantiation would use: a component is valid only if they
// all are.
struct ComponentDefinition {
  std::shared_ptr<const component::Component> ast;
  std::map<std::size_t, component::CompiledModule> modules;  // by offset
  // Made on first use: nothing but an instantiation needs its imports.
  std::shared_ptr<const component::LinkedComponent> linked;
};

using Definition = std::variant<CoreDefinition, ComponentDefinition>;

// What the preamble says; the first four bytes and the version are not looked at.
bool is_core_module(std::span<const std::byte> bytes);
bool is_component(std::span<const std::byte> bytes);

// Decodes a component of a script. Published scripts still use the `cancellable` immediate, so it is accepted.
Result<std::shared_ptr<const component::Component>> decode(std::vector<std::byte> bytes);

// Errc::invalid if it is not valid; errors as those of component::decode, validate, make_plan and Module::compile.
Result<Definition> define(const wasm::Engine& engine, std::vector<std::byte> bytes);

// Links it to the host's imports, of which scripts have none.
Result<std::shared_ptr<const component::LinkedComponent>> link(const wasm::Engine& engine,
                                                               ComponentDefinition& definition);

}  // namespace weft::wast
