// What a client may ask of the server. Every limit answers with the status named beside it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weft::http {

struct Limits {
  std::size_t target_bytes = 16 << 10;              // 414; what browsers and proxies pass on
  std::size_t head_bytes = 64 << 10;                // 431; request line and fields together
  std::size_t fields = 128;                         // 431
  std::uint64_t body_bytes = UINT64_MAX;            // 413; streaming bodies need no limit of their own
  std::size_t connections = 10'000;                 // further ones wait in the kernel's queue
  std::size_t drained_body_bytes = 256 << 10;       // of a request body nobody read, before the connection is closed
  std::chrono::milliseconds head_timeout{15'000};   // 408; from the first byte of a head to its end
  std::chrono::milliseconds body_timeout{60'000};   // 408; without a byte of the body while it is wanted
  std::chrono::milliseconds idle_timeout{75'000};   // closed; a kept-alive connection without a request
  std::chrono::milliseconds write_timeout{60'000};  // closed; a client that takes no bytes
};

}  // namespace weft::http
