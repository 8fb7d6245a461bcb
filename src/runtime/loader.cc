#include "runtime/loader.h"

#include <algorithm>
#include <array>

#include "component/decode.h"
#include "component/lacks.h"
#include "gaps/gaps.h"
#include "runtime/code_cache.h"
#include "runtime/planned_component.h"
#include "util/start_trace.h"

namespace weft::runtime {
namespace {

using component::LinkedComponent;

template <class T>
Result<T> in(const std::string& name, Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error().context(name));
  return result;
}

// What an earlier start kept of the component.
std::optional<PlannedComponent> find_planned(CodeCache& cache, const PlanKey& key, const component::ast::Bytes& bytes) {
  const auto written = cache.find_plan(key);
  if (!written) return std::nullopt;
  auto planned = read_planned(*written, bytes);
  if (planned) return *std::move(planned);
  cache.discard(key, planned.error().message());
  return std::nullopt;
}

struct Found {
  PlannedComponent planned;
  std::optional<PlanKey> keep_as;  // it is new
};

Result<Found> plan(CodeCache* cache, const component::ast::Bytes& bytes, component::Bypass bypass) {
  Found found;
  if (cache != nullptr) {
    const PlanKey key{sha256(*bytes), bypass};
    trace_start("  digest");
    if (auto kept = find_planned(*cache, key, bytes)) {
      trace_start("  kept plan");
      found.planned = *std::move(kept);
      return found;
    }
    found.keep_as = key;
  }
  TRY(found.planned, plan_component(bytes, bypass));
  return found;
}

// What a component is linked from, but for its code.
struct Parts {
  std::shared_ptr<const component::LinkPlan> plan;
  std::vector<wasm::MemoryImages> images;  // by module
  component::NotYet imports = component::NotYet::refuse;

  Result<std::shared_ptr<const LinkedComponent>> link(const wasm::Engine& engine, std::vector<wasm::Module> code,
                                                      const component::HostLinker& linker) const {
    if (code.size() != images.size()) return fail(Errc::internal, "there is code for another number of modules");
    std::vector<component::CompiledModule> modules;
    for (std::size_t i = 0; i < code.size(); ++i) modules.push_back({std::move(code[i]), images[i]});
    return LinkedComponent::create(engine, plan, std::move(modules), linker, imports);
  }
};

}  // namespace

Result<Code> Compiler::modules(std::span<CoreModule> modules) {
  Code out;
  for (CoreModule& module : modules) {
    TRY(auto compiled, wasm::Module::compile(engine_, module.joined_code()));
    out.modules.push_back(std::move(compiled));
  }
  return out;
}

Result<std::shared_ptr<LiveComponent>> load_component(const wasm::Engine& engine, ModuleSource& modules,
                                                      const component::HostLinker& linker,
                                                      std::shared_ptr<const std::vector<std::byte>> bytes,
                                                      const std::string& name, component::Bypass bypass, Plans plans) {
  if (component::is_core_module(*bytes)) {
    return std::unexpected(gaps::refuse(gaps::Gap::core_modules, name + " is a core module and not a component"));
  }
  TRY(auto found, in(name, plan(plans == Plans::kept ? modules.cache() : nullptr, bytes, bypass)));
  PlannedComponent& planned = found.planned;
  // What it cannot run for is said before anything is compiled for it.
  CHECK_OK(in(name, component::check_host(*planned.plan, linker, planned.imports)));
  trace_start("  imports");
  TRY(auto code, in(name, modules.modules(planned.modules)));
  trace_start("  code");
  Parts parts;
  for (CoreModule& module : planned.modules) {
    TRY(auto images, in(name, wasm::images_of(module.data())));
    parts.images.push_back(std::move(images));
  }
  trace_start("  images");
  if (found.keep_as) {
    if (auto written = write_planned(planned)) modules.cache()->keep_plan(*found.keep_as, *std::move(written));
    trace_start("  plan kept");
  }
  // From here on the component's bytes are of use to who compiles it again, and to nobody else.
  planned.plan->bytes.reset();
  parts.plan = std::move(planned.plan);
  parts.imports = planned.imports;
  TRY(auto linked, in(name, parts.link(engine, std::move(code.modules), linker)));
  auto live = std::make_shared<LiveComponent>(std::move(linked));
  if (code.is_quick) {
    auto replace = [&engine, &linker, parts = std::move(parts),
                    weak = std::weak_ptr(live)](std::vector<wasm::Module> better) {
      const auto served = weak.lock();
      if (served == nullptr) return;
      if (auto next = parts.link(engine, std::move(better), linker)) served->replace(*std::move(next));
    };
    modules.improve({.owner = bytes, .modules = std::move(planned.modules), .replace = std::move(replace)});
  }
  return live;
}

}  // namespace weft::runtime
