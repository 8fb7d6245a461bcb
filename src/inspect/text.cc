#include <algorithm>

#include "inspect/report.h"
#include "wit/names.h"

namespace weft::inspect {
namespace {

// Lines of one list; a component may have hundreds of thousands of imports.
constexpr std::size_t max_lines = 1000;

void section(std::string& out, const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out += "\n" + title + "\n";
  for (std::size_t i = 0; i < std::min(lines.size(), max_lines); ++i)
    out += lines[i].empty() ? "\n" : "  " + lines[i] + "\n";
  if (lines.size() > max_lines) out += "  and " + std::to_string(lines.size() - max_lines) + " more\n";
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string state_of(const Import& import) {
  switch (import.state) {
    case Import::State::offered:
      return "offered";
    case Import::State::partly:
      return "offered in part";
    case Import::State::lacking:
      return "not yet";
    case Import::State::mismatch:
      return "of another type";
    case Import::State::denied:
      return "denied: not inherited";
  }
  return "";
}

std::string left(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}
std::string right(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::vector<std::string> import_lines(const Report& report) {
  std::size_t width = 0;
  for (const Import& import : report.imports) width = std::max(width, import.name.size());
  width = std::min<std::size_t>(width, 60);
  std::vector<std::string> lines;
  for (const Import& import : report.imports) lines.push_back(left(import.name, width) + "  " + state_of(import));
  return lines;
}

std::vector<std::string> module_lines(const Report& report) {
  constexpr std::size_t number = 10, hash = 16;
  if (report.modules.empty()) return {};
  const auto row = [](const std::string& size, const std::string& code, const std::string& data,
                      const std::string& name, const std::string& cached) {
    return right(size, number) + "  " + right(code, number) + "  " + right(data, number) + "  " + left(name, hash) +
           "  " + cached;
  };
  std::vector<std::string> lines{row("bytes", "code", "data", "code hash", "compiled")};
  for (const Module& module : report.modules) {
    const char* cached = !module.is_needed   ? "not needed: it only passes calls on"
                         : !module.is_cached ? "unknown"
                         : *module.is_cached ? "in the cache"
                                             : "no";
    lines.push_back(row(std::to_string(module.size), std::to_string(module.code_size), std::to_string(module.data_size),
                        hex(std::span(module.code_hash).first(hash / 2)), cached));
  }
  return lines;
}

std::vector<std::string> producer_lines(const Report& report) {
  std::vector<std::string> lines;
  for (const auto& [field, values] : report.producers) {
    std::string line = field + ":";
    for (const auto& [name, version] : values)
      line += (line.ends_with(':') ? " " : ", ") + name + (version.empty() ? "" : " " + version);
    lines.push_back(wit::printable(line.substr(0, 2000)));
  }
  for (std::string& line : lines) std::ranges::replace(line, '\n', '?');
  return lines;
}

}  // namespace

std::string to_text(const Report& report) {
  std::string out = wit::printable(report.file) + ": a component of " + std::to_string(report.size) + " bytes with " +
                    std::to_string(report.modules.size()) + " core modules\n";
  if (report.lacks.empty() && report.fails_calling.empty()) {
    out += "It has all that it imports here.\n";
  } else if (!report.lacks.empty()) {
    std::vector<std::string> lines;
    for (const std::string& lack : report.lacks) {
      for (std::string& line : lines_of(lack)) lines.push_back(std::move(line));
    }
    section(out, "It does not run here:", lines);
  }
  if (!report.fails_calling.empty()) section(out, "It runs, but fails when it calls what it:", report.fails_calling);
  std::vector<std::string> links;
  for (const std::string& link : report.links) links.push_back(wit::printable(link));
  section(out, "Served by other components", links);
  section(out, "Imports", import_lines(report));
  section(out, "Exports", report.exports);
  section(out, "Core modules", module_lines(report));
  section(out, "Made by", producer_lines(report));
  section(out, "The least manifest it needs", lines_of(wit::printable(report.manifest.text)));
  out += "\nWIT\n";
  for (const std::string& line : lines_of(report.wit)) out += line.empty() ? "\n" : "  " + line + "\n";
  return out;
}

}  // namespace weft::inspect
