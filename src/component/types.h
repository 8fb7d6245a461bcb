// The type graph that validation builds: fully resolved types with names, no indices.
//
// Nodes are immutable, live in a TypeArena and refer to each other by plain pointers. Two things make a node:
// structure and identity. Value types with the same `structure` number are equal types; nodes themselves are
// distinct for each definition, import or export, because "a type with a name of its own" (Explainer.md "External
// Visibility of Types") is a property of the definition. Resource types are equal if their ids are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "component/ast.h"
#include "component/core_module.h"

namespace weft::component {

// The identity of a resource type, unique in its arena.
enum class ResourceId : uint32_t {};

using ast::ExternName;
using ast::PrimValType;
struct ValueType;

// A resource type as named at one place. `alias_of` is the place it was named at before, if any.
struct ResourceType {
  ResourceId id{};
  const ResourceType* alias_of = nullptr;
};

struct Field {
  std::string label;
  const ValueType* type = nullptr;
};

// A case of a variant; no payload: nullptr.
struct Case {
  std::string label;
  const ValueType* type = nullptr;
};

// clang-format off
struct RecordType  { std::vector<Field> fields; };
struct VariantType { std::vector<Case> cases; };
struct ListType    { const ValueType* element = nullptr; std::optional<uint32_t> length; };
struct TupleType   { std::vector<const ValueType*> types; };
struct FlagsType   { std::vector<std::string> labels; };
struct EnumType    { std::vector<std::string> labels; };
struct OptionType  { const ValueType* type = nullptr; };
struct ResultType  { const ValueType* ok = nullptr; const ValueType* error = nullptr; };  // nullptr: none
struct OwnType     { const ResourceType* resource = nullptr; };
struct BorrowType  { const ResourceType* resource = nullptr; };
struct StreamType  { const ValueType* element = nullptr; };  // nullptr: none
struct FutureType  { const ValueType* element = nullptr; };  // nullptr: none
struct MapType     { const ValueType* key = nullptr; const ValueType* value = nullptr; };
// clang-format on

using ValueTypeShape = std::variant<PrimValType, RecordType, VariantType, ListType, TupleType, FlagsType, EnumType,
                                    OptionType, ResultType, OwnType, BorrowType, StreamType, FutureType, MapType>;

// Flattened core types (CanonicalABI.md "Flattening") for 32-bit memories, as far as they matter: more than
// MAX_FLAT_PARAMS are passed in memory anyway.
struct FlatTypes {
  static constexpr uint8_t kMax = 16;

  uint8_t count = 0;  // kMax + 1: more than kMax
  std::array<CoreValKind, kMax> types{};

  bool overflow() const { return count > kMax; }
  void push(CoreValKind kind);
  void append(const FlatTypes& other);
};

// A value type. Layout facts are computed once, with saturation.
struct ValueType {
  ValueTypeShape shape;
  uint32_t structure = 0;               // equal numbers: equal types (within one arena)
  const ValueType* alias_of = nullptr;  // the definition this import, export or alias renames
  uint16_t depth = 0;                   // nesting of type constructors
  bool contains_handle = false;         // own or borrow, at any depth
  bool contains_borrow = false;         // at any depth, elements of streams included
  bool contains_list = false;           // string, list or map: needs memory, and realloc to receive it
  uint8_t align64 = 1;                  // bytes, with 64-bit pointers
  uint64_t size64 = 0;                  // elem_size in bytes, with 64-bit pointers; saturated
  FlatTypes flat;
};

struct FuncType {
  bool async = false;
  std::vector<Field> params;
  const ValueType* result = nullptr;  // nullptr: none
  bool mentions_resources = false;    // filled by TypeArena, as in the types below
};

struct InstanceType;
struct ComponentType;

// What a type index can refer to.
using AnyType =
    std::variant<const ValueType*, const ResourceType*, const FuncType*, const InstanceType*, const ComponentType*>;

// A type import or export. `is_sub_resource`: declared (sub resource), else (eq …) of something earlier.
struct TypeItem {
  AnyType type;
  bool is_sub_resource = false;

  bool operator==(const TypeItem&) const = default;
};

using CoreExportMap = std::unordered_map<std::string, CoreExternType>;

// A core module type, and the type of a core module; indices within are ids of the arena's core types.
struct ModuleType {
  CoreModuleInterface interface;
  CoreExportMap exports_by_name;  // filled by TypeArena
};

using ExternType =
    std::variant<const ModuleType*, const FuncType*, TypeItem, const ComponentType*, const InstanceType*>;

struct ExternItem {
  ExternName name;
  ExternType type;
};

// Imports or exports in order, and by name (plain string equality).
class ExternItems {
 public:
  void add(ExternItem item);
  const ExternType* find(std::string_view name) const;  // nullptr if absent
  const std::vector<ExternItem>& items() const { return items_; }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  size_t size() const { return items_.size(); }

 private:
  std::vector<ExternItem> items_;
  std::unordered_map<std::string, uint32_t> by_name_;
};

struct InstanceType {
  ExternItems exports;
  // Resources that are fresh for each import or export of this type. Empty in the type of an actual instance.
  std::vector<ResourceId> resources;
  uint32_t size = 1;  // nodes of the tree this type stands for
  bool mentions_resources = false;
};

struct ComponentType {
  ExternItems imports;
  ExternItems exports;
  std::vector<ResourceId> imported_resources;  // in order of introduction by the imports
  std::vector<ResourceId> defined_resources;   // fresh for each instantiation
  uint32_t size = 1;
  bool mentions_resources = false;
};

// Number of fields, cases, labels or types that a shape lists.
size_t part_count(const ValueTypeShape& shape);

// "record", "u32", "own", ... and "func", "instance", ...
std::string_view describe(const ValueType& type);
std::string_view describe(const ExternType& type);
std::string_view prim_name(PrimValType type);

}  // namespace weft::component
