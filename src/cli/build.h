// `weft build`: runs the build commands of an application.
#pragma once

#include "cli/command.h"
#include "manifest/app.h"
#include "project/builder.h"

namespace weft::cli {

Command build_command(CLI::App& program);

// Whether what was built is compared with the targets that the manifest names.
enum class Targets { check, skip };

// Builds and says on standard output what happens. False: it failed, or what was built does not fit its targets, and
// that is said too.
bool build_application(const manifest::App& app, const project::BuildOptions& options,
                       Targets targets = Targets::check);

// Says so on standard error if the last build of the application was with another profile.
void warn_of_other_profile(const manifest::App& app);

}  // namespace weft::cli
