// Types, names and aliases of the abstract syntax of components: what definitions and type declarators share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "component/core_types.h"

namespace weft::component::ast {

struct Decl;

// sort and core:sort in one enumeration: every sort has its own index space.
enum class Sort : uint8_t {
  core_func,
  core_table,
  core_memory,
  core_global,
  core_tag,
  core_type,
  core_module,
  core_instance,
  func,
  value,
  type,
  component,
  instance
};
inline constexpr size_t kSortCount = 13;

struct SortIdx {
  Sort sort = Sort::func;
  uint32_t idx = 0;
};

// nameattributes: a name with the attributes that may accompany it.
struct ExternName {
  std::string name;
  std::optional<std::string> implements;      // an interfacename
  std::optional<std::string> version_suffix;  // gated: never set by decode() today
  std::optional<std::string> external_id;
};

enum class PrimValType : uint8_t {
  bool_,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  f32,
  f64,
  char_,
  string,
  error_context
};

using ValType = std::variant<PrimValType, uint32_t>;  // or a typeidx

struct LabelValType {
  std::string label;
  ValType type;
};

struct Case {
  std::string label;
  std::optional<ValType> type;
};

// clang-format off
struct Record  { std::vector<LabelValType> fields; };
struct Variant { std::vector<Case> cases; };
struct List    { ValType element; std::optional<uint32_t> length; };  // with a length: fixed-length list
struct Tuple   { std::vector<ValType> types; };
struct Flags   { std::vector<std::string> labels; };
struct Enum    { std::vector<std::string> labels; };
struct Option  { ValType type; };
struct ResultT { std::optional<ValType> ok, error; };
struct Own     { uint32_t type = 0; };
struct Borrow  { uint32_t type = 0; };
struct Stream  { std::optional<ValType> type; };
struct Future  { std::optional<ValType> type; };
struct Map     { ValType key, value; };
// clang-format on

struct FuncType {
  bool async = false;
  std::vector<LabelValType> params;
  std::optional<ValType> result;
};

struct ComponentType {
  std::vector<Decl> decls;
};

struct InstanceType {
  std::vector<Decl> decls;
};

struct ResourceType {
  CoreValType rep;
  std::optional<uint32_t> dtor;  // core:funcidx
};

// One definition of the type section (or a type declarator).
using DefType = std::variant<PrimValType, Record, Variant, List, Tuple, Flags, Enum, Option, ResultT, Own, Borrow,
                             Stream, Future, Map, FuncType, ComponentType, InstanceType, ResourceType>;

struct Type {
  DefType type;
};

// core:moduletype
struct CoreOuterAlias {
  uint32_t count = 0;
  uint32_t idx = 0;
};

struct CoreModuleType;
using CoreDefType = std::variant<CoreRecType, std::shared_ptr<const CoreModuleType>>;

// Adds one core type for each member of a recursion group.
struct CoreType {
  CoreDefType type;
};

struct CoreModuleDecl {
  size_t offset = 0;
  std::variant<CoreImport, CoreType, CoreOuterAlias, CoreExport> decl;
};

struct CoreModuleType {
  std::vector<CoreModuleDecl> decls;
};

struct TypeBound {
  std::optional<uint32_t> eq;  // absent: (sub resource)
};

// clang-format off
struct ExternModule    { uint32_t type = 0; };  // core:typeidx
struct ExternFunc      { uint32_t type = 0; };
struct ExternType      { TypeBound bound; };
struct ExternComponent { uint32_t type = 0; };
struct ExternInstance  { uint32_t type = 0; };
// clang-format on
using ExternDesc = std::variant<ExternModule, ExternFunc, ExternType, ExternComponent, ExternInstance>;

struct ExportAlias {
  uint32_t instance = 0;
  std::string name;
};

struct CoreExportAlias {
  uint32_t instance = 0;  // core:instanceidx
  std::string name;
};

struct OuterAlias {
  uint32_t count = 0;
  uint32_t idx = 0;
};

struct Alias {
  Sort sort = Sort::func;
  std::variant<ExportAlias, CoreExportAlias, OuterAlias> target;
};

// A declarator of a component or instance type. ExportDecl adds an index like an import does.
struct ImportDecl {
  ExternName name;
  ExternDesc type;
};

struct ExportDecl {
  ExternName name;
  ExternDesc type;
};

struct Decl {
  size_t offset = 0;
  std::variant<CoreType, Type, Alias, ImportDecl, ExportDecl> decl;
};

}  // namespace weft::component::ast
