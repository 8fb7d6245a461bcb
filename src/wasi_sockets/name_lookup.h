// wasi:sockets/ip-name-lookup: names are looked up by util's Resolver, on its threads.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bind/registry.h"
#include "host/resource_table.h"
#include "host/signal.h"
#include "wasi_sockets/state.h"

namespace weft::wasi_sockets {

// The addresses of one name, once they are there.
class AddressList final : public host::Pollable {
 public:
  bool ready() override { return done_; }
  host::Signal& signal() override { return signal_; }
  void give(SocketResult<std::vector<boost::asio::ip::address>> answer);
  // The next one; none after the last.
  SocketResult<std::optional<IpAddress>> next();

 private:
  bool done_ = false;
  SocketResult<std::vector<boost::asio::ip::address>> answer_;
  std::size_t at_ = 0;
  host::Signal signal_;
};

// resource resolve-address-stream
class ResolveAddressStream final : public host::Resource {
 public:
  static constexpr const char* resource_name = "resolve-address-stream";
  // Of the addresses of one family, if one is given.
  explicit ResolveAddressStream(std::shared_ptr<AddressList> list, std::optional<IpAddressFamily> family = std::nullopt)
      : list_(std::move(list)), family_(family) {}
  SocketResult<std::optional<IpAddress>> next();
  const std::shared_ptr<AddressList>& list() const { return list_; }

 private:
  std::shared_ptr<AddressList> list_;
  std::optional<IpAddressFamily> family_;
};

// Starts looking up `name` for the instance of `state`, unless it is an address itself.
SocketResult<std::shared_ptr<AddressList>> look_up(SocketState& state, std::string_view name);

// Of a version of WASI 0.2 (wasi/p2.h).
void add_name_lookup(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_sockets
