// A guest's fault: the only exception that crosses a module of weft.
//
// Lift, lower, handle tables and host functions throw it; the one entry point of host calls turns it into a
// WebAssembly trap. The instance it happened in is never entered again.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace weft::abi {

class Trap : public std::exception {
 public:
  explicit Trap(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

}  // namespace weft::abi
