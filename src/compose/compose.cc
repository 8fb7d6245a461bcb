#include "compose/compose.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "component/decode.h"
#include "component/import_track.h"
#include "component/validate.h"
#include "componentize/componentize.h"
#include "compose/import_name.h"
#include "compose/isolation.h"
#include "manifest/diagnostic.h"
#include "manifest/identifier.h"
#include "manifest/reader.h"
#include "manifest/text.h"
#include "wit/type_text.h"

namespace weft::compose {
namespace {

namespace ast = component::ast;
using manifest::Dependency;

// An instance has no more memories than that (wasm::StoreLimits), and hardly a component has none.
constexpr std::size_t max_components = 32;
static_assert(max_components <= component::max_parts);

constexpr std::string_view handler = "wasi:http/handler";
// Until the dependant has its place, behind what it depends on.
constexpr std::uint32_t not_yet = UINT32_MAX;
// Of a type in a message: more helps nobody.
constexpr std::size_t max_type_text = 4000;

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 12); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.empty() ? "none" : names.size() > 12 ? text + ", ..." : text;
}

// "did you mean ...?" and the whole list.
std::string nearest(std::string_view name, const std::vector<std::string>& names, std::string_view which) {
  const std::string near = manifest::suggest(name, names);
  const std::string all = std::string(which) + ": " + list_of(names);
  return near.starts_with("did") ? near + " " + all : all;
}

const std::string* find_handler(const std::vector<std::string>& names) {
  const auto found = std::ranges::find_if(names, [](const std::string& name) {
    return name.starts_with(handler) && (name.size() == handler.size() || name[handler.size()] == '@');
  });
  return found == names.end() ? nullptr : &*found;
}

std::string text_of(const std::optional<component::ExternType>& type) {
  if (!type) return "nothing";
  const auto* func = std::get_if<const component::FuncType*>(&*type);
  if (func == nullptr) return std::string(component::describe(*type));
  wit::Block block;
  wit::Owners owners;
  wit::Scope scope(block, "", owners);
  wit::Budget budget{max_type_text};
  return wit::TypeText(scope, budget).function(**func, false);
}

}  // namespace

class Composer {
 public:
  Composer(const manifest::App& app, const manifest::Component& component, const ReadSource& read)
      : app_(app), component_(component), read_(read) {}

  Result<Composed> run(std::span<const Dependency> middleware) {
    TRY(auto root, read_(component_.source, "component " + component_.id));
    made_.name_ = root.name;
    if (component_.dependencies.empty() && middleware.empty()) {
      TRY(made_.bytes_, componentize::as_component(std::move(root.bytes), root.name));
      return std::move(made_);
    }
    TRY(auto part, part_of(std::move(root)));
    CHECK_OK(add_dependencies(part));
    for (component::Link& link : made_.wiring_.links) link.part = count();
    CHECK_OK(add(std::move(part)));
    for (std::size_t i = middleware.size(); i-- > 0;) CHECK_OK(add_middleware(middleware[i], i));
    std::vector<ast::Bytes> parts;
    for (const Composed::Part& each : made_.parts_) parts.push_back(each.binary.bytes);
    made_.bytes_ = std::make_shared<const std::vector<std::byte>>(component::write_composition(parts, made_.wiring_));
    return std::move(made_);
  }

 private:
  std::uint32_t count() const { return static_cast<std::uint32_t>(made_.parts_.size()); }

  Composed::Place place_of(const Dependency& dependency, std::string key) const {
    return {app_.file.string(), dependency.at, std::move(key)};
  }
  Composed::Place dependency_place(const Dependency& dependency) const {
    return place_of(dependency, manifest::join_key("component." + component_.id + ".dependencies", dependency.import));
  }
  std::unexpected<Error> refuse(const Composed::Place& place, std::string message, std::string remedy) const {
    return std::unexpected(made_.error_at(place, std::move(message), std::move(remedy)));
  }

  Result<Composed::Part> part_of(Binary binary) const {
    TRY(binary.bytes, componentize::as_component(std::move(binary.bytes), binary.name));
    auto decoded = component::decode(binary.bytes);
    if (!decoded) return std::unexpected(std::move(decoded).error().context(binary.name));
    Composed::Part part{.binary = std::move(binary), .imports = {}, .exports = {}};
    for (const ast::Definition& definition : (*decoded)->definitions) {
      if (const auto* import = std::get_if<ast::Import>(&definition.def)) part.imports.push_back(import->name.name);
      if (const auto* made = std::get_if<ast::Export>(&definition.def)) part.exports.push_back(made->name.name);
    }
    return part;
  }

  Result<void> add(Composed::Part part) {
    if (count() >= max_components) {
      return fail(Errc::limit, "component " + component_.id + " is composed of more than " +
                                   std::to_string(max_components) + " components: have one do what several do");
    }
    made_.parts_.push_back(std::move(part));
    return {};
  }

  Result<Composed::Part> read_part(const Dependency& dependency, const Composed::Place& place,
                                   const std::string& subject) const {
    const auto* named = std::get_if<manifest::ComponentSource>(&dependency.source);
    const manifest::Component* other = named == nullptr ? nullptr : app_.find_component(named->component);
    if (named != nullptr && other == nullptr) return fail(Errc::internal, "no component " + named->component);
    auto binary = read_(other == nullptr ? dependency.source : other->source, subject);
    if (binary) return part_of(*std::move(binary));
    std::string remedy = "name a component that exists";
    if (other != nullptr && other->build) remedy = "build it first: " + other->build->commands.front();
    return std::unexpected(
        Error(binary.error().code(), made_.error_at(place, binary.error().message(), std::move(remedy)).message()));
  }

  // What of the host the part that was added last does not get.
  void deny(const Dependency& dependency, const std::string& subject) {
    const Composed::Part& part = made_.parts_.back();
    for (const std::string& import : part.imports) {
      const auto linked = [&](const component::Link& link) {
        return link.part == count() - 1 && link.import == import;
      };
      if (std::ranges::any_of(made_.wiring_.links, linked)) continue;
      const auto lacking = denial_of(import, dependency.grants);
      if (!lacking) continue;
      made_.wiring_.denied.push_back({.part = count() - 1,
                                      .import = import,
                                      .reason = subject + " does not inherit it; to allow it: " + *lacking});
    }
  }

  Result<void> add_dependencies(const Composed::Part& root) {
    for (const Dependency& dependency : component_.dependencies) {
      const Composed::Place place = dependency_place(dependency);
      const auto matching = [&](const std::string& import) { return matches(dependency.import, import); };
      if (std::ranges::none_of(root.imports, matching)) {
        return refuse(place, root.binary.name + " imports nothing of the name " + dependency.import,
                      nearest(dependency.import, root.imports, "its imports"));
      }
      TRY(const std::uint32_t from, dependency_part(dependency, place));
      for (const std::string& import : root.imports) {
        if (matching(import)) CHECK_OK(link(dependency, place, import, from));
      }
    }
    return {};
  }

  // The same source with the same grants is one part.
  Result<std::uint32_t> dependency_part(const Dependency& dependency, const Composed::Place& place) {
    const std::string subject = "the dependency " + dependency.import + " of component " + component_.id;
    TRY(auto part, read_part(dependency, place, subject));
    std::vector<manifest::Grant> grants = dependency.grants;
    std::ranges::sort(grants);
    const auto duplicates = std::ranges::unique(grants);
    grants.erase(duplicates.begin(), duplicates.end());
    const auto [found, fresh] = parts_by_source_.emplace(std::pair(part.binary.name, grants), count());
    if (fresh) {
      CHECK_OK(add(std::move(part)));
      deny(dependency, subject);
    }
    return found->second;
  }

  Result<void> link(const Dependency& dependency, const Composed::Place& place, const std::string& import,
                    std::uint32_t from) {
    component::Wiring& wiring = made_.wiring_;
    const auto other = std::ranges::find(wiring.links, import, &component::Link::import);
    if (other != wiring.links.end()) {
      const auto& first = made_.link_places_[static_cast<std::size_t>(other - wiring.links.begin())];
      return refuse(
          place, manifest::compose("the import {} is served by {} (line {}) already", import, first.key, first.at.line),
          "remove one of them, or name the interfaces one by one");
    }
    const Composed::Part& part = made_.parts_[from];
    const std::string& wanted = dependency.export_name.empty() ? import : dependency.export_name;
    const std::string* given = find_export(part.exports, wanted);
    if (given == nullptr) {
      return refuse(place, part.binary.name + " exports no " + wanted + ", which " + made_.name_ + " imports",
                    nearest(wanted, part.exports, "its exports") +
                        (dependency.export_name.empty() ? "; another one is named by export = \"...\"" : ""));
    }
    wiring.links.push_back({.part = not_yet, .import = import, .from = from, .export_name = *given});
    made_.link_places_.push_back(place);
    return {};
  }

  // In front of the part that was added last.
  Result<void> add_middleware(const Dependency& dependency, std::size_t index) {
    const Composed::Place place =
        place_of(dependency, "trigger.http.dependencies.middleware[" + std::to_string(index) + "]");
    const std::string subject = "middleware " + std::to_string(index) + " of component " + component_.id;
    TRY(auto part, read_part(dependency, place, subject));
    const Composed::Part& behind = made_.parts_.back();
    const std::string* given = find_handler(behind.exports);
    if (given == nullptr) {
      return refuse(place, behind.binary.name + " does not export wasi:http/handler, which middleware calls",
                    "build it for WASI 0.3; its exports: " + list_of(behind.exports));
    }
    const std::string* wanted = find_handler(part.imports);
    const std::string* made = find_handler(part.exports);
    if (wanted == nullptr || made == nullptr) {
      return refuse(place, part.binary.name + " is no middleware: it must import and export wasi:http/handler",
                    "its imports: " + list_of(part.imports) + "\nits exports: " + list_of(part.exports));
    }
    if (component::import_track(*given) != component::import_track(*wanted)) {
      return refuse(place,
                    part.binary.name + " calls " + *wanted + ", and " + behind.binary.name + " exports " + *given,
                    "build both for the same version of WASI");
    }
    made_.wiring_.links.push_back({.part = count(), .import = *wanted, .from = count() - 1, .export_name = *given});
    made_.link_places_.push_back(place);
    CHECK_OK(add(std::move(part)));
    deny(dependency, subject);
    return {};
  }

  const manifest::App& app_;
  const manifest::Component& component_;
  const ReadSource& read_;
  Composed made_;
  std::map<std::pair<std::string, std::vector<manifest::Grant>>, std::uint32_t> parts_by_source_;
};

Result<Composed> compose(const manifest::App& app, const manifest::Component& component,
                         std::span<const Dependency> middleware, const ReadSource& read) {
  return Composer(app, component, read).run(middleware);
}

Error Composed::error_at(const Place& place, std::string message, std::string remedy) const {
  std::string text = manifest::format({.file = place.file,
                                       .line = place.at.line,
                                       .column = place.at.column,
                                       .key = place.key,
                                       .message = std::move(message),
                                       .remedy = std::move(remedy),
                                       .source_line = {}});
  while (text.ends_with('\n')) text.pop_back();
  return Error(Errc::invalid, std::move(text));
}

std::vector<std::string> Composed::links() const {
  std::vector<std::string> lines;
  for (const component::Link& link : wiring_.links) {
    const std::string as = link.export_name == link.import ? "" : link.export_name + " of ";
    lines.push_back(link.import + " of " + parts_[link.part].binary.name + ": " + as + parts_[link.from].binary.name);
  }
  return lines;
}

Error Composed::explain_link(const component::LinkFault& fault) const {
  const component::Link& link = wiring_.links[fault.link];
  const std::string& user = parts_[link.part].binary.name;
  const std::string& maker = parts_[link.from].binary.name;
  const std::string what = link.import + (fault.function.empty() ? "" : "#" + fault.function);
  return error_at(link_places_[fault.link],
                  maker + " exports another " + what + " than " + user +
                      " imports\n  imported: " + text_of(fault.wanted) + "\n  exported: " + text_of(fault.given),
                  "build both from the same WIT");
}

Error Composed::explain(Error error) const {
  if (!is_composition()) return error;
  // Where a part is at fault by itself, its offsets are those of its file.
  for (const Part& part : parts_) {
    auto decoded = component::decode(part.binary.bytes);
    if (!decoded) return std::move(decoded).error().context(part.binary.name);
    if (auto valid = component::validate(**decoded); !valid) return std::move(valid).error().context(part.binary.name);
  }
  auto decoded = component::decode(bytes_);
  if (!decoded) return error;
  const auto composition = component::read_composition(**decoded);
  if (!composition || !*composition) return error;
  component::LinkFault fault;
  if (auto valid = component::validate(**composition, &fault); !valid && fault.arena != nullptr)
    return explain_link(fault);
  // Who imports what nobody has.
  std::string asked;
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    for (const std::string& import : parts_[i].imports) {
      const auto is_it = [&](const auto& each) { return each.part == i && each.import == import; };
      if (std::ranges::any_of(wiring_.links, is_it) || std::ranges::any_of(wiring_.denied, is_it)) continue;
      if (error.message().find("needs " + import) == std::string::npos) continue;
      asked += "\n  " + import + " is imported by " + parts_[i].binary.name;
    }
  }
  return Error(error.code(), error.message() + asked);
}

}  // namespace weft::compose
