#include "cli/run_options.h"

#include <cstdlib>
#include <filesystem>

namespace weft::cli {

Result<FolderGrant> read_folder_grant(std::string_view text) {
  const std::string_view written = text;
  FolderGrant grant;
  constexpr std::string_view read_only = ":ro";
  if (text.ends_with(read_only)) {
    grant.writable = false;
    text.remove_suffix(read_only.size());
  }
  const std::size_t split = text.find("::");
  grant.host = text.substr(0, split);
  grant.guest = split == std::string_view::npos ? grant.host : text.substr(split + 2);
  if (grant.host.empty() || grant.guest.empty()) {
    return fail(Errc::invalid, "--dir " + std::string(written) +
                                   ": expected HOST, HOST::GUEST, and :ro behind it to read only, for example "
                                   "data::/data:ro");
  }
  return grant;
}

Result<std::optional<std::pair<std::string, std::string>>> read_variable(const std::string& text) {
  using Variable = std::pair<std::string, std::string>;
  const std::size_t equals = text.find('=');
  if (equals == 0 || text.empty()) return fail(Errc::invalid, "--env " + text + ": expected NAME=VALUE or NAME");
  if (equals != std::string::npos) return Variable{text.substr(0, equals), text.substr(equals + 1)};
  const char* value = std::getenv(text.c_str());
  if (value == nullptr) return std::nullopt;
  return Variable{text, value};
}

Result<wasi::WasiSetup> wasi_setup(const RunOptions& options) {
  wasi::WasiSetup setup;
  setup.arguments = options.command;
  setup.arguments.front() = std::filesystem::path(setup.arguments.front()).filename();
  setup.disk_bytes = options.max_disk_bytes;
  for (const std::string& text : options.environment) {
    TRY(auto variable, read_variable(text));
    if (!variable) continue;
    std::erase_if(setup.environment, [&](const auto& earlier) { return earlier.first == variable->first; });
    setup.environment.push_back(*std::move(variable));
  }
  setup.mounts = wasi::Mounts(wasi::OpenFileLimit::of_process());
  for (const std::string& text : options.folders) {
    TRY(auto grant, read_folder_grant(text));
    auto added = setup.mounts.add(grant.host, std::move(grant.guest), grant.writable);
    if (!added) return std::unexpected(std::move(added).error().context("--dir " + text));
  }
  return setup;
}

}  // namespace weft::cli
