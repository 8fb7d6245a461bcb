#include "gaps/gaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace weft::gaps {
namespace {

using testing::HasSubstr;

TEST(Gaps, NamesAreUniqueAndEveryEntrySaysWhatAndWhy) {
  std::set<std::string_view> names;
  for (const Entry& entry : entries()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_FALSE(entry.what.empty()) << entry.name;
    EXPECT_FALSE(entry.why.empty()) << entry.name;
    EXPECT_FALSE(entry.what.ends_with('.') || entry.why.ends_with('.') || entry.instead.ends_with('.')) << entry.name;
    EXPECT_EQ(&entry_of(entry.gap), &entry);
  }
}

TEST(Gaps, ARefusalNamesTheSubjectAndTheWayOut) {
  const Error error = refuse(Gap::registry_sources, "component \"shop\" comes from a registry");
  EXPECT_EQ(error.code(), Errc::unsupported);
  EXPECT_THAT(error.message(), HasSubstr("component \"shop\" comes from a registry (not yet): download it"));
}

std::string_view pattern_for(std::string_view import) {
  const Interfaces* found = find_interfaces(import);
  return found == nullptr ? "none" : found->pattern;
}

TEST(Gaps, InterfacesAreFoundByPackageInterfaceAndVersion) {
  EXPECT_EQ(pattern_for("spin:postgres/postgres@4.2.0"), "spin:postgres");
  EXPECT_EQ(pattern_for("spin:postgresql/postgres@4.2.0"), "none");
  EXPECT_EQ(pattern_for("wasi:sockets/tcp@0.2.9"), "none");
  EXPECT_EQ(pattern_for("wasi:sockets/types@0.3.0"), "none");
  EXPECT_EQ(pattern_for("wasi:keyvalue/store@0.3.0"), "wasi:keyvalue@0.3");
  EXPECT_EQ(pattern_for("wasi:clocks/monotonic-clock@0.3.0-rc-2026-01-06"), "wasi:*@0.3.0-rc-2026-01-");
  EXPECT_EQ(pattern_for("wasi:clocks/monotonic-clock@0.3.0"), "none");
  EXPECT_EQ(pattern_for("wasi:clocks/timezone@0.2.12"), "wasi:clocks/timezone");
  EXPECT_EQ(pattern_for("wasi:clocks/timezone@0.3.0"), "wasi:clocks/timezone");
  EXPECT_EQ(pattern_for("wasi:http/types@0.2.0-rc-2023-12-05"), "wasi:*@0.2.0-rc-2023-12-");
  EXPECT_EQ(pattern_for("wasi:http/types@0.2.0-rc-2023-11-10"), "none");
  EXPECT_EQ(pattern_for("wasi:http/types@0.2.0-rc-2023-10-18"), "none");
  EXPECT_EQ(pattern_for("wasi:http/types@0.2.0"), "none");
  EXPECT_EQ(pattern_for("fermyon:spin/inbound-redis"), "fermyon:spin/inbound-redis");
  EXPECT_EQ(pattern_for("fermyon:spin/redis"), "fermyon:spin/redis*");
  EXPECT_EQ(pattern_for("fermyon:spin/redis-types"), "fermyon:spin/redis*");
  EXPECT_EQ(pattern_for("acme:shop/cart@1.0.0"), "none");
  EXPECT_EQ(pattern_for(""), "none");
}

}  // namespace
}  // namespace weft::gaps
