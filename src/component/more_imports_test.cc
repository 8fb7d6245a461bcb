#include "component/more_imports.h"

#include <gtest/gtest.h>

#include "component/decode.h"
#include "wasm/testing/wat.h"

namespace weft::component {
namespace {

bool more(std::string_view text) {
  auto decoded = decode(std::make_shared<const std::vector<std::byte>>(wasm::testing::wat(text)));
  EXPECT_TRUE(decoded) << decoded.error().message();
  return decoded && imports_more_than_it_calls(**decoded);
}

TEST(MoreImports, AProgramImportsWhatItCalls) {
  EXPECT_FALSE(more("(component (core module))"));
  EXPECT_FALSE(more(R"((component (core module (@custom "name" "dylink.0"))))"));
  EXPECT_FALSE(more(R"((component (@custom "producers" "\01\0cprocessed-by\01\0bwit-bindgen\00")))"));
  EXPECT_FALSE(more(R"((component (@custom "producers" "\01\08language\01\0eComponentizeJS\00")))"));
}

TEST(MoreImports, ASharedLibraryImportsMoreAlsoWithinAnotherComponent) {
  EXPECT_TRUE(
      more(R"((component (core module) (core module (@custom "dylink.0" (before first) "\01\04\00\00\00\00"))))"));
  EXPECT_TRUE(more(R"((component (component (core module (@custom "dylink.0" (before first) "")))))"));
}

TEST(MoreImports, AnInterpreterImportsItsWorld) {
  EXPECT_TRUE(more(R"((component (@custom "producers" "\01\0cprocessed-by\01\0eComponentizeJS\060.19.3")))"));
  EXPECT_TRUE(more(R"((component (@custom "producers" "\01\0cprocessed-by\01\18component-init-transform\050.2.0")))"));
}

TEST(MoreImports, SectionsThatAreCutShortAreNoLibrary) {
  EXPECT_FALSE(more(R"((component (core module (@custom "dylink.1" (before first) ""))))"));
  EXPECT_FALSE(more(R"((component (@custom "producers" "\01\0cprocessed-by\ff")))"));
}

}  // namespace
}  // namespace weft::component
