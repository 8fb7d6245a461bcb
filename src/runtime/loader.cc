#include "runtime/loader.h"

#include <algorithm>
#include <array>
#include <thread>

#include "component/decode.h"
#include "component/lacks.h"
#include "componentize/componentize.h"
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
  std::optional<PlanKey> keep_as;      // it is new
  std::optional<ContentMark> content;  // if it is loaded again and again
  bool is_known = false;               // its plan is another component's too
};

// Its place in the cache.
PlanKey key_of(const component::ast::Bytes& bytes, component::Bypass bypass) {
  PlanKey key{sha256(*bytes), bypass};
  trace_start("  digest");
  return key;
}

Result<Found> plan(CodeCache* cache, const component::ast::Bytes& bytes, component::Bypass bypass) {
  Found found;
  if (cache != nullptr) {
    const PlanKey key = key_of(bytes, bypass);
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

// The same among what this process knows. Nothing: the component is the one from before.
Result<std::optional<Found>> plan_again(CodeCache* cache, const component::ast::Bytes& bytes, component::Bypass bypass,
                                        const Again& again) {
  TRY(const auto ast, component::decode(bytes));
  trace_start("  decode");
  Apart apart = take_apart(*ast);
  trace_start("  marks");
  if (again.before != nullptr && again.before->content() == apart.content) return std::nullopt;
  Found found;
  if (auto known = again.plans.find(apart, bypass)) {
    found.planned = *std::move(known);
    found.is_known = true;
  } else if (again.before == nullptr) {
    TRY(found, plan(cache, bytes, bypass));
  } else {
    TRY(found.planned, plan_component(*ast, bypass));
  }
  if (!found.is_known) again.plans.add(apart, bypass, found.planned);
  found.content = apart.content;
  return found;
}

// The images of a component's memories. Where there is much to copy it is done on a thread of its own, while the code
// is looked for.
class Images {
 public:
  explicit Images(std::vector<CoreModule>& modules) {
    std::size_t size = 0;
    for (CoreModule& module : modules) {
      data_.push_back(&module.data());
      for (const auto& segments : *data_.back()) {
        for (const wasm::DataSegment& segment : segments) size += segment.bytes.size();
      }
    }
    if (size >= worth_a_thread)
      maker_ = std::jthread([this] { make(); });
    else
      make();
  }

  // By module; once.
  Result<std::vector<wasm::MemoryImages>> take() {
    if (maker_.joinable()) maker_.join();
    return std::move(made_);
  }

 private:
  // Bytes. They take about a millisecond.
  static constexpr std::size_t worth_a_thread = std::size_t{1} << 20;

  void make() {
    std::vector<wasm::MemoryImages> all;
    for (const wasm::MemoryData* data : data_) {
      auto images = wasm::images_of(*data);
      if (!images) {
        made_ = std::unexpected(std::move(images).error());
        return;
      }
      all.push_back(*std::move(images));
    }
    made_ = std::move(all);
  }

  std::vector<const wasm::MemoryData*> data_;
  Result<std::vector<wasm::MemoryImages>> made_;
  std::jthread maker_;  // last: it uses the above
};

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

Result<std::shared_ptr<const LiveComponent>> load_component(const wasm::Engine& engine, ModuleSource& modules,
                                                            const component::HostLinker& linker,
                                                            std::shared_ptr<const std::vector<std::byte>> bytes,
                                                            const std::string& name, component::Bypass bypass,
                                                            const Again* again) {
  TRY(bytes, componentize::as_component(std::move(bytes), name));
  Found found;
  if (again == nullptr) {
    TRY(found, in(name, plan(modules.cache(), bytes, bypass)));
  } else {
    TRY(auto planned, in(name, plan_again(modules.cache(), bytes, bypass, *again)));
    if (!planned) return again->before;
    found = *std::move(planned);
  }
  PlannedComponent& planned = found.planned;
  // What it cannot run for is said before anything is compiled for it.
  CHECK_OK(in(name, component::check_host(*planned.plan, linker, planned.imports)));
  trace_start("  imports");
  Images images(planned.modules);
  TRY(auto code, in(name, modules.modules(planned.modules)));
  trace_start("  code");
  Parts parts;
  TRY(parts.images, in(name, images.take()));
  trace_start("  images");
  if (found.keep_as) {
    if (auto written = write_planned(planned)) modules.cache()->keep_plan(*found.keep_as, *std::move(written));
    trace_start("  plan kept");
  }
  // From here on the component's bytes are of use to who compiles it again, and to nobody else.
  if (!found.is_known) planned.plan->bytes.reset();
  parts.plan = std::move(planned.plan);
  parts.imports = planned.imports;
  TRY(auto linked,
      in(name, parts.link(code.engine != nullptr ? *code.engine : engine, std::move(code.modules), linker)));
  auto live = std::make_shared<LiveComponent>(std::move(linked), found.content);
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
