// A TOML value with its place in the file: what the loader reads, and what is kept of tables weft does not interpret.
//
// Values are plain data: copied and moved freely, no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weft::manifest {

// A place in the manifest, counted from 1 (columns in code points). Line 0: no place is known.
struct Location {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const Location&, const Location&) = default;
  friend auto operator<=>(const Location&, const Location&) = default;
};

template <class T>
struct Located {
  T value{};
  Location at;
};

struct Member;

// TOML's date and time types, kept as text: no key of the manifest has one.
struct Datetime {
  std::string text;
};

struct Value {
  using Array = std::vector<Value>;
  using Table = std::vector<Member>;  // in the order of the file

  std::variant<std::string, std::int64_t, double, bool, Datetime, Array, Table> data;
  Location at;

  template <class T>
  const T* get() const {
    return std::get_if<T>(&data);
  }
  // The member of a table, or nullptr when there is none or this is not a table.
  const Member* find(std::string_view name) const;
  // "a string", "an integer", ...: for messages.
  std::string_view kind_name() const;
};

struct Member {
  std::string name;
  Location at;  // of the key
  Value value;
};

}  // namespace weft::manifest
