// What the commands that serve take from the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/up.h"

namespace weft::cli {

// Stays where it is once it is added to a command.
struct ServingOptions {
  UpOptions up;
  std::string tls_certificate, tls_key;
  double head_timeout_s = 15, body_timeout_s = 60, queue_timeout_s = 10;

  // `component_flags`: what names components to serve alone.
  void add_to(CLI::App& app, const char* component_flags = "--component-id");
  // After the command line is read.
  UpOptions finished() const;
};

}  // namespace weft::cli
