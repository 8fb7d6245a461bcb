#include "gaps/gaps.h"

#include <gtest/gtest.h>

#include "cli/services.h"

namespace weft::cli {
namespace {

TEST(Gaps, NoInterfaceThatIsOfferedIsListedAsMissing) {
  bind::Registry registry;
  add_services(registry);
  ASSERT_FALSE(registry.tracks().empty());
  for (const std::string_view track : registry.tracks()) {
    const gaps::Interfaces* entry = gaps::find_interfaces(track);
    EXPECT_EQ(entry, nullptr) << track << " is offered: narrow or remove the entry " << entry->pattern;
  }
}

}  // namespace
}  // namespace weft::cli
