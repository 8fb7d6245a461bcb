// A value that must not be seen: a password, a token, a key.
//
// Whatever prints it, prints ***. Only reveal() gives it away: a call to it says that the value goes where it belongs.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace weft {

// What stands for a secret in every text.
inline constexpr std::string_view hidden_text = "***";

// Overwrites the bytes in a way that the compiler does not leave out.
void wipe(std::string& text) noexcept;

// Value type; its memory is overwritten when it goes. Copies are as secret as the original.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  // A string that is moved from may keep its bytes in place.
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
  Secret& operator=(const Secret& other) {
    if (this != &other) *this = Secret(other);
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(value_);
      value_ = std::move(other.value_);
      wipe(other.value_);
    }
    return *this;
  }
  ~Secret() { wipe(value_); }

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << hidden_text; }
  friend std::string to_string(const Secret&) { return std::string(hidden_text); }

 private:
  std::string value_;
};

}  // namespace weft
