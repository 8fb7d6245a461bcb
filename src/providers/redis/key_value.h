// A key-value store in a Redis database, with keys as they are: other programs, and Spin, see the same ones.
#pragma once

#include <memory>

#include "providers/redis/client.h"

namespace weft::provider::redis {

// How durable an answered change is, is the server's configuration (`appendfsync`).
class RedisKeyValue final : public KeyValueStore {
 public:
  explicit RedisKeyValue(std::shared_ptr<Client> client) : client_(std::move(client)) {}

  awaitable<Result<std::optional<Bytes>>> get(std::string key) override;
  awaitable<Result<void>> set(std::string key, Bytes value) override;
  awaitable<Result<void>> remove(std::string key) override;
  awaitable<Result<bool>> exists(std::string key) override;
  // SCAN: keys of all types, and some perhaps twice while others come and go.
  awaitable<Result<KeyPage>> list_keys(std::optional<std::string> cursor) override;
  awaitable<Result<FoundValues>> get_many(std::vector<std::string> keys) override;
  awaitable<Result<void>> set_many(KeyValues values) override;
  awaitable<Result<void>> remove_many(std::vector<std::string> keys) override;
  // Counters are Redis's own: decimal text.
  awaitable<Result<std::int64_t>> increment(std::string key, std::int64_t delta) override;
  awaitable<Result<bool>> swap(std::string key, Expected expected, Bytes value) override;
  awaitable<Result<void>> check() override;
  std::string summary() const override { return "Redis at " + client_->address().text(); }

 private:
  const std::shared_ptr<Client> client_;
};

}  // namespace weft::provider::redis
