// Plans of components that this process has loaded, for those that differ from them in nothing that a plan depends on.
//
// While somebody works on an application, a component changes at every save, and mostly in its data: its imports,
// exports, types and code stay. Its plan then stays too, and with it that it is valid.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "component/ast.h"
#include "runtime/planned_component.h"
#include "util/content_mark.h"
#include "util/pinned.h"

namespace weft::runtime {

// A component's core modules, and marks of all there is.
struct Apart {
  // Of everything but what active data segments hold and where they put it, what globals begin as, and what compilers
  // say of a build. Components with equal ones have one plan, but for where in their bytes the modules lie.
  ContentMark shape{};
  // Of everything but what compilers say of a build. Components with equal ones do the same.
  ContentMark content{};
  std::vector<CoreModule> modules;  // in the order of the binary, nested components included
};

// The result refers to the component's bytes.
Apart take_apart(const component::ast::Component& component);

// Thread-safe. Plans are known as long as somebody uses them.
class KnownPlans : Pinned {
 public:
  // The plan of a component with that shape. Takes the modules it needs out of `apart`, if it is known.
  std::optional<PlannedComponent> find(Apart& apart, component::Bypass bypass);
  // `planned` is the plan of the component that `apart` was made of.
  void add(const Apart& apart, component::Bypass bypass, const PlannedComponent& planned);

 private:
  using Key = std::pair<ContentMark, component::Bypass>;
  struct Known {
    std::weak_ptr<component::LinkPlan> plan;
    component::NotYet imports;
    std::vector<std::uint32_t> modules;  // by the plan's: its place in Apart::modules
  };
  // Begins anew when it is full.
  static constexpr std::size_t max_known = 1024;
  std::mutex mutex_;
  std::map<Key, Known> known_;  // guarded by mutex_
};

}  // namespace weft::runtime
