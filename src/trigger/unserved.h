// What an application asks for in its manifest that `weft up` does not do.
#pragma once

#include <vector>

#include "manifest/app.h"
#include "util/error.h"

namespace weft::trigger {

// A refusal for each thing, with its place in the manifest. Unused components are left out.
std::vector<Error> unserved(const manifest::App& app);

}  // namespace weft::trigger
