// Where a component's binary comes from.
#pragma once

#include <string>

#include "content/store.h"
#include "manifest/app.h"

namespace weft::trigger {

struct ComponentBinary {
  content::Bytes bytes;
  std::string name;  // for messages: the file or the URL
};

// `folder` is the application's; `downloads` has what URLs name by their digests. Errors name the file or the URL.
// What comes from a registry is refused, and what comes from a URL if `downloads` is null.
Result<ComponentBinary> read_component(const manifest::App& app, const manifest::Component& component,
                                       const content::Store& folder, const content::Store* downloads);

}  // namespace weft::trigger
