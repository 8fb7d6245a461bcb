// The key-value store of one label in a database file.
#pragma once

#include <memory>

#include "providers/sqlite/database.h"

namespace weft::provider::sqlite {

class SqliteKeyValue final : public KeyValueStore {
 public:
  // `label` is what the rows of this store have in their column `store`. Several labels may share a database.
  SqliteKeyValue(std::shared_ptr<Database> database, std::string label)
      : database_(std::move(database)), label_(std::move(label)) {}

  awaitable<Result<std::optional<Bytes>>> get(std::string key) override;
  awaitable<Result<void>> set(std::string key, Bytes value) override;
  awaitable<Result<void>> remove(std::string key) override;
  awaitable<Result<bool>> exists(std::string key) override;
  awaitable<Result<KeyPage>> list_keys(std::optional<std::string> cursor) override;
  awaitable<Result<FoundValues>> get_many(std::vector<std::string> keys) override;
  awaitable<Result<void>> set_many(KeyValues values) override;
  awaitable<Result<void>> remove_many(std::vector<std::string> keys) override;
  // New counters are 8 bytes, least significant first, as Spin keeps them.
  awaitable<Result<std::int64_t>> increment(std::string key, std::int64_t delta) override;
  awaitable<Result<bool>> swap(std::string key, Expected expected, Bytes value) override;
  awaitable<Result<void>> check() override;
  std::string summary() const override { return "\"" + database_->path().string() + "\""; }

 private:
  const std::shared_ptr<Database> database_;
  const std::string label_;
};

}  // namespace weft::provider::sqlite
