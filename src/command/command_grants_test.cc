#include "command/command_grants.h"

#include <gmock/gmock.h>

namespace weft::command {
namespace {

using host::Capability;
using ::testing::HasSubstr;

std::unique_ptr<CommandGrants> grants(const std::vector<std::string>& outbound,
                                      const std::vector<std::string>& listen) {
  return CommandGrants::create(outbound, listen).value();
}
host::Target at(std::string_view scheme, std::string_view host, unsigned port) {
  return {.scheme = scheme, .host = host, .port = port};
}

TEST(CommandGrants, NothingIsGrantedUnlessItIsNamed) {
  const auto none = grants({}, {});
  for (const Capability capability : {Capability::outbound_http, Capability::outbound_socket, Capability::socket_bind,
                                      Capability::name_lookup, Capability::directory, Capability::key_value}) {
    EXPECT_FALSE(none->decide(capability, at("tcp", "127.0.0.1", 80)).allowed) << to_string(capability);
  }
  EXPECT_FALSE(none->decide(Capability::outbound_http, at("", "", 0)).allowed) << "there is no application to ask";
  EXPECT_FALSE(none->decide(Capability::socket_bind, at("udp", "0.0.0.0", 0)).allowed);
}

TEST(CommandGrants, HostsAreReachedAndLookedUpByTheOption) {
  const auto some = grants({"https://api.example.com", "udp://10.0.0.0/8:53"}, {});
  EXPECT_TRUE(some->decide(Capability::outbound_http, at("https", "api.example.com", 443)).allowed);
  EXPECT_TRUE(some->decide(Capability::outbound_socket, at("udp", "10.1.2.3", 53)).allowed);
  EXPECT_TRUE(some->decide(Capability::socket_bind, at("udp", "0.0.0.0", 0)).allowed) << "to send from";
  EXPECT_FALSE(some->decide(Capability::socket_bind, at("udp", "0.0.0.0", 53)).allowed);
  EXPECT_FALSE(some->decide(Capability::socket_bind, at("tcp", "0.0.0.0", 0)).allowed);
  const auto denied = some->decide(Capability::outbound_http, at("https", "other.example.com", 443));
  EXPECT_FALSE(denied.allowed);
  EXPECT_EQ(denied.remedy, "--allow-outbound-hosts 'https://other.example.com'");
}

TEST(CommandGrants, ListeningIsAnOptionOfItsOwn) {
  const auto some = grants({"tcp://127.0.0.1:*"}, {"tcp://127.0.0.1:*"});
  EXPECT_TRUE(some->decide(Capability::socket_bind, at("tcp", "127.0.0.1", 0)).allowed);
  EXPECT_TRUE(some->decide(Capability::socket_bind, at("tcp", "127.0.0.1", 8080)).allowed);
  EXPECT_FALSE(some->decide(Capability::socket_bind, at("tcp", "0.0.0.0", 8080)).allowed);
  EXPECT_EQ(grants({}, {})->decide(Capability::socket_bind, at("tcp", "127.0.0.1", 0)).remedy,
            "--allow-listen 'tcp://127.0.0.1:*'");
}

TEST(CommandGrants, AnEntryThatIsNotUnderstoodIsNamedWithItsOption) {
  const auto wrong = CommandGrants::create({"api.example.com"}, {});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message(), HasSubstr("--allow-outbound-hosts"));
  EXPECT_THAT(wrong.error().message(), HasSubstr("api.example.com"));
  EXPECT_FALSE(CommandGrants::create({}, {"tcp://127.0.0.1:x"}));
}

}  // namespace
}  // namespace weft::command
