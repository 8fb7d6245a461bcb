// The targets of a manifest: what of an application does not fit them, read and said.
#pragma once

#include <string>
#include <vector>

#include "inspect/targets.h"
#include "manifest/app.h"

namespace weft::cli {

// `components`: ids; empty: all. Components are as they are on this machine now, composed with their dependencies.
inspect::TargetFindings find_misfits(const manifest::App& app, const std::vector<std::string>& components);

// Says on standard error what was found. False: something does not fit.
bool check_targets(const manifest::App& app, const std::vector<std::string>& components);

// Says it as warnings: what is served here runs here, wherever it was meant to.
void warn_of_targets(const manifest::App& app);

}  // namespace weft::cli
