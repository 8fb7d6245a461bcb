#include "cli/key_value_stores.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "gaps/gaps.h"
#include "provider/memory_key_value.h"
#include "providers/redis/key_value.h"
#include "providers/sqlite/key_value.h"

namespace weft::cli {

namespace fs = std::filesystem;
using provider::KeyValueLinks;
using provider::KeyValueStore;

namespace {

// As in the reference: "KEY=VALUE", to which weft adds a label before the key.
struct Preset {
  std::shared_ptr<KeyValueStore> store;
  std::string key;
  provider::Bytes value;
};

Result<Preset> parse(std::string_view text, const KeyValueLinks& links) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return fail(Errc::invalid, "--key-value " + std::string(text) + ": expected KEY=VALUE, or LABEL:KEY=VALUE");
  }
  std::string_view key = text.substr(0, equals);
  auto linked = links.find(default_label);
  if (const std::size_t colon = key.find(':'); colon != std::string_view::npos) {
    // A key may have a colon itself.
    if (const auto labelled = links.find(key.substr(0, colon)); labelled != links.end()) {
      linked = labelled;
      key.remove_prefix(colon + 1);
    }
  }
  CHECK_OK(provider::check_key(key));
  const auto value = std::as_bytes(std::span(text.substr(equals + 1)));
  return Preset{linked->second, std::string(key), provider::Bytes(value.begin(), value.end())};
}

}  // namespace

Result<std::unique_ptr<KeyValueStores>> KeyValueStores::create(const std::optional<fs::path>& state_folder,
                                                               manifest::RuntimeConfig config) {
  std::unique_ptr<KeyValueStores> made(new KeyValueStores(state_folder, std::move(config)));
  CHECK_OK(made->open());
  return made;
}

Result<void> KeyValueStores::open() {
  if (state_folder_) {
    TRY(targets_, load_links(*state_folder_));
  }
  std::vector<std::string> labels{std::string(default_label)};
  for (const auto& store : config_.key_value_stores) {
    if (store.label != default_label) labels.push_back(store.label);
  }
  auto links = std::make_shared<KeyValueLinks>();
  std::string faults;
  for (const std::string& label : labels) {
    const auto target = targets_.find(label);
    auto store = make(label, target == targets_.end() ? std::string(configured_target) : target->second);
    if (!store) {
      faults += (faults.empty() ? "" : "\n") + store.error().message();
      continue;
    }
    const auto link = std::make_shared<provider::LinkedKeyValue>(store->store);
    current_.emplace(label, *std::move(store));
    linked_.emplace(label, link);
    links->emplace(label, link);
  }
  if (!faults.empty()) return fail(Errc::invalid, std::move(faults));
  links_ = std::move(links);
  return {};
}

KeyValueStores::~KeyValueStores() {
  retiring_.clear();
  for (const auto& [file, database] : databases_) database->stop();
  for (const auto& [label, store] : current_) {
    if (store.client != nullptr) store.client->stop();
  }
}

Result<KeyValueStores::Store> KeyValueStores::make(const std::string& label, const std::string& target) {
  if (target == configured_target) return configured(label);
  if (target.contains("://")) return in_redis(target);
  if (!fs::path(target).is_absolute()) {
    return fail(Errc::invalid, "the link of " + label + " is neither a URL nor an absolute path of a file");
  }
  return in_file(target, label);
}

Result<KeyValueStores::Store> KeyValueStores::configured(const std::string& label) {
  const auto store = std::ranges::find(config_.key_value_stores, label, &manifest::KeyValueStoreConfig::label);
  if (store == config_.key_value_stores.end()) {
    if (state_folder_) return in_file(*state_folder_ / "sqlite_key_value.db", label);
    return Store{std::make_shared<provider::MemoryKeyValue>(), nullptr};
  }
  const std::string where =
      config_.file.filename().string() + ":" + std::to_string(store->at.line) + ": key_value_store." + label;
  if (const auto* other = std::get_if<manifest::OtherKeyValueStore>(&store->store))
    return std::unexpected(gaps::refuse(gaps::Gap::key_value_types, where + " of type " + other->type));
  if (const auto* redis = std::get_if<manifest::RedisKeyValueStore>(&store->store)) {
    auto made = in_redis(redis->url.reveal());
    if (!made) return std::unexpected(std::move(made).error().context(where));
    return made;
  }
  const auto& spin = std::get<manifest::SpinKeyValueStore>(store->store);
  if (spin.path) return in_file(*spin.path, label);
  return Store{std::make_shared<provider::MemoryKeyValue>(), nullptr};
}

Result<KeyValueStores::Store> KeyValueStores::in_redis(const std::string& url) {
  TRY(auto address, provider::redis::Address::parse(url));
  const auto client = std::make_shared<provider::redis::Client>(std::move(address));
  return Store{std::make_shared<provider::redis::RedisKeyValue>(client), client};
}

KeyValueStores::Store KeyValueStores::in_file(const fs::path& file, const std::string& label) {
  auto& database = databases_[file.lexically_normal()];
  if (database == nullptr) {
    database = std::make_shared<provider::sqlite::Database>(provider::sqlite::OpenOptions{.path = file});
  }
  return Store{std::make_shared<provider::sqlite::SqliteKeyValue>(database, label), nullptr};
}

// Its threads are waited for elsewhere. A database stays: other labels may be in it.
void KeyValueStores::retire(Store store) {
  if (store.client != nullptr) retiring_.emplace_back([client = std::move(store.client)] { client->stop(); });
}

awaitable<Result<KeyValueStores::Put>> KeyValueStores::put(std::string label, std::string target,
                                                           provider::Existing existing) {
  const auto link = linked_.find(label);
  if (link == linked_.end()) co_return fail(Errc::not_found, "no key-value store has the label " + label);
  CO_TRY(Store next, make(label, target));
  LinkTargets targets = targets_;
  if (target == configured_target)
    targets.erase(label);
  else
    targets.insert_or_assign(label, target);
  const auto write = [&]() -> Result<void> {
    if (!state_folder_) return {};
    return save_links(*state_folder_, targets);
  };
  auto moved = co_await link->second->move_to(next.store, existing, write);
  if (!moved) {
    retire(std::move(next));
    co_return std::unexpected(std::move(moved).error());
  }
  targets_ = std::move(targets);
  Put done{.copied = *moved, .summary = next.store->summary(), .generation = link->second->generation()};
  retire(std::exchange(current_.find(label)->second, std::move(next)));
  co_return done;
}

Result<void> KeyValueStores::preset(const std::vector<std::string>& values) {
  if (values.empty()) return {};
  std::vector<Preset> presets;
  for (const std::string& text : values) {
    TRY(auto preset, parse(text, *links_));
    presets.push_back(std::move(preset));
  }
  Loop loop{1};
  Result<void> done;
  boost::asio::co_spawn(
      loop,
      [&]() -> awaitable<void> {
        for (Preset& preset : presets) {
          const std::string key = preset.key;
          done = co_await preset.store->set(std::move(preset.key), std::move(preset.value));
          if (!done) {
            done = std::unexpected(std::move(done).error().context("setting the key " + key));
            co_return;
          }
        }
      },
      [](std::exception_ptr failure) {
        if (failure != nullptr) std::rethrow_exception(failure);
      });
  loop.run();
  return done;
}

}  // namespace weft::cli
