// Runs small components, written as text, against the host's WASI: real instances on fibers of a real loop.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bind/registry.h"
#include "component/instance.h"
#include "host/request_context.h"
#include "wasi/wasi.h"
#include "wasm/engine.h"

namespace weft::wasi::testing {

// Keeps the lines of both streams, errors with "! " before them.
struct Lines final : OutputSink {
  void write_line(const host::RequestContext&, StandardStream stream, std::string_view line) noexcept override {
    seen.push_back((stream == StandardStream::error ? "! " : "") + std::string(line));
  }
  std::vector<std::string> seen;
};

// A function a test guest imports: "poll" of the instance $poll, as $poll of its core module with this core type.
struct Import {
  std::string name;       // in the core module
  std::string function;   // $instance "function"; or the type whose resource.drop it is: drop $type
  std::string signature;  // (param i32) (result i32)
};

// A component with the WASI instances below ($error, $poll, $streams, $clock, ...), whose export `run` is the function
// of that name in a core module made of `imports` and `body`. Its memory is $memory and has 64 pages; `realloc`
// allocates from 131072 on.
std::string guest(const std::vector<Import>& imports, std::string_view body);

class GuestTest : public ::testing::Test {
 protected:
  GuestTest();

  Result<std::shared_ptr<const component::LinkedComponent>> link(std::string_view text);
  // What `run` returns, or the message of the trap it ends with. Gives up when nothing will wake the guest.
  std::expected<std::uint32_t, std::string> run(std::string_view text);

  bind::Registry registry_;
  Loop loop_;
  host::RequestContext context_{loop_, host::no_grants()};
  WasiSetup setup_;
  Lines lines_;
};

}  // namespace weft::wasi::testing
