// One request of the client and its response, between a connection and whoever asked.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/body.h"
#include "http/client_error.h"
#include "http/message.h"
#include "http/url.h"
#include "util/pinned.h"

namespace weft::http {

class ClientTls;

struct ClientTimeouts {
  // For the name look-up, a free connection, TCP and TLS together.
  std::chrono::nanoseconds connect = std::chrono::seconds(600);
  // From the request's last byte to the response's head.
  std::chrono::nanoseconds first_byte = std::chrono::seconds(600);
  // Between two arrivals of the response's body; as long may the server take no byte of the request.
  std::chrono::nanoseconds between_bytes = std::chrono::seconds(600);
};

struct ClientRequest {
  Origin origin;
  std::string authority;        // the Host field; the origin's when empty
  std::string method = "GET";   // a token; never CONNECT, whose answer would be a tunnel
  std::string path_with_query;  // is_path_with_query()
  // Valid names and values. Those that frame the message or belong to the connection are left out when it is sent.
  Fields fields;
  // Connections are shared only among requests of the same owner, such as one component of an application.
  std::string owner;
  ClientTimeouts timeouts;
  // The length that a body sent as a stream will have, if it is known.
  std::optional<std::uint64_t> content_length;
  // How the server is greeted; null: as the client greets all others. Of one owner and origin always the same.
  std::shared_ptr<const ClientTls> tls = nullptr;
  // The origin is this process itself: no certificate is asked for and no address filter applies.
  bool to_self = false;
};

// What of an exchange is to be looked at when its time is over; one timer serves all of a loop's.
class DeadlineWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Look again at `deadline`, at the latest.
  virtual void look_at(Time deadline) = 0;

 protected:
  ~DeadlineWatch() = default;
};

// Lives on the client's loop. Either side may let go of it at any time.
class ClientExchange : Pinned {
 public:
  using Time = DeadlineWatch::Time;
  static constexpr Time never = Time::max();

  explicit ClientExchange(ClientRequest request) : request_(std::move(request)) {}

  const ClientRequest& request() const { return request_; }

  // ---- whoever asks ----

  // Finished before the exchange is started: the body is sent with its length, and again if it has to be. Else it is
  // sent as it comes; aborting it ends the exchange.
  BodyPipe& request_body() { return request_body_; }
  // The head has arrived, or never will.
  bool responded() const { return responded_; }
  // Called once, when responded() becomes true; not from within start() or cancel().
  std::function<void()> on_response;
  // Why there is no response, or why its body is cut short.
  const std::optional<ClientError>& error() const { return error_; }
  // False, once responded(): error() came before the head.
  bool has_response() const { return has_response_; }
  // REQUIRES: has_response().
  ResponseHead& response() { return response_; }
  // Read from the socket only while it has room. Cancelling it ends the exchange.
  BodyPipe& response_body() { return response_body_; }
  // Nobody wants the response any more.
  void cancel();
  bool cancelled() const { return cancelled_; }

  // ---- the client ----

  void respond(ResponseHead head);
  // Ends the exchange with an error, whatever part of the response was there.
  void fail(ClientError error);
  // What cancel() and the end of the time interrupt; at most one thing at a time.
  void set_interrupt(std::function<void()> interrupt) { interrupt_ = std::move(interrupt); }
  void set_watch(DeadlineWatch* watch) { watch_ = watch; }
  // When expire() is due.
  void set_deadline(Time deadline);
  Time deadline() const { return deadline_; }
  void expire();
  // True once after each expire().
  bool take_expired() { return std::exchange(expired_, false); }

 private:
  ClientRequest request_;
  BodyPipe request_body_;
  BodyPipe response_body_;
  ResponseHead response_;
  std::optional<ClientError> error_;
  std::function<void()> interrupt_;
  DeadlineWatch* watch_ = nullptr;
  Time deadline_ = never;
  bool responded_ = false;
  bool has_response_ = false;
  bool cancelled_ = false;
  bool expired_ = false;
};

// `duration` from now; never for what the clock cannot hold.
ClientExchange::Time from_now(std::chrono::nanoseconds duration);

}  // namespace weft::http
