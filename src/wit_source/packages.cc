#include "wit_source/packages.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "gaps/gaps.h"
#include "util/read_file.h"
#include "wit_source/parse.h"

namespace weft::wit_source {
namespace {

namespace fs = std::filesystem;

std::string with_version(std::string name, std::string_view version) {
  return version.empty() ? name : std::move(name) + "@" + std::string(version);
}

// In order, so that messages are the same everywhere.
Result<std::vector<fs::path>> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (found.size() == max_files)
      return fail(Errc::limit, folder.string() + " has more than " + std::to_string(max_files) + " files");
    found.push_back(at->path());
  }
  if (error) return std::unexpected(Error::from_errno(folder.string(), error.value()));
  std::ranges::sort(found);
  return found;
}

bool is_folder(const fs::path& path) {
  std::error_code none;
  return fs::is_directory(path, none);
}

}  // namespace

std::string Package::full_name(std::string_view item) const {
  return with_version(name + "/" + std::string(item), version);
}

std::string Packages::place(At at) const {
  return files_.at(at.file) + ":" + std::to_string(at.line);
}

std::unexpected<Error> Packages::fault(At at, const std::string& message) const {
  return fail(Errc::invalid, place(at) + ": " + message);
}

Result<std::unique_ptr<Packages>> Packages::read(const fs::path& path) {
  std::unique_ptr<Packages> made(new Packages());
  if (!is_folder(path)) {
    std::vector<Part> parts;
    CHECK_OK(made->add_file(path, parts));
    TRY(made->main_, made->add_parts(std::move(parts), path));
    CHECK_OK(made->check());
    return made;
  }
  // Dependencies first: what is wrong with them is not the fault of who uses them.
  if (const fs::path deps = path / "deps"; is_folder(deps)) {
    TRY(const auto entries, entries_of(deps));
    for (const fs::path& entry : entries) {
      if (is_folder(entry)) {
        CHECK_OK(made->add_folder(entry));
      } else if (entry.extension() == ".wit") {
        std::vector<Part> parts;
        CHECK_OK(made->add_file(entry, parts));
        CHECK_OK(made->add_parts(std::move(parts), entry));
      } else if (entry.extension() == ".wasm") {
        return std::unexpected(gaps::refuse(gaps::Gap::wit_binary_packages, entry.string()));
      }
    }
  }
  TRY(made->main_, made->add_folder(path));
  CHECK_OK(made->check());
  return made;
}

Result<void> Packages::add_file(const fs::path& path, std::vector<Part>& parts) {
  if (files_.size() == max_files) return fail(Errc::limit, "more than " + std::to_string(max_files) + " files of WIT");
  TRY(const std::string text, read_file(path, max_bytes - bytes_));
  bytes_ += text.size();
  const auto number = static_cast<std::uint32_t>(files_.size());
  files_.push_back(path.string());
  auto parsed = parse(text, number);
  if (!parsed) {
    // "line 3: …"
    std::string message = parsed.error().message();
    constexpr std::string_view line = "line ";
    if (message.starts_with(line)) message = path.string() + ":" + message.substr(line.size());
    return fail(parsed.error().code(), std::move(message));
  }
  std::ranges::move(*parsed, std::back_inserter(parts));
  return {};
}

Result<Package*> Packages::add_folder(const fs::path& folder) {
  TRY(const auto entries, entries_of(folder));
  std::vector<Part> parts;
  for (const fs::path& entry : entries) {
    if (entry.extension() == ".wit" && !is_folder(entry)) CHECK_OK(add_file(entry, parts));
  }
  return add_parts(std::move(parts), folder);
}

Package& Packages::package(const std::string& name, const std::string& version) {
  const auto [place, is_new] = packages_.try_emplace(with_version(name, version));
  if (is_new) {
    place->second.name = name;
    place->second.version = version;
  }
  return place->second;
}

// Parts without a package belong to the one that a part beside them names.
Result<Package*> Packages::add_parts(std::vector<Part> parts, const fs::path& where) {
  const Part* named = nullptr;
  Package* of_file = nullptr;
  for (const Part& part : parts) {
    const bool is_file = &part == parts.data() || part.at.file != (&part - 1)->at.file;
    if (!is_file || part.package.empty()) continue;
    if (named != nullptr && (part.package != named->package || part.version != named->version))
      return fault(part.at, "package " + with_version(part.package, part.version) + ", and " + place(named->at) +
                                " beside it is of " + with_version(named->package, named->version));
    named = &part;
  }
  if (named != nullptr) of_file = &package(named->package, named->version);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part& part = parts[i];
    const bool is_file = i == 0 || part.at.file != parts[i - 1].at.file;
    const bool is_empty = part.interfaces.empty() && part.worlds.empty() && part.uses.empty();
    if (is_file && part.package.empty() && of_file == nullptr) {
      if (is_empty) continue;
      return fault(part.at, "nothing says which package this is: begin a file with `package namespace:name;`");
    }
    Package& owner = is_file ? *of_file : package(part.package, part.version);
    if (of_file == nullptr) of_file = &owner;
    CHECK_OK(add_part(owner, std::move(part)));
  }
  if (of_file == nullptr)
    return fail(Errc::not_found, where.string() + " has no WIT: files named *.wit, with a package");
  return of_file;
}

Result<void> Packages::add_part(Package& package, Part part) {
  const auto is_taken = [&](const std::string& name) {
    return std::ranges::find(package.interfaces, name, &Interface::name) != package.interfaces.end() ||
           std::ranges::find(package.worlds, name, &World::name) != package.worlds.end();
  };
  for (Interface& each : part.interfaces) {
    if (is_taken(each.name)) return fault(each.at, "the package has another " + each.name);
    package.interfaces.push_back(std::move(each));
  }
  for (World& each : part.worlds) {
    if (is_taken(each.name)) return fault(each.at, "the package has another " + each.name);
    package.worlds.push_back(std::move(each));
  }
  std::ranges::move(part.uses, std::back_inserter(package.uses));
  return {};
}

const Package* Packages::find_package(std::string_view name, std::string_view version) const {
  const auto exact = packages_.find(with_version(std::string(name), version));
  return exact == packages_.end() ? nullptr : &exact->second;
}

Result<Packages::Found> Packages::find(const Package& from, const Path& path) const {
  const Package* package = &from;
  std::string name = path.name;
  if (!path.package.empty()) {
    package = find_package(path.package, path.version);
    if (package == nullptr) {
      std::string versions;
      for (const auto& [full, each] : packages_) {
        if (each.name == path.package) versions += (versions.empty() ? "" : ", ") + full;
      }
      return fault(path.at, "there is no package " + with_version(path.package, path.version) +
                                (versions.empty() ? ": put it in deps/" : "; there is " + versions));
    }
  }
  const auto named = [&](const auto& each) { return each.name == name; };
  if (const auto found = std::ranges::find_if(package->interfaces, named); found != package->interfaces.end())
    return Found{.package = package, .interface = &*found, .world = nullptr};
  if (const auto found = std::ranges::find_if(package->worlds, named); found != package->worlds.end())
    return Found{.package = package, .interface = nullptr, .world = &*found};
  if (path.package.empty()) {
    const auto is_it = [&](const TopUse& use) { return use.alias == name && use.path.at.file == path.at.file; };
    const auto use = std::ranges::find_if(from.uses, is_it);
    // One that names itself leads nowhere.
    if (use != from.uses.end() && (!use->path.package.empty() || use->path.name != name)) return find(from, use->path);
  }
  return fault(path.at,
               "package " + with_version(package->name, package->version) + " has no interface or world " + name);
}

Result<Scope> Packages::interface_scope(const Package& from, const Path& path) const {
  TRY(const Found found, find(from, path));
  if (found.interface == nullptr) return fault(path.at, path.name + " is a world, not an interface");
  return Scope{.package = found.package,
               .body = &found.interface->body,
               .owner = found.package->full_name(found.interface->name)};
}

Result<const World*> Packages::find_world(std::string_view name) const {
  std::string worlds;
  const Package* package = main_;
  std::string_view wanted = name;
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
    const auto at = name.find('@');
    package = find_package(name.substr(0, slash), at == std::string_view::npos ? "" : name.substr(at + 1));
    wanted = name.substr(slash + 1, at == std::string_view::npos ? at : at - slash - 1);
    if (package == nullptr) return fail(Errc::not_found, "there is no package " + std::string(name.substr(0, slash)));
  }
  for (const World& world : package->worlds) {
    if (world.name == wanted) return &world;
    worlds += (worlds.empty() ? "" : ", ") + world.name;
  }
  const std::string of = "package " + with_version(package->name, package->version);
  if (wanted.empty() && package->worlds.size() == 1) return &package->worlds.front();
  if (worlds.empty()) return fail(Errc::not_found, of + " has no world");
  if (wanted.empty()) return fail(Errc::invalid, of + " has several worlds: " + worlds + "; name one with --world");
  return fail(Errc::not_found, of + " has no world " + std::string(wanted) + "; there is " + worlds);
}

Result<Definition> Packages::find_type(const Scope& scope, std::string_view name, At at) const {
  Scope now = scope;
  std::string wanted(name);
  for (int hops = 0; hops < max_hops; ++hops) {
    const auto& types = now.body->types;
    if (const auto found = std::ranges::find(types, wanted, &TypeDef::name); found != types.end()) {
      // A type that is but another name.
      if (found->kind != TypeDef::Kind::alias || found->alias->kind != Type::Kind::name)
        return Definition{.type = &*found, .scope = std::move(now)};
      at = found->alias->at;
      wanted = found->alias->name;
      continue;
    }
    const auto use = std::ranges::find(now.body->uses, wanted, &Use::alias);
    if (use == now.body->uses.end()) return fault(at, now.owner + " has no type " + wanted);
    at = use->at;
    wanted = use->name;
    TRY(now, interface_scope(*now.package, use->from));
  }
  return fault(at, "the type " + std::string(name) + " is defined by itself");
}

// ---- worlds ----

Result<FlatWorld> Packages::flatten(const World& world) const {
  FlatWorld made;
  const auto owner = std::ranges::find_if(packages_, [&](const auto& each) {
    return std::ranges::any_of(each.second.worlds, [&](const World& one) { return &one == &world; });
  });
  std::size_t left = max_includes;
  CHECK_OK(flatten(owner->second, world, made, left));
  // What the types of an interface are of is there too.
  const FlatWorld direct = made;
  for (const auto* items : {&direct.imports, &direct.exports}) {
    for (const auto& [name, item] : *items) CHECK_OK(add_used(item.scope, made));
  }
  return made;
}

Result<void> Packages::flatten(const Package& package, const World& world, FlatWorld& into, std::size_t& left) const {
  if (left-- == 0)
    return fault(world.at, "the world includes itself, or more than " + std::to_string(max_includes) + " others");
  const Scope own{.package = &package, .body = &world.body, .owner = package.full_name(world.name)};
  const auto add = [&](bool is_import, std::string name, FlatItem item) -> Result<void> {
    if (into.imports.size() + into.exports.size() == max_world_items)
      return fault(item.at, "the world has more than " + std::to_string(max_world_items) + " items");
    (is_import ? into.imports : into.exports).try_emplace(std::move(name), std::move(item));
    return {};
  };
  for (const WorldItem& each : world.items) {
    FlatItem item{.at = each.at, .is_unstable = each.is_unstable, .scope = own, .func = std::get_if<Func>(&each.what)};
    std::string name = each.name;
    if (const auto* path = std::get_if<Path>(&each.what)) {
      TRY(item.scope, interface_scope(package, *path));
      if (name.empty()) name = item.scope.owner;
    } else if (const auto* body = std::get_if<Body>(&each.what)) {
      item.scope.body = body;
    }
    CHECK_OK(add(each.is_import, std::move(name), std::move(item)));
  }
  CHECK_OK(add_used(own, into));
  for (const Include& include : world.includes) {
    TRY(const Found found, find(package, include.world));
    if (found.world == nullptr) return fault(include.at, include.world.name + " is an interface, not a world");
    FlatWorld included;
    CHECK_OK(flatten(*found.package, *found.world, included, left));
    for (const bool is_import : {true, false}) {
      for (auto& [name, item] : is_import ? included.imports : included.exports) {
        const auto renamed = std::ranges::find(include.renamed, name, &std::pair<std::string, std::string>::first);
        CHECK_OK(add(is_import, renamed == include.renamed.end() ? name : renamed->second, std::move(item)));
      }
    }
  }
  return {};
}

// The interfaces whose types `scope` uses, and what those use.
Result<void> Packages::add_used(const Scope& scope, FlatWorld& into) const {
  std::vector<Scope> todo{scope};
  while (!todo.empty()) {
    const Scope now = std::move(todo.back());
    todo.pop_back();
    for (const Use& use : now.body->uses) {
      TRY(Scope used, interface_scope(*now.package, use.from));
      const bool is_new = into.imports.try_emplace(used.owner, FlatItem{.at = use.at, .scope = used}).second;
      if (is_new) todo.push_back(std::move(used));
    }
  }
  return {};
}

// ---- whether names mean anything ----

Result<void> Packages::check_type(const Scope& scope, const Type& type) const {
  if (type.kind == Type::Kind::name) {
    TRY(const Definition unused, find_type(scope, type.name, type.at));
  }
  if (type.kind == Type::Kind::borrow || type.kind == Type::Kind::own) {
    TRY(const Definition found, find_type(scope, type.name, type.at));
    if (found.type->kind != TypeDef::Kind::resource) return fault(type.at, type.name + " is no resource");
  }
  for (const TypeRef& argument : type.arguments) {
    if (argument != nullptr) CHECK_OK(check_type(scope, *argument));
  }
  return {};
}

Result<void> Packages::check_body(const Scope& scope) const {
  const auto check_all = [&](const std::vector<Field>& fields) -> Result<void> {
    for (const Field& field : fields) {
      if (field.type != nullptr) CHECK_OK(check_type(scope, *field.type));
    }
    return {};
  };
  for (const Use& use : scope.body->uses) {
    TRY(const Definition unused, find_type(scope, use.alias, use.at));
  }
  for (const TypeDef& type : scope.body->types) {
    CHECK_OK(check_all(type.fields));
    if (type.alias != nullptr) CHECK_OK(check_type(scope, *type.alias));
  }
  for (const Func& func : scope.body->funcs) {
    CHECK_OK(check_all(func.params));
    if (func.result != nullptr) CHECK_OK(check_type(scope, *func.result));
  }
  return {};
}

Result<void> Packages::check() const {
  for (const auto& [name, package] : packages_) {
    for (const Interface& each : package.interfaces)
      CHECK_OK(check_body({.package = &package, .body = &each.body, .owner = package.full_name(each.name)}));
    for (const World& each : package.worlds) {
      const std::string owner = package.full_name(each.name);
      CHECK_OK(check_body({.package = &package, .body = &each.body, .owner = owner}));
      for (const WorldItem& item : each.items) {
        if (const auto* body = std::get_if<Body>(&item.what))
          CHECK_OK(check_body({.package = &package, .body = body, .owner = owner}));
      }
    }
  }
  return {};
}

}  // namespace weft::wit_source
