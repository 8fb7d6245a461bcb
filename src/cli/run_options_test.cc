#include "cli/run_options.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace weft::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(RunOptions, AFolderIsGrantedUnderItsOwnNameOrAnother) {
  EXPECT_EQ(read_folder_grant(".").value(), (FolderGrant{".", ".", true}));
  EXPECT_EQ(read_folder_grant("data::/d").value(), (FolderGrant{"data", "/d", true}));
  EXPECT_EQ(read_folder_grant("data::/d:ro").value(), (FolderGrant{"data", "/d", false}));
  EXPECT_EQ(read_folder_grant("/a:b:ro").value(), (FolderGrant{"/a:b", "/a:b", false}));
  EXPECT_EQ(read_folder_grant("a::b::c").value(), (FolderGrant{"a", "b::c", true}));
  for (const char* wrong : {"", ":ro", "::/d", "data::", "data:::ro"}) {
    EXPECT_FALSE(read_folder_grant(wrong)) << wrong;
  }
}

TEST(RunOptions, AVariableIsGivenOrTakenFromHere) {
  setenv("WEFT_RUN_OPTIONS_TEST", "here", 1);
  unsetenv("WEFT_RUN_OPTIONS_ABSENT");
  RunOptions options;
  options.command = {"some/folder/tool.wasm", "x"};
  options.environment = {"A=1", "WEFT_RUN_OPTIONS_TEST", "WEFT_RUN_OPTIONS_ABSENT", "B=x=y", "C=", "A=2"};
  const auto setup = wasi_setup(options).value();
  EXPECT_THAT(setup.environment,
              ElementsAre(Pair("WEFT_RUN_OPTIONS_TEST", "here"), Pair("B", "x=y"), Pair("C", ""), Pair("A", "2")));
  EXPECT_THAT(setup.arguments, ElementsAre("tool.wasm", "x"));
  EXPECT_TRUE(setup.mounts.list().empty()) << "nothing that is not granted";
  options.environment = {"=1"};
  EXPECT_FALSE(wasi_setup(options));
}

}  // namespace
}  // namespace weft::cli
