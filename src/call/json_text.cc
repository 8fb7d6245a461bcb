#include "call/json_text.h"

#include <string>
#include <utility>
#include <vector>

namespace weft::call {
namespace {

using nlohmann::json;

// Builds the value as it is read, and gives up where a limit is reached.
class Builder final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return give_up("there is no such thing in JSON"); }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool key(string_t& name) override {
    const auto [place, is_new] = open_.back()->get_ref<json::object_t&>().emplace(name, nullptr);
    if (!is_new) return give_up("the name " + shown(name) + " stands twice in one object");
    at_ = &place->second;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    fault_ = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    if (const auto end = fault_.find("] "); fault_.starts_with('[') && end != std::string::npos)
      fault_.erase(0, end + 2);
    constexpr std::string_view known = "parse error at ";
    if (fault_.starts_with(known)) fault_.erase(0, known.size());
    return false;
  }

  const std::string& fault() const { return fault_; }
  json take() { return std::move(root_); }

 private:
  bool give_up(std::string why) {
    fault_ = std::move(why);
    return false;
  }
  // Where the next value belongs: the place that key() made, a new one of an array, or the root.
  json* place() {
    if (open_.empty()) return &root_;
    if (open_.back()->is_object()) return at_;
    return &open_.back()->get_ref<json::array_t&>().emplace_back();
  }
  bool put(json value) {
    *place() = std::move(value);
    return true;
  }
  bool open(json value) {
    if (open_.size() == max_json_depth)
      return give_up("arrays and objects are nested more than " + std::to_string(max_json_depth) + " deep");
    json* const made = place();
    *made = std::move(value);
    open_.push_back(made);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json root_;
  std::vector<json*> open_;  // none of them moves while one inside of it is open
  json* at_ = nullptr;
  std::string fault_;
};

}  // namespace

Result<json> read_json(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return fail(Errc::limit, "JSON of " + std::to_string(text.size()) + " bytes, and " + std::to_string(max_bytes) +
                                 " are the most that is read");
  Builder builder;
  if (!json::sax_parse(text, &builder)) return fail(Errc::invalid, "not JSON: " + builder.fault());
  return builder.take();
}

std::string shown(const json& value) {
  constexpr std::size_t longest = 40;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > longest)
      return json(text.substr(0, longest)).dump(-1, ' ', true, json::error_handler_t::ignore) + "...";
  }
  return value.dump(-1, ' ', true);
}

}  // namespace weft::call
