#include "bind/pending.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace weft::bind {

void PendingCall::spawn(Loop& loop, awaitable<void> work) {
  const boost::intrusive_ptr<PendingCall> self(this);
  boost::asio::co_spawn(loop, std::move(work),
                        boost::asio::bind_cancellation_slot(
                            stop_.slot(), [self](std::exception_ptr failure) { self->finish(std::move(failure)); }));
}

void PendingCall::stop() noexcept {
  stop_.emit(boost::asio::cancellation_type::terminal);
}

}  // namespace weft::bind
