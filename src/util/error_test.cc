#include "util/error.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace weft {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::invalid, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  TRY(int h, half(n));
  TRY(int q, half(h));
  return q;
}

TEST(Error, TryPassesValuesAndReturnsErrors) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message(), "odd");
}

TEST(Error, ContextNamesTheOuterStepFirst) {
  EXPECT_EQ(Error(Errc::io, "short read").context("loading a.wasm").message(), "loading a.wasm: short read");
}

TEST(Error, ErrnoKeepsItsMeaning) {
  EXPECT_EQ(Error::from_errno("open x", ENOENT).code(), Errc::not_found);
  EXPECT_EQ(Error::from_errno("open x", EACCES).code(), Errc::denied);
}

TEST(Error, AnExceptionSaysWhatItIsWhateverItIs) {
  EXPECT_EQ(what_of(std::make_exception_ptr(std::runtime_error("oh no"))), "oh no");
  EXPECT_EQ(what_of(std::make_exception_ptr(7)), "an unknown failure");
}

}  // namespace
}  // namespace weft
