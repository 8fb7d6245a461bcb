// An asynchronous call of a host function that did not return at once.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <optional>

#include "bind/abi.h"
#include "bind/eventual.h"
#include "component/host_call.h"
#include "component/host_task.h"
#include "component/plan.h"
#include "host/resource_table.h"

namespace weft::bind {

// `where` is the guest's pointer, if the result goes through memory.
template <class R>
void lower_to(abi::LowerContext& cx, host::ResourceTable& resources, const component::LowerTrampoline& call,
              abi::CoreValue* flat, std::uint32_t where, R result) {
  const TypeRef type = call.type->result;
  Lower lower{cx, resources};
  if (type->flat.count() > call.max_flat_results()) {
    abi::checked_range(*cx.memory, where, 1, type->elem_size(), type->alignment(), cx.wording->values);
    Abi<R>::lower(lower, abi::MemorySink{cx.memory, where}, std::move(result), type);
  } else {
    Abi<R>::lower(lower, abi::FlatSink{&flat}, std::move(result), type);
  }
}

class PendingCall : public component::HostTask {
 protected:
  // Runs the work on `loop`. What comes of it is this task's.
  void spawn(Loop& loop, awaitable<void> work);
  void stop() noexcept final;

 private:
  boost::asio::cancellation_signal stop_;
};

template <class R>
class Pending final : public PendingCall {
 public:
  Pending(host::ResourceTable& resources, std::uint32_t where) : resources_(resources), where_(where) {}
  void begin(Loop& loop, awaitable<R> work) { spawn(loop, run(boost::intrusive_ptr<Pending>(this), std::move(work))); }

 private:
  struct Nothing {};
  using Kept = std::conditional_t<std::is_void_v<R>, Nothing, R>;

  static awaitable<void> run(boost::intrusive_ptr<Pending> self, awaitable<R> work) {
    if constexpr (std::is_void_v<R>)
      co_await std::move(work);
    else
      self->result_.emplace(co_await std::move(work));
  }
  void lower([[maybe_unused]] abi::LowerContext& to, [[maybe_unused]] const component::LowerTrampoline& call,
             [[maybe_unused]] abi::CoreValue* flat) override {
    if constexpr (!std::is_void_v<R>) lower_to(to, resources_, call, flat, where_, *std::move(result_));
  }

  host::ResourceTable& resources_;  // the instance's: used only while it is there
  const std::uint32_t where_;
  std::optional<Kept> result_;
};

}  // namespace weft::bind
