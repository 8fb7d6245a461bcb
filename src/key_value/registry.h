// Key-value stores for guests: fermyon:spin/key-value, unversioned and 2.0.0, spin:key-value@3.0.0, and
// wasi:keyvalue@0.2.0-draft2.
#pragma once

#include "bind/registry.h"

namespace weft::key_value {

void add_to_registry(bind::Registry& registry);

// Each registered by its own source.
void add_spin(bind::Registry& registry);
void add_spin1(bind::Registry& registry);
void add_spin3(bind::Registry& registry);
void add_wasi(bind::Registry& registry);

}  // namespace weft::key_value
