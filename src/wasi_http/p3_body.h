// What messages of wasi:http 0.3 carry besides their heads: contents, trailers, and word of how it went.
#pragma once

#include <memory>
#include <optional>

#include "bind/ends.h"
#include "http/body.h"
#include "wasi_http/incoming_body.h"
#include "wasi_http/outgoing_body.h"

namespace weft::wasi_http::p3 {

using Bytes = bind::Stream<std::uint8_t>;
using Trailers = BodyReader::Trailers;           // result<option<trailers>, error-code>
using Outcome = std::expected<void, ErrorCode>;  // result<_, error-code>

// A body on its way out.
class Sending : public bind::ByteSink {
 public:
  using Ref = boost::intrusive_ptr<Sending>;
  // Its component has ended: what comes from elsewhere, and needs no guest, leaves all the same, the head now.
  virtual void leave_alone() = 0;
};

// A body that nobody has taken yet, whoever writes it.
class Body {
 public:
  // A guest's. Whoever gets `sent` is told what became of it.
  Body(std::optional<Bytes> contents, bind::Future<Trailers> trailers, bind::Settable<Outcome>::Ref sent);
  // One that comes from the network.
  Body(std::shared_ptr<http::BodyPipe> pipe, Message message);
  Body(Body&&) noexcept = default;
  Body& operator=(Body&&) = delete;
  ~Body();

  bool has_contents() const { return contents_.has_value(); }
  // As the interface gives it to guests. What `done` says is the outcome for who made it.
  std::tuple<Bytes, bind::Future<Trailers>> consume(bind::Future<Outcome> done) &&;
  // Sends it, with the trailers. Nothing is complete before they are known, also when there are no contents.
  Sending::Ref write_to(std::shared_ptr<BodyWriter> writer) &&;
  // It is sent, being empty and without trailers; or it cannot be.
  void settle(Outcome outcome) &&;

 private:
  Bytes contents();

  std::optional<Bytes> contents_;
  bind::Future<Trailers> trailers_;
  bind::Settable<Outcome>::Ref sent_;  // null: nobody wants to know, or it was said
};

}  // namespace weft::wasi_http::p3
