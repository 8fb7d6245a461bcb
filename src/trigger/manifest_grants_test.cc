#include "trigger/manifest_grants.h"

#include <gtest/gtest.h>

namespace weft::trigger {
namespace {

using host::Capability;

ManifestGrants grants(const std::vector<std::string>& entries, std::string file = "spin.toml") {
  std::vector<manifest::Template> templates;
  for (const std::string& entry : entries) templates.push_back(manifest::Template::parse(entry).value());
  auto hosts = manifest::AllowedHosts::expand(templates, [](std::string_view) { return fail(Errc::not_found, ""); });
  return ManifestGrants(std::move(hosts).value(), std::move(templates), {"default"}, "it", std::move(file));
}

bool allows(const ManifestGrants& given, Capability capability, std::string_view scheme, std::string_view host,
            unsigned port = 0) {
  return given.decide(capability, {scheme, host, port}).allowed;
}

TEST(ManifestGrants, SocketsGoWhereAnEntryOfTheirSchemeSays) {
  const ManifestGrants given = grants({"tcp://10.0.0.0/8:5000", "udp://[::1]:53", "*://192.0.2.1:1"});
  EXPECT_TRUE(allows(given, Capability::outbound_socket, "tcp", "10.1.2.3", 5000));
  EXPECT_FALSE(allows(given, Capability::outbound_socket, "tcp", "10.1.2.3", 5001));
  EXPECT_FALSE(allows(given, Capability::outbound_socket, "udp", "10.1.2.3", 5000));
  EXPECT_FALSE(allows(given, Capability::outbound_socket, "tcp", "11.1.2.3", 5000));
  EXPECT_TRUE(allows(given, Capability::outbound_socket, "udp", "[::1]", 53));
  EXPECT_TRUE(allows(given, Capability::outbound_socket, "udp", "192.0.2.1", 1));
  EXPECT_FALSE(allows(grants({"https://*:*"}), Capability::outbound_socket, "tcp", "192.0.2.1", 1));
}

TEST(ManifestGrants, ADenialHasTheEntryToAdd) {
  const auto remedy = [](const ManifestGrants& given, Capability capability, const host::Target& target) {
    return given.decide(capability, target).remedy;
  };
  EXPECT_EQ(remedy(grants({"https://a.example"}), Capability::outbound_http, {"https", "api.example.com", 443}),
            "weft grant it https://api.example.com, or write allowed_outbound_hosts = [\"https://a.example\", "
            "\"https://api.example.com\"] under [component.it] of spin.toml");
  EXPECT_EQ(remedy(grants({"tcp://a.example:1"}), Capability::outbound_socket, {"udp", "[::1]", 53}),
            "weft grant it 'udp://[::1]:53', or write allowed_outbound_hosts = [\"tcp://a.example:1\", "
            "\"udp://[::1]:53\"] under [component.it] of spin.toml");
  EXPECT_EQ(remedy(grants({}, "my shop/spin.toml"), Capability::name_lookup, {"", "db.example", 0}),
            "weft grant -f 'my shop/spin.toml' it 'tcp://db.example:*', or write allowed_outbound_hosts = "
            "[\"tcp://db.example:*\"] under [component.it] of my shop/spin.toml");
  EXPECT_EQ(remedy(grants({}, ""), Capability::socket_bind, {"udp", "0.0.0.0", 0}),
            "write allowed_outbound_hosts = [\"udp://*:*\"] under [component.it] of a spin.toml");
  EXPECT_EQ(remedy(grants({}), Capability::key_value, {"", "cart", 0}),
            "weft grant it --key-value cart, or write key_value_stores = [\"default\", \"cart\"] under [component.it] "
            "of spin.toml");
}

TEST(ManifestGrants, NobodyListensForConnections) {
  EXPECT_FALSE(allows(grants({"*://*:*"}), Capability::socket_bind, "tcp", "127.0.0.1", 0));
}

TEST(ManifestGrants, AUdpSocketHasAFreePortAsSoonAsItMaySendAnywhere) {
  const ManifestGrants given = grants({"udp://192.0.2.1:53"});
  EXPECT_TRUE(allows(given, Capability::socket_bind, "udp", "0.0.0.0"));
  EXPECT_TRUE(allows(given, Capability::socket_bind, "udp", "[::]"));
  EXPECT_TRUE(allows(given, Capability::socket_bind, "udp", "192.0.2.1", 53));
  EXPECT_FALSE(allows(given, Capability::socket_bind, "udp", "0.0.0.0", 53));
  EXPECT_FALSE(allows(given, Capability::socket_bind, "udp", "127.0.0.1"));
  EXPECT_FALSE(allows(grants({"tcp://192.0.2.1:53"}), Capability::socket_bind, "udp", "0.0.0.0"));
}

TEST(ManifestGrants, NamesThatSocketsMayReachAreLookedUp) {
  const ManifestGrants given = grants({"tcp://db.example:5432", "udp://*.dns.example:53", "https://web.example"});
  EXPECT_TRUE(allows(given, Capability::name_lookup, "", "db.example"));
  EXPECT_TRUE(allows(given, Capability::name_lookup, "", "a.dns.example"));
  EXPECT_FALSE(allows(given, Capability::name_lookup, "", "web.example"));
  EXPECT_FALSE(allows(given, Capability::name_lookup, "", "other.example"));
}

}  // namespace
}  // namespace weft::trigger
