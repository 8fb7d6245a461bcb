#include "cli/access_log.h"

#include <chrono>

namespace weft::cli {
namespace {

// A path of a client's choice, as far as a line is readable.
constexpr std::size_t max_path_bytes = 512;

void append_printable(std::string& to, std::string_view text) {
  for (const char c : text) to += c > ' ' && c < 0x7f ? c : '?';
}

}  // namespace

std::string access_line(const trigger::Access& access) {
  const std::string_view target = access.request.path_with_query;
  const std::string_view path = target.substr(0, target.find('?'));
  std::string line;
  line.reserve(160);
  append_printable(line, access.request.method);
  line += ' ';
  append_printable(line, path.substr(0, max_path_bytes));
  if (path.size() > max_path_bytes) line += "...";
  line += ' ';
  line += access.status == 0 ? "-" : std::to_string(access.status);
  line += ' ' + std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(access.duration).count()) + "us";
  if (access.account != nullptr) {
    line += " cpu " + std::to_string(access.account->cpu_nanoseconds / 1000) + "us";
    line += " memory " + std::to_string(access.account->peak_memory_bytes / 1024) + "KiB";
    line += access.cold ? " cold" : " warm";
  }
  line.append(" from ").append(access.request.client_address);
  line += access.request.version_major == 2 ? " HTTP/2" : access.request.version_minor == 0 ? " HTTP/1.0" : " HTTP/1.1";
  return line;
}

}  // namespace weft::cli
