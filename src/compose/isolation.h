// What of the host a part of a composition gets by what it inherits of its dependant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/app.h"

namespace weft::compose {

// Why a part that inherits `grants` is denied the host's `import`: what it would have to inherit, as one may write it.
// nullopt: it is not, for it gives nothing away, is inherited, or is no interface that a host may have.
std::optional<std::string> denial_of(std::string_view import, std::span<const manifest::Grant> grants);

}  // namespace weft::compose
