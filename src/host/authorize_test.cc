#include "host/authorize.h"

#include <gtest/gtest.h>

#include "host/request_context.h"

namespace weft::host {
namespace {

TEST(Authorize, WithoutGrantsEverythingIsDeniedCountedAndLogged) {
  Loop loop;
  RequestContext context(loop, no_grants());
  std::string logged;
  context.log = [&](std::string_view line) { logged = line; };
  Decision decision = authorize(context, Capability::outbound_http, {"https", "example.com", 443});
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(context.account.denials, 1u);
  EXPECT_EQ(logged, "denied outbound HTTP to https://example.com:443: nothing is granted");
}

TEST(Authorize, TheApplicationItselfIsNamed) {
  Loop loop;
  RequestContext context(loop, no_grants());
  std::string logged;
  context.log = [&](std::string_view line) { logged = line; };
  EXPECT_FALSE(authorize(context, Capability::outbound_http, {"http", "", 0}).allowed);
  EXPECT_EQ(logged, "denied outbound HTTP to the application itself: nothing is granted");
}

}  // namespace
}  // namespace weft::host
