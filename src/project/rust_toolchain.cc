#include "project/rust_toolchain.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

#include "project/tools.h"
#include "util/process.h"

namespace weft::project {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view targets[] = {"wasm32-wasip1", "wasm32-wasip2"};
constexpr const char* wasi_libc = "/usr/lib/wasm32-wasi";

fs::path find_component_linker(const fs::path& sysroot) {
  std::error_code error;
  for (const auto& host : fs::directory_iterator(sysroot / "lib/rustlib", error)) {
    const fs::path linker = host.path() / "bin/wasm-component-ld";
    std::error_code ignored;
    if (fs::exists(linker, ignored)) return linker;
  }
  return find_program("wasm-component-ld");
}

fs::path find_module_linker() {
  for (const char* name : {"wasm-ld-19", "wasm-ld", "wasm-ld-22", "wasm-ld-21", "wasm-ld-20"}) {
    if (fs::path found = find_program(name); !found.empty()) return found;
  }
  return {};
}

// CARGO_TARGET_WASM32_WASIP1_LINKER
std::string cargo_variable(std::string_view target, std::string_view key) {
  std::string name = "CARGO_TARGET_" + std::string(target) + "_" + std::string(key);
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

void add(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  if (std::getenv(name.c_str()) == nullptr) environment.push_back(name + "=" + value);
}

// What rustc says of itself.
struct Answer {
  fs::path sysroot;  // empty: there is no rustc
  bool knows_wasm32_wasi = false;
};

Answer ask(const fs::path& folder) {
  auto said = run_program({"rustc", "--print", "sysroot", "--print", "target-list"}, {.folder = folder});
  if (!said || said->status != 0) return {};
  // rustup may report what it installs before; no target is a path.
  const std::string text = "\n" + said->output;
  const std::size_t sysroot = text.rfind("\n/");
  if (sysroot == std::string::npos) return {};
  return {.sysroot = text.substr(sysroot + 1, text.find('\n', sysroot + 1) - sysroot - 1),
          .knows_wasm32_wasi = text.find("\nwasm32-wasi\n") != std::string::npos};
}

void add_state(std::string& to, const fs::path& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  if (!error) to += file.string() + " " + std::to_string(time.time_since_epoch().count()) + "\n";
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Changes when another rustc would answer: where it is, and what rustup chooses by. It takes microseconds to look, and
// 50 ms to ask.
std::string choice_of(const fs::path& folder) {
  std::error_code ignored;
  std::string choice = variable("RUSTUP_TOOLCHAIN") + "\n";
  add_state(choice, fs::canonical(find_program("rustc"), ignored));
  const std::string home = variable("RUSTUP_HOME");
  add_state(choice, (home.empty() ? fs::path(variable("HOME")) / ".rustup" : fs::path(home)) / "settings.toml");
  fs::path at = fs::absolute(folder, ignored);
  for (;; at = at.parent_path()) {
    add_state(choice, at / "rust-toolchain");
    add_state(choice, at / "rust-toolchain.toml");
    if (at == at.parent_path()) return choice;
  }
}

}  // namespace

bool RustToolchain::has_std(std::string_view target) const {
  std::error_code ignored;
  return !sysroot.empty() && fs::exists(sysroot / "lib/rustlib" / target / "lib", ignored);
}

bool RustToolchain::can_build_std() const {
  std::error_code ignored;
  return !sysroot.empty() && !component_linker.empty() && !find_module_linker().empty() &&
         fs::exists(sysroot / "lib/rustlib/src/rust/library/Cargo.lock", ignored) &&
         fs::exists(fs::path(wasi_libc) / "libc.a", ignored);
}

RustToolchain find_rust(const fs::path& folder) {
  static std::mutex mutex;
  static std::map<fs::path, std::pair<std::string, Answer>> remembered;
  const std::lock_guard lock(mutex);
  auto& [choice, answer] = remembered[folder];
  if (std::string now = choice_of(folder); choice != now || answer.sysroot.empty()) {
    answer = ask(folder);
    choice = std::move(now);
  }
  RustToolchain rust;
  if (answer.sysroot.empty()) return rust;
  rust.sysroot = answer.sysroot;
  rust.knows_wasm32_wasi = answer.knows_wasm32_wasi;
  rust.component_linker = find_component_linker(rust.sysroot);
  return rust;
}

std::vector<std::string> cargo_environment(const RustToolchain& rust) {
  std::vector<std::string> environment;
  bool builds_std = false;
  for (const std::string_view target : targets) {
    const bool compiled = rust.has_std(target);
    if (!compiled && !rust.can_build_std()) continue;
    // Of wasip2 it is the linker already.
    if (!rust.component_linker.empty() && (!compiled || target == "wasm32-wasip1"))
      add(environment, cargo_variable(target, "LINKER"), rust.component_linker);
    if (compiled) continue;
    builds_std = true;
    add(environment, cargo_variable(target, "RUSTFLAGS"),
        "-C link-self-contained=no -C linker-flavor=wasm-ld -L " + std::string(wasi_libc) +
            " -C link-arg=--wasm-ld-path=" + find_module_linker().string());
  }
  if (builds_std) {
    add(environment, "RUSTC_BOOTSTRAP", "1");
    add(environment, "CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
  }
  return environment;
}

std::string rust_target_remedy(const RustToolchain& rust, std::string_view target) {
  if (rust.sysroot.empty()) return missing_tool_message("rustc");
  if (rust.has_std(target) || rust.can_build_std()) return "";
  // Rust of Debian is below /usr; rustup's is not.
  if (rust.sysroot != "/usr") return "rustup target add " + std::string(target);
  return "apt install rust-web-src rust-web-llvm wasi-libc lld-19";
}

}  // namespace weft::project
