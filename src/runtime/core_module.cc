#include "runtime/core_module.h"

namespace weft::runtime {

Sha256 code_hash(const wasm::SeparatedModule& module) {
  Sha256Stream hash;
  for (const auto piece : module.pieces) hash.add(piece);
  return hash.finish();
}

const wasm::SeparatedModule& CoreModule::separated() {
  if (!separated_) separated_ = wasm::separate(wasm_);
  return *separated_;
}

const Sha256& CoreModule::code_hash() {
  if (!code_hash_) code_hash_ = runtime::code_hash(separated());
  return *code_hash_;
}

}  // namespace weft::runtime
