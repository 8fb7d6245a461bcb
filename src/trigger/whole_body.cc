#include "trigger/whole_body.h"

#include "trigger/answer.h"
#include "wasi_http/incoming_body.h"

namespace weft::trigger {

std::optional<std::string> read_whole_body(component::Instance& instance,
                                           const std::shared_ptr<http::Exchange>& exchange, std::size_t most) {
  wasi_http::BodyReader reader(std::shared_ptr<http::BodyPipe>(exchange, &exchange->request_body()),
                               wasi_http::Message::request);
  std::string body;
  for (;;) {
    host::Pollable* const readable = &reader;
    instance.wait_for({&readable, 1});
    const std::string_view front = reader.pipe().front();
    if (front.size() > most - body.size()) {
      answer(*exchange, 413, "text/plain; charset=utf-8", "the body is longer than this component is given\n");
      return std::nullopt;
    }
    body += front;
    reader.consume(front.size());
    if (reader.pipe().at_end()) return body;
    if (reader.pipe().failed()) throw abi::Trap("the request's body: " + reader.pipe().abort_reason());
  }
}

}  // namespace weft::trigger
