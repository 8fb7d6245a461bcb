#include "runtime/known_plans.h"

#include <algorithm>
#include <variant>

namespace weft::runtime {
namespace {

using Bytes = std::span<const std::byte>;

ContentMark mark_of(const std::vector<std::uint64_t>& numbers) {
  return content_mark(std::as_bytes(std::span(numbers)));
}

// Where the size of what begins at `at` begins: a LEB128 number, of which every byte but the last has the high bit,
// after the section's number, which has not.
std::size_t size_before(Bytes binary, std::size_t at) {
  std::size_t begin = at - 1;
  while (begin > 0 && (binary[begin - 1] & std::byte{0x80}) != std::byte{0}) --begin;
  return begin;
}

// What a component is, but for its modules: its bytes without them, and without what says how large they and nested
// components are, since that changes with their data.
class Frame {
 public:
  Frame(const component::ast::Component& component, std::vector<CoreModule>& modules)
      : binary_(*component.bytes), modules_(modules) {
    add(component);
    pieces_.push_back(binary_.subspan(at_));
  }

  // `places` tell one with the same bytes in another meaning.
  ContentMark mark() const { return joint_mark({content_mark(pieces_), mark_of(places_)}); }

 private:
  enum class Left : std::uint8_t { module, nested };

  void add(const component::ast::Component& component) {
    for (const auto& definition : component.definitions) {
      if (const auto* module = std::get_if<component::ast::CoreModule>(&definition.def)) {
        leave_out_size(module->range, Left::module);
        at_ = module->range.offset + module->range.size;
        modules_.emplace_back(binary_.subspan(module->range.offset, module->range.size));
      } else if (const auto* nested = std::get_if<component::ast::NestedComponent>(&definition.def)) {
        leave_out_size((*nested)->range, Left::nested);
        at_ = (*nested)->range.offset;
        add(**nested);
      }
    }
  }

  void leave_out_size(const component::ast::ByteRange& range, Left what) {
    pieces_.push_back(binary_.subspan(at_, size_before(binary_, range.offset) - at_));
    size_ += pieces_.back().size();
    places_.push_back(size_);
    places_.push_back(static_cast<std::uint64_t>(what));
  }

  const Bytes binary_;
  std::vector<CoreModule>& modules_;
  std::vector<Bytes> pieces_;
  std::vector<std::uint64_t> places_;
  std::uint64_t size_ = 0;  // of the pieces together
  std::size_t at_ = 0;      // what is before it is in a piece, or left out
};

ContentMark mark_of(const wasm::MemoryData& data) {
  std::vector<std::uint64_t> numbers;
  std::vector<Bytes> pieces;
  for (const auto& segments : data) {
    numbers.push_back(segments.size());
    for (const wasm::DataSegment& segment : segments) {
      numbers.insert(numbers.end(), {segment.offset, segment.bytes.size()});
      pieces.push_back(segment.bytes);
    }
  }
  return joint_mark({mark_of(numbers), content_mark(pieces)});
}

}  // namespace

Apart take_apart(const component::ast::Component& component) {
  Apart apart;
  apart.shape = Frame(component, apart.modules).mark();
  apart.content = apart.shape;
  for (CoreModule& module : apart.modules) {
    apart.shape = joint_mark({apart.shape, module.shape_mark()});
    apart.content = joint_mark({apart.content, module.code_mark(), mark_of(module.data())});
  }
  return apart;
}

std::optional<PlannedComponent> KnownPlans::find(Apart& apart, component::Bypass bypass) {
  PlannedComponent planned;
  const std::lock_guard lock(mutex_);
  const auto known = known_.find({apart.shape, bypass});
  if (known == known_.end()) return std::nullopt;
  planned.plan = known->second.plan.lock();
  if (planned.plan == nullptr) return std::nullopt;
  planned.imports = known->second.imports;
  for (const std::uint32_t place : known->second.modules) planned.modules.push_back(std::move(apart.modules[place]));
  return planned;
}

void KnownPlans::add(const Apart& apart, component::Bypass bypass, const PlannedComponent& planned) {
  Known known{.plan = planned.plan, .imports = planned.imports, .modules = {}};
  for (const CoreModule& module : planned.modules) {
    const auto same = [&](const CoreModule& other) { return other.wasm().data() == module.wasm().data(); };
    const auto found = std::ranges::find_if(apart.modules, same);
    if (found == apart.modules.end()) return;
    known.modules.push_back(static_cast<std::uint32_t>(found - apart.modules.begin()));
  }
  const std::lock_guard lock(mutex_);
  if (known_.size() >= max_known) known_.clear();
  known_.insert_or_assign({apart.shape, bypass}, std::move(known));
}

}  // namespace weft::runtime
