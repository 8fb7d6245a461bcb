// The key-value stores of an application served on this machine, and the links from its labels to them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/link_file.h"
#include "manifest/runtime_config.h"
#include "provider/linked_key_value.h"
#include "providers/redis/client.h"
#include "providers/sqlite/database.h"

namespace weft::cli {

// The label that every application has, as in other hosts.
inline constexpr std::string_view default_label = "default";
// The target of a link to what the runtime configuration says, or the default.
inline constexpr std::string_view configured_target = "configured";

// Owns the stores and the threads they have. Outlives the loops' running, and goes before the loops.
class KeyValueStores : Pinned {
 public:
  // The stores of `config`, and the default one if it has none of that label: a file in `state_folder`, or without one
  // in memory. What was linked otherwise by put() is linked so again. Nothing is opened yet. The error has a line for
  // each store that cannot be had.
  static Result<std::unique_ptr<KeyValueStores>> create(const std::optional<std::filesystem::path>& state_folder,
                                                        manifest::RuntimeConfig config);
  ~KeyValueStores();

  // By label. The map stays the same while the application is served.
  const std::shared_ptr<const provider::KeyValueLinks>& links() const { return links_; }

  const std::map<std::string, std::shared_ptr<provider::LinkedKeyValue>, std::less<>>& linked() const {
    return linked_;
  }

  // Sets values before anything is served: each "KEY=VALUE", or "LABEL:KEY=VALUE" with a label that there is.
  Result<void> preset(const std::vector<std::string>& values);

  struct Put {
    std::size_t copied = 0;  // keys
    std::string summary;     // of the new store
    std::uint64_t generation = 0;
  };
  // Links `label` to `target` while it is used: a Redis URL, a file for SQLite, or "configured". Written to the state
  // folder, so that it is so after a restart. On one loop, one call at a time.
  awaitable<Result<Put>> put(std::string label, std::string target, provider::Existing existing);

 private:
  struct Store {
    std::shared_ptr<provider::KeyValueStore> store;
    std::shared_ptr<provider::redis::Client> client;  // of a Redis store
  };
  KeyValueStores(std::optional<std::filesystem::path> state_folder, manifest::RuntimeConfig config)
      : state_folder_(std::move(state_folder)), config_(std::move(config)) {}
  Result<void> open();
  Result<Store> make(const std::string& label, const std::string& target);
  Result<Store> configured(const std::string& label);
  Result<Store> in_redis(const std::string& url);
  Store in_file(const std::filesystem::path& file, const std::string& label);
  void retire(Store store);

  const std::optional<std::filesystem::path> state_folder_;
  const manifest::RuntimeConfig config_;
  LinkTargets targets_;  // of those that put() changed
  std::map<std::string, std::shared_ptr<provider::LinkedKeyValue>, std::less<>> linked_;
  std::map<std::string, Store, std::less<>> current_;
  std::map<std::filesystem::path, std::shared_ptr<provider::sqlite::Database>> databases_;
  std::vector<std::jthread> retiring_;
  std::shared_ptr<const provider::KeyValueLinks> links_;
};

}  // namespace weft::cli
