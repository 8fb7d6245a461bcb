// Where a Redis server is: redis://[user[:password]@]host[:port][/database]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "util/error.h"
#include "util/secret.h"

namespace weft::provider::redis {

// Parts are percent-decoded. `rediss` is TLS, whose certificate is checked unless the fragment is "insecure"; `unix`
// and `redis+unix` name a socket: unix:///run/redis.sock?db=1&user=u&pass=p. `valkey` and `valkeys` mean the same as
// the two.
struct Address {
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 6379;
  std::string socket;  // path of a Unix socket; empty: TCP
  bool tls = false;
  bool check_certificate = true;
  std::string user;
  Secret password;
  std::uint32_t database = 0;

  // The error never quotes the URL: it may hold a password.
  static Result<Address> parse(std::string_view url);
  // "localhost:6379", for people.
  std::string text() const;
};

}  // namespace weft::provider::redis
