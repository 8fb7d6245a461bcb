// WIT text as a tree: what a file says, before names mean anything.
//
// Values; immutable once made. Types are shared, for a world may be included many times.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weft::wit_source {

// Where something stands. `file` is the number of a file that was read.
struct At {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
};

struct Type;
using TypeRef = std::shared_ptr<const Type>;

// A type as it is used.
struct Type {
  enum class Kind : std::uint8_t {
    primitive,  // `name` is "u32", "string", "error-context"
    name,       // of a type that is in scope
    list,
    fixed_list,
    map,
    tuple,
    option,
    result,  // arguments: ok, error; null for what there is not
    borrow,
    own,
    stream,
    future,
  };
  Kind kind = Kind::primitive;
  At at;
  std::string name = {};
  std::vector<TypeRef> arguments = {};
  std::uint32_t length = 0;  // of a fixed_list
};

// A field, a case, a label of an enum or of flags, or a parameter.
struct Field {
  std::string name;
  At at;
  TypeRef type = nullptr;  // null: it has none
};

struct Func {
  std::string name;  // "describe", "[method]counter.next", "[constructor]counter"
  At at;
  bool is_async = false;
  bool is_unstable = false;   // behind a feature gate: it may be missing
  std::vector<Field> params;  // with self of a method
  TypeRef result = nullptr;
};

struct TypeDef {
  enum class Kind : std::uint8_t { record, variant, enumeration, flags, alias, resource };
  Kind kind = Kind::alias;
  std::string name;
  At at;
  std::vector<Field> fields = {};
  TypeRef alias = nullptr;
};

// What names an interface or a world: "poll", or "wasi:io/poll@0.2.0".
struct Path {
  std::string package = {};  // "wasi:io"; empty: the one that it stands in
  std::string name;
  std::string version = {};
  At at;
};

// `use path.{name as alias}`
struct Use {
  Path from;
  std::string name;
  std::string alias;  // the name itself, where there is none
  At at;
};

// The content of an interface or world.
struct Body {
  std::vector<TypeDef> types;
  std::vector<Use> uses;
  std::vector<Func> funcs;
};

struct Interface {
  std::string name;
  At at;
  Body body;
};

struct WorldItem {
  bool is_import = true;
  bool is_unstable = false;
  At at;
  std::string name = {};                // a label; empty with a path
  std::variant<Path, Func, Body> what;  // with a label: a path is what it is an instance of
};

struct Include {
  Path world;
  std::vector<std::pair<std::string, std::string>> renamed;
  At at;
};

struct World {
  std::string name;
  At at;
  Body body;  // its own types
  std::vector<WorldItem> items;
  std::vector<Include> includes;
};

// `use path as name` outside of all interfaces.
struct TopUse {
  Path path;
  std::string alias;
};

// What one file, or one `package … { }` in it, adds to a package.
struct Part {
  std::string package;  // "wasi:io"; empty: the file does not say
  std::string version;
  At at;
  std::vector<Interface> interfaces;
  std::vector<World> worlds;
  std::vector<TopUse> uses;
};

}  // namespace weft::wit_source
