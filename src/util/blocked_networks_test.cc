#include "util/blocked_networks.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

using boost::asio::ip::make_address;

BlockedNetworks blocking(std::initializer_list<const char*> networks) {
  BlockedNetworks blocked;
  for (const char* network : networks) blocked.add(IpNetwork::parse(network).value());
  return blocked;
}

TEST(BlockedNetworks, AnAddressIsInTheBlocksOfItsPrefix) {
  const BlockedNetworks blocked = blocking({"123.123.1.2/16", "172.16.0.0/12", "2001:db8::/33", "192.0.2.7"});
  for (const char* inside :
       {"123.123.0.0", "123.123.255.255", "172.31.255.255", "2001:db8::1", "2001:db8:7fff::", "192.0.2.7"})
    EXPECT_TRUE(blocked.contains(make_address(inside))) << inside;
  for (const char* outside : {"123.124.0.0", "172.32.0.0", "172.15.255.255", "2001:db8:8000::", "192.0.2.8", "::1"})
    EXPECT_FALSE(blocked.contains(make_address(outside))) << outside;
  EXPECT_TRUE(blocking({"0.0.0.0/0"}).contains(make_address("8.8.8.8")));
  EXPECT_FALSE(blocking({"0.0.0.0/0"}).contains(make_address("2606:4700::1111")));
  EXPECT_TRUE(BlockedNetworks().empty());
  EXPECT_FALSE(blocked.empty());
}

TEST(BlockedNetworks, AnIpv6SpellingOfABlockedIpv4AddressIsBlocked) {
  const BlockedNetworks blocked = blocking({"127.0.0.0/8"});
  for (const char* spelling : {"::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::"})
    EXPECT_TRUE(blocked.contains(make_address(spelling))) << spelling;
  for (const char* other : {"::ffff:128.0.0.1", "64:ff9b::8.8.8.8", "2002:808:808::", "::1", "::"})
    EXPECT_FALSE(blocked.contains(make_address(other))) << other;
}

TEST(BlockedNetworks, WhatIsNotRoutedGloballyIsPrivate) {
  BlockedNetworks blocked;
  blocked.add_private();
  EXPECT_FALSE(blocked.empty());
  for (const char* address : {"0.0.0.0",         "10.10.10.10", "100.64.1.1",        "127.0.0.1",    "169.254.169.254",
                              "172.16.0.1",      "192.0.0.1",   "192.0.2.1",         "192.168.1.1",  "198.18.0.1",
                              "203.0.113.1",     "224.0.0.1",   "255.255.255.255",   "::",           "::1",
                              "fe80::1",         "fd00::1",     "fec0::1",           "ff02::1",      "100::1",
                              "2001:db8::1",     "2001::1",     "3fff::1",           "64:ff9b:1::1", "5f00::1",
                              "::ffff:10.0.0.1", "::10.0.0.1",  "64:ff9b::10.0.0.1", "2002:a00:1::"})
    EXPECT_TRUE(blocked.contains(make_address(address))) << address;
  for (const char* address : {"8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
                              "64:ff9b::8.8.8.8", "2002:808:808::"})
    EXPECT_FALSE(blocked.contains(make_address(address))) << address;
}

TEST(BlockedNetworks, WhatIsNoNetworkIsRefused) {
  for (const char* text : {"", "private", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1",
                           "10.0.0.0/8 ", "fe80::1%eth0/64", "example.com"})
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

}  // namespace
}  // namespace weft
