// The folders of a manifest that are served without a component.
#pragma once

#include <memory>

#include "manifest/app.h"
#include "static_files/site.h"
#include "util/error.h"

namespace weft::trigger {

// Null for a trigger without `static_files`. The error is a diagnostic with its place in the manifest.
Result<std::shared_ptr<const static_files::Site>> open_site(
    const manifest::App& app, const manifest::Trigger& trigger,
    const std::shared_ptr<static_files::PreparedStore>& prepared);

}  // namespace weft::trigger
