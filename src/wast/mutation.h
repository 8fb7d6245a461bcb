// The same script in other clothes: free names changed, custom sections inserted. What it means stays, so whatever
// passes must pass again.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "wast/encoder.h"
#include "wast/renaming.h"

namespace weft::wast {

// For one script; belongs to one thread.
class Mutation {
 public:
  explicit Mutation(std::uint32_t seed) : random_(seed) {}

  Renaming& names() { return names_; }
  const Renaming& names() const { return names_; }

  // A module or component with changed names and additional custom sections. A malformed one keeps its names: it gets
  // a custom section after its preamble, if that is whole.
  std::vector<std::byte> binary(std::vector<std::byte> bytes);

 private:
  Renaming names_;
  std::mt19937 random_;
};

}  // namespace weft::wast
