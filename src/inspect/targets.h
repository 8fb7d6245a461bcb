// Whether the components of an application fit the environments that its manifest names as `targets`.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "inspect/world.h"
#include "manifest/app.h"
#include "util/error.h"

namespace weft::inspect {

struct TargetFindings {
  // Each names file and line of the target, the component, and what of it does not fit; it may have several lines.
  std::vector<std::string> misfits;
  // What could not be looked at, because it is not on this machine.
  std::vector<std::string> unchecked;
};

// A component, composed with its dependencies.
using ReadFace = std::function<Result<Face>(const manifest::Component& component)>;

// Whether the application says that any of its components is for a target that is on this machine.
bool has_local_targets(const manifest::App& app);

// `components`: ids; empty: all that a trigger uses. A component's own targets take the place of the application's.
// What cannot be read is a misfit too.
TargetFindings check_targets(const manifest::App& app, std::span<const std::string> components, const ReadFace& read);

}  // namespace weft::inspect
