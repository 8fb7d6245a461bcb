#include "http/exchange.h"

#include <utility>

#include "http/response_writer.h"

namespace weft::http {

void Exchange::respond(ResponseHead head, std::string body) {
  if (std::exchange(responded_, true)) return;
  response_ = std::move(head);
  if (on_head) on_head(response_);
  response_body_.fill(std::move(body));
  if (on_response) on_response();
}

void Exchange::respond_copy(const ResponseHead& head, std::string_view body) {
  if (std::exchange(responded_, true)) return;
  response_ = head;
  if (on_head) on_head(response_);
  response_body_.write(body);
  response_body_.finish();
  if (on_response) on_response();
}

BodyPipe& Exchange::respond_streaming(ResponseHead head) {
  if (!std::exchange(responded_, true)) {
    response_ = std::move(head);
    if (on_head) on_head(response_);
    if (on_response) on_response();
  }
  return response_body_;
}

bool Exchange::inform(ResponseHead head) {
  // 100 is the connection's business, and 101 would change its protocol.
  if (head.status <= 101 || head.status >= 200 || fault_of(head.fields) != nullptr) return false;
  if (responded_ || client_gone_ || informed_ == max_informational || head.fields.bytes() > max_informational_bytes)
    return false;
  if (request_.version_major == 1 && request_.version_minor == 0) return false;
  ++informed_;
  informational_.push_back(std::move(head));
  if (on_response) on_response();
  return true;
}

void Exchange::set_client_gone() {
  if (std::exchange(client_gone_, true)) return;
  request_body_.abort("the client closed the connection");
  response_body_.cancel();
  // The callback may let go of the exchange and of itself.
  if (auto tell = std::exchange(on_client_gone, nullptr)) tell();
}

void Exchange::reset() {
  on_head = nullptr;
  on_client_gone = nullptr;
  on_response = nullptr;
  request_body_.reset();
  response_body_.reset();
  response_.fields.clear();
  informational_.clear();
  informed_ = 0;
  responded_ = client_gone_ = false;
}

}  // namespace weft::http
