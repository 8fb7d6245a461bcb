// What the host offers against the WIT of WASI 0.2.12.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "wasi/testing/guest.h"

namespace weft::wasi {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Interfaces : public testing::GuestTest {
 protected:
  // The component that imports every function; `find`, when given, is in it and replaced.
  std::string imports(std::string_view find = "", std::string_view replacement = "") {
    std::ostringstream text;
    text << std::ifstream(WEFT_WASI_IMPORTS).rdbuf();
    std::string out = text.str();
    EXPECT_GT(out.size(), 1000u);
    if (!find.empty()) {
      EXPECT_NE(out.find(find), std::string::npos) << find;
      for (std::size_t at = 0; (at = out.find(find, at)) != std::string::npos; at += replacement.size()) {
        out.replace(at, find.size(), replacement);
      }
    }
    return out;
  }
  std::string fault(std::string_view find, std::string_view replacement) {
    auto linked = link(imports(find, replacement));
    return linked ? "linked" : linked.error().message();
  }
};

TEST_F(Interfaces, EveryFunctionIsThereWithItsType) {
  const auto linked = link(imports());
  EXPECT_TRUE(linked) << linked.error().message();
}

TEST_F(Interfaces, AnyVersionOfTheTrackIsServed) {
  for (const char* version : {"@0.2.0", "@0.2.3", "@0.2.99"}) EXPECT_EQ(fault("@0.2.12", version), "linked") << version;
  EXPECT_THAT(fault("@0.2.12", "@0.3.0"),
              HasSubstr("needs wasi:io@0.3.0 with error, poll, streams, which weft does not know"));
}

TEST_F(Interfaces, AnotherTypeIsRefusedByName) {
  EXPECT_THAT(fault("\"no-tty\" \"no-such-device\"", "\"no-such-device\" \"no-tty\""),
              HasSubstr("import wasi:filesystem/types@0.2.12#[method]descriptor.open-at has another type"));
  EXPECT_THAT(fault("\"requested-write-sync\"", "\"requested-read-sync\""), HasSubstr("descriptor.get-flags"));
  EXPECT_THAT(fault("(field \"link-count\"", "(field \"links\""), HasSubstr("descriptor.stat-at"));
  EXPECT_THAT(fault("(param \"len\" u64)", "(param \"len\" u32)"), HasSubstr("get-random-bytes"));
  EXPECT_THAT(fault("\"last-operation-failed\"", "\"failed\""), HasSubstr("output-stream.write"));
}

TEST_F(Interfaces, EveryMissingFunctionIsNamedInOneList) {
  const std::string list = fault("get-random-u64", "get-random-u65");
  EXPECT_THAT(list, HasSubstr("needs wasi:random/random@0.2.12 with get-random-u65 (not yet)"));
  EXPECT_THAT(list, Not(HasSubstr("get-random-bytes")));
  const std::string both = fault("descriptor.s", "descriptor.z");
  EXPECT_THAT(both, HasSubstr("[method]descriptor.zync,"));
  EXPECT_THAT(both, HasSubstr("[method]descriptor.ztat,"));
}

}  // namespace
}  // namespace weft::wasi
