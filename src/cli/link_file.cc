#include "cli/link_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <span>

#include "util/file_descriptor.h"
#include "util/read_file.h"
#include "util/write_all.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr const char* file_name = "links.json";
constexpr int version = 1;
// A few labels with their targets.
constexpr std::size_t max_file_bytes = 1 << 20;

}  // namespace

Result<LinkTargets> load_links(const fs::path& folder) {
  const fs::path path = folder / file_name;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return LinkTargets();
  TRY(const std::string text, read_file(path, max_file_bytes));
  const json root = json::parse(text, nullptr, false);
  LinkTargets links;
  if (root.is_object() && root.value("weft_links", json()) == version && root.contains("key_value") &&
      root["key_value"].is_object()) {
    for (const auto& [label, target] : root["key_value"].items()) {
      if (!target.is_string()) return fail(Errc::invalid, path.string() + ": the target of " + label + " is no text");
      links.emplace(label, target.get<std::string>());
    }
    return links;
  }
  return fail(Errc::invalid, path.string() + " is not a file of links, version " + std::to_string(version) +
                                 ": remove it, and each label has the store of the configuration");
}

Result<void> save_links(const fs::path& folder, const LinkTargets& links) {
  const std::string text = json{{"weft_links", version}, {"key_value", links}}.dump(2) + "\n";
  const fs::path path = folder / file_name;
  const fs::path made = folder / (std::string(file_name) + ".new");
  const FileDescriptor file(open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return std::unexpected(Error::from_errno("writing " + made.string(), errno));
  if (!write_all(file.get(), std::as_bytes(std::span(text))))
    return std::unexpected(Error::from_errno("writing " + made.string(), errno));
  const FileDescriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fsync(file.get()) != 0 || rename(made.c_str(), path.c_str()) != 0 || fsync(directory.get()) != 0)
    return std::unexpected(Error::from_errno("writing " + path.string(), errno));
  return {};
}

}  // namespace weft::cli
