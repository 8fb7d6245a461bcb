// Header and trailer fields: an ordered multimap with case-insensitive names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::http {

// Names and values are kept as given, in one buffer; a Fields costs two allocations however many fields it has.
// Views are valid until the next change.
class Fields {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  void append(std::string_view name, std::string_view value);
  // The same, with a value made of parts. None of them is a view into this object.
  void append(std::string_view name, std::initializer_list<std::string_view> value);
  // Removes all fields of that name, then appends one.
  void set(std::string_view name, std::string_view value);
  // The number removed.
  std::size_t remove(std::string_view name);
  // Removes the fields whose name satisfies `which`; the number removed.
  template <class Predicate>
  std::size_t remove_if(Predicate which) {
    const std::size_t removed = std::erase_if(entries_, [&](const Entry& entry) {
      if (!which(std::string_view(buffer_).substr(entry.name_at, entry.name_length))) return false;
      live_bytes_ -= entry.name_length + entry.value_length;
      return true;
    });
    if (removed > 0) compact_if_worth();
    return removed;
  }

  bool has(std::string_view name) const { return get(name).has_value(); }
  // The first value.
  std::optional<std::string_view> get(std::string_view name) const;
  std::vector<std::string_view> get_all(std::string_view name) const;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  Field operator[](std::size_t i) const;
  // Bytes of all names and values.
  std::size_t bytes() const { return live_bytes_; }
  // Bytes that are kept for them, those of removed fields included: at most about twice bytes().
  std::size_t kept_bytes() const { return buffer_.size(); }
  void clear();
  void reserve(std::size_t fields, std::size_t bytes);

 private:
  struct Entry {
    std::uint32_t name_at, name_length, value_at, value_length;
  };
  void compact_if_worth();

  std::string buffer_;
  std::vector<Entry> entries_;
  std::size_t live_bytes_ = 0;
};

// ASCII case-insensitive.
bool equal_names(std::string_view a, std::string_view b);
// token of RFC 9110: a valid field name or method.
bool is_token(std::string_view text);
// field-value of RFC 9110 without surrounding whitespace: visible characters, obs-text, and inner spaces and tabs.
bool is_field_value(std::string_view text);
// Without the spaces and tabs around it.
std::string_view trim_value(std::string_view text);
// field-line = field-name ":" OWS field-value OWS, without its CR LF; or why it is none. A folded line is none.
std::expected<Fields::Field, const char*> parse_field_line(std::string_view line);
// 1*DIGIT, as Content-Length has it; none for anything else and for what is more than 64 bits.
std::optional<std::uint64_t> parse_length(std::string_view text);
// True when a comma-separated list of tokens has `token`, ASCII case-insensitive.
bool lists_token(std::string_view list, std::string_view token);

}  // namespace weft::http
