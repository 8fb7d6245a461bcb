// Value tree → TOML text.
#pragma once

#include <string>

#include "manifest/value.h"

namespace weft::manifest {

// A root table as a manifest is written by hand: simple keys first, then tables under headers; arrays of tables as
// [[name]]; tables inside arrays, and empty ones, inline. parse_document() gives the same tree back, but for locations
// and the order of simple keys and tables.
std::string write_toml(const Value& root);

}  // namespace weft::manifest
