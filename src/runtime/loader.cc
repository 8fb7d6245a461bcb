#include "runtime/loader.h"

#include <algorithm>
#include <array>

#include "component/decode.h"
#include "component/lacks.h"
#include "component/validate.h"
#include "gaps/gaps.h"
#include "util/start_trace.h"

namespace weft::runtime {
namespace {

template <class T>
Result<T> in(const std::string& name, Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error().context(name));
  return result;
}

// The preamble of a core module: "\0asm" and version 1.
bool is_core_module(std::span<const std::byte> bytes) {
  constexpr std::array<std::byte, 8> preamble{std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                              std::byte{1}};
  return bytes.size() >= preamble.size() && std::ranges::equal(bytes.first(preamble.size()), preamble);
}

}  // namespace

Result<std::vector<wasm::Module>> Compiler::modules(std::span<const wasm::SeparatedModule> modules) {
  std::vector<wasm::Module> out;
  for (const wasm::SeparatedModule& module : modules) {
    TRY(auto compiled, wasm::Module::compile(engine_, module.code()));
    out.push_back(std::move(compiled));
  }
  return out;
}

Result<std::shared_ptr<const component::LinkedComponent>> load_component(
    const wasm::Engine& engine, ModuleSource& modules, const component::HostLinker& linker,
    std::shared_ptr<const std::vector<std::byte>> bytes, const std::string& name, component::Bypass bypass) {
  if (is_core_module(*bytes)) {
    return std::unexpected(gaps::refuse(gaps::Gap::core_modules, name + " is a core module and not a component"));
  }
  TRY(auto ast, in(name, component::decode(std::move(bytes))));
  trace_start("  decode");
  TRY(auto type, in(name, component::validate(*ast)));
  trace_start("  validate");
  TRY(auto plan, in(name, component::make_plan(*ast, bypass)));
  trace_start("  plan");
  // What it cannot run for is said before anything is compiled for it.
  CHECK_OK(in(name, component::check_host(*plan, linker)));
  trace_start("  imports");
  std::vector<wasm::SeparatedModule> separated;
  for (const component::ast::ByteRange range : plan->modules) {
    separated.push_back(wasm::separate(std::span(*plan->bytes).subspan(range.offset, range.size)));
  }
  trace_start("  separate");
  TRY(auto code, in(name, modules.modules(separated)));
  trace_start("  code");
  std::vector<component::CompiledModule> compiled;
  for (std::size_t i = 0; i < code.size(); ++i) {
    TRY(auto images, in(name, separated[i].images()));
    compiled.push_back({std::move(code[i]), std::move(images)});
  }
  trace_start("  images");
  return in(name, component::LinkedComponent::create(engine, std::move(plan), std::move(compiled), linker));
}

}  // namespace weft::runtime
