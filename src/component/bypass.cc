#include "component/bypass.h"

#include <algorithm>
#include <map>

#include "component/core_shape.h"

namespace weft::component {
namespace {

constexpr std::uint32_t none = UINT32_MAX;

// What the code of a module shows.
struct ModuleShape {
  std::optional<Shim> shim;
  std::optional<Fixup> fixup;
  bool start_call = false;
  bool starts = false;
  bool inert = false;
};

// A shim and its fix-up that are left out.
struct Pair {
  const Shim* shim = nullptr;
  const Fixup* fixup = nullptr;
  const InstantiateCore* filler = nullptr;  // the fix-up's instance: its imports are what fills the table
  std::uint32_t filled_at = 0;              // the place of its step
  bool code_runs_before = false;            // between the two steps
  // The forward trampoline for a slot, if something calls it that may do so too early.
  std::map<std::uint32_t, std::uint32_t> forwards;
};

class Bypasser {
 public:
  explicit Bypasser(LinkPlan& plan)
      : plan_(plan),
        place_of_(plan.core_instances, none),
        pairs_(plan.core_instances),
        filled_by_(plan.core_instances, none) {}

  void run() {
    read_shapes();
    find_pairs();
    rewrite_steps();
    renumber_slots();
    defer();
    drop_modules();
  }

 private:
  void read_shapes() {
    for (const ast::ByteRange range : plan_.modules) {
      const auto module = std::span(*plan_.bytes).subspan(range.offset, range.size);
      ModuleShape shape{read_shim(module), read_fixup(module), is_start_call(module), has_start(module),
                        is_inert(module)};
      shapes_.push_back(std::move(shape));
    }
    for (std::uint32_t place = 0; place < plan_.steps.size(); ++place) {
      if (const auto* step = instantiate_at(place)) place_of_[step->core_instance] = place;
    }
  }

  const InstantiateCore* instantiate_at(std::uint32_t place) const {
    return std::get_if<InstantiateCore>(&plan_.steps[place]);
  }
  const ModuleShape& shape_of(std::uint32_t core_instance) const {
    return shapes_[instantiate_at(place_of_[core_instance])->module];
  }
  // The instance of a shim that the item is an export of.
  std::uint32_t shim_of(const CoreItem& item) const {
    return item.kind == CoreItem::Kind::instance_export && shape_of(item.index).shim ? item.index : none;
  }

  template <class F>
  static void each_item(const Step& step, F f) {
    if (const auto* instantiate = std::get_if<InstantiateCore>(&step)) {
      for (const CoreItem& item : instantiate->imports) f(item);
    } else if (const auto* memory = std::get_if<ExtractMemory>(&step)) {
      f(memory->item);
    } else if (const auto* table = std::get_if<ExtractTable>(&step)) {
      f(table->item);
    } else if (const auto* func = std::get_if<ExtractFunc>(&step)) {
      f(func->item);
    }
  }

  void find_pairs() {
    std::vector<std::uint32_t> table_uses(plan_.core_instances, 0);
    // Modules with a start function before each step.
    std::vector<std::uint32_t> starts_before;
    std::uint32_t starts = 0;
    for (const Step& step : plan_.steps) {
      starts_before.push_back(starts);
      if (const auto* instantiate = std::get_if<InstantiateCore>(&step)) starts += shapes_[instantiate->module].starts;
      each_item(step, [&](const CoreItem& item) {
        const std::uint32_t shim = shim_of(item);
        if (shim != none && item.name == shape_of(shim).shim->table) ++table_uses[shim];
      });
    }
    for (std::uint32_t place = 0; place < plan_.steps.size(); ++place) {
      const InstantiateCore* filler = instantiate_at(place);
      if (filler == nullptr || !shapes_[filler->module].fixup) continue;
      const Fixup& fixup = *shapes_[filler->module].fixup;
      const CoreItem& table = filler->imports[fixup.table];
      const std::uint32_t shim = shim_of(table);
      if (shim == none || table.name != shape_of(shim).shim->table || table_uses[shim] != 1) continue;
      if (!fills(*filler, fixup, *shape_of(shim).shim)) continue;
      const bool code_runs = starts_before[place] != starts_before[place_of_[shim]];
      filled_by_[filler->core_instance] = shim;
      pairs_[shim] = {&*shape_of(shim).shim, &fixup, filler, place, code_runs, {}};
    }
  }

  bool fills(const InstantiateCore& filler, const Fixup& fixup, const Shim& shim) const {
    if (fixup.elements.size() != shim.slots) return false;
    // A shim's function in a shim's table could lead back to itself.
    const auto passes_on = [&](const Fixup::Element& e) { return shim_of(filler.imports[e.import]) != none; };
    if (std::ranges::any_of(fixup.elements, passes_on)) return false;
    return std::ranges::all_of(
        shim.funcs, [&](const auto& func) { return fixup.elements[func.second.slot].type == func.second.type; });
  }

  // What stands for `item` at step `place`.
  CoreItem replaced(const CoreItem& item, std::uint32_t place) {
    CoreItem out = item;
    if (item.kind != CoreItem::Kind::instance_export) return out;
    Pair& pair = pairs_[item.index];
    if (pair.shim == nullptr) {
      out.index = new_instance_[item.index];
      return out;
    }
    const Shim::Func& func = pair.shim->funcs.find(item.name)->second;
    const CoreItem& target = pair.filler->imports[pair.fixup->elements[func.slot].import];
    const bool filled = place > pair.filled_at;
    // A trampoline needs nothing that is not there when code runs that can call it.
    const bool never_early = target.kind == CoreItem::Kind::trampoline && !pair.code_runs_before;
    if (filled || never_early) return replaced(target, place);
    const auto [forward, fresh] =
        pair.forwards.emplace(func.slot, static_cast<std::uint32_t>(plan_.trampolines.size()));
    // Its slot is known once the fix-up's place is reached.
    if (fresh) plan_.trampolines.emplace_back(ForwardTrampoline{none, func.type});
    return {CoreItem::Kind::trampoline, forward->second, {}};
  }

  void rewrite_steps() {
    new_instance_.assign(plan_.core_instances, none);
    new_slot_.assign(plan_.func_slots, none);
    std::uint32_t instances = 0;
    for (std::uint32_t place = 0; place < plan_.steps.size(); ++place) {
      const Step& step = plan_.steps[place];
      if (const auto* instantiate = std::get_if<InstantiateCore>(&step)) {
        if (pairs_[instantiate->core_instance].shim != nullptr) continue;
        if (const std::uint32_t shim = filled_by_[instantiate->core_instance]; shim != none) {
          fill(pairs_[shim]);
        } else if (shapes_[instantiate->module].start_call) {
          steps_.emplace_back(CallStart{extract(replaced(instantiate->imports[0], place)), instantiate->instance});
        } else {
          InstantiateCore kept{instantiate->module, instances, instantiate->instance, {}, false};
          for (const CoreItem& item : instantiate->imports) kept.imports.push_back(replaced(item, place));
          new_instance_[instantiate->core_instance] = instances++;
          steps_.emplace_back(std::move(kept));
        }
      } else if (const auto* memory = std::get_if<ExtractMemory>(&step)) {
        steps_.emplace_back(ExtractMemory{memory->slot, replaced(memory->item, place)});
      } else if (const auto* table = std::get_if<ExtractTable>(&step)) {
        steps_.emplace_back(ExtractTable{table->slot, replaced(table->item, place)});
      } else if (const auto* func = std::get_if<ExtractFunc>(&step)) {
        new_slot_[func->slot] = extract(replaced(func->item, place));
      }
    }
    plan_.steps = std::move(steps_);
    plan_.core_instances = instances;
    plan_.func_slots = slots_;
  }

  FuncSlotIndex extract(CoreItem item) {
    steps_.emplace_back(ExtractFunc{slots_, std::move(item)});
    return slots_++;
  }

  // In the fix-up's place the slots of forwards are filled, as the table's elements were.
  void fill(Pair& pair) {
    for (const auto& [slot, trampoline] : pair.forwards) {
      const CoreItem& target = pair.filler->imports[pair.fixup->elements[slot].import];
      std::get<ForwardTrampoline>(plan_.trampolines[trampoline]).slot = extract(replaced(target, pair.filled_at));
    }
  }

  void renumber(FuncSlotIndex& slot) const { slot = new_slot_[slot]; }
  void renumber(std::optional<FuncSlotIndex>& slot) const {
    if (slot) renumber(*slot);
  }
  void renumber(CanonOptions& options) const {
    renumber(options.realloc);
    renumber(options.post_return);
    renumber(options.callback);
  }
  void renumber_slots() {
    for (Lift& lift : plan_.lifts) {
      renumber(lift.core_func);
      renumber(lift.options);
    }
    for (Trampoline& trampoline : plan_.trampolines) {
      if (auto* lower = std::get_if<LowerTrampoline>(&trampoline)) renumber(lower->caller);
      if (auto* builtin = std::get_if<BuiltinTrampoline>(&trampoline)) renumber(builtin->options);
    }
    for (Resource& resource : plan_.resources) renumber(resource.dtor);
  }

  // Instances that are only called, and not by the host as exports, can wait until they are.
  void defer() {
    std::vector<bool> needed(plan_.core_instances, false);
    std::vector<bool> lifted(plan_.func_slots, false);
    for (const Lift& lift : plan_.lifts) lifted[lift.core_func] = true;
    for (const Step& step : plan_.steps) {
      const auto* extract = std::get_if<ExtractFunc>(&step);
      each_item(step, [&](const CoreItem& item) {
        const bool at_once = extract == nullptr || lifted[extract->slot];
        if (item.kind == CoreItem::Kind::instance_export && at_once) needed[item.index] = true;
      });
    }
    for (Step& step : plan_.steps) {
      if (auto* instantiate = std::get_if<InstantiateCore>(&step)) {
        instantiate->deferred = !needed[instantiate->core_instance] && shapes_[instantiate->module].inert;
      }
    }
  }

  // Modules that nothing is made of any more need not be compiled.
  void drop_modules() {
    std::vector<bool> used(plan_.modules.size(), false);
    for (const Step& step : plan_.steps) {
      if (const auto* instantiate = std::get_if<InstantiateCore>(&step)) used[instantiate->module] = true;
    }
    mark_exported(plan_.exports, used);
    std::vector<ast::ByteRange> kept;
    std::vector<std::uint32_t> new_module(plan_.modules.size(), none);
    for (std::uint32_t i = 0; i < used.size(); ++i) {
      if (!used[i]) continue;
      new_module[i] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(plan_.modules[i]);
    }
    plan_.modules = std::move(kept);
    for (Step& step : plan_.steps) {
      if (auto* instantiate = std::get_if<InstantiateCore>(&step))
        instantiate->module = new_module[instantiate->module];
    }
    renumber_exported(plan_.exports, new_module);
  }

  static void mark_exported(const ExportedInstance& instance, std::vector<bool>& used) {
    for (const auto& [name, item] : instance.items) {
      if (const auto* module = std::get_if<ExportedModule>(&item)) used[module->module] = true;
      if (const auto* inner = std::get_if<std::shared_ptr<const ExportedInstance>>(&item)) mark_exported(**inner, used);
    }
  }
  static void renumber_exported(ExportedInstance& instance, const std::vector<std::uint32_t>& new_module) {
    for (auto& [name, item] : instance.items) {
      if (auto* module = std::get_if<ExportedModule>(&item)) module->module = new_module[module->module];
      if (auto* inner = std::get_if<std::shared_ptr<const ExportedInstance>>(&item)) {
        auto copy = std::make_shared<ExportedInstance>(**inner);
        renumber_exported(*copy, new_module);
        *inner = std::move(copy);
      }
    }
  }

  LinkPlan& plan_;
  std::vector<ModuleShape> shapes_;          // by module
  std::vector<std::uint32_t> place_of_;      // the step that makes it, by core instance
  std::vector<Pair> pairs_;                  // by the shim's core instance
  std::vector<std::uint32_t> filled_by_;     // the shim, by the fix-up's core instance
  std::vector<std::uint32_t> new_instance_;  // by core instance; none: left out
  std::vector<FuncSlotIndex> new_slot_;      // by slot
  std::vector<Step> steps_;
  FuncSlotIndex slots_ = 0;
};

}  // namespace

void bypass(LinkPlan& plan) {
  Bypasser(plan).run();
}

}  // namespace weft::component
