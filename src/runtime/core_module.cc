#include "runtime/core_module.h"

#include <map>
#include <mutex>

namespace weft::runtime {
namespace {

// The hashes of code that this process has seen, by its mark: who edits a JavaScript application leaves 10 MB of code
// as they were, at every save. Bounded: it begins anew when it is full.
class KnownHashes {
 public:
  template <class Make>
  Sha256 get(const ContentMark& mark, const Make& make) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = hashes_.find(mark); known != hashes_.end()) return known->second;
    }
    const Sha256 hash = make();
    const std::lock_guard lock(mutex_);
    if (hashes_.size() >= max_known) hashes_.clear();
    hashes_.emplace(mark, hash);
    return hash;
  }

 private:
  static constexpr std::size_t max_known = 4096;
  std::mutex mutex_;
  std::map<ContentMark, Sha256> hashes_;  // guarded by mutex_
};

}  // namespace

Sha256 code_hash(const wasm::SeparatedModule& module) {
  Sha256Stream hash;
  for (const auto piece : module.pieces) hash.add(piece);
  return hash.finish();
}

const ContentMark& CoreModule::shape_mark() {
  if (!shape_mark_) {
    const auto shape = separated().shape();
    // With the places, so that no other module has the same bytes in another meaning.
    shape_mark_ = joint_mark({content_mark(shape.pieces), content_mark(std::as_bytes(std::span(shape.places)))});
  }
  return *shape_mark_;
}

const ContentMark& CoreModule::code_mark() {
  if (!code_mark_) {
    std::vector<std::uint64_t> sizes;
    for (const auto constant : separated().constants) sizes.push_back(constant.size());
    code_mark_ =
        joint_mark({shape_mark(), content_mark(separated().constants), content_mark(std::as_bytes(std::span(sizes)))});
  }
  return *code_mark_;
}

const wasm::SeparatedModule& CoreModule::separated() {
  if (!separated_) separated_ = wasm::separate(wasm_);
  return *separated_;
}

const Sha256& CoreModule::code_hash() {
  static KnownHashes known;
  if (!code_hash_) {
    const wasm::SeparatedModule& module = separated();
    const auto hash = [&] { return runtime::code_hash(module); };
    code_hash_ = module.code_size() < code_worth_a_mark ? hash() : known.get(code_mark(), hash);
  }
  return *code_hash_;
}

}  // namespace weft::runtime
