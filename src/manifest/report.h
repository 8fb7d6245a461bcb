// Collects the diagnostics of one manifest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/value.h"

namespace weft::manifest {

// `text` must outlive the report. Diagnostics above max_diagnostics are counted as errors and dropped.
class Report {
 public:
  Report(std::string file, std::string_view text);

  void error(Location at, std::string key, std::string message, std::string remedy);
  void warning(Location at, std::string key, std::string message, std::string remedy);
  // Keeps the text of a line out of every diagnostic: it may hold a secret.
  void hide_line(std::uint32_t line) { hidden_.push_back(line); }
  bool failed() const { return failed_; }
  // True when there is an error and nothing more will be kept: looking further costs time and says nothing.
  bool full() const;
  // In the order of the file; those without a place first.
  std::vector<Diagnostic> take();

 private:
  void add(Severity severity, Location at, std::string key, std::string message, std::string remedy);

  std::string file_;
  std::vector<std::string_view> lines_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<std::uint32_t> hidden_;
  bool failed_ = false;
};

}  // namespace weft::manifest
