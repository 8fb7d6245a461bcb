#include "cli/doctor.h"

#include <arpa/inet.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/application.h"
#include "cli/build.h"
#include "cli/targets.h"
#include "project/doctor.h"
#include "trigger/unserved.h"
#include "util/file_descriptor.h"
#include "util/open_beneath.h"
#include "wasm/page_reset.h"
#include "wit/names.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using project::Finding;

struct Options {
  std::string from = "spin.toml";
  std::uint16_t port = 3000;
  bool fix = false;
};

// Descriptors of a process that serves: each connection is one, and each file a guest opens.
constexpr rlim_t enough_descriptors = 4096;

void check_port(std::uint16_t port, std::vector<Finding>& findings) {
  const FileDescriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  findings.push_back(
      {.problem = "127.0.0.1:" + std::to_string(port) + " cannot be listened on: " + std::strerror(errno),
       .remedy = "end what listens there (ss -ltnp shows it), or use: weft up --listen 127.0.0.1:0"});
}

std::vector<Finding> examine_machine(std::uint16_t port) {
  std::vector<Finding> findings;
  if (auto beneath = check_open_beneath(); !beneath) {
    findings.push_back({.problem = beneath.error().message(),
                        .remedy = "use Linux 5.6 or newer, and allow openat2 in the container's seccomp profile"});
  }
  const std::string method = wasm::page_reset_method();
  if (method == "none") {
    findings.push_back({.problem = "/proc/self/pagemap cannot be read", .remedy = "mount /proc in the container"});
  } else if (method != "PAGEMAP_SCAN") {
    findings.push_back({.problem = "the kernel has no PAGEMAP_SCAN: instances are recycled more slowly",
                        .remedy = "use Linux 6.7 or newer (on Debian 12 that of bookworm-backports)"});
  }
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_max < enough_descriptors) {
    findings.push_back({.problem = "a process may have " + std::to_string(descriptors.rlim_max) + " open files",
                        .remedy = "raise the limit: ulimit -Hn 65536, or LimitNOFILE= of the systemd unit"});
  }
  if (!FileDescriptor(inotify_init1(IN_CLOEXEC))) {
    findings.push_back({.problem = std::string("files cannot be watched: ") + std::strerror(errno),
                        .remedy = "raise fs.inotify.max_user_instances (sysctl); `watch` needs it"});
  }
  check_port(port, findings);
  return findings;
}

// Tells a finding and repairs it if that is asked for. True when nothing of it is left.
bool treat(const Finding& finding, bool fix) {
  std::printf("problem: %s\n", finding.problem.c_str());
  if (!fix || !finding.fix) {
    std::printf("  remedy: %s%s\n", finding.remedy.c_str(), finding.fix ? " (--fix does it)" : "");
    return false;
  }
  auto fixed = finding.fix();
  if (fixed)
    std::printf("  fixed: %s\n", fixed->c_str());
  else
    std::printf("  not fixed: %s\n  remedy: %s\n", fixed.error().message().c_str(), finding.remedy.c_str());
  return fixed.has_value();
}

// What does not fit the targets that the manifest names; how much of it there is.
int tell_of_targets(const manifest::App& app) {
  std::vector<std::string> there;
  for (const manifest::Component& component : app.components) {
    const auto* local = std::get_if<manifest::LocalSource>(&component.source);
    std::error_code ignored;
    // That one is not built was told.
    if (local != nullptr && fs::exists(app.root / local->path, ignored)) there.push_back(component.id);
  }
  if (there.empty()) return 0;
  const inspect::TargetFindings found = find_misfits(app, there);
  for (const std::string& text : found.misfits) std::printf("problem: %s\n", wit::printable(text).c_str());
  for (const std::string& text : found.unchecked) std::printf("note: %s\n", wit::printable(text).c_str());
  return static_cast<int>(found.misfits.size());
}

// A repair changes the manifest, so what is found is looked for again after each.
bool treat_application(const Options& options, int& left) {
  constexpr int max_rounds = 16;
  for (int round = 0; round < max_rounds; ++round) {
    auto app = load_application(options.from);
    if (!app) return false;
    const auto build = [&app](const std::string& id) {
      return build_application(*app, {.components = {id}}, Targets::skip);
    };
    bool fixed = false;
    left = 0;
    for (const Finding& finding : project::examine(*app, build)) {
      if (options.fix && !finding.fix && round > 0) {
        ++left;  // told before
        continue;
      }
      if (!treat(finding, options.fix)) {
        ++left;
        continue;
      }
      fixed = true;
      break;
    }
    if (fixed) continue;
    for (const Error& refusal : trigger::unserved(*app)) {
      std::printf("problem: %s\n", refusal.message().c_str());
      ++left;
    }
    left += tell_of_targets(*app);
    return true;
  }
  return true;
}

int run(const Options& options) {
  int left = 0;
  std::error_code ignored;
  bool read = true;
  if (options.from != "spin.toml" || fs::exists("spin.toml", ignored))
    read = treat_application(options, left);
  else
    std::printf("There is no spin.toml here; only the machine is looked at\n");
  for (const Finding& finding : examine_machine(options.port)) left += treat(finding, options.fix) ? 0 : 1;
  if (!read) return exit_failed;
  if (left == 0) std::printf("Nothing is wrong\n");
  return left == 0 ? exit_done : exit_failed;
}

}  // namespace

Command doctor_command(CLI::App& program) {
  auto options = std::make_shared<Options>();
  CLI::App* app =
      program.add_subcommand("doctor", "Find what is wrong with an application and this machine, and how to repair it");
  app->add_option("-f,--from,--from-file,from", options->from, "A manifest, or a folder with a spin.toml")
      ->capture_default_str();
  app->add_flag("--fix", options->fix, "Repair what can be repaired: edits the manifest, adds Rust targets, builds");
  app->add_option("--port", options->port, "Port that is to be free")->capture_default_str();
  const std::string name = program.get_name();
  app->footer(
      "Looked at are the manifest's mistakes and version, renamed Rust targets, missing tools and targets, components "
      "that are not\n"
      "built or do not fit the targets, what weft does not serve, kernel features, limits, the port.\n\n"
      "Examples:\n  " +
      name + " doctor\n  " + name + " doctor -f shop/ --fix" + exit_codes_help +
      "\nA problem that is left is exit code 1.");
  return {app, [options] { return run(*options); }};
}

}  // namespace weft::cli
