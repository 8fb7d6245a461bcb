#include "providers/sqlite/key_value.h"

#include "provider/memory_key_value.h"

namespace weft::provider::sqlite {
namespace {

// A cursor is the last key of the page before it, after a mark that tells it from other stores' cursors.
constexpr char cursor_mark = '>';

Result<std::optional<Bytes>> find(Connection& connection, const std::string& label, const std::string& key,
                                  ResultBudget& budget) {
  Query query(connection, Sql::get);
  TRY(const bool found, query.bind(label).bind(key).step());
  CHECK_OK(budget.add(key.size() + key_overhead_bytes + (found ? query.size() : 0)));
  if (!found) return std::nullopt;
  return query.blob();
}

Result<void> change(Connection& connection, Sql which, const std::string& label, const std::string& key) {
  Query query(connection, which);
  TRY([[maybe_unused]] const bool row, query.bind(label).bind(key).step());
  return {};
}

Result<void> change(Connection& connection, Sql which, const std::string& label, const std::string& key,
                    const Bytes& value) {
  Query query(connection, which);
  TRY([[maybe_unused]] const bool row, query.bind(label).bind(key).bind(value).step());
  return {};
}

}  // namespace

awaitable<Result<std::optional<Bytes>>> SqliteKeyValue::get(std::string key) {
  return database_->read<std::optional<Bytes>>([label = label_, key = std::move(key)](Connection& connection) {
    ResultBudget budget;
    return find(connection, label, key, budget);
  });
}

awaitable<Result<void>> SqliteKeyValue::set(std::string key, Bytes value) {
  const std::size_t size = key.size() + value.size();
  return database_->write<void>(
      size, [label = label_, key = std::move(key), value = std::move(value)](Connection& connection) {
        return change(connection, Sql::set, label, key, value);
      });
}

awaitable<Result<void>> SqliteKeyValue::remove(std::string key) {
  const std::size_t size = key.size();
  return database_->write<void>(size, [label = label_, key = std::move(key)](Connection& connection) {
    return change(connection, Sql::remove, label, key);
  });
}

awaitable<Result<bool>> SqliteKeyValue::exists(std::string key) {
  return database_->read<bool>([label = label_, key = std::move(key)](Connection& connection) {
    return Query(connection, Sql::exists).bind(label).bind(key).step();
  });
}

awaitable<Result<KeyPage>> SqliteKeyValue::list_keys(std::optional<std::string> cursor) {
  if (cursor && !cursor->starts_with(cursor_mark)) co_return weft::fail(Errc::invalid, "not a cursor of this store");
  co_return co_await database_->read<KeyPage>(
      [label = label_, cursor = std::move(cursor)](Connection& connection) -> Result<KeyPage> {
        Query query(connection, cursor ? Sql::keys_after : Sql::first_keys);
        query.bind(label).bind(static_cast<std::int64_t>(max_page_keys + 1));
        if (cursor) query.bind(std::string_view(*cursor).substr(1));
        KeyPage page;
        for (;;) {
          TRY(const bool row, query.step());
          if (!row) return page;
          if (page.keys.size() == max_page_keys) {
            page.next = cursor_mark + page.keys.back();
            return page;
          }
          page.keys.push_back(query.text());
        }
      });
}

awaitable<Result<FoundValues>> SqliteKeyValue::get_many(std::vector<std::string> keys) {
  return database_->read<FoundValues>(
      [label = label_, keys = std::move(keys)](Connection& connection) -> Result<FoundValues> {
        // All from one moment.
        CHECK_OK(connection.execute(Sql::begin_read));
        auto found = [&]() -> Result<FoundValues> {
          FoundValues values;
          ResultBudget budget;
          for (const std::string& key : keys) {
            TRY(auto value, find(connection, label, key, budget));
            values.emplace_back(key, std::move(value));
          }
          return values;
        }();
        CHECK_OK(connection.execute(Sql::commit));
        return found;
      });
}

awaitable<Result<void>> SqliteKeyValue::set_many(KeyValues values) {
  std::size_t size = 0;
  for (const auto& [key, value] : values) size += key.size() + value.size();
  return database_->write<void>(size, [label = label_, values = std::move(values)](Connection& connection) {
    for (const auto& [key, value] : values) {
      if (auto done = change(connection, Sql::set, label, key, value); !done) return done;
    }
    return Result<void>();
  });
}

awaitable<Result<void>> SqliteKeyValue::remove_many(std::vector<std::string> keys) {
  std::size_t size = 0;
  for (const std::string& key : keys) size += key.size();
  return database_->write<void>(size, [label = label_, keys = std::move(keys)](Connection& connection) {
    for (const std::string& key : keys) {
      if (auto done = change(connection, Sql::remove, label, key); !done) return done;
    }
    return Result<void>();
  });
}

awaitable<Result<std::int64_t>> SqliteKeyValue::increment(std::string key, std::int64_t delta) {
  return database_->write<std::int64_t>(
      key.size(), [label = label_, key, delta](Connection& connection) -> Result<std::int64_t> {
        ResultBudget budget;
        TRY(const auto found, find(connection, label, key, budget));
        std::int64_t value = 0;
        if (found) {
          TRY(value, counter_value(*found));
        }
        TRY(value, counter_sum(value, delta));
        CHECK_OK(change(connection, Sql::set, label, key, counter_bytes(value, found ? &*found : nullptr)));
        return value;
      });
}

awaitable<Result<bool>> SqliteKeyValue::swap(std::string key, Expected expected, Bytes value) {
  const std::size_t size = key.size() + value.size();
  return database_->write<bool>(size,
                                [label = label_, key = std::move(key), expected = std::move(expected),
                                 value = std::move(value)](Connection& connection) -> Result<bool> {
                                  if (std::holds_alternative<Anything>(expected)) {
                                    CHECK_OK(change(connection, Sql::set, label, key, value));
                                    return true;
                                  }
                                  if (std::holds_alternative<Nothing>(expected)) {
                                    CHECK_OK(change(connection, Sql::add, label, key, value));
                                    return connection.changes() == 1;
                                  }
                                  Query query(connection, Sql::replace);
                                  TRY([[maybe_unused]] const bool row,
                                      query.bind(label).bind(key).bind(value).bind(std::get<Bytes>(expected)).step());
                                  return connection.changes() == 1;
                                });
}

awaitable<Result<void>> SqliteKeyValue::check() {
  return database_->write<void>(0, [](Connection&) { return Result<void>(); });
}

}  // namespace weft::provider::sqlite
