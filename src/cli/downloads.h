// What components come from URLs, kept for this user.
#pragma once

#include <memory>

#include "content/store.h"

namespace weft::cli {

// Tells on standard error what is being downloaded, and how far it is if that is a terminal.
std::unique_ptr<const content::Store> open_downloads();

}  // namespace weft::cli
