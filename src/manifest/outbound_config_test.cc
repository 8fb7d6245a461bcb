#include "manifest/outbound_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/runtime_config.h"

namespace weft::manifest {
namespace {

using boost::asio::ip::make_address;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

RuntimeConfig loaded(std::string_view text) {
  auto result = load_runtime_config_text(text, "site/runtime-config.toml");
  EXPECT_TRUE(result.config) << format_all(result.diagnostics);
  return result.config ? *std::move(result.config) : RuntimeConfig{};
}

std::string faults_of(std::string_view text) {
  const auto result = load_runtime_config_text(text, "site/runtime-config.toml");
  EXPECT_FALSE(result.config) << text;
  return format_all(result.diagnostics);
}

TEST(OutboundConfig, ConnectionsAreKeptUnlessTheTableDoesNotSaySo) {
  EXPECT_TRUE(loaded("").outbound_http.connection_pooling);
  EXPECT_FALSE(loaded("[outbound_http]\n").outbound_http.connection_pooling);
  EXPECT_FALSE(loaded("[outbound_http]\nconnection_pooling = false\n").outbound_http.connection_pooling);
  EXPECT_TRUE(loaded("[outbound_http]\nconnection_pooling = true\n").outbound_http.connection_pooling);
}

TEST(OutboundConfig, LimitsOfConnectionsAreRead) {
  EXPECT_EQ(loaded("").outbound_http.max_connections, std::nullopt);
  EXPECT_EQ(loaded("[outbound_http]\nmax_connections = 0\n").outbound_http.max_connections, 0u);
  const auto config = loaded("[outbound_networking]\nmax_socket_connections = 3\nmax_total_connections = 7\n");
  EXPECT_EQ(config.outbound_networking.max_socket_connections, 3u);
  EXPECT_EQ(config.outbound_networking.max_total_connections, 7u);
}

TEST(OutboundConfig, TheOlderNameOfALimitCountsFromZeroAndWarns) {
  const auto result = load_runtime_config_text("[outbound_http]\nmax_concurrent_requests = 0\n", "r.toml");
  ASSERT_TRUE(result.config);
  EXPECT_EQ(result.config->outbound_http.max_connections, 1u);
  EXPECT_THAT(format_all(result.diagnostics), HasSubstr("write max_connections = 1"));
  EXPECT_THAT(faults_of("[outbound_http]\nmax_connections = 1\nmax_concurrent_requests = 1\n"),
              HasSubstr("is the newer name of this"));
}

TEST(OutboundConfig, NetworksAndPrivateAreBlocked) {
  const auto config = loaded("[outbound_networking]\nblock_networks = [\"1.1.1.1/32\", \"8.8.8.8/16\", \"private\"]\n");
  const BlockedNetworks& blocked = config.outbound_networking.blocked;
  for (const char* address : {"1.1.1.1", "8.8.1.1", "10.0.0.1", "::1"})
    EXPECT_TRUE(blocked.contains(make_address(address))) << address;
  EXPECT_FALSE(blocked.contains(make_address("1.1.1.2")));
  EXPECT_TRUE(loaded("[outbound_networking]\n").outbound_networking.blocked.empty());
}

TEST(OutboundConfig, TlsOfClientsIsReadInItsOrderWithPathsFromTheFile) {
  const auto config = loaded(R"([[client_tls]]
component_ids = ["one", "two"]
hosts = ["Example.com", "[::1]"]
ca_roots_file = "roots.pem"
[[client_tls]]
component_ids = ["one"]
hosts = ["example.com"]
ca_use_platform_roots = true
ca_roots_file = "/abs/roots.pem"
client_cert_file = "tls/cert.pem"
client_private_key_file = "tls/key.pem"
[[client_tls]]
component_ids = ["one"]
hosts = ["a"]
ca_use_webpki_roots = true
)");
  ASSERT_EQ(config.client_tls.size(), 3u);
  const auto& first = config.client_tls[0];
  EXPECT_THAT(first.component_ids, ElementsAre("one", "two"));
  EXPECT_THAT(first.hosts, ElementsAre("example.com", "::1"));
  EXPECT_FALSE(first.platform_roots);
  EXPECT_EQ(first.ca_roots_file, "site/roots.pem");
  const auto& second = config.client_tls[1];
  EXPECT_TRUE(second.platform_roots);
  EXPECT_EQ(second.ca_roots_file, "/abs/roots.pem");
  EXPECT_EQ(second.client_cert_file, "site/tls/cert.pem");
  EXPECT_EQ(second.client_private_key_file, "site/tls/key.pem");
  EXPECT_FALSE(config.client_tls[2].platform_roots);
  EXPECT_TRUE(config.client_tls[2].webpki_roots);
  EXPECT_FALSE(second.webpki_roots);
}

TEST(OutboundConfig, EveryMistakeHasItsLineAndRemedy) {
  const std::string faults = faults_of(R"([outbound_http]
conection_pooling = true
max_connections = -1
[outbound_networking]
block_networks = ["10.0.0.0/40", "Private"]
max_total_connections = "many"
[[client_tls]]
component_ids = ["Not An Id"]
hosts = ["https://example.com", "example.com:443"]
ca_use_platform_roots = false
[[client_tls]]
client_cert_file = "cert.pem"
)");
  for (const char* part :
       {"runtime-config.toml:2", "did you mean `connection_pooling`?", "runtime-config.toml:3:19",
        "outbound_networking.block_networks[0]", "outbound_networking.block_networks[1]", "\"private\" for all",
        "outbound_networking.max_total_connections", "`Not An Id` is not the id of a component",
        "`https://example.com` is not a host", "`example.com:443` is not a host", "no certificate of any server",
        "no component is named", "no host is named", "add client_private_key_file = "}) {
    EXPECT_THAT(faults, HasSubstr(part));
  }
}

}  // namespace
}  // namespace weft::manifest
