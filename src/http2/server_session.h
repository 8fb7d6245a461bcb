// HTTP/2 on the server's side of one connection: requests as Exchanges for a Handler, which cannot tell them from those
// over HTTP/1.1.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/server_connection.h"
#include "http2/header_list.h"
#include "http2/server_stream.h"
#include "http2/session.h"

namespace weft::http2 {

class ServerSession final : public Session, public http::ServerConnection {
 public:
  using TimePoint = Session::TimePoint;

  // `received`: what came of the connection, from its first byte.
  ServerSession(std::unique_ptr<http::Transport> transport, http::ConnectionOwner& owner, std::string client_address,
                std::string received, const Limits& limits);
  ~ServerSession() override;

  void start() override;
  void close() override { Session::close(); }
  void drain() override;
  void check_time(TimePoint now) override;

 private:
  // ---- what came; see Session ----
  void on_head_begun(const nghttp2_frame& frame) override;
  void on_field(std::int32_t stream, std::string_view name, std::string_view value) override;
  void on_frame(const nghttp2_frame& frame) override;
  void on_data(std::int32_t stream, std::string_view bytes) override;
  void on_stream_closed(std::int32_t stream, std::uint32_t error) override;
  void on_sent(const nghttp2_frame& frame) override;
  void on_answer() override;
  void on_input_end() override;
  void work() override;
  void end_streams() override;
  void on_closed() override;
  void on_fault(const std::string& what) override { owner_.log(what); }
  bool is_idle() const override { return streams_.empty(); }
  std::chrono::milliseconds write_timeout() const override { return owner_.limits().write_timeout; }

  ServerStream* find(std::int32_t stream);
  // Something happened to it that work() has to look at.
  void touch(ServerStream& stream);

  // ---- one stream; in server_stream.cc ----
  std::shared_ptr<http::Exchange> take_exchange();
  void keep_exchange(std::shared_ptr<http::Exchange> exchange);
  void request_ended(ServerStream& stream);
  void serve(ServerStream& stream);
  void begin(ServerStream& stream);
  void listen(ServerStream& stream);
  void say_continue(ServerStream& stream);
  void say_informational(ServerStream& stream);
  void credit(ServerStream& stream);
  void respond(ServerStream& stream);
  void submit(ServerStream& stream, const http::ResponseHead& head, bool has_body);
  void refuse(ServerStream& stream, http::Refusal refusal);
  void refuse_body(ServerStream& stream, http::Refusal refusal, http::BodyFault fault);
  void reset(ServerStream& stream, std::uint32_t error);
  void end(ServerStream& stream);

  void check_stream(ServerStream& stream, TimePoint now);
  bool is_stalled(ServerStream& stream, TimePoint now);

  http::ConnectionOwner& owner_;
  const std::string client_address_;
  std::string received_;
  std::vector<std::unique_ptr<ServerStream>> streams_;  // open, in no order
  std::vector<ServerStream*> touched_;                  // of them
  std::vector<ServerStream*> working_;                  // touched_ of the round before
  std::vector<std::shared_ptr<http::Exchange>> spare_;  // for the next requests
  HeaderList list_;
  TimePoint idle_deadline_ = TimePoint::max();
  TimePoint drain_deadline_ = TimePoint::max();
  TimePoint stalled_since_ = TimePoint::max();  // the client takes no byte of any body
  std::uint64_t sent_at_stall_ = 0;
  bool draining_ = false;
  bool answered_ = false;  // the client has seen that we are draining
};

// Serves clients that choose HTTP/2; for http::ServerOptions.
http::MakeConnection server_sessions(const Limits& limits = {});

}  // namespace weft::http2
