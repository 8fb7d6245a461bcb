// Finds what is wrong with an application before it is served, and repairs what can be repaired without asking.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "manifest/app.h"
#include "util/error.h"

namespace weft::project {

struct Finding {
  std::string problem;
  std::string remedy;  // what a person does about it
  // Does it; the result says what was done. Empty: only a person can.
  std::function<Result<std::string>()> fix = {};
};

// Of a manifest that loads. `build` builds one component, for the fix of one that is not built. The fixes refer to
// `app`.
std::vector<Finding> examine(const manifest::App& app, std::function<bool(const std::string& component)> build);

}  // namespace weft::project
