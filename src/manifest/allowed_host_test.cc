#include "manifest/allowed_host.h"

#include <gtest/gtest.h>

namespace weft::manifest {
namespace {

struct MatchCase {
  const char* entry;
  const char* scheme;
  const char* host;
  std::uint16_t port;
  bool granted;
};

TEST(AllowedHost, GrantsExactlyWhatTheEntrySays) {
  constexpr MatchCase cases[] = {
      // Names, schemes and default ports.
      {"https://example.com", "https", "example.com", 443, true},
      {"https://example.com", "https", "EXAMPLE.com", 443, true},
      {"https://example.com/", "https", "example.com", 443, true},
      {"https://example.com", "https", "example.com.", 443, true},
      {"https://example.com", "https", "example.com", 8443, false},
      {"https://example.com", "http", "example.com", 443, false},
      {"https://example.com", "https", "www.example.com", 443, false},
      {"https://example.com", "https", "notexample.com", 443, false},
      {"http://example.com", "http", "example.com", 80, true},
      {"redis://db", "redis", "db", 6379, true},
      {"postgres://db", "postgres", "db", 5432, true},
      {"mysql://db", "mysql", "db", 3306, true},
      {"mqtt://db", "mqtt", "db", 1883, true},
      {"HTTPS://Example.com", "https", "example.com", 443, true},
      // Ports.
      {"http://a:8080", "http", "a", 8080, true},
      {"http://a:8080", "http", "a", 80, false},
      {"http://a:*", "http", "a", 1, true},
      {"http://a:*", "http", "a", 65535, true},
      {"http://a:8000..8010", "http", "a", 8000, true},
      {"http://a:8000..8010", "http", "a", 8009, true},
      {"http://a:8000..8010", "http", "a", 8010, false},
      {"http://a:65535..65536", "http", "a", 65535, true},
      // Any scheme, any host.
      {"*://a:80", "tcp", "a", 80, true},
      {"*://*:*", "udp", "10.0.0.1", 53, true},
      {"http://*", "http", "name.spin.internal", 80, true},
      {"http://*", "http", "10.0.0.1", 80, true},
      {"http://*", "http", "a", 81, false},
      // Subdomains: any depth, not the apex, names only.
      {"https://*.example.com", "https", "a.example.com", 443, true},
      {"https://*.example.com", "https", "a.b.Example.com", 443, true},
      {"https://*.example.com", "https", "example.com", 443, false},
      {"https://*.example.com", "https", "badexample.com", 443, false},
      {"https://*.0.0.1:443", "https", "10.0.0.1", 443, false},
      // Addresses and blocks.
      {"http://127.0.0.1:8080", "http", "127.0.0.1", 8080, true},
      {"http://127.0.0.1:8080", "http", "localhost", 8080, false},
      {"http://localhost:8080", "http", "127.0.0.1", 8080, false},
      {"tcp://10.0.0.0/8:5000", "tcp", "10.255.1.2", 5000, true},
      {"tcp://10.1.2.3/8:5000", "tcp", "10.255.1.2", 5000, true},
      {"tcp://10.0.0.0/8:5000", "tcp", "11.0.0.1", 5000, false},
      {"tcp://10.0.0.0/8:5000", "tcp", "10.evil.example", 5000, false},
      {"tcp://0.0.0.0/0:5000", "tcp", "8.8.8.8", 5000, true},
      {"tcp://0.0.0.0/0:5000", "tcp", "::1", 5000, false},
      {"tcp://192.168.1.128/25:1", "tcp", "192.168.1.127", 1, false},
      {"tcp://192.168.1.128/25:1", "tcp", "192.168.1.200", 1, true},
      {"http://[::1]:8080", "http", "[::1]", 8080, true},
      {"http://[::1]:8080", "http", "::1", 8080, true},
      {"http://[::1]", "http", "0:0:0:0:0:0:0:1", 80, true},
      {"tcp://fd00::/8:*", "tcp", "fd12::1", 7, true},
      {"tcp://fd00::/8:*", "tcp", "fe80::1", 7, false},
      {"tcp://10.0.0.0/8:5000", "tcp", "::ffff:10.0.0.1", 5000, true},
      // `self` is not a host that can be dialled.
      {"http://self", "http", "self", 80, false},
      {"http://self.alt", "http", "self.alt", 80, false},
  };
  for (const MatchCase& c : cases) {
    const auto host = AllowedHost::parse(c.entry);
    ASSERT_TRUE(host) << c.entry << ": " << host.error().message();
    EXPECT_EQ(host->matches(c.scheme, c.host, c.port), c.granted) << c.entry << " " << c.scheme << "://" << c.host;
  }
}

TEST(AllowedHost, RefusesWhatIsNotInTheGrammarAndSaysWhy) {
  constexpr std::pair<const char*, const char*> cases[] = {
      {"", "scheme is missing"},
      {"*", "scheme is missing"},
      {"example.com", "scheme is missing"},
      {"example.com:443", "scheme is missing"},
      {"insecure:allow-all", "no longer supported"},
      {"://example.com", "not a scheme"},
      {"ht-tp://example.com", "not a scheme"},
      {"{http,https}://example.com", "not a scheme"},
      {"https://", "host is missing"},
      {"https://:443", "host is missing"},
      {"https://example.com/api", "path"},
      {"https://example.com:443/api", "path"},
      {"https://example.com?x=1", "query"},
      {"https://user:pw@example.com", "user name"},
      {"https://{a,b}.example.com", "braces"},
      {"https://a.*.com", "`*` may stand"},
      {"https://*example.com", "`*` may stand"},
      {"https://exa mple.com", "not a host name"},
      {"https://example..com", "not a host name"},
      {"https://example.com:http", "not a port"},
      {"https://example.com:", "not a port"},
      {"https://example.com:70000", "not a port"},
      {"https://example.com:9..5", "empty"},
      {"https://example.com:5..5", "empty"},
      {"https://example.com:1..70000", "not a port range"},
      {"tcp://10.0.0.1", "no default port"},
      {"*://example.com", "no default port"},
      {"tcp://10.0.0.0/33:80", "not a prefix"},
      {"tcp://fd00::/129:80", "not a prefix"},
  };
  for (const auto& [entry, reason] : cases) {
    const auto host = AllowedHost::parse(entry);
    ASSERT_FALSE(host) << entry;
    EXPECT_NE(host.error().message().find(reason), std::string::npos) << entry << ": " << host.error().message();
  }
}

TEST(AllowedHost, AllowsRelativeRequestsForSelfAndAnyHostOverHttp) {
  for (const char* entry : {"http://self", "https://self", "http://self.alt", "http://*", "*://*:*"}) {
    EXPECT_TRUE(AllowedHost::parse(entry).value().allows_self()) << entry;
  }
  for (const char* entry : {"redis://*", "http://example.com", "http://*.spin.internal"}) {
    EXPECT_FALSE(AllowedHost::parse(entry).value().allows_self()) << entry;
  }
}

TEST(AllowedHost, NamesTheChainedComponent) {
  EXPECT_EQ(AllowedHost::parse("http://back-end.spin.internal").value().chained_component(), "back-end");
  EXPECT_EQ(AllowedHost::parse("http://*.spin.internal").value().chained_component(), "*");
  EXPECT_EQ(AllowedHost::parse("http://example.com").value().chained_component(), "");
}

TEST(AllowedHosts, ExpandsTemplatesAndSkipsEmptyEntries) {
  const std::vector<Template> entries = {
      Template::parse("https://{{ host }}").value(), Template::parse("https://{{ empty }}").value(),
      Template::parse("{{ empty }}").value(), Template::parse("http://self").value()};
  const auto hosts = AllowedHosts::expand(entries, [](std::string_view name) {
                       return Result<std::string>(name == "host" ? "example.com" : "");
                     }).value();
  EXPECT_EQ(hosts.entries().size(), 2u);
  EXPECT_TRUE(hosts.allows("https", "example.com", 443));
  EXPECT_FALSE(hosts.allows("https", "other.com", 443));
  EXPECT_TRUE(hosts.allows_self());
}

TEST(AllowedHosts, AVariableCannotSmuggleAPath) {
  const std::vector<Template> entries = {Template::parse("https://{{ host }}").value()};
  EXPECT_FALSE(AllowedHosts::expand(entries, [](std::string_view) { return Result<std::string>("a/b"); }));
}

TEST(AllowedHosts, AnEmptyListGrantsNothing) {
  const AllowedHosts none;
  EXPECT_FALSE(none.allows("http", "localhost", 80));
  EXPECT_FALSE(none.allows_self());
}

TEST(AllowedHost, SuggestsTheEntryForADeniedDestination) {
  EXPECT_EQ(entry_for("https", "api.example.com", 443), "https://api.example.com");
  EXPECT_EQ(entry_for("https", "api.example.com", 8443), "https://api.example.com:8443");
  EXPECT_EQ(entry_for("tcp", "10.0.0.1", 5000), "tcp://10.0.0.1:5000");
  EXPECT_EQ(entry_for("http", "::1", 8080), "http://[::1]:8080");
  for (const auto& [scheme, host, port] : {std::tuple("https", "a.b", 443), {"tcp", "::1", 9}, {"redis", "r", 1}}) {
    const auto port16 = static_cast<std::uint16_t>(port);
    EXPECT_TRUE(AllowedHost::parse(entry_for(scheme, host, port16)).value().matches(scheme, host, port16));
  }
}

TEST(AllowedHost, PrintsTheManifestLinesToAdd) {
  const std::vector<Template> existing = {Template::parse("http://self").value()};
  EXPECT_EQ(manifest_lines_for("hello", existing, "https://a.com"),
            "[component.hello]\nallowed_outbound_hosts = [\"http://self\", \"https://a.com\"]");
  EXPECT_EQ(manifest_lines_for("hello", {}, "https://a\"\n.com"),
            "[component.hello]\nallowed_outbound_hosts = [\"https://a\\\"\\u000a.com\"]");
}

}  // namespace
}  // namespace weft::manifest
