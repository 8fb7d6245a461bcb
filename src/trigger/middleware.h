// The middleware of triggers, as something that components have.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "manifest/app.h"

namespace weft::trigger {

// By component, outermost first; components without any are not there.
using MiddlewareByComponent = std::map<std::string, std::vector<manifest::Dependency>, std::less<>>;

// What stands in front of each component. Where several triggers call one component, a trigger with middleware gets a
// component of its own, `NAME-for-TRIGGER`, as in Spin; what no trigger calls any more is not used.
MiddlewareByComponent separate_middleware(manifest::App& app);

// Of one component.
std::span<const manifest::Dependency> middleware_of(const MiddlewareByComponent& middleware,
                                                    const manifest::Component& component);

}  // namespace weft::trigger
