// One request and its response, between a connection and whoever handles it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/body.h"
#include "http/message.h"
#include "util/pinned.h"

namespace weft::http {

// Informational responses to one request: a guest must not fill memory with what a slow client does not take.
inline constexpr unsigned max_informational = 16;
inline constexpr std::size_t max_informational_bytes = 8 << 10;  // of the fields of each

// Lives on the connection's loop. The handler may keep it beyond the connection: what it does then reaches nobody.
class Exchange : Pinned {
 public:
  explicit Exchange(RequestHead head) : request_(std::move(head)) {}

  const RequestHead& request() const { return request_; }
  RequestHead& request() { return request_; }
  // Read from the socket only while it has room. Cancel it when the body is not wanted. It ends at the latest when the
  // response is complete.
  BodyPipe& request_body() { return request_body_; }

  // Answers, once: with a whole body, or with one that is written to the returned pipe. Content-Length, Transfer-
  // Encoding and Connection are the connection's business; a Content-Length given with a streamed body is kept.
  void respond(ResponseHead head, std::string body);
  // The same with copies, into memory that the connection uses for one response after the other.
  void respond_copy(const ResponseHead& head, std::string_view body);
  BodyPipe& respond_streaming(ResponseHead head);
  bool responded() const { return responded_; }
  // Sends an informational response (RFC 9110, 15.2) ahead of the final one. False: it is none that a handler sends
  // (102 to 199, with valid fields), the response has begun, the client's HTTP/1.0 has none, or there were too many.
  bool inform(ResponseHead head);

  // May change the response's head before it is sent. Called once, if there is a response.
  std::function<void(ResponseHead& head)> on_head;

  // The connection is gone, or the response was cut short: further work is for nobody. Called at most once.
  std::function<void()> on_client_gone;
  bool client_gone() const { return client_gone_; }

  // ---- the connection's side ----
  ResponseHead& response() { return response_; }
  BodyPipe& response_body() { return response_body_; }
  // Informational responses that were not sent yet.
  std::vector<ResponseHead> take_informational() { return std::exchange(informational_, {}); }
  void set_client_gone();
  // Called once the response has begun, and when there is an informational one.
  std::function<void()> on_response;
  // Makes it as new, but for its memory and the request. REQUIRES: nobody else holds it.
  void reset();

 private:
  RequestHead request_;
  BodyPipe request_body_;
  ResponseHead response_;
  BodyPipe response_body_;
  std::vector<ResponseHead> informational_;
  unsigned informed_ = 0;
  bool responded_ = false;
  bool client_gone_ = false;
};

// Handles the requests of one loop.
class Handler {
 public:
  virtual ~Handler() = default;
  // Must not block. May answer before it returns, which is the fast path, or later on the same loop. An exception is
  // logged and answered with 500.
  virtual void handle(std::shared_ptr<Exchange> exchange) = 0;
};

}  // namespace weft::http
