#include "cli/run_options.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace weft::cli {

void add_to(CLI::App& app, RunOptions& options) {
  app.add_option("-e,--env", options.environment,
                 "NAME=VALUE for the command's environment, or NAME: as it is here; repeatable")
      ->allow_extra_args(false);
  app.add_option("--dir", options.folders,
                 "HOST[::GUEST][:ro]: a folder it may use, under the name GUEST; :ro: it may only read; repeatable")
      ->allow_extra_args(false);
  app.add_option("--allow-outbound-hosts", options.outbound,
                 "SCHEME://HOST[:PORT] that it may reach, as in a manifest: https://api.example.com, "
                 "tcp://10.0.0.0/8:5432; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--allow-listen", options.listen,
                 "Address of this machine where it may wait for connections or datagrams: tcp://127.0.0.1:8080, "
                 "tcp://127.0.0.1:*; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--timeout", options.timeout_s, "Seconds after which it is ended; no limit by default")
      ->check(CLI::PositiveNumber);
  app.add_option("--max-memory", options.max_memory_bytes, "Bytes of memory it may have, as in 64MiB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--max-disk", options.max_disk_bytes,
                 "Bytes it may write to its folders; each new name counts as 4096")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--cache-dir", options.code.cache_folder, "Folder for compiled code")
      ->envname("WEFT_CACHE_DIR")
      ->capture_default_str();
  app.add_flag("--no-cache", options.code.no_cache, "Compile anew and keep nothing");
}

runtime::RunLimits limits_of(const RunOptions& options) {
  runtime::RunLimits limits;
  limits.store.memory_bytes = options.max_memory_bytes;
  limits.store.total_memory_bytes = options.max_memory_bytes;
  limits.cpu = runtime::RunLimits::unlimited;
  limits.wall = runtime::RunLimits::unlimited;
  if (options.timeout_s > 0) limits.wall = std::chrono::nanoseconds(static_cast<std::int64_t>(options.timeout_s * 1e9));
  return limits;
}

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
