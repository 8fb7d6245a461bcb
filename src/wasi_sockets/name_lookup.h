// wasi:sockets/ip-name-lookup: names are looked up by util's Resolver, on its threads.
#pragma once

#include <memory>
#include <optional>
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
  explicit ResolveAddressStream(std::shared_ptr<AddressList> list) : list_(std::move(list)) {}
  const std::shared_ptr<AddressList>& list() const { return list_; }

 private:
  std::shared_ptr<AddressList> list_;
};

// Starts looking up `name` for the instance of `state`, unless it is an address itself.
SocketResult<std::shared_ptr<AddressList>> look_up(SocketState& state, std::string_view name);

void add_name_lookup(bind::Registry& registry);

}  // namespace weft::wasi_sockets
