// WASI 0.2 as components import it, wasi:http excepted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/trap.h"
#include "bind/registry.h"

namespace weft::wasi {

// What a guest's standard output or error is written to: whole lines without their newline, the last one when the
// instance ends. A longer line is broken.
inline constexpr std::size_t max_output_line = 64 << 10;
using LineSink = std::function<void(std::string_view line)>;

// What an instance is given, set before it is made: instance.state<WasiState>().
struct WasiState {
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  LineSink standard_output;
  LineSink standard_error;
};

// The guest called exit: not a fault, but nothing of the instance runs on.
class GuestExit : public abi::Trap {
 public:
  explicit GuestExit(int status) : abi::Trap("the component exited with status " + std::to_string(status)), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

// Adds every interface of WASI 0.2 that the host offers.
void add_to_registry(bind::Registry& registry);

}  // namespace weft::wasi
