// How much the host keeps for one instance in calls that do not hold it: arguments until the store has answered,
// results until the guest has taken them, keys of listings until they end.
//
// Each call is within the limits of a store, but a guest may have thousands of them under way.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "provider/key_value.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::key_value {

// The greatest value and the greatest result at once, and hundreds of usual ones.
inline constexpr std::size_t max_pending_bytes = 2 * provider::max_result_bytes;
// What a call takes beyond its arguments.
inline constexpr std::size_t call_overhead_bytes = 1024;

// Of one loop. May outlive the instance.
class CallBudget : Pinned {
 public:
  // A part of a budget; gives it back when it goes.
  class Charge {
   public:
    explicit Charge(std::shared_ptr<CallBudget> budget) : budget_(std::move(budget)) {}
    Charge(Charge&& other) noexcept : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
    Charge& operator=(Charge&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Charge() { clear(); }
    // Adds to the part. An error: there is no room, and nothing was added.
    Result<void> add(std::size_t bytes) {
      if (bytes > max_pending_bytes - budget_->used_) {
        return fail(Errc::limit, "calls that are not finished exceed the limit of " +
                                     std::to_string(max_pending_bytes) + " bytes in one instance");
      }
      budget_->used_ += bytes;
      bytes_ += bytes;
      return {};
    }
    void clear() noexcept {
      if (budget_ != nullptr) budget_->used_ -= bytes_;
      bytes_ = 0;
    }
    // Another part of the same budget, of nothing yet.
    Charge beside() const { return Charge(budget_); }

   private:
    std::shared_ptr<CallBudget> budget_;
    std::size_t bytes_ = 0;
  };

  std::size_t used() const { return used_; }

 private:
  std::size_t used_ = 0;
};

}  // namespace weft::key_value
