#include "runtime/loader.h"

#include "component/decode.h"
#include "component/validate.h"
#include "wasm/module_rewrite.h"

namespace weft::runtime {
namespace {

template <class T>
Result<T> in(const std::string& name, Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error().context(name));
  return result;
}

}  // namespace

Result<std::shared_ptr<const component::LinkedComponent>> load_component(
    const wasm::Engine& engine, ModuleSource& modules, const component::HostLinker& linker,
    std::shared_ptr<const std::vector<std::byte>> bytes, const std::string& name) {
  TRY(auto ast, in(name, component::decode(std::move(bytes))));
  TRY(auto type, in(name, component::validate(*ast)));
  TRY(auto plan, in(name, component::make_plan(*ast)));
  std::vector<component::CompiledModule> compiled;
  for (const component::ast::ByteRange range : plan->modules) {
    TRY(auto separated, in(name, wasm::separate(std::span(*plan->bytes).subspan(range.offset, range.size))));
    TRY(auto code, in(name, modules.module(separated.code)));
    compiled.push_back({std::move(code), std::move(separated.images)});
  }
  return in(name, component::LinkedComponent::create(engine, std::move(plan), std::move(compiled), linker));
}

}  // namespace weft::runtime
