// One connection to a database file, and the statements of a key-value store in it.
//
// The file is laid out as Spin does, so that either program can go on with the other's:
//   spin_key_value(store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))
//
// One thread. Every call may wait for the disk.
#pragma once

#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "provider/key_value.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::provider::sqlite {

enum class Sql {
  begin_read,
  begin_write,
  commit,
  rollback,
  get,         // store, key → value
  exists,      // store, key
  set,         // store, key, value
  add,         // store, key, value: nothing when there is one
  replace,     // store, key, value, expected value
  remove,      // store, key
  first_keys,  // store, count → keys
  keys_after,  // store, count, key → keys
  count,       // not a statement
};

struct OpenOptions {
  std::filesystem::path path;
  std::string vfs = {};  // the layer below SQLite; empty: the system's
  // Pages of the log that make a commit copy it into the database. Copying syncs twice and delays that commit.
  int checkpoint_pages = 4000;  // 16 MiB
};

class Connection : Pinned {
 public:
  // Makes the file, its folder and the table where they are missing. Every commit is synced (write-ahead log and
  // synchronous=FULL; where the file system has no shared memory, a rollback journal and synchronous=EXTRA).
  static Result<std::unique_ptr<Connection>> open(const OpenOptions& options);

  // The first failure of a statement since the last call: what the transaction did cannot be relied on.
  std::optional<Error> take_failure() { return std::exchange(failure_, std::nullopt); }
  // Rows that the last statement changed.
  int changes() const { return sqlite3_changes(database_.get()); }
  Result<void> execute(Sql which);
  // Whether a transaction is open.
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

 private:
  friend class Query;
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Result<void> set_up(const OpenOptions& options);
  Result<void> run(const char* sql);
  Error error(std::string_view what);

  std::unique_ptr<sqlite3, Close> database_;
  std::array<std::unique_ptr<sqlite3_stmt, Finalize>, static_cast<std::size_t>(Sql::count)> statements_;
  std::optional<Error> failure_;
};

// One use of a statement. What is bound is borrowed until the query goes.
class Query : Pinned {
 public:
  Query(Connection& connection, Sql which);
  ~Query();
  Query& bind(std::string_view text);
  Query& bind(const Bytes& blob);
  Query& bind(std::int64_t number);
  // True: there is a row. False: there is no further one.
  Result<bool> step();
  // Of the row's first column.
  std::string text() const;
  Bytes blob() const;
  std::size_t size() const { return static_cast<std::size_t>(sqlite3_column_bytes(statement_, 0)); }

 private:
  Connection& connection_;
  sqlite3_stmt* statement_;  // null: it could not be prepared
  int next_ = 1;
  int fault_ = SQLITE_OK;  // of a bind
};

}  // namespace weft::provider::sqlite
