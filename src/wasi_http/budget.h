// How much the host keeps for one instance in what the instance made: fields, URLs, bodies that go nowhere yet.
//
// Each of these is bounded, but a guest may have ten thousand of them.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "abi/trap.h"
#include "util/pinned.h"

namespace weft::wasi_http {

// A fan-out of hundreds of requests with bodies fits; a flood does not take the host's memory.
inline constexpr std::size_t max_kept_bytes = 32 << 20;

class Budget : Pinned {
 public:
  // Traps beyond max_kept_bytes.
  void charge(std::size_t bytes) {
    if (bytes > max_kept_bytes - used_) throw abi::Trap("more than 32 MiB of unsent HTTP messages in one instance");
    used_ += bytes;
  }
  void release(std::size_t bytes) noexcept { used_ -= bytes; }
  std::size_t used() const { return used_; }

 private:
  std::size_t used_ = 0;
};

// The budget of an instance: host.state<InstanceBudget>().
struct InstanceBudget {
  std::shared_ptr<Budget> budget = std::make_shared<Budget>();
};

// One object's part of a budget; gives it back when destroyed. May outlive the instance.
class Charge {
 public:
  explicit Charge(std::shared_ptr<Budget> budget) : budget_(std::move(budget)) {}
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { set(0); }
  // Changes the part to `bytes`; traps when there is no room, and changes nothing then.
  void set(std::size_t bytes) {
    if (bytes > bytes_)
      budget_->charge(bytes - bytes_);
    else
      budget_->release(bytes_ - bytes);
    bytes_ = bytes;
  }

 private:
  std::shared_ptr<Budget> budget_;
  std::size_t bytes_ = 0;
};

}  // namespace weft::wasi_http
