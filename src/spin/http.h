// fermyon:spin/http of Spin 1: a whole request goes out, a whole response comes back.
#pragma once

#include <cstddef>

#include "bind/registry.h"

namespace weft::spin {

// Bytes of a response's body: the guest is given it in one piece, in its own memory.
inline constexpr std::size_t max_response_body_bytes = std::size_t{64} << 20;

void add_http(bind::Registry& registry);

}  // namespace weft::spin
