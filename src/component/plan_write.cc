#include <unordered_map>

#include "component/byte_writer.h"
#include "component/plan_bytes.h"
#include "component/plan_format.h"

namespace weft::component {
namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

class PlanWriter {
 public:
  explicit PlanWriter(const LinkPlan& plan) : plan_(plan) {}

  std::vector<std::byte> write() {
    w_.u64(plan_.bytes->size());
    w_.vec(plan_.modules, [&](const ast::ByteRange& range) {
      w_.u64(range.offset);
      w_.u64(range.size);
    });
    w_.vec(plan_.instance_parents, [&](const auto& parent) { optional(parent); });
    w_.u32(plan_.core_instances);
    w_.u32(plan_.memory_slots);
    w_.u32(plan_.table_slots);
    w_.u32(plan_.func_slots);
    w_.vec(plan_.resources, [&](const Resource& r) { resource(r); });
    types();
    w_.vec(plan_.host_funcs, [&](const HostFunc& func) {
      w_.name(func.interface);
      w_.name(func.name);
      w_.u32(func_index_.at(func.type));
      w_.name(func.denial);
    });
    w_.vec(plan_.lifts, [&](const Lift& lift) {
      w_.u32(lift.core_func);
      w_.u32(func_index_.at(lift.type));
      options(lift.options);
    });
    w_.vec(plan_.trampolines, [&](const Trampoline& t) { std::visit([&](const auto& kind) { trampoline(kind); }, t); });
    w_.vec(plan_.steps, [&](const Step& s) { std::visit([&](const auto& kind) { step(kind); }, s); });
    exports(plan_.exports);
    return w_.take();
  }

 private:
  void optional(const std::optional<std::uint32_t>& value) {
    w_.byte(value ? 1 : 0);
    if (value) w_.u32(*value);
  }

  void resource(const Resource& r) {
    w_.byte(r.imported ? 1 : 0);
    w_.name(r.interface);
    w_.name(r.name);
    w_.u32(r.instance);
    optional(r.dtor);
    w_.byte(r.denied ? 1 : 0);
  }

  void options(const CanonOptions& o) {
    w_.byte(static_cast<std::uint8_t>(o.string_encoding));
    w_.byte(o.async ? 1 : 0);
    optional(o.memory);
    optional(o.realloc);
    optional(o.post_return);
    optional(o.callback);
    w_.u32(o.instance);
  }

  void func_ref(FuncRef func) {
    w_.byte(static_cast<std::uint8_t>(func.kind));
    w_.u32(func.index);
  }

  void trampoline(const LowerTrampoline& lower) {
    w_.byte(plan_format::lower);
    func_ref(lower.callee);
    options(lower.caller);
  }
  void trampoline(const BuiltinTrampoline& builtin) {
    w_.byte(plan_format::builtin);
    w_.byte(static_cast<std::uint8_t>(builtin.kind));
    w_.u32(static_cast<std::uint32_t>(builtin.resource));
    w_.u32(index_of(builtin.type));
    options(builtin.options);
    w_.byte(builtin.async ? 1 : 0);
    w_.u32(builtin.slot);
    optional(builtin.table);
  }
  void trampoline(const ForwardTrampoline& forward) {
    const auto number = [&](const CoreValType& type) { w_.byte(static_cast<std::uint8_t>(type.kind)); };
    w_.byte(plan_format::forward);
    w_.u32(forward.slot);
    w_.vec(forward.type.params, number);
    w_.vec(forward.type.results, number);
  }

  void core_item(const CoreItem& item) {
    w_.byte(static_cast<std::uint8_t>(item.kind));
    w_.u32(item.index);
    w_.name(item.name);
  }
  void step(const InstantiateCore& s) {
    w_.byte(plan_format::instantiate_core);
    w_.u32(s.module);
    w_.u32(s.core_instance);
    w_.u32(s.instance);
    w_.vec(s.imports, [&](const CoreItem& item) { core_item(item); });
    w_.byte(s.deferred ? 1 : 0);
  }
  void step(const ExtractMemory& s) {
    w_.byte(plan_format::extract_memory);
    w_.u32(s.slot);
    core_item(s.item);
  }
  void step(const ExtractTable& s) {
    w_.byte(plan_format::extract_table);
    w_.u32(s.slot);
    core_item(s.item);
  }
  void step(const ExtractFunc& s) {
    w_.byte(plan_format::extract_func);
    w_.u32(s.slot);
    core_item(s.item);
  }
  void step(const CallStart& s) {
    w_.byte(plan_format::call_start);
    w_.u32(s.slot);
    w_.u32(s.instance);
  }

  void exports(const ExportedInstance& instance) {
    w_.vec(instance.items, [&](const auto& named) {
      w_.name(named.first);
      w_.byte(static_cast<std::uint8_t>(named.second.index()));
      std::visit(Overload{
                     [&](const FuncRef& func) { func_ref(func); },
                     [&](const std::shared_ptr<const ExportedInstance>& inner) { exports(*inner); },
                     [&](const ExportedType&) {},
                     [&](const ExportedModule& module) { w_.u32(module.module); },
                     [&](const ExportedComponent&) {},
                 },
                 named.second);
    });
  }

  // All types that the plan names, each after those it is made of.
  void types() {
    for (const HostFunc& func : plan_.host_funcs) collect(func.type);
    for (const Lift& lift : plan_.lifts) collect(lift.type);
    for (const Trampoline& t : plan_.trampolines) {
      if (const auto* builtin = std::get_if<BuiltinTrampoline>(&t)) collect(builtin->type);
    }
    w_.vec(types_, [&](abi::TypeRef type) { this->type(*type); });
    w_.vec(funcs_, [&](const abi::FuncType* func) {
      w_.byte(func->async ? 1 : 0);
      fields(func->params->fields);
      w_.u32(index_of(func->result));
    });
  }

  // Recursion is bounded: types are at most abi::kMaxTypeDepth deep.
  void collect(abi::TypeRef type) {
    if (type == nullptr || type_index_.contains(type)) return;
    collect(type->element);
    for (const abi::Field& field : type->fields) collect(field.type);
    for (const abi::Case& c : type->cases) collect(c.type);
    types_.push_back(type);
    type_index_.emplace(type, static_cast<std::uint32_t>(types_.size()));
  }
  void collect(const abi::FuncType* func) {
    if (!func_index_.emplace(func, static_cast<std::uint32_t>(funcs_.size())).second) return;
    funcs_.push_back(func);
    for (const abi::Field& field : func->params->fields) collect(field.type);
    collect(func->result);
  }

  // 0: none; else one more than its place in the list.
  std::uint32_t index_of(abi::TypeRef type) const { return type == nullptr ? 0 : type_index_.at(type); }

  void fields(const std::vector<abi::Field>& list) {
    w_.vec(list, [&](const abi::Field& field) {
      w_.name(field.label);
      w_.u32(index_of(field.type));
    });
  }

  void type(const abi::Type& type) {
    const auto label = [&](const std::string& text) { w_.name(text); };
    w_.byte(static_cast<std::uint8_t>(type.kind));
    switch (type.kind) {
      case abi::Kind::list:
      case abi::Kind::stream:
      case abi::Kind::future:
        w_.u32(index_of(type.element));
        return;
      case abi::Kind::fixed_list:
        w_.u32(index_of(type.element));
        w_.u32(type.length);
        return;
      case abi::Kind::map:  // its element is the tuple of key and value
        w_.u32(index_of(type.element->fields[0].type));
        w_.u32(index_of(type.element->fields[1].type));
        return;
      case abi::Kind::record:
        fields(type.fields);
        return;
      case abi::Kind::tuple:
        w_.vec(type.fields, [&](const abi::Field& field) { w_.u32(index_of(field.type)); });
        return;
      case abi::Kind::variant:
        w_.vec(type.cases, [&](const abi::Case& c) {
          w_.name(c.label);
          w_.u32(index_of(c.type));
        });
        return;
      case abi::Kind::enumeration:
        w_.vec(type.cases, [&](const abi::Case& c) { w_.name(c.label); });
        return;
      case abi::Kind::option:
        w_.u32(index_of(type.cases[1].type));
        return;
      case abi::Kind::result:
        w_.u32(index_of(type.cases[0].type));
        w_.u32(index_of(type.cases[1].type));
        return;
      case abi::Kind::flags:
        w_.vec(type.labels, label);
        return;
      case abi::Kind::own:
      case abi::Kind::borrow:
        w_.u32(static_cast<std::uint32_t>(type.resource));
        return;
      default:
        return;  // primitives
    }
  }

  const LinkPlan& plan_;
  ByteWriter w_;
  std::vector<abi::TypeRef> types_;
  std::vector<const abi::FuncType*> funcs_;
  std::unordered_map<abi::TypeRef, std::uint32_t> type_index_;  // counted from 1
  std::unordered_map<const abi::FuncType*, std::uint32_t> func_index_;
};

}  // namespace

Result<std::vector<std::byte>> serialize(const LinkPlan& plan) {
  const std::vector<std::byte> payload = PlanWriter(plan).write();
  if (payload.size() > max_plan_bytes) return fail(Errc::limit, "the link plan is too large to be kept");
  ByteWriter out;
  out.raw(std::as_bytes(std::span(plan_format::magic)));
  out.u32(plan_version);
  for (std::uint64_t sum = plan_format::checksum(payload), i = 0; i < sizeof sum; ++i) {
    out.byte(static_cast<std::uint8_t>(sum >> (8 * i)));
  }
  out.raw(payload);
  return out.take();
}

}  // namespace weft::component
