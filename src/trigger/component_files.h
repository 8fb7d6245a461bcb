// The files a component is given: its manifest's `files` and `allowed_paths`.
#pragma once

#include <memory>

#include "content/store.h"
#include "manifest/app.h"
#include "trigger/http_app.h"
#include "util/error.h"
#include "wasi/open_file.h"

namespace weft::trigger {

// Mounts a snapshot of `files` at the guest's root, read-only, and the directories of `allowed_paths` in place. Without
// either the component has no file system. The error has a diagnostic for each thing that is wrong.
Result<void> give_files(const manifest::App& app, const manifest::Component& component, const content::Store& store,
                        const std::shared_ptr<wasi::OpenFileLimit>& limit, ServedComponent& served);

}  // namespace weft::trigger
