// HTTP/2 on the client's side of one connection: as many exchanges at a time as the server takes.
#pragma once

#include <memory>
#include <vector>

#include "http/client_connection.h"
#include "http/client_dial.h"
#include "http2/client_stream.h"
#include "http2/header_list.h"
#include "http2/session.h"

namespace weft::http2 {

class ClientSession final : public Session, public http::ClientConnection {
 public:
  ClientSession(Loop& loop, http::Route route, std::unique_ptr<http::Transport> transport,
                const http::ResponseLimits& response, const Limits& limits);
  ~ClientSession() override;

  // Sends what a connection begins with. Before run().
  void start() { open({}); }

  awaitable<Outcome> run(std::shared_ptr<http::ClientExchange> exchange) override;
  bool is_shared() const override { return true; }
  std::size_t capacity() override;
  bool usable() override;
  void close() override { Session::close(); }
  void rest() override {}

 private:
  using Time = ClientStream::Time;

  // ---- what came; see Session ----
  void on_head_begun(const nghttp2_frame& frame) override;
  void on_field(std::int32_t stream, std::string_view name, std::string_view value) override;
  void on_frame(const nghttp2_frame& frame) override;
  void on_data(std::int32_t stream, std::string_view bytes) override;
  void on_stream_closed(std::int32_t stream, std::uint32_t error) override;
  void on_sent(const nghttp2_frame& frame) override;
  void on_input_end() override {}
  void work() override;
  void end_streams() override;
  void on_closed() override {}
  void on_fault(const std::string&) override {}
  bool is_idle() const override { return streams_.empty(); }
  std::chrono::milliseconds write_timeout() const override;

  ClientStream* find(std::int32_t stream);
  void touch(ClientStream& stream);

  // ---- one exchange ----
  ClientStream& begin(std::shared_ptr<http::ClientExchange> exchange, ClientStream::Waiter& waiter);
  void submit(ClientStream& stream);
  void serve(ClientStream& stream);
  void respond(ClientStream& stream);
  void on_interrupt(ClientStream& stream);
  void set_deadlines(ClientStream& stream);
  void reset(ClientStream& stream);
  // The exchange is over; the stream may not be.
  void conclude(ClientStream& stream, std::optional<http::ClientError> error);
  void fail(ClientStream& stream, http::ClientFault fault, std::string detail = {});
  void end(ClientStream& stream);

  Loop& loop_;
  const http::ResponseLimits response_;
  std::vector<std::unique_ptr<ClientStream>> streams_;  // open, in no order
  std::vector<ClientStream*> touched_;                  // of them
  std::vector<ClientStream*> working_;                  // touched_ of the round before
  HeaderList list_;
  bool leaving_ = false;  // the server takes no more requests
};

// Serves connections whose server chose HTTP/2; for http::DialOptions.
http::MakeClientConnection client_sessions(const Limits& limits = {});

}  // namespace weft::http2
