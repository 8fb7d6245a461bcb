#include "util/secret.h"

#include <cstring>

namespace weft {

void wipe(std::string& text) noexcept {
  // All of the buffer: bytes beyond the size may be left from a longer value.
  explicit_bzero(text.data(), text.capacity());
  text.clear();
}

}  // namespace weft
