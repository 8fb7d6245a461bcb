// `weft gaps`: the list of what weft refuses by name.
#pragma once

namespace weft::cli {

// Returns the exit code.
int gaps(bool as_json);

}  // namespace weft::cli
