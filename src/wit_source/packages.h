// The packages of a folder of WIT, and what names mean in them.
#pragma once

#include <deque>
#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "util/error.h"
#include "util/pinned.h"
#include "wit_source/syntax.h"

namespace weft::wit_source {

// Of one folder: files, bytes of all of them, and how often one name may lead to the next.
inline constexpr std::size_t max_files = 4096;
inline constexpr std::size_t max_bytes = std::size_t{32} << 20;
inline constexpr int max_hops = 100;
// Interfaces and functions of one world, with what it includes.
inline constexpr std::size_t max_world_items = 100'000;
inline constexpr std::size_t max_includes = 1'000;

struct Package {
  std::string name;     // "wasi:io"
  std::string version;  // "0.2.0"; empty: it has none
  std::deque<Interface> interfaces;
  std::deque<World> worlds;
  std::vector<TopUse> uses;

  std::string full_name(std::string_view item) const;  // "wasi:io/poll@0.2.0"
};

// The content of an interface, or of a world, in whose words types are named.
struct Scope {
  const Package* package = nullptr;
  const Body* body = nullptr;
  std::string owner;  // "wasi:io/poll@0.2.0"; of a world or an interface without a name of its own: that of the world
};

// A type, and the scope that defines it.
struct Definition {
  const TypeDef* type = nullptr;
  Scope scope;
};

// One import or export of a world, with all that the world includes.
struct FlatItem {
  At at;
  bool is_unstable = false;
  Scope scope;                 // the interface; of a function what its types are named in
  const Func* func = nullptr;  // null: it is an interface
};
struct FlatWorld {
  std::map<std::string, FlatItem> imports, exports;  // by their names in a component
};

// Immutable once made.
class Packages : Pinned {
 public:
  // `path`: one file, or a folder whose *.wit are one package; files and folders in deps/ are one each. Errors name
  // file and line.
  static Result<std::unique_ptr<Packages>> read(const std::filesystem::path& path);

  // That of the file or folder itself.
  const Package& main() const { return *main_; }
  // "FILE:LINE"; the file as it was found beneath the path.
  std::string place(At at) const;

  // The world `name` of the main package, or "ns:package/name@version"; empty: the only one that the main package has.
  Result<const World*> find_world(std::string_view name) const;
  // With everything that it includes, and, among its imports, the interfaces whose types it uses.
  Result<FlatWorld> flatten(const World& world) const;
  // The type that `name` means. `at`: where it stands, for the error.
  Result<Definition> find_type(const Scope& scope, std::string_view name, At at) const;
  // Whether every name in all packages means something.
  Result<void> check() const;

 private:
  struct Found {
    const Package* package = nullptr;
    const Interface* interface = nullptr;
    const World* world = nullptr;
  };
  Packages() = default;
  Result<void> add_file(const std::filesystem::path& path, std::vector<Part>& parts);
  Result<Package*> add_parts(std::vector<Part> parts, const std::filesystem::path& where);
  Result<void> add_part(Package& package, Part part);
  Result<Package*> add_folder(const std::filesystem::path& folder);
  Package& package(const std::string& name, const std::string& version);
  const Package* find_package(std::string_view name, std::string_view version) const;
  Result<Found> find(const Package& from, const Path& path) const;
  Result<Scope> interface_scope(const Package& from, const Path& path) const;
  Result<void> flatten(const Package& package, const World& world, FlatWorld& into, std::size_t& left) const;
  Result<void> add_used(const Scope& scope, FlatWorld& into) const;
  Result<void> check_type(const Scope& scope, const Type& type) const;
  Result<void> check_body(const Scope& scope) const;
  std::unexpected<Error> fault(At at, const std::string& message) const;

  std::filesystem::path root_;
  std::vector<std::string> files_;
  std::size_t bytes_ = 0;
  std::map<std::string, Package> packages_;  // by full name: "wasi:io@0.2.0"
  const Package* main_ = nullptr;
};

}  // namespace weft::wit_source
