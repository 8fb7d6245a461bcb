#include "component/canon_types.h"

#include "component/layout.h"

namespace weft::component {
namespace {

std::vector<CoreValType> to_core(const FlatTypes& flat) {
  std::vector<CoreValType> types;
  for (size_t i = 0; i < flat.count; ++i) types.emplace_back(flat.types[i]);
  return types;
}

std::vector<CoreValType> to_core(const FlatTypes& flat, size_t max) {
  if (flat.count > max) return {CoreValKind::i32};
  return to_core(flat);
}

}  // namespace

CoreFuncType flatten_functype(const FuncType& type, FlattenOptions options, CanonContext context) {
  const FlatTypes params = flatten(type.params);
  const FlatTypes results = type.result == nullptr ? FlatTypes{} : type.result->flat;
  CoreFuncType core;
  if (context == CanonContext::lift) {
    core.params = to_core(params, kMaxFlatParams);
    if (options.async) {
      if (options.callback) core.results = {CoreValKind::i32};
    } else {
      core.results = to_core(results, kMaxFlatResults);
    }
    return core;
  }
  core.params = to_core(params, options.async ? kMaxFlatAsyncParams : kMaxFlatParams);
  if (options.async) {
    if (results.count > 0) core.params.emplace_back(CoreValKind::i32);
    core.results = {CoreValKind::i32};
  } else if (results.count > kMaxFlatResults) {
    core.params.emplace_back(CoreValKind::i32);
  } else {
    core.results = to_core(results);
  }
  return core;
}

}  // namespace weft::component
