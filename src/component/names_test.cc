#include "component/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::component {
namespace {

using ::testing::HasSubstr;

TEST(Names, a_label_is_kebab_case) {
  for (const auto* good : {"a", "A", "a-b-c", "a1-2-3", "A1-2-3", "a11-w0rds", "is-XML", "m1x3d-4CR0NYMS"}) {
    EXPECT_TRUE(is_label(good)) << good;
  }
  for (const auto* bad : {"", "1", "1-a", "a-", "-a", "a--b", "aB", "Ab", "a_b", "a.b", "\xc3\xa9"}) {
    EXPECT_FALSE(is_label(bad)) << bad;
  }
}

TEST(Names, parses_interface_names_into_their_parts) {
  const auto name = parse_extern_name("wasi:http/types@0.2.6-rc.1");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->kind, ParsedName::Kind::interface);
  EXPECT_EQ(name->package_namespace, "wasi");
  EXPECT_EQ(name->package, "http");
  EXPECT_EQ(name->interface, "types");
  EXPECT_EQ(name->version, "0.2.6-rc.1");
}

TEST(Names, parses_annotated_names) {
  const auto method = parse_extern_name("[method]blob.read-ALL");
  ASSERT_TRUE(method);
  EXPECT_EQ(method->kind, ParsedName::Kind::method);
  EXPECT_EQ(method->resource, "blob");
  EXPECT_EQ(method->label, "read-ALL");
  EXPECT_EQ(parse_extern_name("[constructor]blob")->resource, "blob");
  EXPECT_FALSE(parse_extern_name("[method]blob"));
  EXPECT_FALSE(parse_extern_name("[async]blob"));
  EXPECT_FALSE(parse_extern_name("[method]a.b.c"));
}

TEST(Names, packages_and_namespaces_have_no_acronyms) {
  EXPECT_TRUE(parse_extern_name("ns:pkg/IFACE"));
  EXPECT_FALSE(parse_extern_name("NS:pkg/iface"));
  EXPECT_FALSE(parse_extern_name("ns:PKG/iface"));
}

TEST(Names, nested_namespaces_are_gated) {
  const auto nested = parse_extern_name("a:b:c/d");
  ASSERT_FALSE(nested);
  EXPECT_EQ(nested.error().code(), Errc::invalid);
  EXPECT_THAT(parse_extern_name("a:b/c/d").error().message(), HasSubstr("trailing characters"));
}

TEST(Names, versions_are_full_semantic_versions) {
  for (const auto* good : {"0.0.0", "1.2.3", "1.0.0-alpha.1", "1.0.0+001", "1.0.0--a+b-c", "123456.7890.488"}) {
    EXPECT_TRUE(check_semver(good)) << good;
  }
  for (const auto* bad : {"", "1", "1.2", "1.2.", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-a..b", "1.2.3 "}) {
    EXPECT_FALSE(check_semver(bad)) << bad;
  }
}

TEST(Names, strong_uniqueness_ignores_case_and_method_annotations) {
  EXPECT_EQ(strongly_unique_form("[method]foo.bar"), strongly_unique_form("[static]FOO.bar"));
  EXPECT_EQ(strongly_unique_form("[static]foo-BAR.FOO-bar"), "foo-bar");
  EXPECT_NE(strongly_unique_form("[constructor]foo"), strongly_unique_form("foo"));
  EXPECT_NE(strongly_unique_form("a:b/c@1.0.0"), strongly_unique_form("a:b/c@1.0.1"));
  EXPECT_NE(strongly_unique_form("a:b/c@1.0.0-A"), strongly_unique_form("a:b/c@1.0.0-a"));
  EXPECT_EQ(strongly_unique_form("a:b/C"), strongly_unique_form("a:b/c"));
}

TEST(Names, a_name_set_tells_the_name_it_meets) {
  NameSet names;
  std::string previous;
  EXPECT_TRUE(names.insert("a-B", previous));
  EXPECT_FALSE(names.insert("A-b", previous));
  EXPECT_EQ(previous, "a-B");
}

}  // namespace
}  // namespace weft::component
