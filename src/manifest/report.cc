#include "manifest/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "manifest/load.h"
#include "manifest/text.h"

namespace weft::manifest {

Report::Report(std::string file, std::string_view text) : file_(std::move(file)) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    lines_.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Report::error(Location at, std::string key, std::string message, std::string remedy) {
  failed_ = true;
  add(Severity::error, at, std::move(key), std::move(message), std::move(remedy));
}

void Report::warning(Location at, std::string key, std::string message, std::string remedy) {
  add(Severity::warning, at, std::move(key), std::move(message), std::move(remedy));
}

void Report::add(Severity severity, Location at, std::string key, std::string message, std::string remedy) {
  // An error is never pushed out by warnings.
  if (diagnostics_.size() >= max_diagnostics) {
    auto warning = std::ranges::find(diagnostics_, Severity::warning, &Diagnostic::severity);
    if (severity == Severity::warning || warning == diagnostics_.end()) return;
    diagnostics_.erase(warning);
  }
  Diagnostic diagnostic{.severity = severity,
                        .file = file_,
                        .line = at.line,
                        .column = at.column,
                        .key = std::move(key),
                        .message = std::move(message),
                        .remedy = std::move(remedy),
                        .source_line = {}};
  if (at.line > 0 && at.line <= lines_.size()) diagnostic.source_line = lines_[at.line - 1];
  diagnostics_.push_back(std::move(diagnostic));
}

bool Report::full() const {
  return failed_ && diagnostics_.size() >= max_diagnostics;
}

std::vector<Diagnostic> Report::take() {
  for (Diagnostic& diagnostic : diagnostics_) {
    if (contains(hidden_, diagnostic.line)) diagnostic.source_line.clear();
  }
  std::ranges::sort(diagnostics_, {}, [](const Diagnostic& d) {
    return std::tuple<std::uint32_t, std::uint32_t, const std::string&>(d.line, d.column, d.key);
  });
  return std::exchange(diagnostics_, {});
}

}  // namespace weft::manifest
