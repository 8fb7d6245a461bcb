// The format of `.env` files.
//
//   # a comment
//   export NAME=value                 # the rest of the line; blanks around it do not count
//   NAME="two\nlines, $OTHER"         \\ \" \$ \n; $NAME and ${NAME} are replaced, as without quotes
//   NAME='as it is, $OTHER too'       quoted values may have several lines; quoted and plain parts may follow each
//   other
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "util/error.h"
#include "util/secret.h"

namespace weft::variables {

// A file written by hand.
inline constexpr std::size_t max_dotenv_bytes = 1 << 20;
// A name that is replaced many times makes much of little.
inline constexpr std::size_t max_dotenv_value_bytes = 1 << 20;

// Value of a variable of the environment; nullopt: there is none.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

// The entries in their order. `$NAME` is the environment's, else an earlier entry, else nothing. The error is
// "line 3: ..." and quotes nothing of the file.
Result<std::vector<std::pair<std::string, Secret>>> parse_dotenv(std::string_view text,
                                                                 const EnvironmentLookup& environment);

}  // namespace weft::variables
