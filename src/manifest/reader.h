// Reads the members of one TOML table and reports what does not fit: wrong types, missing and unknown keys.
//
// The keys a reader was asked for are the schema: finish() reports every other key, with the nearest known one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/report.h"
#include "manifest/value.h"

namespace weft::manifest {

// "a.b" + "c" → "a.b.c"; a name that is not a bare TOML key is quoted.
std::string join_key(std::string_view path, std::string_view name);
// "a.b" + 2 → "a.b[2]".
std::string join_index(std::string_view path, std::size_t index);

// Reports a value of the wrong type. `expected` as in "a string".
void report_type(Report& report, const Value& value, std::string_view key, std::string_view expected);

// Borrows the report and the table.
class TableReader {
 public:
  // `table` must be a table; `key` is its dotted path, empty for the root.
  TableReader(Report& report, const Value& table, std::string key);

  // nullptr when absent. The key counts as known from here on.
  const Member* member(std::string_view name);
  // Absent or of the wrong type (then reported): nullopt or nullptr.
  std::optional<Located<std::string>> string(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name);
  const Member* table(std::string_view name);
  const Member* array(std::string_view name);
  // Elements that are not strings are reported and left out.
  std::vector<Located<std::string>> strings(std::string_view name);
  // Reports a missing or empty string; `remedy` says what to add.
  Located<std::string> required_string(std::string_view name, std::string_view remedy);
  // Declares a key known without reading it.
  void allow(std::string_view name) { member(name); }
  // Reports every key nobody asked for.
  void finish();

  bool has(std::string_view name) const { return table_.find(name) != nullptr; }
  std::string key_of(std::string_view name) const { return join_key(key_, name); }
  const std::string& key() const { return key_; }
  Location at() const { return table_.at; }
  // Where the value of `name` stands, else where the table does.
  Location at(std::string_view name) const;
  const Value::Table& members() const { return *table_.get<Value::Table>(); }
  Report& report() { return report_; }
  void error(std::string_view name, std::string message, std::string remedy);

 private:
  Report& report_;
  const Value& table_;
  std::string key_;
  std::vector<std::string> known_;
};

}  // namespace weft::manifest
