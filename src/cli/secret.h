// `weft secret`: the secrets of an application on this machine.
#pragma once

#include <string>

namespace weft::cli {

struct SecretOptions {
  std::string from = "spin.toml";  // a manifest, or a folder with one
  std::string key;
  std::string file;  // holds the value; empty: it is read from standard input
};

// All return the exit code. No value is ever printed.
int secret_set(const SecretOptions& options);
int secret_list(const SecretOptions& options);
int secret_delete(const SecretOptions& options);

}  // namespace weft::cli
