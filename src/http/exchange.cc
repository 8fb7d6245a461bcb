#include "http/exchange.h"

namespace weft::http {

void Exchange::respond(ResponseHead head, std::string body) {
  if (responded_) return;
  responded_ = true;
  response_ = std::move(head);
  response_body_.fill(std::move(body));
  if (on_response) on_response();
}

BodyPipe& Exchange::respond_streaming(ResponseHead head) {
  if (!responded_) {
    responded_ = true;
    response_ = std::move(head);
    if (on_response) on_response();
  }
  return response_body_;
}

void Exchange::set_client_gone() {
  if (client_gone_) return;
  client_gone_ = true;
  request_body_.abort("the client closed the connection");
  response_body_.cancel();
  if (on_client_gone) on_client_gone();
}

}  // namespace weft::http
