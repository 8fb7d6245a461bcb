#include "wasi/turn.h"

#include <boost/asio/post.hpp>
#include <memory>

namespace weft::wasi {
namespace {

class NextTurn final : public host::Pollable, public std::enable_shared_from_this<NextTurn> {
 public:
  explicit NextTurn(Loop& loop) : loop_(loop) {}
  bool ready() override { return come_; }
  host::Signal& signal() override {
    boost::asio::post(loop_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->come_ = true;
        self->signal_.notify();
      }
    });
    return signal_;
  }

 private:
  Loop& loop_;
  bool come_ = false;
  host::Signal signal_;
};

}  // namespace

void let_others_run(bind::Host host) {
  const auto turn = std::make_shared<NextTurn>(host.context().loop());
  host.wait_for(*turn);
}

}  // namespace weft::wasi
