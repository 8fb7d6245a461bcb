// Base of everything that has an identity: neither copied nor moved.
#pragma once

namespace weft {

class Pinned {
 public:
  Pinned() = default;
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 protected:
  ~Pinned() = default;
};

}  // namespace weft
