#include "component/lacks.h"

#include <algorithm>
#include <set>

#include "component/denial.h"
#include "gaps/gaps.h"

namespace weft::component {
namespace {

// Items of one interface that a line names; the rest is a number.
constexpr std::size_t max_named_items = 12;

// Collects lacks, one for each interface.
class Lacks {
 public:
  explicit Lacks(const HostLinker& linker) : linker_(linker) {}

  void item(const std::string& interface, const std::string& name) {
    if (!linker_.offers(interface)) {
      if (seen_.insert(interface).second)
        lacks_.push_back({Lack::Kind::interface, interface.empty() ? name : interface, {}, {}});
      return;
    }
    auto found = std::ranges::find_if(
        lacks_, [&](const Lack& lack) { return lack.kind == Lack::Kind::items && lack.name == interface; });
    if (found == lacks_.end()) found = lacks_.insert(found, {Lack::Kind::items, interface, {}, {}});
    found->items.push_back(name);
  }
  void mismatch(const HostFunc& func, const Error& error) {
    const std::string name = func.interface.empty() ? func.name : func.interface + "#" + func.name;
    lacks_.push_back({Lack::Kind::mismatch, name, {}, error.message()});
  }
  std::vector<Lack> take() { return std::move(lacks_); }

 private:
  const HostLinker& linker_;
  std::set<std::string> seen_;
  std::vector<Lack> lacks_;
};

// Whether `type` mentions a resource that is imported and lacking: then nothing can be said about a function with it.
bool mentions_lacking(abi::TypeRef type, const LinkPlan& plan, const std::vector<const HostResourceType*>& resources) {
  if (type == nullptr || !type->contains_handle) return false;
  if (type->kind == abi::Kind::own || type->kind == abi::Kind::borrow) {
    const auto index = static_cast<std::size_t>(type->resource);
    return plan.resources[index].imported && resources[index] == nullptr;
  }
  const auto lacking = [&](abi::TypeRef part) { return mentions_lacking(part, plan, resources); };
  return lacking(type->element) || std::ranges::any_of(type->fields, lacking, &abi::Field::type) ||
         std::ranges::any_of(type->cases, lacking, &abi::Case::type);
}

std::string list_of(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), max_named_items); ++i) {
    if (i != 0) text += ", ";
    text += items[i];
  }
  if (items.size() > max_named_items) text += " and " + std::to_string(items.size() - max_named_items) + " more";
  return text;
}

// "wasi:nn@0.2.0" of "wasi:nn/graph@0.2.0".
std::string package_of(const std::string& interface) {
  const std::size_t slash = interface.find('/');
  if (slash == std::string::npos) return interface;
  const std::size_t at = interface.find('@', slash);
  return interface.substr(0, slash) + (at == std::string::npos ? "" : interface.substr(at));
}

// One line for all interfaces of a package that are lacking; `first` is one of them.
std::string line_of_package(const std::vector<Lack>& lacks, const std::string& first, const std::string& package) {
  std::vector<std::string> interfaces;
  for (const Lack& lack : lacks) {
    if (lack.kind != Lack::Kind::interface || package_of(lack.name) != package) continue;
    const std::size_t begin = lack.name.find('/') + 1;
    interfaces.push_back(lack.name.substr(begin, lack.name.find('@') - begin));
  }
  if (interfaces.size() == 1) return gaps::needs_interface(first);
  return gaps::needs_interface(first, package + " with " + list_of(interfaces));
}

}  // namespace

BoundImports bind_imports(const LinkPlan& plan, const HostLinker& linker) {
  // Nobody ever has one.
  static const HostResourceType denied_resource{"denied"};
  BoundImports bound;
  Lacks lacks(linker);
  for (const Resource& resource : plan.resources) {
    bound.resources.push_back(resource.imported ? linker.resource(resource.interface, resource.name) : nullptr);
    if (!resource.imported || bound.resources.back() != nullptr) continue;
    if (resource.denied)
      bound.resources.back() = &denied_resource;
    else
      lacks.item(resource.interface, resource.name);
  }
  for (const HostFunc& func : plan.host_funcs) {
    if (!func.denial.empty()) {
      bound.funcs.push_back({&deny_call, nullptr});
      continue;
    }
    auto binding = linker.bind(func, bound.resources);
    bound.funcs.push_back(binding ? *binding : HostBinding{});
    if (binding) continue;
    if (binding.error().code() != Errc::invalid)
      lacks.item(func.interface, func.name);
    else if (!mentions_lacking(func.type->params, plan, bound.resources) &&
             !mentions_lacking(func.type->result, plan, bound.resources)) {
      lacks.mismatch(func, binding.error());
    }
  }
  bound.lacks = lacks.take();
  return bound;
}

std::vector<Lack> take_not_yet(std::vector<Lack>& lacks) {
  std::vector<Lack> taken, needed;
  for (Lack& lack : lacks) {
    const bool is_not_yet = lack.kind == Lack::Kind::items ||
                            (lack.kind == Lack::Kind::interface && gaps::find_interfaces(lack.name) != nullptr);
    (is_not_yet ? taken : needed).push_back(std::move(lack));
  }
  lacks = std::move(needed);
  return taken;
}

Result<void> check_host(const LinkPlan& plan, const HostLinker& linker, NotYet imports) {
  std::vector<Lack> lacks = bind_imports(plan, linker).lacks;
  if (imports == NotYet::trap) take_not_yet(lacks);
  if (!lacks.empty()) return std::unexpected(error_of(lacks));
  return {};
}

std::string to_string(const Lack& lack) {
  switch (lack.kind) {
    case Lack::Kind::interface:
      return gaps::needs_interface(lack.name);
    case Lack::Kind::items:
      return gaps::needs(lack.name + " with " + list_of(lack.items), "");
    case Lack::Kind::mismatch:
      break;
  }
  return "import " + lack.name + " has another type than this host's\n" + lack.detail;
}

std::vector<std::string> lines_of(const std::vector<Lack>& lacks) {
  std::vector<std::string> lines;
  std::set<std::string> packages;
  for (const Lack& lack : lacks) {
    if (lack.kind != Lack::Kind::interface) {
      lines.push_back(to_string(lack));
    } else if (const std::string package = package_of(lack.name); packages.insert(package).second) {
      lines.push_back(line_of_package(lacks, lack.name, package));
    }
  }
  return lines;
}

Error error_of(const std::vector<Lack>& lacks) {
  const std::vector<std::string> lines = lines_of(lacks);
  std::string text = lines.size() == 1 ? lines.front() : "this host does not have what it needs";
  for (const std::string& line : lines.size() == 1 ? std::vector<std::string>() : lines) text += "\n  " + line;
  if (std::ranges::find(lacks, Lack::Kind::mismatch, &Lack::kind) != lacks.end())
    return Error(Errc::invalid, std::move(text));
  return gaps::refuse_needs(std::move(text));
}

}  // namespace weft::component
