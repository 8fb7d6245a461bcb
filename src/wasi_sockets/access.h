// What the sockets of one instance may reach, and what the instance has of them.
//
// Every address is asked of host::authorize before anything is sent there. An address that the instance got by looking
// up a name is reached by what is granted to the name as well: tcp://db.example.com:5432 is enough to connect to the
// database by name. What the site blocks (RequestContext::blocked_networks) nothing reaches.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <deque>
#include <string>
#include <vector>

#include "host/request_context.h"
#include "util/pinned.h"
#include "wasi_sockets/network.h"

namespace weft::wasi_sockets {

// Names whose addresses are remembered for an instance; beyond it the oldest is forgotten.
inline constexpr std::size_t max_known_names = 64;

enum class Protocol : std::uint8_t { tcp, udp };

class Access : Pinned {
 public:
  explicit Access(host::RequestContext& context) : context_(context) {}

  // May something be sent there? Logs a denial.
  bool may_send(Protocol protocol, const Endpoint& remote);
  // The same without a word, for what comes in.
  bool would_send(Protocol protocol, const Endpoint& remote) const;
  // Nothing comes from there or goes there, whatever is granted.
  bool is_blocked(const Endpoint& remote) const { return host::is_blocked(context_, remote.ip()); }
  // Whether there is anything of which is_blocked() says so.
  bool blocks_any() const { return context_.blocked_networks != nullptr; }
  // May a socket have this address of its own? Logs a denial.
  bool may_bind(Protocol protocol, const Endpoint& local);
  // May the addresses of `name` be known? Logs a denial.
  bool may_look_up(const std::string& name);
  // A look-up of `name` answered with `addresses`.
  void learn(std::string name, std::vector<boost::asio::ip::address> addresses);

  host::RequestContext& context() const { return context_; }

 private:
  struct Known {
    std::string name;
    std::vector<boost::asio::ip::address> addresses;
  };
  // The name that a grant makes `remote` reachable by, or null.
  const std::string* granted_name(Protocol protocol, const Endpoint& remote) const;

  host::RequestContext& context_;
  std::deque<Known> known_;  // the newest last
};

}  // namespace weft::wasi_sockets
