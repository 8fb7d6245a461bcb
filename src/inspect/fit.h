// Whether a component fits a world that is written in WIT: it imports nothing that the world does not, exports all that
// the world does, and every function of both has the same type.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "component/types.h"
#include "inspect/world.h"
#include "util/error.h"
#include "wit_source/packages.h"

namespace weft::inspect {

// Of one component and one world.
inline constexpr std::size_t max_differences = 100;

struct Difference {
  std::string subject;  // "export weft:values/echo@1.2.0#users"
  std::string detail;   // "parameter user: field age: the world has u8, the component u16"
  std::string place;    // where the world says so, "wit/values.wit:12"; empty: nowhere
};

// "<subject>: <detail> (<place>)"
std::string to_string(const Difference& difference);

// All of them, up to max_differences. Interfaces of compatible versions are the same; what is behind a feature gate may
// be missing. Errors are those of the world.
Result<std::vector<Difference>> differences(const component::ComponentType& component,
                                            const wit_source::Packages& packages, const wit_source::World& world);
// The same of a component, or of a composition: of what its parts import, that which no other part gives.
Result<std::vector<Difference>> differences(const Face& face, const wit_source::Packages& packages,
                                            const wit_source::World& world);

}  // namespace weft::inspect
