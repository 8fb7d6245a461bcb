#include "project/tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace weft::project {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// With a PATH that has nothing.
class Tools : public testing::Test {
 protected:
  Tools() {
    if (const char* path = std::getenv("PATH")) path_ = path;
    setenv("PATH", "/nowhere", 1);
  }
  ~Tools() override { setenv("PATH", path_.c_str(), 1); }
  std::string path_;
};

TEST_F(Tools, FindsWhatACommandCalls) {
  EXPECT_THAT(missing_tools("cargo build --release"), ElementsAre("cargo"));
  EXPECT_THAT(missing_tools("npm install && npm run build"), ElementsAre("npm"));
  EXPECT_THAT(missing_tools("GOOS=wasip1 GOARCH=wasm go build -o x ."), ElementsAre("go"));
  EXPECT_THAT(missing_tools("cd x; (make all) | python3 -"), ElementsAre("make", "python3"));
}

TEST_F(Tools, SaysNothingOfArgumentsAndOfWhatItDoesNotKnow) {
  EXPECT_THAT(missing_tools("echo cargo npm go"), IsEmpty());
  EXPECT_THAT(missing_tools("./build.sh && my-own-tool"), IsEmpty());
  EXPECT_THAT(missing_tools("[ -f x ] || true"), IsEmpty());
  EXPECT_THAT(missing_tools(""), IsEmpty());
}

TEST_F(Tools, KnowsThatAProgramIsThere) {
  setenv("PATH", "/usr/bin:/bin", 1);
  EXPECT_THAT(missing_tools("clang --version; python3"), testing::Not(testing::Contains("python3")));
}

TEST(ToolsMessage, SaysHowToGetIt) {
  EXPECT_THAT(missing_tool_message("cargo"), HasSubstr("rustup"));
  EXPECT_THAT(missing_tool_message("npm"), HasSubstr("nodejs"));
}

}  // namespace
}  // namespace weft::project
