#include "http/fields.h"

#include <array>
#include <charconv>

namespace weft::http {
namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Bytes of removed fields that are not worth the moving of the others.
constexpr std::size_t max_dead_bytes = 1024;

constexpr std::array<bool, 256> token_characters = [] {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace

bool equal_names(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// Both look at every byte instead of stopping at the first bad one: without a branch the loops run several times
// faster, and nearly all that is looked at is good.
bool is_token(std::string_view text) {
  bool ok = !text.empty();
  for (char c : text) ok &= token_characters[static_cast<unsigned char>(c)];
  return ok;
}

bool is_field_value(std::string_view text) {
  if (text.empty()) return true;
  bool ok = text.front() != ' ' && text.front() != '\t' && text.back() != ' ' && text.back() != '\t';
  for (char c : text) {
    const auto u = static_cast<unsigned char>(c);
    ok &= (u >= 0x20 || u == '\t') & (u != 0x7f);
  }
  return ok;
}

std::string_view trim_value(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::expected<Fields::Field, const char*> parse_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::unexpected("a field without a colon");
  const Fields::Field field{line.substr(0, colon), trim_value(line.substr(colon + 1))};
  // Space before the colon or at the begin of a line makes no name, either.
  if (!is_token(field.name)) return std::unexpected("invalid field name");
  if (!is_field_value(field.value)) return std::unexpected("invalid field value");
  return field;
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, length);
  if (error != std::errc() || at != end) return std::nullopt;
  return length;
}

bool lists_token(std::string_view list, std::string_view token) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (equal_names(trim_value(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

void Fields::append(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(buffer_.size());
  buffer_.append(name);
  buffer_.append(value);
  entries_.push_back({at, static_cast<std::uint32_t>(name.size()), at + static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
  live_bytes_ += name.size() + value.size();
}

void Fields::append(std::string_view name, std::initializer_list<std::string_view> value) {
  const auto at = static_cast<std::uint32_t>(buffer_.size());
  buffer_.append(name);
  const auto value_at = static_cast<std::uint32_t>(buffer_.size());
  for (std::string_view part : value) buffer_.append(part);
  const auto end = static_cast<std::uint32_t>(buffer_.size());
  entries_.push_back({at, value_at - at, value_at, end - value_at});
  live_bytes_ += end - at;
}

void Fields::set(std::string_view name, std::string_view value) {
  // The arguments may be views into this object.
  const std::string kept_name(name);
  const std::string kept_value(value);
  remove(kept_name);
  append(kept_name, kept_value);
}

std::size_t Fields::remove(std::string_view name) {
  return remove_if([name](std::string_view other) { return equal_names(other, name); });
}

void Fields::compact_if_worth() {
  // What was removed stays in the buffer until it is the larger part.
  if (buffer_.size() - live_bytes_ <= live_bytes_ + max_dead_bytes) return;
  std::string buffer;
  buffer.reserve(live_bytes_);
  for (Entry& entry : entries_) {
    const auto at = static_cast<std::uint32_t>(buffer.size());
    buffer.append(buffer_, entry.name_at, entry.name_length).append(buffer_, entry.value_at, entry.value_length);
    entry.name_at = at;
    entry.value_at = at + entry.name_length;
  }
  buffer_ = std::move(buffer);
}

std::optional<std::string_view> Fields::get(std::string_view name) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Field field = (*this)[i];
    if (equal_names(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Fields::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Field field = (*this)[i];
    if (equal_names(field.name, name)) values.push_back(field.value);
  }
  return values;
}

Fields::Field Fields::operator[](std::size_t i) const {
  const Entry& entry = entries_[i];
  return {{buffer_.data() + entry.name_at, entry.name_length}, {buffer_.data() + entry.value_at, entry.value_length}};
}

void Fields::clear() {
  buffer_.clear();
  entries_.clear();
  live_bytes_ = 0;
}

void Fields::reserve(std::size_t fields, std::size_t bytes) {
  entries_.reserve(fields);
  buffer_.reserve(bytes);
}

}  // namespace weft::http
