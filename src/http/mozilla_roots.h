// Mozilla's list of authorities as it was when the program was built, for machines that have none or another.
#pragma once

#include <string_view>

namespace weft::http {

// Certificates in PEM; lives as long as the program. Read only when it is asked for: it takes no memory before.
std::string_view mozilla_roots();

}  // namespace weft::http
