// wasi:filesystem/preopens as every version has it.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "bind/registry.h"
#include "wasi/descriptor.h"

namespace weft::wasi {

std::vector<std::tuple<bind::Own<Descriptor>, std::string>> get_directories(bind::Host host);

}  // namespace weft::wasi
