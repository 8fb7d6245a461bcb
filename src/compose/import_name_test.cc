#include "compose/import_name.h"

#include <gtest/gtest.h>

#include <vector>

namespace weft::compose {
namespace {

TEST(ImportName, IsAPackageAnInterfaceAndAVersionOrPlain) {
  const ImportName whole("acme:math/add@1.2.0");
  EXPECT_EQ(whole.package, "acme:math");
  EXPECT_EQ(whole.interface, "add");
  EXPECT_EQ(whole.version, "1.2.0");
  const ImportName package("acme:math@1.2.0");
  EXPECT_EQ(package.package, "acme:math");
  EXPECT_TRUE(package.interface.empty());
  const ImportName plain("translate");
  EXPECT_TRUE(plain.is_plain());
  EXPECT_EQ(plain.interface, "translate");
}

// The table of Spin's own test (crates/compose), and beyond it versions that are compatible.
TEST(ImportName, AKeyStandsForWhatItNames) {
  EXPECT_TRUE(matches("foo:bar/baz@0.1.0", "foo:bar/baz@0.1.0"));
  EXPECT_TRUE(matches("foo:bar/baz", "foo:bar/baz@0.1.0"));
  EXPECT_TRUE(matches("foo:bar/baz", "foo:bar/baz"));
  EXPECT_TRUE(matches("foo:bar", "foo:bar/baz@0.1.0"));
  EXPECT_TRUE(matches("foo:bar@0.1.0", "foo:bar/baz@0.1.0"));
  EXPECT_TRUE(matches("foo-bar", "foo-bar"));
  EXPECT_FALSE(matches("foo:bar/baz@0.1.0", "foo:bar/baz"));
  EXPECT_FALSE(matches("foo:bar/baz", "foo:bar/bub@0.1.0"));
  EXPECT_FALSE(matches("foo:bar", "foo:bub/bib"));
  EXPECT_FALSE(matches("foo:bar/baz", "foo-bar"));
  EXPECT_TRUE(matches("foo:bar/baz@0.1.0", "foo:bar/baz@0.1.3"));
  EXPECT_FALSE(matches("foo:bar/baz@0.1.0", "foo:bar/baz@0.2.0"));
  EXPECT_TRUE(matches("foo:bar@1.0.0", "foo:bar/baz@1.9.2"));
  EXPECT_FALSE(matches("foo:bar@1.0.0-rc1", "foo:bar/baz@1.0.0"));
}

TEST(ImportName, AnExportServesInACompatibleVersion) {
  const std::vector<std::string> exports = {"a:b/c@1.0.0", "a:b/c@1.10.0", "a:b/c@1.9.0", "a:b/d@2.0.0", "plain"};
  const auto found = [&](std::string_view wanted) -> std::string {
    const std::string* name = find_export(exports, wanted);
    return name == nullptr ? "none" : *name;
  };
  EXPECT_EQ(found("a:b/c@1.0.0"), "a:b/c@1.0.0");
  EXPECT_EQ(found("a:b/c@1.0.1"), "a:b/c@1.10.0");
  EXPECT_EQ(found("a:b/c@2.0.0"), "none");
  EXPECT_EQ(found("a:b/d"), "a:b/d@2.0.0");
  EXPECT_EQ(found("a:b/c"), "none");
  EXPECT_EQ(found("a:b/e@1.0.0"), "none");
  EXPECT_EQ(found("plain"), "plain");
  EXPECT_EQ(found("plan"), "none");
}

}  // namespace
}  // namespace weft::compose
