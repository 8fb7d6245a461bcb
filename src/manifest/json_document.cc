#include "manifest/json_document.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "manifest/reader.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// Tells how many characters the parser has taken.
class CountingIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* taken) : at_(at), taken_(taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*taken_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  std::size_t* taken_;
};

// Offsets that only grow, as places in the text.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}
  Location at(std::size_t offset) {
    for (; offset_ < offset && offset_ < text_.size(); ++offset_) {
      if (text_[offset_] == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((static_cast<unsigned char>(text_[offset_]) & 0xc0) != 0x80) {
        ++place_.column;
      }
    }
    return place_;
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  Location place_{.line = 1, .column = 1};
};

bool is_of_number(char c) {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

// Makes the tree. An event comes when its token was taken, and of a number one character more.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, const std::size_t& taken) : text_(text), taken_(taken), places_(text) {}

  bool null() override {
    const Location at = places_.at(taken_ - 4);
    if (frames_.empty() || frames_.back().value.get<Value::Array>() != nullptr)
      return refuse(at, "null stands where a value must be");
    return true;
  }
  bool boolean(bool value) override { return add({.data = value, .at = places_.at(taken_ - (value ? 4u : 5u))}); }
  bool number_integer(number_integer_t value) override { return add({.data = std::int64_t{value}, .at = number_at()}); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return refuse(number_at(), "the number is too large");
    return add({.data = static_cast<std::int64_t>(value), .at = number_at()});
  }
  bool number_float(number_float_t value, const string_t&) override {
    return add({.data = double{value}, .at = number_at()});
  }
  bool string(string_t& value) override { return add({.data = std::move(value), .at = string_at()}); }
  bool binary(binary_t&) override { return refuse({}, "binary data is no JSON"); }

  bool start_object(std::size_t) override { return open(Value::Table{}); }
  bool key(string_t& name) override {
    frames_.back().name = std::move(name);
    frames_.back().name_at = string_at();
    return true;
  }
  bool end_object() override {
    std::vector<std::pair<std::string_view, Location>> names;
    for (const Member& member : *frames_.back().value.get<Value::Table>()) names.emplace_back(member.name, member.at);
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names, {}, &std::pair<std::string_view, Location>::first);
    if (twice != names.end())
      return refuse(std::next(twice)->second, compose("the name `{}` stands twice", twice->first));
    return close();
  }
  bool start_array(std::size_t) override { return open(Value::Array{}); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    std::string_view why = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    if (const auto colon = why.find(": "); colon != std::string_view::npos) why.remove_prefix(colon + 2);
    error_ = SyntaxError{places_.at(taken_ == 0 ? 0 : taken_ - 1), std::string(why)};
    return false;
  }

  std::expected<Value, SyntaxError> take() {
    if (error_) return std::unexpected(*std::move(error_));
    return std::move(root_);
  }

 private:
  struct Frame {
    Value value;
    std::string name = {};  // of the member that follows
    Location name_at = {};
  };

  bool refuse(Location at, std::string message) {
    error_ = SyntaxError{at, std::move(message)};
    return false;
  }
  Location string_at() {
    std::size_t quote = taken_ - 1;  // the one that ends it
    for (bool escaped = true; escaped;) {
      quote = text_.rfind('"', quote - 1);
      const std::size_t before = text_.find_last_not_of('\\', quote == 0 ? 0 : quote - 1);
      const std::size_t backslashes = quote == 0 ? 0 : before == std::string_view::npos ? quote : quote - 1 - before;
      escaped = backslashes % 2 != 0;
    }
    return places_.at(quote);
  }
  Location number_at() {
    std::size_t end = taken_;
    if (!is_of_number(text_[end - 1])) --end;
    while (end > 0 && is_of_number(text_[end - 1])) --end;
    return places_.at(end);
  }
  bool open(auto container) {
    const Location at = places_.at(taken_ - 1);
    if (frames_.size() >= max_json_nesting)
      return refuse(at, compose("more than {} objects and arrays in each other", max_json_nesting));
    frames_.push_back({.value = {.data = std::move(container), .at = at}});
    return true;
  }
  bool close() {
    Value value = std::move(frames_.back().value);
    frames_.pop_back();
    return add(std::move(value));
  }
  bool add(Value value) {
    if (++count_ > max_json_values) return refuse(value.at, compose("more than {} values", max_json_values));
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (auto* array = std::get_if<Value::Array>(&frames_.back().value.data)) {
      array->push_back(std::move(value));
    } else {
      Frame& frame = frames_.back();
      std::get<Value::Table>(frame.value.data).push_back({std::move(frame.name), frame.name_at, std::move(value)});
    }
    return true;
  }

  std::string_view text_;
  const std::size_t& taken_;
  Places places_;
  std::vector<Frame> frames_;
  Value root_;
  std::size_t count_ = 0;
  std::optional<SyntaxError> error_;
};

// Puts what leads from `value` to the place in front of `path`; false: it is not there.
bool find_path(const Value& value, Location at, std::string& path) {
  if (value.at == at) return true;
  if (const auto* table = value.get<Value::Table>()) {
    for (const Member& member : *table) {
      if (member.at != at && !find_path(member.value, at, path)) continue;
      path.insert(0, "." + join_key("", member.name));
      return true;
    }
  } else if (const auto* array = value.get<Value::Array>()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (!find_path((*array)[i], at, path)) continue;
      path.insert(0, join_index("", i));
      return true;
    }
  }
  return false;
}

}  // namespace

std::expected<Value, SyntaxError> parse_json(std::string_view text) {
  std::size_t taken = 0;
  Builder builder(text, taken);
  const char* end = text.data() + text.size();
  nlohmann::json::sax_parse(CountingIterator(text.data(), &taken), CountingIterator(end, &taken), &builder);
  return builder.take();
}

std::string path_at(const Value& root, Location at) {
  std::string path;
  if (find_path(root, at, path) && path.starts_with('.')) path.erase(0, 1);
  return path;
}

}  // namespace weft::manifest
