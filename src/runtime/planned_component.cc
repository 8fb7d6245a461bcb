#include "runtime/planned_component.h"

#include <algorithm>

#include "component/byte_writer.h"
#include "component/composition.h"
#include "component/decode.h"
#include "component/more_imports.h"
#include "component/plan_bytes.h"
#include "component/reader.h"
#include "component/validate.h"
#include "util/start_trace.h"

namespace weft::runtime {
namespace {

using component::Reader;

std::span<const std::byte> module_of(const component::LinkPlan& plan, std::size_t index) {
  const component::ast::ByteRange& range = plan.modules[index];
  return std::span(*plan.bytes).subspan(range.offset, range.size);
}

// A segment's bytes are a part of the module.
wasm::DataSegment read_segment(Reader& r, std::span<const std::byte> module) {
  const std::uint64_t offset = r.u64();
  const std::uint64_t begin = r.u64();
  const std::uint64_t size = r.u64();
  const bool inside = begin <= module.size() && size <= module.size() - begin;
  if (!inside || offset > UINT64_MAX - size) {
    r.fail("data lies beyond its module");
    return {0, {}};
  }
  return {offset, module.subspan(begin, size)};
}

wasm::MemoryData read_data(Reader& r, std::span<const std::byte> module) {
  wasm::MemoryData data;
  const std::uint32_t memories = r.u32();
  for (std::uint32_t i = 0; i < memories && r.count(); ++i) {
    auto& segments = data.emplace_back();
    const std::uint32_t n = r.u32();
    for (std::uint32_t j = 0; j < n && r.count(); ++j) segments.push_back(read_segment(r, module));
  }
  return data;
}

}  // namespace

Result<PlannedComponent> plan_component(component::ast::Bytes bytes, component::Bypass bypass) {
  TRY(const auto ast, component::decode(std::move(bytes)));
  trace_start("  decode");
  return plan_component(*ast, bypass);
}

Result<PlannedComponent> plan_component(const component::ast::Component& ast, component::Bypass bypass) {
  TRY(const auto composition, component::read_composition(ast));
  CHECK_OK(component::validate(ast, composition));
  trace_start("  validate");
  PlannedComponent planned;
  TRY(planned.plan, component::make_plan(ast, composition, bypass));
  const auto imports_more = [](const auto* part) { return component::imports_more_than_it_calls(*part); };
  if (std::ranges::any_of(component::parts_of(ast, composition), imports_more))
    planned.imports = component::NotYet::trap;
  trace_start("  plan");
  for (std::size_t i = 0; i < planned.plan->modules.size(); ++i)
    planned.modules.emplace_back(module_of(*planned.plan, i));
  return planned;
}

Result<std::vector<std::byte>> write_planned(PlannedComponent& planned) {
  TRY(const auto plan, component::serialize(*planned.plan));
  component::ByteWriter w;
  w.byte(planned.imports == component::NotYet::trap ? 1 : 0);
  w.sized(plan);
  for (CoreModule& module : planned.modules) {
    w.raw(module.code_hash());
    w.vec(module.data(), [&](const auto& segments) {
      w.vec(segments, [&](const wasm::DataSegment& segment) {
        w.u64(segment.offset);
        w.u64(static_cast<std::uint64_t>(segment.bytes.data() - module.wasm().data()));
        w.u64(segment.bytes.size());
      });
    });
  }
  return w.take();
}

Result<PlannedComponent> read_planned(std::span<const std::byte> written, component::ast::Bytes bytes) {
  // Every entry of a list takes at least a byte, so what was written bounds what is made.
  Reader::State state{std::nullopt, UINT32_MAX};
  Reader r(written, 0, written.size(), state);
  PlannedComponent planned;
  if (r.byte() != 0) planned.imports = component::NotYet::trap;
  Reader plan = r.take(r.u32());
  if (state.error) return std::unexpected(*std::move(state.error));
  TRY(planned.plan, component::deserialize_plan(written.subspan(plan.offset(), plan.remaining()), std::move(bytes)));
  for (std::size_t i = 0; i < planned.plan->modules.size() && r.ok(); ++i) {
    const auto module = module_of(*planned.plan, i);
    Sha256 code_hash{};
    for (std::byte& b : code_hash) b = std::byte{r.byte()};
    planned.modules.emplace_back(module, code_hash, read_data(r, module));
  }
  r.finish("what was kept of the component");
  if (state.error) return std::unexpected(*std::move(state.error));
  return planned;
}

}  // namespace weft::runtime
