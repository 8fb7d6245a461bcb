#include "wast/renaming.h"

#include <gtest/gtest.h>

#include <regex>

#include "component/names.h"

namespace weft::wast {
namespace {

TEST(Renaming, changes_every_word_and_keeps_what_means_something) {
  Renaming names;
  const std::regex pattern(R"(xq\d+z:xq\d+z-xq\d+z/XQ\d+Z-2@1\.2\.3-rc\.1)");
  const std::string renamed = names.component_name("wasi:key-value/STORE-2@1.2.3-rc.1");
  EXPECT_TRUE(std::regex_match(renamed, pattern)) << renamed;
  for (const char* name : {"a", "a-b", "[method]res.go", "[static]a.b", "[constructor]res", "a:b/c", "a:b/c@0.2.0"}) {
    const std::string changed = names.component_name(name);
    EXPECT_NE(changed, name);
    EXPECT_TRUE(component::parse_extern_name(changed)) << changed;
    EXPECT_EQ(names.restore(changed), name);
  }
}

TEST(Renaming, is_the_same_everywhere) {
  Renaming names;
  const std::string resource = names.component_name("res");
  EXPECT_EQ(names.component_name("[constructor]res"), "[constructor]" + resource);
  EXPECT_EQ(names.component_name("[method]res.res"), "[method]" + resource + "." + resource);
  EXPECT_EQ(names.component_name("res"), resource);
  EXPECT_NE(names.component_name("res-2"), resource);
}

TEST(Renaming, keeps_names_that_differ_in_case_only) {
  Renaming names;
  EXPECT_EQ(component::strongly_unique_form(names.component_name("foo-BAR")),
            component::strongly_unique_form(names.component_name("FOO-bar")));
  EXPECT_NE(names.component_name("foo-BAR"), names.component_name("FOO-bar"));
}

TEST(Renaming, leaves_names_that_are_not_well_formed) {
  Renaming names;
  for (const char* name : {"", "aBc", "a--b", "1a", "a:b", "a:b/c@1.0", "[method]a", "[new]a", "a b"}) {
    EXPECT_EQ(names.component_name(name), name);
  }
}

TEST(Renaming, changes_any_core_name) {
  Renaming names;
  for (const char* name : {"", "a", "cabi_realloc", "wasi:io/poll@0.2.0", "ä ö"}) {
    EXPECT_NE(names.core_name(name), name);
    EXPECT_EQ(names.restore("`" + names.core_name(name) + "`"), "`" + std::string(name) + "`");
  }
  EXPECT_NE(names.core_name("a"), names.component_name("a"));
}

TEST(Renaming, restores_messages) {
  Renaming names;
  const std::string a = names.component_name("a"), upper = names.component_name("FOO");
  EXPECT_EQ(names.restore("import `" + a + "` (" + upper + ") is u32"), "import `a` (FOO) is u32");
}

}  // namespace
}  // namespace weft::wast
