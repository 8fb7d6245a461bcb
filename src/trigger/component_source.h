// Where a component's binary comes from.
#pragma once

#include <span>
#include <string>

#include "compose/compose.h"
#include "content/store.h"
#include "manifest/app.h"

namespace weft::trigger {

// The component, composed with its dependencies and with `middleware` (outermost first) in front of it. `folder` is the
// application's; `downloads` has what URLs name by their digests. Errors name the file or the URL, and for what is
// composed the line of the manifest. What comes from a registry is refused, and what comes from a URL if `downloads` is
// null.
Result<compose::Composed> read_component(const manifest::App& app, const manifest::Component& component,
                                         std::span<const manifest::Dependency> middleware, const content::Store& folder,
                                         const content::Store* downloads, content::Buffers* buffers = nullptr);

}  // namespace weft::trigger
