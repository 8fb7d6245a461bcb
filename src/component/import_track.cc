#include "component/import_track.h"

namespace weft::component {

std::string import_track(std::string_view interface) {
  const std::size_t at = interface.rfind('@');
  if (at == std::string_view::npos) return std::string(interface);
  std::string_view version = interface.substr(at + 1);
  if (version.find('-') != std::string_view::npos) return std::string(interface);
  version = version.substr(0, version.find('+'));
  // The first component that is not zero decides; only what follows it may differ.
  std::size_t end = 0;
  while (end < version.size()) {
    const std::size_t dot = version.find('.', end);
    const std::string_view part = version.substr(end, dot == std::string_view::npos ? dot : dot - end);
    end = dot == std::string_view::npos ? version.size() : dot;
    if (part != "0" || dot == std::string_view::npos) break;
    ++end;
  }
  return std::string(interface.substr(0, at + 1)) + std::string(version.substr(0, end));
}

}  // namespace weft::component
