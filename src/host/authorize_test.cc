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
  EXPECT_EQ(context.share().account.denials, 1u);
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

TEST(Authorize, ADenialSaysWhatWasAskedFor) {
  Loop loop;
  RequestContext context(loop, no_grants());
  std::string logged;
  context.log = [&](std::string_view line) { logged = line; };
  authorize(context, Capability::outbound_socket, {"tcp", "[::1]", 5432});
  EXPECT_EQ(logged, "denied outbound socket to tcp://[::1]:5432: nothing is granted");
  authorize(context, Capability::socket_bind, {"udp", "0.0.0.0", 0});
  EXPECT_EQ(logged, "denied binding of a socket to udp://0.0.0.0:0: nothing is granted");
  authorize(context, Capability::name_lookup, {"", "db.example", 0});
  EXPECT_EQ(logged, "denied look-up of db.example: nothing is granted");
  EXPECT_EQ(context.share().account.denials, 3u);
}

TEST(Authorize, AnAddressOfABlockedNetworkIsDeniedCountedAndLogged) {
  Loop loop;
  RequestContext context(loop, no_grants());
  std::string logged;
  context.log = [&](std::string_view line) { logged = line; };
  const Target target{"tcp", "db.example", 5432};
  const auto address = boost::asio::ip::make_address("10.1.2.3");
  EXPECT_TRUE(authorize_address(context, Capability::outbound_socket, target, address));
  BlockedNetworks blocked;
  blocked.add_private();
  context.blocked_networks = &blocked;
  EXPECT_TRUE(
      authorize_address(context, Capability::outbound_socket, target, boost::asio::ip::make_address("8.8.8.8")));
  EXPECT_EQ(logged, "");
  EXPECT_FALSE(authorize_address(context, Capability::outbound_socket, target, address));
  EXPECT_EQ(logged,
            "denied outbound socket to tcp://db.example:5432: 10.1.2.3 is in a blocked network; block_networks of the "
            "runtime configuration decides");
  EXPECT_EQ(context.share().account.denials, 1u);
}

TEST(Authorize, AStoreIsNamedAsTheGuestWroteItOnOneLine) {
  Loop loop;
  RequestContext context(loop, no_grants());
  std::string logged;
  context.log = [&](std::string_view line) { logged = line; };
  const std::string label = "my\nstore" + std::string(100, 'x');
  EXPECT_FALSE(authorize(context, Capability::key_value, {"", label, 0}).allowed);
  EXPECT_EQ(logged, "denied key-value store my?store" + std::string(56, 'x') + ": nothing is granted");
}

}  // namespace
}  // namespace weft::host
