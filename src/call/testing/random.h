// Types and values drawn from bytes, for tests with random input and for the fuzzer.
#pragma once

#include <cstdint>
#include <span>

#include "abi/type_table.h"
#include "abi/value.h"

namespace weft::call::testing {

// Decisions, one byte each; zeros when there are no more.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> data) : data_(data) {}

  std::uint8_t byte();
  // Below `count`, which is not zero.
  std::uint32_t below(std::uint32_t count) { return byte() % count; }
  std::uint64_t bits();
  std::span<const std::uint8_t> rest() const { return data_; }

 private:
  std::span<const std::uint8_t> data_;
};

// A type of which JSON has the values.
abi::TypeRef draw_type(abi::TypeTable& types, Choices& choices, int depth = 0);
// A value of it. Maps with texts as keys have these in order, and each once: JSON's objects have no other order.
abi::Value draw_value(abi::TypeRef type, Choices& choices);

}  // namespace weft::call::testing
