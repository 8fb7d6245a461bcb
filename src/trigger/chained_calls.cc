#include "trigger/chained_calls.h"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace weft::trigger {
namespace {

// What a request has for a client that is a component.
constexpr std::string_view client_address = "0.0.0.0:0";

http::RequestHead head_of(const http::ClientRequest& request) {
  http::RequestHead head;
  head.method = request.method;
  head.scheme = "http";
  head.authority = request.authority;
  head.path_with_query = request.path_with_query;
  if (!head.path_with_query.starts_with('/')) head.path_with_query.insert(0, "/");
  head.fields = request.fields;
  head.client_address = client_address;
  return head;
}

bool has_body(std::string_view method, unsigned status) {
  return method != "HEAD" && status != 204 && status != 304;
}

// Moves what there is room for. True when anything was. Within it whoever reads may ask for more, and whoever writes
// give more.
bool move_bytes(http::BodyPipe& from, http::BodyPipe& to) {
  bool moved = false;
  while (from.size() > 0 && to.writable() > 0 && !to.cancelled()) {
    const std::string_view piece = from.front().substr(0, to.writable());
    to.write(piece);
    from.consume(piece.size());
    moved = true;
  }
  return moved;
}

}  // namespace

// Callbacks come from within host calls of either component, on its fiber: nothing is started or stopped there.
class ChainedCalls::Call final : public std::enable_shared_from_this<ChainedCalls::Call>, Pinned {
 public:
  Call(ChainedCalls& calls, std::shared_ptr<http::ClientExchange> asked, Serve serve)
      : calls_(&calls), loop_(calls.loop_), asked_(std::move(asked)), serve_(std::move(serve)) {}

  void begin() {
    if (calls_ == nullptr) return;
    http::BodyPipe& body = asked_->request_body();
    if (asked_->cancelled() || body.failed()) {
      if (!asked_->cancelled()) asked_->fail({http::ClientFault::request_aborted, body.abort_reason()});
      calls_->open_.erase(shared_from_this());
      return;
    }
    made_ = std::make_shared<http::Exchange>(head_of(asked_->request()));
    asked_->set_interrupt([this] { leave_later(); });
    made_->on_response = [this] { respond(); };
    if (body.finished() && !body.trailers()) {
      made_->request_body().fill(body.take_all());
      asked_at_ = Clock::now();
    } else {
      body.on_readable = [this] { pass_request(); };
      made_->request_body().on_writable = [this] { pass_request(); };
      pass_request();
    }
    std::exchange(serve_, nullptr)(made_);
  }

  void expire(Clock::time_point now) {
    if (ended_ || made_ == nullptr) return;
    const http::ClientTimeouts& timeouts = asked_->request().timeouts;
    const bool late = responded_ ? made_->response_body().size() == 0 && now - moved_at_ > timeouts.between_bytes
                                 : asked_at_ != Clock::time_point() && now - asked_at_ > timeouts.first_byte;
    if (!late) return;
    asked_->fail({http::ClientFault::read_timeout, "from a component of the application"});
    leave();
  }

  // The loop's handler goes.
  void disown() {
    calls_ = nullptr;
    ended_ = true;
    clear();
  }

 private:
  void pass_request() {
    if (ended_ || passes_request_) return;
    http::BodyPipe& from = asked_->request_body();
    http::BodyPipe& to = made_->request_body();
    passes_request_ = true;
    move_bytes(from, to);
    passes_request_ = false;
    if (to.cancelled()) {
      from.cancel();
    } else if (from.at_end() && !to.ended()) {
      to.finish(from.trailers());
      asked_at_ = Clock::now();
    } else if (from.failed()) {
      asked_->fail({http::ClientFault::request_aborted, from.abort_reason()});
      leave_later();
    }
  }

  void respond() {
    if (ended_) return;
    responded_ = true;
    moved_at_ = Clock::now();
    http::ResponseHead head;
    head.status = made_->response().status;
    head.fields = std::move(made_->response().fields);
    const bool body = has_body(asked_->request().method, head.status);
    if (body) {
      made_->response_body().on_readable = [this] { pass_response(); };
      asked_->response_body().on_writable = [this] { pass_response(); };
    }
    asked_->respond(std::move(head));
    if (body) {
      pass_response();
    } else {
      made_->response_body().cancel();
      asked_->response_body().finish();
      end();
    }
  }

  void pass_response() {
    if (ended_ || passes_response_) return;
    http::BodyPipe& from = made_->response_body();
    http::BodyPipe& to = asked_->response_body();
    passes_response_ = true;
    if (move_bytes(from, to)) moved_at_ = Clock::now();
    passes_response_ = false;
    if (to.cancelled()) {
      leave_later();
    } else if (from.at_end()) {
      to.finish(from.trailers());
      end();
    } else if (from.failed()) {
      asked_->fail({http::ClientFault::response_incomplete, from.abort_reason()});
      end();
    }
  }

  // Whoever asked has gone, or waits no longer.
  void leave_later() {
    if (ended_) return;
    boost::asio::post(loop_, [self = shared_from_this()] { self->leave(); });
  }
  void leave() {
    if (ended_) return;
    const auto made = made_;
    end();
    made->set_client_gone();
  }

  // The response is complete, or of no use any more. What is called back at this moment is cleared when it has
  // returned.
  void end() {
    if (std::exchange(ended_, true)) return;
    boost::asio::post(loop_, [self = shared_from_this()] {
      self->clear();
      if (self->calls_ != nullptr) self->calls_->open_.erase(self);
    });
  }

  void clear() {
    asked_->set_interrupt(nullptr);
    asked_->request_body().on_readable = nullptr;
    asked_->response_body().on_writable = nullptr;
    if (made_ == nullptr) return;
    made_->on_response = nullptr;
    made_->request_body().on_writable = nullptr;
    made_->response_body().on_readable = nullptr;
    // Nobody adds to a request that has been answered, and nobody reads on.
    if (!made_->request_body().ended()) made_->request_body().abort("the request is over", http::BodyFault::cancelled);
    if (!asked_->request_body().ended()) asked_->request_body().cancel();
  }

  ChainedCalls* calls_;  // null: gone
  Loop& loop_;
  const std::shared_ptr<http::ClientExchange> asked_;
  Serve serve_;
  std::shared_ptr<http::Exchange> made_;  // null: not begun
  Clock::time_point asked_at_{};          // when the request was complete
  Clock::time_point moved_at_{};
  bool responded_ = false;
  bool passes_request_ = false;  // further down on this stack
  bool passes_response_ = false;
  bool ended_ = false;
};

ChainedCalls::~ChainedCalls() {
  for (const auto& call : std::exchange(open_, {})) call->disown();
}

void ChainedCalls::start(std::shared_ptr<http::ClientExchange> asked, Serve serve) {
  if (open_.size() >= max_chained_calls) {
    // What is told within the call is not heard: nobody waits for it yet.
    boost::asio::post(loop_, [asked = std::move(asked)] {
      asked->fail({http::ClientFault::connection_limit, "too many requests between components"});
    });
    return;
  }
  const auto call = std::make_shared<Call>(*this, std::move(asked), std::move(serve));
  open_.insert(call);
  boost::asio::post(loop_, [call] { call->begin(); });
}

void ChainedCalls::sweep(Clock::time_point now) {
  std::vector<std::shared_ptr<Call>> calls(open_.begin(), open_.end());
  for (const auto& call : calls) call->expire(now);
}

}  // namespace weft::trigger
