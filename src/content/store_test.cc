#include "content/store.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace weft::content {
namespace {

// Content by its path.
class Text final : public Store {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  Result<Opened> open(const Ref&) const override {
    FileDescriptor file(memfd_create("text", MFD_CLOEXEC));
    EXPECT_EQ(write(file.get(), text_.data(), text_.size()), static_cast<ssize_t>(text_.size()));
    return Opened{.file = std::move(file), .size = text_.size()};
  }

 private:
  const std::string text_;
};

std::string text_of(const Bytes& bytes) {
  std::string text(bytes->size(), '\0');
  std::ranges::transform(*bytes, text.begin(), [](std::byte b) { return static_cast<char>(b); });
  return text;
}

TEST(Buffers, WhatNobodyHasAnyMoreIsReadIntoAgain) {
  Buffers buffers;
  const std::string longer(1000, 'a'), shorter(900, 'b');
  Bytes first = read(Text(longer), {"x"}, 1000, &buffers).value();
  const void* place = first->data();
  EXPECT_EQ(text_of(first), longer);
  first.reset();
  const Bytes second = read(Text(shorter), {"x"}, 1000, &buffers).value();
  EXPECT_EQ(second->data(), place);
  EXPECT_EQ(text_of(second), shorter) << "and nothing of what was there";
  const Bytes third = read(Text(longer), {"x"}, 1000, &buffers).value();
  EXPECT_NE(third->data(), place) << "somebody has it";
  EXPECT_EQ(text_of(second), shorter);
  EXPECT_EQ(text_of(third), longer);
}

TEST(Buffers, ABuildThatBecameALittleLargerFitsIntoWhatThereIs) {
  Buffers buffers;
  Bytes bytes = buffers.take(100'000);
  const void* place = bytes->data();
  bytes.reset();
  bytes = buffers.take(101'000);
  EXPECT_EQ(bytes->data(), place);
  EXPECT_EQ(bytes->size(), 101'000u);
}

TEST(Buffers, TheSmallestThatIsLargeEnoughIsTaken) {
  Buffers buffers;
  Bytes large = buffers.take(50'000), small = buffers.take(5'000);
  const void* place = small->data();
  large.reset();
  small.reset();
  EXPECT_EQ(buffers.take(4'000)->data(), place);
}

TEST(Buffers, MayGoBeforeWhatTheyGave) {
  auto buffers = std::make_unique<Buffers>();
  const Bytes bytes = read(Text("text"), {"x"}, 4, buffers.get()).value();
  buffers.reset();
  EXPECT_EQ(text_of(bytes), "text");
}

TEST(Read, RefusesWhatIsLargerThanAllowedAndWhatHasAnotherDigest) {
  EXPECT_EQ(read(Text("text"), {"x"}, 3).error().code(), Errc::limit);
  EXPECT_EQ(read(Text("text"), {.path = "x", .digest = Sha256{}}, 4).error().code(), Errc::invalid);
}

}  // namespace
}  // namespace weft::content
