// A source of values for an application's variables: what a command line said, the environment, a file, a vault.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/error.h"
#include "util/pinned.h"
#include "util/secret.h"

namespace weft::provider {

// Thread-safe.
//
// Called while a request waits for the answer, on its loop: it answers from memory. A source across a network keeps a
// copy that it renews by itself, so that its slowness and its failures cost no request any time.
class VariablesProvider : Pinned {
 public:
  virtual ~VariablesProvider() = default;

  // What it is, for people: "the environment (SPIN_VARIABLE_*)".
  virtual std::string describe() const = 0;

  // The value of the application's variable `name`, or nullopt: the next source is asked. Any value may be a secret;
  // the error never contains one. An error ends the search: a source that is out of order does not let a weaker one
  // answer in its place.
  virtual Result<std::optional<Secret>> get(std::string_view name) const = 0;
};

}  // namespace weft::provider
