// What one instance has of sockets, on a loop of the test's own, with grants that the test decides.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "wasi_sockets/state.h"

namespace weft::wasi_sockets::testing {

struct FakeGrants final : host::Grants {
  host::Decision decide(host::Capability capability, const host::Target& target) const override {
    return {allows(capability, target), "so it is", ""};
  }
  std::function<bool(host::Capability, const host::Target&)> allows = [](auto, auto&) { return true; };
};

class SocketTest : public ::testing::Test {
 protected:
  SocketTest() {
    context.log = [this](std::string_view line) { logged.emplace_back(line); };
    state.emplace(context, nullptr);
  }

  // Runs the loop until `pollable` is ready, as a guest waits.
  void wait(host::Pollable& pollable) {
    struct Nobody final : host::Waker {
      void wake() noexcept override {}
    } waker;  // whoever waits looks again after each event
    host::Subscription subscription;
    subscription.subscribe(pollable.signal(), waker);
    while (!pollable.ready()) {
      loop.restart();
      ASSERT_GT(loop.run_one_for(std::chrono::seconds(10)), 0u) << "nothing makes it ready";
    }
  }
  // Runs what the loop has to do within a moment.
  void run_briefly() {
    loop.restart();
    loop.run_for(std::chrono::milliseconds(20));
  }

  Loop loop;
  FakeGrants grants;
  host::RequestContext context{loop, grants};
  std::vector<std::string> logged;
  std::optional<SocketState> state;
};

inline IpSocketAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) {
  return Ipv4SocketAddressCase{{port, {a, b, c, d}}};
}
inline IpSocketAddress v6(Ipv6Address address, std::uint16_t port) {
  return Ipv6SocketAddressCase{{port, 0, address, 0}};
}
inline Endpoint loopback(std::uint16_t port = 0) {
  return Endpoint(v4(127, 0, 0, 1, port));
}

inline std::size_t open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace weft::wasi_sockets::testing
