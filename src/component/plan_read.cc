#include "component/plan_bytes.h"
#include "component/plan_format.h"
#include "component/reader.h"

namespace weft::component {
namespace {

constexpr std::size_t checksum_size = 8;

// Numbers and counts as plan_write.cc writes them. Errors are sticky (reader.h): nothing is reserved by a count, and
// what is read after a failure is never used.
class PlanReader {
 public:
  PlanReader(LinkPlan& plan, Reader& r) : plan_(plan), r_(r) {}

  void read() {
    if (r_.u64() != plan_.bytes->size()) r_.fail("the link plan is of a component of another size");
    list([&] {
      ast::ByteRange range;
      range.offset = r_.u64();
      range.size = r_.u64();
      plan_.modules.push_back(range);
    });
    list([&] { plan_.instance_parents.push_back(optional()); });
    plan_.core_instances = r_.u32();
    plan_.memory_slots = r_.u32();
    plan_.table_slots = r_.u32();
    plan_.func_slots = r_.u32();
    list([&] { plan_.resources.push_back(resource()); });
    list([&] { types_.push_back(type()); });
    list([&] { funcs_.push_back(func_type()); });
    list([&] { plan_.host_funcs.push_back(host_func()); });
    list([&] { plan_.lifts.push_back(lift()); });
    list([&] { plan_.trampolines.push_back(trampoline()); });
    list([&] { plan_.steps.push_back(step()); });
    exports(plan_.exports, 0);
    r_.finish("the link plan");
  }

 private:
  template <class F>
  void list(F read_one) {
    const std::uint32_t n = r_.u32();
    for (std::uint32_t i = 0; i < n && r_.count(); ++i) read_one();
  }

  bool boolean() { return enumerator(1) == 1; }
  // A byte from 0 to `last`.
  std::uint8_t enumerator(std::uint8_t last) {
    const std::uint8_t value = r_.byte();
    if (value <= last) return value;
    r_.bad_byte(value, "a link plan");
    return 0;
  }
  std::optional<std::uint32_t> optional() {
    if (!boolean()) return std::nullopt;
    return r_.u32();
  }

  Resource resource() {
    Resource r;
    r.imported = boolean();
    r.interface = r_.name();
    r.name = r_.name();
    r.instance = r_.u32();
    r.dtor = optional();
    r.denied = boolean();
    return r;
  }

  CanonOptions options() {
    CanonOptions o;
    o.string_encoding = static_cast<ast::StringEncoding>(enumerator(2));
    o.async = boolean();
    o.memory = optional();
    o.realloc = optional();
    o.post_return = optional();
    o.callback = optional();
    o.instance = r_.u32();
    return o;
  }

  FuncRef func_ref() {
    const auto kind = static_cast<FuncRef::Kind>(enumerator(1));
    return {kind, r_.u32()};
  }

  HostFunc host_func() {
    HostFunc func;
    func.interface = r_.name();
    func.name = r_.name();
    func.type = func_at();
    func.denial = r_.name();
    return func;
  }

  Lift lift() {
    Lift lift;
    lift.core_func = r_.u32();
    lift.type = func_at();
    lift.options = options();
    return lift;
  }

  Trampoline trampoline() {
    const std::uint8_t kind = enumerator(plan_format::forward);
    if (kind == plan_format::forward) {
      ForwardTrampoline forward;
      forward.slot = r_.u32();
      list([&] { forward.type.params.push_back(number()); });
      list([&] { forward.type.results.push_back(number()); });
      return forward;
    }
    if (kind == plan_format::lower) {
      LowerTrampoline lower;
      lower.callee = func_ref();
      const std::size_t callees =
          lower.callee.kind == FuncRef::Kind::lift ? plan_.lifts.size() : plan_.host_funcs.size();
      if (lower.callee.index >= callees) r_.fail("a link plan lowers a function that it lacks");
      if (r_.ok()) lower.type = plan_.type_of(lower.callee);
      lower.caller = options();
      return lower;
    }
    BuiltinTrampoline builtin;
    builtin.kind =
        static_cast<ast::Builtin>(enumerator(static_cast<std::uint8_t>(ast::Builtin::thread_yield_then_promote)));
    builtin.resource = abi::ResourceIndex{r_.u32()};
    builtin.type = optional_type();
    builtin.options = options();
    builtin.async = boolean();
    builtin.slot = r_.u32();
    builtin.table = optional();
    return builtin;
  }

  CoreValType number() { return static_cast<CoreValKind>(enumerator(static_cast<std::uint8_t>(CoreValKind::f64))); }

  CoreItem core_item() {
    CoreItem item;
    item.kind = static_cast<CoreItem::Kind>(enumerator(1));
    item.index = r_.u32();
    item.name = r_.name();
    return item;
  }

  Step step() {
    const std::uint8_t kind = enumerator(plan_format::extract_table);
    if (kind == plan_format::instantiate_core) {
      InstantiateCore s;
      s.module = r_.u32();
      s.core_instance = r_.u32();
      s.instance = r_.u32();
      list([&] { s.imports.push_back(core_item()); });
      s.deferred = boolean();
      return s;
    }
    const std::uint32_t slot = r_.u32();
    if (kind == plan_format::call_start) return CallStart{slot, r_.u32()};
    if (kind == plan_format::extract_memory) return ExtractMemory{slot, core_item()};
    if (kind == plan_format::extract_table) return ExtractTable{slot, core_item()};
    return ExtractFunc{slot, core_item()};
  }

  void exports(ExportedInstance& instance, std::uint32_t depth) {
    if (depth > max_export_depth) return r_.fail("the exports of a link plan are nested too deeply");
    list([&] {
      std::string name = r_.name();
      instance.items.emplace_back(std::move(name), export_item(depth));
    });
  }

  ExportItem export_item(std::uint32_t depth) {
    switch (enumerator(static_cast<std::uint8_t>(std::variant_size_v<ExportItem> - 1))) {
      case 0:
        return func_ref();
      case 1: {
        auto inner = std::make_shared<ExportedInstance>();
        exports(*inner, depth + 1);
        return std::shared_ptr<const ExportedInstance>(std::move(inner));
      }
      case 2:
        return ExportedType{};
      case 3:
        return ExportedModule{r_.u32()};
      default:
        return ExportedComponent{};
    }
  }

  // A type read before; bool if there is none, after a failure.
  abi::TypeRef type_at() {
    const abi::TypeRef type = optional_type();
    if (type != nullptr) return type;
    r_.fail("a link plan lacks a type");
    return plan_.types.primitive(abi::Kind::boolean);
  }
  abi::TypeRef optional_type() {
    const std::uint32_t index = r_.u32();
    if (index > types_.size()) r_.fail("a link plan names a type that it lacks");
    return index == 0 || index > types_.size() ? nullptr : types_[index - 1];
  }
  const abi::FuncType* func_at() {
    const std::uint32_t index = r_.u32();
    if (index < funcs_.size()) return funcs_[index];
    r_.fail("a link plan names a function type that it lacks");
    return nullptr;
  }

  std::vector<std::string> labels() {
    std::vector<std::string> out;
    list([&] { out.push_back(r_.name()); });
    return out;
  }
  std::vector<abi::Field> fields() {
    std::vector<abi::Field> out;
    list([&] {
      abi::Field field;
      field.label = r_.name();
      field.type = type_at();
      out.push_back(std::move(field));
    });
    return out;
  }

  const abi::FuncType* func_type() {
    const bool async = boolean();
    std::vector<abi::Field> params = fields();
    const abi::TypeRef result = optional_type();
    if (!r_.ok()) return nullptr;
    auto func = plan_.types.func(std::move(params), result, async);
    if (!func) r_.fail(func.error().message());
    return func ? *func : nullptr;
  }

  abi::ResourceIndex resource_index() {
    const std::uint32_t index = r_.u32();
    if (index >= plan_.resources.size()) r_.fail("a link plan names a resource type that it lacks");
    return abi::ResourceIndex{index};
  }

  abi::TypeRef type() {
    abi::TypeTable& types = plan_.types;
    const auto kind = static_cast<abi::Kind>(enumerator(static_cast<std::uint8_t>(abi::Kind::future)));
    switch (kind) {
      case abi::Kind::list:
        return types.list(type_at());
      case abi::Kind::fixed_list: {
        const abi::TypeRef element = type_at();
        return types.fixed_list(element, r_.u32());
      }
      case abi::Kind::map: {
        const abi::TypeRef key = type_at();
        return types.map(key, type_at());
      }
      case abi::Kind::record:
        return types.record(fields());
      case abi::Kind::tuple: {
        std::vector<abi::TypeRef> parts;
        list([&] { parts.push_back(type_at()); });
        return types.tuple(std::move(parts));
      }
      case abi::Kind::variant: {
        std::vector<abi::Case> cases;
        list([&] {
          abi::Case c;
          c.label = r_.name();
          c.type = optional_type();
          cases.push_back(std::move(c));
        });
        return types.variant(std::move(cases));
      }
      case abi::Kind::enumeration:
        return types.enumeration(labels());
      case abi::Kind::option:
        return types.option(type_at());
      case abi::Kind::result: {
        const abi::TypeRef ok = optional_type();
        return types.result(ok, optional_type());
      }
      case abi::Kind::flags:
        return types.flags(labels());
      case abi::Kind::own:
        return types.own(resource_index());
      case abi::Kind::borrow:
        return types.borrow(resource_index());
      case abi::Kind::stream:
        return types.stream(optional_type());
      case abi::Kind::future:
        return types.future(optional_type());
      default:
        return types.primitive(kind);
    }
  }

  LinkPlan& plan_;
  Reader& r_;
  std::vector<abi::TypeRef> types_;
  std::vector<const abi::FuncType*> funcs_;
};

Result<std::span<const std::byte>> payload_of(std::span<const std::byte> serialized) {
  if (serialized.size() > max_plan_bytes + 64) return fail(Errc::limit, "the link plan is too large");
  Reader::State state{std::nullopt, 0};
  Reader r(serialized, 0, serialized.size(), state);
  for (const char c : plan_format::magic) {
    if (r.byte() != static_cast<std::uint8_t>(c)) return fail(Errc::invalid, "this is not a link plan");
  }
  if (r.u32() != plan_version) return fail(Errc::invalid, "the link plan is of another version");
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < checksum_size; ++i) sum |= std::uint64_t{r.byte()} << (8 * i);
  const auto payload = serialized.subspan(r.offset());
  if (!r.ok() || sum != plan_format::checksum(payload)) return fail(Errc::invalid, "the link plan is damaged");
  return payload;
}

}  // namespace

Result<std::unique_ptr<LinkPlan>> deserialize_plan(std::span<const std::byte> serialized, ast::Bytes bytes) {
  TRY(const auto payload, payload_of(serialized));
  auto plan = std::make_unique<LinkPlan>();
  plan->bytes = std::move(bytes);
  // Every entry of a list takes at least a byte, so the payload bounds what is made.
  Reader::State state{std::nullopt, UINT32_MAX};
  Reader r(payload, 0, payload.size(), state);
  PlanReader(*plan, r).read();
  if (state.error) return std::unexpected(std::move(*state.error).context("link plan"));
  CHECK_OK(check_plan(*plan));
  return plan;
}

}  // namespace weft::component
