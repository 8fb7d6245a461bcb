// Matching, resolving and printing of core extern types.
#include <algorithm>

#include "component/core_store.h"
#include "component/text.h"

namespace weft::component {
namespace {

// core spec, "Limits": what `k` of the validation rules is for memories of 64 KiB pages.
constexpr unsigned kMemoryBits32 = 32, kMemoryBits64 = 64;
// Tables of 64-bit index are limited by the JavaScript embedding and engines to 2^64-1, of 32-bit to 2^32-1.
constexpr uint64_t kMaxTable32 = 0xffffffff;

bool limits_match(const CoreLimits& actual, const CoreLimits& expected) {
  if (actual.min < expected.min) return false;
  return !expected.max || (actual.max && *actual.max <= *expected.max);
}

Result<void> mismatch(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

Result<void> check_order(const CoreLimits& limits) {
  if (limits.max && *limits.max < limits.min) return mismatch("size minimum must not be greater than maximum");
  return {};
}

std::string_view heap_name(CoreHeapKind kind) {
  constexpr std::string_view kNames[] = {"func",   "extern", "any", "none", "noextern", "nofunc", "eq",
                                         "struct", "array",  "i31", "exn",  "noexn",    "cont",   "nocont"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view index_type(const CoreLimits& limits) {
  return limits.is64 ? "i64" : "i32";
}

}  // namespace

std::string to_text(const CoreValType& type) {
  switch (type.kind) {
    case CoreValKind::i32:
      return "i32";
    case CoreValKind::i64:
      return "i64";
    case CoreValKind::f32:
      return "f32";
    case CoreValKind::f64:
      return "f64";
    case CoreValKind::v128:
      return "v128";
    case CoreValKind::ref:
      break;
  }
  const CoreHeapType& heap = type.ref.heap;
  if (heap.kind == CoreHeapKind::index) return cat("(ref ", type.ref.nullable ? "null " : "", heap.index, ")");
  if (type.ref.nullable && !heap.shared) return cat(heap_name(heap.kind), "ref");
  return cat("(ref ", type.ref.nullable ? "null " : "", heap.shared ? "shared " : "", heap_name(heap.kind), ")");
}

std::string to_text(const CoreFuncType& type) {
  std::string text = "(func";
  const auto list = [&](std::string_view what, const std::vector<CoreValType>& types) {
    if (types.empty()) return;
    text += cat(" (", what);
    for (const CoreValType& t : types) text += cat(" ", to_text(t));
    text += ")";
  };
  list("param", type.params);
  list("result", type.results);
  return text + ")";
}

std::string_view kind_name(const CoreExternType& type) {
  constexpr std::string_view kNames[] = {"func", "table", "memory", "global", "tag"};
  return kNames[type.index()];
}

Result<CoreValType> resolve(CoreValType type, std::span<const uint32_t> index_space) {
  if (type.kind == CoreValKind::ref && type.ref.heap.kind == CoreHeapKind::index) {
    uint32_t& index = type.ref.heap.index;
    if (index >= index_space.size()) return fail(Errc::invalid, "type index out of bounds");
    if (index_space[index] == CoreTypeStore::kNoType) {
      return fail(Errc::invalid, cat("type index ", index, " is a module type"));
    }
    index = index_space[index];
  }
  return type;
}

Result<CoreExternType> resolve(CoreExternType type, std::span<const uint32_t> index_space) {
  const auto resolve_index = [&](uint32_t& index) -> Result<void> {
    if (index >= index_space.size() || index_space[index] == CoreTypeStore::kNoType) {
      return fail(Errc::invalid, cat("unknown type ", index, ": type index out of bounds"));
    }
    index = index_space[index];
    return {};
  };
  if (auto* func = std::get_if<CoreFuncRef>(&type)) {
    CHECK_OK(resolve_index(func->type));
  } else if (auto* tag = std::get_if<CoreTagType>(&type)) {
    CHECK_OK(resolve_index(tag->type));
  } else if (auto* global = std::get_if<CoreGlobalType>(&type)) {
    TRY(global->type, resolve(global->type, index_space));
  } else if (auto* table = std::get_if<CoreTableType>(&type)) {
    TRY(const CoreValType element, resolve(CoreValType(table->element), index_space));
    table->element = element.ref;
  }
  return type;
}

Result<void> check_limits(const CoreExternType& type) {
  if (const auto* table = std::get_if<CoreTableType>(&type)) {
    CHECK_OK(check_order(table->limits));
    if (!table->limits.is64 && table->limits.min > kMaxTable32) return mismatch("table size too large");
    return {};
  }
  const auto* memory = std::get_if<CoreMemoryType>(&type);
  if (memory == nullptr) return {};
  CHECK_OK(check_order(memory->limits));
  const unsigned bits = (memory->limits.is64 ? kMemoryBits64 : kMemoryBits32) - memory->page_size_log2;
  const uint64_t max_pages = bits == 64 ? ~uint64_t{0} : uint64_t{1} << bits;
  if (std::max(memory->limits.min, memory->limits.max.value_or(0)) > max_pages) {
    return mismatch(cat("memory size must be at most ", max_pages, " pages"));
  }
  if (memory->limits.shared && !memory->limits.max) return mismatch("shared memory must have maximum size");
  return {};
}

Result<void> CoreTypeStore::match(const CoreExternType& actual, const CoreExternType& expected) const {
  if (actual.index() != expected.index()) {
    return mismatch(cat("type mismatch: expected ", kind_name(expected), ", found ", kind_name(actual)));
  }
  if (const auto* want = std::get_if<CoreFuncRef>(&expected)) {
    const auto& have = std::get<CoreFuncRef>(actual);
    if (is_subtype(have.type, want->type)) return {};
    const auto text = [&](uint32_t id) { return func(id) != nullptr ? to_text(*func(id)) : std::string("a non-func"); };
    return mismatch(cat("type mismatch: expected: ", text(want->type), ", found: ", text(have.type)));
  }
  if (const auto* want = std::get_if<CoreTagType>(&expected)) {
    // Tags match if their types are equal: the type is used both ways.
    if (std::get<CoreTagType>(actual).type == want->type) return {};
    return mismatch("type mismatch: the tags have different types");
  }
  if (const auto* want = std::get_if<CoreGlobalType>(&expected)) {
    const auto& have = std::get<CoreGlobalType>(actual);
    if (have.is_mutable != want->is_mutable) return mismatch("global types differ in mutability");
    if (have.shared != want->shared) return mismatch("global types differ in the shared flag");
    const bool same = want->is_mutable ? have.type == want->type : is_subtype(have.type, want->type);
    if (same) return {};
    return mismatch(cat("expected global type ", to_text(want->type), ", found ", to_text(have.type)));
  }
  if (const auto* want = std::get_if<CoreTableType>(&expected)) {
    const auto& have = std::get<CoreTableType>(actual);
    if (!(have.element == want->element)) {
      return mismatch(cat("expected table element type ", to_text(want->element), ", found ", to_text(have.element)));
    }
    if (have.limits.is64 != want->limits.is64) {
      return mismatch(cat("mismatch in index type used for tables: expected ", index_type(want->limits)));
    }
    if (have.limits.shared != want->limits.shared) return mismatch("mismatch in the shared flag for tables");
    if (!limits_match(have.limits, want->limits)) return mismatch("mismatch in table limits");
    return {};
  }
  const auto& want = std::get<CoreMemoryType>(expected);
  const auto& have = std::get<CoreMemoryType>(actual);
  if (have.limits.shared != want.limits.shared) return mismatch("mismatch in the shared flag for memories");
  if (have.limits.is64 != want.limits.is64) {
    return mismatch(cat("mismatch in index type used for memories: expected ", index_type(want.limits)));
  }
  if (have.page_size_log2 != want.page_size_log2) return mismatch("mismatch in page size for memories");
  if (!limits_match(have.limits, want.limits)) return mismatch("mismatch in memory limits");
  return {};
}

}  // namespace weft::component
