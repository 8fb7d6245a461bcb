#include "componentize/componentize.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "component/core_file.h"
#include "component/decode.h"
#include "component/names.h"
#include "component/reader.h"
#include "componentize/component_writer.h"
#include "componentize/glue_modules.h"
#include "componentize/namespaces.h"
#include "componentize/unique_imports.h"
#include "componentize/world_writer.h"
#include "gaps/gaps.h"

namespace weft::componentize {
namespace {

using component::CoreFuncType;
using component::CoreModuleInterface;
using component::CoreValKind;
using component::CoreValType;
using Index = ComponentWriter::Index;

// Parameters of a core function that are one each of a component function.
constexpr std::size_t max_params = 16;
// Lines of a refusal.
constexpr std::size_t max_lines = 12;

// The command that Spin and Wasmtime look for; any 0.2 will do.
constexpr std::string_view run_interface = "wasi:cli/run@0.2.0";

constexpr std::string_view memory_name = "memory";
constexpr std::string_view realloc_name = "cabi_realloc";

// A function that the module imports, and what serves it. Those that need the module's memory, which is not there
// before the module is instantiated, have a stand-in in the shim.
struct Served {
  std::string module, name;  // as the component's module imports it
  const CoreFuncType* type;
  // One of these.
  const Namespace* space = nullptr;
  std::string label;                     // of the function of the namespace's interface, or of the world's
  std::optional<InterfaceId> interface;  // of the world
};

// Drops a handle of an imported resource.
struct Drop {
  std::string module, name;
  NamedType resource;
};

Primitive primitive_of(const CoreValType& type) {
  switch (type.kind) {
    case CoreValKind::i64:
      return Primitive::u64;
    case CoreValKind::f32:
      return Primitive::f32;
    case CoreValKind::f64:
      return Primitive::f64;
    default:
      return Primitive::u32;
  }
}

void write_bytes(ByteWriter& w, std::initializer_list<std::uint8_t> bytes) {
  for (const std::uint8_t b : bytes) w.byte(b);
}

// The component function that lowers to just this core function.
void write_func_type(ByteWriter& w, const CoreFuncType& type) {
  w.byte(0x40);
  w.u64(type.params.size());
  for (std::size_t i = 0; i < type.params.size(); ++i) {
    w.name("p" + std::to_string(i));
    w.byte(static_cast<std::uint8_t>(primitive_of(type.params[i])));
  }
  if (type.results.empty()) {
    w.byte(0x01);
    w.byte(0x00);
  } else {
    w.byte(0x00);
    w.byte(static_cast<std::uint8_t>(primitive_of(type.results.front())));
  }
}

// The contents of the custom sections whose names begin with `prefix`.
std::vector<std::span<const std::byte>> custom_sections(std::span<const std::byte> module, std::string_view prefix) {
  constexpr std::size_t preamble = 8;
  std::vector<std::span<const std::byte>> found;
  component::Reader::State state{std::nullopt, UINT32_MAX};
  component::Reader r(module, preamble, module.size(), state);
  while (r.ok() && !r.at_end()) {
    const bool custom = r.byte() == 0;
    component::Reader section = r.take(r.u32());
    if (!custom || !section.name().starts_with(prefix) || !section.ok()) continue;
    found.push_back(module.subspan(section.offset(), section.remaining()));
  }
  return found;
}

class Maker {
 public:
  explicit Maker(const component::ast::Bytes& module) : module_(module) {}

  Result<component::ast::Bytes> run() {
    TRY(interface_, component::read_file_interface(*module_, types_));
    import_names_ = unique_names(interface_.imports);
    for (const auto section : custom_sections(*module_, world_section)) CHECK_OK(world_.add(section));
    CHECK_OK(look_at_imports());
    CHECK_OK(look_at_exports());
    import_namespaces();
    const Index shim = write_shim();
    TRY(const Index main, write_main(shim));
    CHECK_OK(write_fixup(shim, main));
    write_start(main);
    if (is_command_ && !exports_run()) export_run(main);
    CHECK_OK(export_world(main));
    return std::make_shared<const std::vector<std::byte>>(w_.take());
  }

 private:
  // ---- what the module imports ----

  Result<void> look_at_imports() {
    std::vector<std::string> unknown;
    for (std::size_t i = 0; i < interface_.imports.size(); ++i) {
      const component::CoreImport& import = interface_.imports[i];
      const auto* func = std::get_if<component::CoreFuncRef>(&import.type);
      const CoreFuncType* type = func == nullptr ? nullptr : types_.func(func->type);
      renamed_ = renamed_ || import_names_[i] != import.name;
      if (type == nullptr ||
          !(serve_by_namespace(import, import_names_[i], *type) || serve_by_world(import, import_names_[i], *type)))
        unknown.push_back(import.module + "." + import.name);
    }
    if (unknown.empty()) return {};
    std::string text;
    for (std::size_t i = 0; i < std::min(unknown.size(), max_lines); ++i) text += (i == 0 ? "" : ", ") + unknown[i];
    if (unknown.size() > max_lines) text += " and " + std::to_string(unknown.size() - max_lines) + " more";
    return std::unexpected(gaps::refuse(gaps::Gap::core_modules, "the core module imports " + text));
  }

  bool serve_by_namespace(const component::CoreImport& import, const std::string& name, const CoreFuncType& type) {
    const Namespace* space = find_namespace(import.module);
    std::string label = label_of(import.name);
    if (space == nullptr || !component::is_label(label) || !is_of_numbers(type) || type.params.size() > max_params ||
        type.results.size() > 1) {
      return false;
    }
    served_.push_back({import.module, name, &type, space, std::move(label), std::nullopt});
    return true;
  }

  // As wit-bindgen names them: the interface, or `$root` for functions of the world itself, and the function, or
  // `[resource-drop]` and a resource.
  bool serve_by_world(const component::CoreImport& import, const std::string& name, const CoreFuncType& type) {
    const auto found = world_.imports().find(import.module == "$root" ? std::string_view() : import.module);
    if (found == world_.imports().end() || !is_of_numbers(type)) return false;
    const InterfaceId id = found->second;
    const Interface& interface = world_.interfaces()[id];
    constexpr std::string_view drop = "[resource-drop]";
    if (import.name.starts_with(drop)) {
      NamedType resource{id, import.name.substr(drop.size())};
      if (!interface.types.contains(resource.name)) return false;
      writer_.need_type(resource);
      drops_.push_back({import.module, name, std::move(resource)});
      return true;
    }
    if (!interface.funcs.contains(import.name)) return false;
    writer_.need_func(id, import.name);
    served_.push_back({import.module, name, &type, nullptr, import.name, id});
    return true;
  }

  // ---- what it exports ----

  const component::CoreExternType* find_export(std::string_view name) const {
    const auto found = exports_.find(name);
    return found == exports_.end() ? nullptr : found->second;
  }
  // The type of an exported function; null: there is none.
  const CoreFuncType* find_func(std::string_view name) const {
    const auto* type = find_export(name);
    const auto* func = type == nullptr ? nullptr : std::get_if<component::CoreFuncRef>(type);
    return func == nullptr ? nullptr : types_.func(func->type);
  }
  // Whether it exports a function of this name without parameters and results.
  bool exports_call(std::string_view name) const {
    const CoreFuncType* type = find_func(name);
    return type != nullptr && type->params.empty() && type->results.empty();
  }
  bool exports_run() const {
    return std::ranges::any_of(world_.exports(),
                               [](const auto& entry) { return entry.first.starts_with("wasi:cli/run@"); });
  }

  Result<void> look_at_exports() {
    for (const component::CoreExport& item : interface_.exports) exports_.emplace(item.name, &item.type);
    is_command_ = exports_call("_start");
    initializes_ = !is_command_ && exports_call("_initialize");
    const auto* exported = find_export(memory_name);
    const auto* memory = exported == nullptr ? nullptr : std::get_if<component::CoreMemoryType>(exported);
    has_memory_ = memory != nullptr;
    if (memory != nullptr && memory->limits.is64)
      return std::unexpected(gaps::refuse(gaps::Gap::memory64, "the core module has a 64-bit memory"));
    for (const auto& [name, id] : world_.exports()) {
      const Interface& interface = world_.interfaces()[id];
      for (const auto& [func, type] : interface.funcs) {
        if (find_func(core_name(interface, func)) == nullptr)
          return fail(Errc::invalid,
                      "the core module does not export " + core_name(interface, func) + ", which its world does");
        writer_.need_func(id, func);
      }
      for (const auto& [type, definition] : interface.types) {
        const auto* from = definition ? std::get_if<NamedType>(&world_.node(*definition)) : nullptr;
        if (from != nullptr) writer_.need_type(*from);
      }
    }
    return {};
  }

  static std::string core_name(const Interface& interface, const std::string& func) {
    return interface.name.empty() ? func : interface.name + "#" + func;
  }

  // ---- what is written ----

  // An instance for each namespace, with the functions that are imported from it.
  void import_namespaces() {
    for (const Namespace& space : namespaces()) {
      ByteWriter decls;
      std::uint32_t funcs = 0;
      std::set<std::string_view> labels;  // a module may import a function more than once
      for (const Served& served : served_) {
        if (served.space != &space || !labels.insert(served.label).second) continue;
        decls.byte(0x01);
        write_func_type(decls, *served.type);
        decls.byte(0x04);
        write_extern_name(decls, served.label);
        decls.byte(0x01);
        decls.u32(funcs++);
      }
      if (funcs == 0) continue;
      ByteWriter type;
      type.byte(0x42);
      type.u32(2 * funcs);
      type.raw(decls.bytes());
      ByteWriter desc;
      desc.byte(static_cast<std::uint8_t>(Sort::instance));
      desc.u32(w_.type(type));
      instances_[&space] = w_.import(space.interface, Sort::instance, desc);
    }
  }

  Index write_shim() {
    for (const Served& served : served_) shim_types_.push_back(*served.type);
    if (shim_types_.empty()) return 0;
    return w_.core_instance(w_.core_module(shim_module(shim_types_)), {});
  }

  Result<Index> write_main(Index shim) {
    std::map<std::string, std::vector<ComponentWriter::CoreItem>> given;
    for (std::uint32_t i = 0; i < served_.size(); ++i) {
      const Index stand_in = w_.core_export(shim, CoreSort::func, std::to_string(i));
      given[served_[i].module].push_back({served_[i].name, CoreSort::func, stand_in});
    }
    for (const Drop& drop : drops_) {
      TRY(const Index resource, writer_.type(drop.resource));
      const Index func = w_.resource(ComponentWriter::ResourceFunc::drop, resource);
      given[drop.module].push_back({drop.name, CoreSort::func, func});
    }
    std::vector<std::pair<std::string, Index>> arguments;
    for (const auto& [module, items] : given) arguments.emplace_back(module, w_.core_instance(items));
    if (!renamed_) return w_.core_instance(w_.core_module(*module_), arguments);
    TRY(const auto renamed, rename_imports(*module_, import_names_));
    return w_.core_instance(w_.core_module(renamed), arguments);
  }

  Result<void> write_fixup(Index shim, Index main) {
    if (has_memory_) options_.memory = w_.core_export(main, CoreSort::memory, memory_name);
    if (find_func(realloc_name) != nullptr) options_.realloc = w_.core_export(main, CoreSort::func, realloc_name);
    if (served_.empty()) return {};
    CanonOptions of_namespaces = options_;
    of_namespaces.realloc.reset();
    std::vector<ComponentWriter::CoreItem> items;
    for (std::uint32_t i = 0; i < served_.size(); ++i) {
      const Served& served = served_[i];
      Index func = 0;
      if (served.interface) {
        TRY(func, writer_.func(*served.interface, served.label));
      } else {
        func = w_.alias_export(instances_[served.space], Sort::func, served.label);
      }
      items.push_back({std::to_string(i), CoreSort::func, w_.lower(func, served.interface ? options_ : of_namespaces)});
    }
    items.push_back({shim_table, CoreSort::table, w_.core_export(shim, CoreSort::table, shim_table)});
    const Index imports = w_.core_instance(items);
    w_.core_instance(w_.core_module(fixup_module(shim_types_)), {{"", imports}});
    return {};
  }

  // Instantiates `module`, which imports "" "start", with that function of the module.
  Index instantiate_with_start(std::span<const std::byte> module, Index main, std::string_view start) {
    const Index func = w_.core_export(main, CoreSort::func, start);
    const Index imports = w_.core_instance({{"start", CoreSort::func, func}});
    return w_.core_instance(w_.core_module(module), {{"", imports}});
  }

  void write_start(Index main) {
    if (initializes_) instantiate_with_start(start_module(), main, "_initialize");
  }

  void export_run(Index main) {
    const Index run = instantiate_with_start(run_module(), main, "_start");
    ByteWriter result;
    write_bytes(result, {0x6a, 0x00, 0x00});  // result without payloads
    const Index status = w_.type(result);
    ByteWriter signature;
    write_bytes(signature, {0x40, 0x00, 0x00});  // func() ->
    signature.s33(status);
    const Index func = w_.lift(w_.core_export(run, CoreSort::func, "run"), {}, w_.type(signature));
    w_.export_item(run_interface, Sort::instance, w_.instance({{"run", Sort::func, func}}));
  }

  Result<void> export_world(Index main) {
    for (const auto& [name, id] : world_.exports()) {
      const Interface& interface = world_.interfaces()[id];
      TRY(auto items, writer_.types_of(id));
      for (const auto& [func, node] : interface.funcs) {
        const std::string core = core_name(interface, func);
        TRY(const Index type, writer_.func_type(id, func));
        CanonOptions options = options_;
        const std::string post_return = "cabi_post_" + core;
        if (find_func(post_return) != nullptr) options.post_return = w_.core_export(main, CoreSort::func, post_return);
        items.push_back({func, Sort::func, w_.lift(w_.core_export(main, CoreSort::func, core), options, type)});
      }
      if (!name.empty()) {
        w_.export_item(name, Sort::instance, w_.instance(items));
        continue;
      }
      for (const auto& item : items) w_.export_item(item.name, item.sort, item.index);
    }
    return {};
  }

  const component::ast::Bytes& module_;
  component::CoreTypeStore types_;
  CoreModuleInterface interface_;
  std::map<std::string_view, const component::CoreExternType*> exports_;
  World world_;
  std::vector<std::string> import_names_;  // by import, as the component has them
  bool renamed_ = false;                   // some of them differ from the module's own
  std::vector<Served> served_;             // by the number of their stand-ins
  std::vector<Drop> drops_;
  std::vector<CoreFuncType> shim_types_;
  std::map<const Namespace*, Index> instances_;
  bool is_command_ = false;
  bool initializes_ = false;
  bool has_memory_ = false;
  CanonOptions options_;  // the module's memory and realloc, as far as it has them
  ComponentWriter w_;
  WorldWriter writer_{world_, w_};
};

}  // namespace

Result<component::ast::Bytes> as_component(component::ast::Bytes bytes, const std::string& name) {
  if (!component::is_core_module(*bytes)) return bytes;
  auto made = Maker(bytes).run();
  if (!made && !name.empty()) return std::unexpected(std::move(made).error().context(name));
  return made;
}

}  // namespace weft::componentize
