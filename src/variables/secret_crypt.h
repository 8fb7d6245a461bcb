// The bytes of the secret store: a table of secrets, authenticated and encrypted. See the README of this folder.
#pragma once

#include <string>
#include <string_view>

#include "util/error.h"
#include "variables/fixed.h"
#include "variables/secret_store.h"

namespace weft::variables {

// With a new nonce each time.
Result<std::string> seal(const Table& values, const SecretKey& key);
// Errc::invalid: not such a file, damaged, or sealed with another key.
Result<Table> unseal(std::string_view file, const SecretKey& key);

}  // namespace weft::variables
