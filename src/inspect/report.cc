#include "inspect/report.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "component/composition.h"
#include "component/decode.h"
#include "component/lacks.h"
#include "component/more_imports.h"
#include "component/validate.h"
#include "inspect/world.h"
#include "runtime/code_store.h"

namespace weft::inspect {
namespace {

using component::Lack;

// "wasi:io/poll@0.2.0" of "wasi:io/poll@0.2.0#poll".
std::string interface_of(const std::string& function) {
  return function.substr(0, function.find('#'));
}

// What the host lacks, by import.
void judge_imports(const std::vector<Lack>& lacks, std::vector<Import>& imports) {
  std::unordered_map<std::string, Import*> by_name;
  for (Import& import : imports) by_name.emplace(import.name, &import);
  for (const Lack& lack : lacks) {
    const auto found = by_name.find(interface_of(lack.name));
    if (found == by_name.end()) continue;
    Import& import = *found->second;
    if (!import.detail.empty()) import.detail += "\n";
    import.detail += component::to_string(lack);
    const Import::State state = lack.kind == Lack::Kind::interface  ? Import::State::lacking
                                : lack.kind == Lack::Kind::mismatch ? Import::State::mismatch
                                                                    : Import::State::partly;
    import.state = std::max(import.state, state);
  }
}

using Composition = std::optional<component::Composition>;

void judge(const component::ast::Component& component, const Composition& composition,
           const component::HostLinker& linker, Report& report) {
  auto plan = component::make_plan(component, composition);
  if (!plan) {
    report.lacks.push_back(plan.error().message());
    return;
  }
  std::vector<Lack> lacks = component::bind_imports(**plan, linker).lacks;
  judge_imports(lacks, report.imports);
  const auto imports_more = [](const auto* part) { return component::imports_more_than_it_calls(*part); };
  if (std::ranges::any_of(parts_of(component, composition), imports_more)) {
    report.fails_calling = component::lines_of(component::take_not_yet(lacks));
  }
  report.lacks = component::lines_of(lacks);
  std::set<std::uint64_t> needed;
  for (const auto& range : (*plan)->modules) needed.insert(range.offset);
  for (Module& module : report.modules) module.is_needed = needed.contains(module.offset);
}

void find_modules(const component::ast::Component& component, const IsCached& is_cached, std::vector<Module>& modules) {
  for (const auto& definition : component.definitions) {
    if (const auto* nested = std::get_if<component::ast::NestedComponent>(&definition.def)) {
      find_modules(**nested, is_cached, modules);
    }
    const auto* module = std::get_if<component::ast::CoreModule>(&definition.def);
    if (module == nullptr) continue;
    const wasm::SeparatedModule separated = wasm::separate(bytes_of(component, module->range));
    Module& made = modules.emplace_back();
    made.offset = module->range.offset;
    made.size = module->range.size;
    made.code_size = separated.code_size();
    for (const auto& segments : separated.data) {
      for (const auto& segment : segments) made.data_size += segment.bytes.size();
    }
    made.code_hash = runtime::code_hash(separated);
    if (is_cached) made.is_cached = is_cached(made.code_hash);
  }
}

// What is imported from the host, each name once: by the component itself, or by the parts of a composition.
std::vector<Import> imports_of(const component::ast::Component& component, const Composition& composition) {
  std::vector<Import> imports;
  const auto parts = parts_of(component, composition);
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    for (const auto& definition : parts[i]->definitions) {
      const auto* import = std::get_if<component::ast::Import>(&definition.def);
      if (import == nullptr) continue;
      const std::string& name = import->name.name;
      const auto is_it = [&](const auto& each) { return each.part == i && each.import == name; };
      if (composition && std::ranges::any_of(composition->wiring.links, is_it)) continue;
      const bool denied = composition && std::ranges::any_of(composition->wiring.denied, is_it);
      const auto state = denied ? Import::State::denied : Import::State::offered;
      const auto known = std::ranges::find(imports, name, &Import::name);
      if (known == imports.end())
        imports.push_back({.name = name, .state = state, .detail = {}});
      else
        known->state = std::min(known->state, state);
    }
  }
  return imports;
}

}  // namespace

Result<Report> inspect(std::shared_ptr<const std::vector<std::byte>> bytes, const std::string& file,
                       const component::HostLinker& linker, const IsCached& is_cached) {
  Report report;
  report.file = file;
  report.size = bytes->size();
  TRY(const Face face, read_face(std::move(bytes)));
  report.imports = imports_of(*face.whole, face.composition);
  std::vector<std::string> imports;
  for (const Import& import : report.imports) imports.push_back(import.name);
  for (const auto& item : face.valid.type->exports) report.exports.push_back(item.name.name);
  find_modules(*face.whole, is_cached, report.modules);
  judge(*face.whole, face.composition, linker, report);
  report.producers = component::producers_of(*face.part);
  report.manifest = least_manifest(file, imports, report.exports);
  report.wit = wit::write(world_of(face));
  return report;
}

}  // namespace weft::inspect
