#include "wasi_sockets/name_lookup.h"

#include <gmock/gmock.h>
#include <netdb.h>

#include <mutex>

#include "wasi_sockets/host_name.h"
#include "wasi_sockets/testing/fixture.h"

namespace weft::wasi_sockets {
namespace {

namespace ip = boost::asio::ip;
using testing::v4;

std::string parsed(std::string_view text) {
  const auto name = parse_host_name(text);
  if (!name) return std::string(weft_labels(name.error())[static_cast<std::size_t>(name.error())]);
  if (const auto* address = std::get_if<ip::address>(&*name)) return "address " + address->to_string();
  return std::get<std::string>(*name);
}

TEST(HostName, AddressesAreTakenAsTheyAre) {
  EXPECT_EQ(parsed("127.0.0.1"), "address 127.0.0.1");
  EXPECT_EQ(parsed("::"), "address ::");
  EXPECT_EQ(parsed("[::1]"), "address ::1");
  EXPECT_EQ(parsed("DEAD:BEEF::0"), "address dead:beef::");
  EXPECT_EQ(parsed("2001:0db8:0:0:0:0:0:0"), "address 2001:db8::");
}

TEST(HostName, NamesAreInLowerCase) {
  EXPECT_EQ(parsed("localhost"), "localhost");
  EXPECT_EQ(parsed("DB.Example.com"), "db.example.com");
}

TEST(HostName, WhatIsNeitherIsInvalid) {
  for (const char* text : {"", " ", "a.b<&>", "127.0.0.1:80", "[::]:80", "[::1", "http://example.com/", "a..b",
                           "example.com:", "user@host", "127.1", "0x7f000001", "2130706433", "fe80::1%eth0", "%31"}) {
    EXPECT_EQ(parsed(text), "invalid-argument") << text;
  }
  EXPECT_EQ(parsed(std::string(300, 'a')), "invalid-argument");
  EXPECT_EQ(parsed(std::string_view("a\0b", 3)), "invalid-argument");
}

TEST(HostName, OtherScriptsAreConverted) {
  EXPECT_EQ(parsed("münchen.de"), "xn--mnchen-3ya.de");
  EXPECT_EQ(parsed("MÜNCHEN.de"), "xn--mnchen-3ya.de");
  EXPECT_EQ(parsed("faß.de"), "xn--fa-hia.de");  // not its transitional form
  EXPECT_EQ(parsed("\u0661.\uff11"), "invalid-argument");
  // What looks like a dot is one, and an address stays an address.
  EXPECT_EQ(parsed("127\u30020.0.1"), "address 127.0.0.1");
}

class NameLookup : public testing::SocketTest {
 protected:
  NameLookup() { context.resolver = &resolver; }
  SocketResult<std::shared_ptr<AddressList>> start(std::string_view name) { return look_up(*state, name); }
  std::vector<SocketResult<std::optional<IpAddress>>> all(std::string_view name) {
    std::vector<SocketResult<std::optional<IpAddress>>> out;
    auto list = start(name).value();
    wait(*list);
    do out.push_back(list->next());
    while (out.back() && *out.back());
    return out;
  }

  std::mutex held;
  Resolver::Answer answer{{ip::make_address("192.0.2.1"), ip::make_address("::ffff:192.0.2.2")}, 0};
  Resolver resolver{[this](const std::string&) {
    const std::lock_guard wait(held);
    return answer;
  }};
};

TEST_F(NameLookup, GivesOneAddressAfterTheOtherAndThenNone) {
  const auto addresses = all("db.example");
  ASSERT_EQ(addresses.size(), 3u);
  EXPECT_EQ(std::get<Ipv4AddressCase>(**addresses[0]).value, Ipv4Address(192, 0, 2, 1));
  EXPECT_EQ(std::get<Ipv4AddressCase>(**addresses[1]).value, Ipv4Address(192, 0, 2, 2));  // never a mapped one
  EXPECT_FALSE(addresses[2]->has_value());
}

TEST_F(NameLookup, WouldBlockUntilTheAnswerIsThere) {
  held.lock();
  auto list = start("db.example").value();
  EXPECT_FALSE(list->ready());
  EXPECT_EQ(list->next().error(), ErrorCode::would_block);
  held.unlock();
  wait(*list);
  EXPECT_TRUE(list->next());
}

TEST_F(NameLookup, FailuresHaveTheirCodes) {
  for (const auto& [error, code] : {std::pair(EAI_NONAME, ErrorCode::name_unresolvable),
                                    std::pair(EAI_AGAIN, ErrorCode::temporary_resolver_failure),
                                    std::pair(EAI_FAIL, ErrorCode::permanent_resolver_failure)}) {
    answer = {{}, error};
    EXPECT_EQ(all("db.example")[0].error(), code);
  }
}

TEST_F(NameLookup, OnlyGrantedNamesAreLookedUpAndAddressesNeedNoGrant) {
  grants.allows = [](host::Capability capability, const host::Target& target) {
    return capability == host::Capability::name_lookup && target.host == "db.example";
  };
  EXPECT_TRUE(start("DB.example"));
  EXPECT_EQ(start("other.example").error(), ErrorCode::access_denied);
  EXPECT_EQ(logged.size(), 1u);
  EXPECT_EQ(all("192.0.2.7").size(), 2u);
}

TEST_F(NameLookup, WhatIsGrantedToANameIsGrantedToItsAddressesOnceTheyAreKnown) {
  grants.allows = [](host::Capability capability, const host::Target& target) {
    return capability == host::Capability::name_lookup ||
           (target.scheme == "tcp" && target.host == "db.example" && target.port == 5432);
  };
  const Endpoint there(v4(192, 0, 2, 1, 5432)), other_port(v4(192, 0, 2, 1, 22)), elsewhere(v4(192, 0, 2, 9, 5432));
  EXPECT_FALSE(state->access.may_send(Protocol::tcp, there));
  all("db.example");
  EXPECT_TRUE(state->access.may_send(Protocol::tcp, there));
  EXPECT_FALSE(state->access.may_send(Protocol::udp, there));
  EXPECT_FALSE(state->access.may_send(Protocol::tcp, other_port));
  EXPECT_FALSE(state->access.may_send(Protocol::tcp, elsewhere));
  all("another.example");
  EXPECT_TRUE(state->access.may_send(Protocol::tcp, there));
}

TEST(ResolveAddressStream, OfOneFamilyLeavesTheOthersOut) {
  const auto list = std::make_shared<AddressList>();
  ResolveAddressStream six(list, IpAddressFamily::ipv6);
  EXPECT_EQ(six.next().error(), ErrorCode::would_block);
  list->give(std::vector{ip::make_address("127.0.0.1"), ip::make_address("::1"), ip::make_address("127.0.0.2")});
  const auto first = six.next().value();
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(std::holds_alternative<Ipv6AddressCase>(*first));
  EXPECT_FALSE(six.next().value().has_value());
}

TEST_F(NameLookup, AnInstanceHasSoManyUnderWay) {
  held.lock();
  std::vector<std::shared_ptr<AddressList>> lists;
  for (std::uint32_t i = 0; i < max_lookups; ++i) lists.push_back(start("a" + std::to_string(i) + ".example").value());
  EXPECT_EQ(start("one.more.example").error(), ErrorCode::temporary_resolver_failure);
  held.unlock();
  for (const auto& list : lists) wait(*list);
  EXPECT_TRUE(start("one.more.example"));
}

TEST_F(NameLookup, AnAnswerThatNobodyWaitsForIsDropped) {
  held.lock();
  start("db.example").value().reset();
  const auto lookups = state->lookups;
  state.reset();
  held.unlock();
  while (*lookups > 0) {
    loop.restart();
    ASSERT_GT(loop.run_one_for(std::chrono::seconds(10)), 0u);
  }
}

}  // namespace
}  // namespace weft::wasi_sockets
