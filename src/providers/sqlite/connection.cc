#include "providers/sqlite/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include "util/file_descriptor.h"

namespace weft::provider::sqlite {
namespace {

namespace fs = std::filesystem;

// How long a statement waits for another process that writes the same file.
constexpr int busy_milliseconds = 5000;
// The log is cut to this after a copy, so that one burst does not keep its room.
constexpr const char* journal_limit = "PRAGMA journal_size_limit = 67108864";

constexpr const char* create_table =
    "CREATE TABLE IF NOT EXISTS spin_key_value ("
    "store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))";

constexpr const char* text_of(Sql which) {
  switch (which) {
    case Sql::begin_read:
      return "BEGIN";
    case Sql::begin_write:
      return "BEGIN IMMEDIATE";
    case Sql::commit:
      return "COMMIT";
    case Sql::rollback:
      return "ROLLBACK";
    case Sql::get:
      return "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";
    case Sql::exists:
      return "SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2";
    case Sql::set:
      return "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3) "
             "ON CONFLICT (store, key) DO UPDATE SET value = ?3";
    case Sql::add:
      return "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3) ON CONFLICT (store, key) DO NOTHING";
    case Sql::replace:
      return "UPDATE spin_key_value SET value = ?3 WHERE store = ?1 AND key = ?2 AND value = ?4";
    case Sql::remove:
      return "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";
    case Sql::first_keys:
      return "SELECT key FROM spin_key_value WHERE store = ?1 ORDER BY key LIMIT ?2";
    case Sql::keys_after:
      return "SELECT key FROM spin_key_value WHERE store = ?1 AND key > ?3 ORDER BY key LIMIT ?2";
    case Sql::count:
      break;
  }
  return nullptr;
}

// Makes missing folders so that they survive a power cut: each is synced into the one above it.
Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return {};
  CHECK_OK(make_folder(folder.parent_path()));
  if (!fs::create_directory(folder, error) && error) {
    return std::unexpected(Error::from_errno("making the folder " + folder.string(), error.value()));
  }
  const fs::path above = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  const FileDescriptor parent(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || fsync(parent.get()) != 0) {
    return std::unexpected(Error::from_errno("syncing the folder " + above.string(), errno));
  }
  return {};
}

Errc kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::unavailable;
    case SQLITE_TOOBIG:
      return Errc::limit;
    default:
      return Errc::io;
  }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const OpenOptions& options) {
  CHECK_OK(make_folder(options.path.parent_path()));
  auto connection = std::make_unique<Connection>();
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(options.path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  connection->database_.reset(opened);
  if (opened == nullptr) return fail(Errc::io, "opening " + options.path.string() + ": out of memory");
  if (code != SQLITE_OK) return std::unexpected(connection->error("opening " + options.path.string()));
  if (auto done = connection->set_up(options); !done) {
    return std::unexpected(std::move(done).error().context(options.path.string()));
  }
  return connection;
}

Result<void> Connection::set_up(const OpenOptions& options) {
  sqlite3_extended_result_codes(database_.get(), 1);
  sqlite3_busy_timeout(database_.get(), busy_milliseconds);
  // What a file says about functions and views is not trusted.
  CHECK_OK(run("PRAGMA trusted_schema = OFF"));
  std::string mode;
  {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(database_.get(), "PRAGMA journal_mode = WAL", -1, &made, nullptr) != SQLITE_OK)
      return std::unexpected(error("reading the database"));
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(made);
    // Busy: another process has the file open in another mode, which is respected.
    if (sqlite3_step(made) == SQLITE_ROW) mode = reinterpret_cast<const char*>(sqlite3_column_text(made, 0));
  }
  CHECK_OK(run(mode == "wal" ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = EXTRA"));
  CHECK_OK(run(("PRAGMA wal_autocheckpoint = " + std::to_string(options.checkpoint_pages)).c_str()));
  CHECK_OK(run(journal_limit));
  if (auto made = run(create_table); !made) {
    const bool read_only = sqlite3_db_readonly(database_.get(), "main") == 1;
    if (read_only) return fail(Errc::denied, options.path.filename().string() + " is read-only: make it writable");
    return made;
  }
  return {};
}

Result<void> Connection::run(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(error("the key-value database"));
}

Error Connection::error(std::string_view what) {
  Error error(kind_of(sqlite3_errcode(database_.get())), std::string(what) + ": " + sqlite3_errmsg(database_.get()));
  if (!failure_) failure_ = error;
  return error;
}

Result<void> Connection::execute(Sql which) {
  Query query(*this, which);
  TRY([[maybe_unused]] const bool row, query.step());
  return {};
}

Query::Query(Connection& connection, Sql which) : connection_(connection) {
  auto& kept = connection.statements_[static_cast<std::size_t>(which)];
  if (kept == nullptr) {
    sqlite3_stmt* made = nullptr;
    sqlite3_prepare_v3(connection.database_.get(), text_of(which), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    kept.reset(made);
  }
  statement_ = kept.get();
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bind(std::string_view text) {
  // Not null for an empty text: null is another value.
  const char* at = text.data() == nullptr ? "" : text.data();
  if (fault_ == SQLITE_OK)
    fault_ = sqlite3_bind_text64(statement_, next_++, at, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Query& Query::bind(const Bytes& blob) {
  if (fault_ != SQLITE_OK) return *this;
  if (blob.empty())
    fault_ = sqlite3_bind_zeroblob(statement_, next_++, 0);
  else
    fault_ = sqlite3_bind_blob64(statement_, next_++, blob.data(), blob.size(), SQLITE_STATIC);
  return *this;
}

Query& Query::bind(std::int64_t number) {
  if (fault_ == SQLITE_OK) fault_ = sqlite3_bind_int64(statement_, next_++, number);
  return *this;
}

Result<bool> Query::step() {
  if (statement_ == nullptr || fault_ != SQLITE_OK) return std::unexpected(connection_.error("the key-value database"));
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return std::unexpected(connection_.error("the key-value database"));
  }
}

std::string Query::text() const {
  const auto* at = reinterpret_cast<const char*>(sqlite3_column_text(statement_, 0));
  return at == nullptr ? std::string() : std::string(at, size());
}

Bytes Query::blob() const {
  const auto* at = static_cast<const std::byte*>(sqlite3_column_blob(statement_, 0));
  return at == nullptr ? Bytes() : Bytes(at, at + size());
}

}  // namespace weft::provider::sqlite
