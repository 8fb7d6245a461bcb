// The HTTP server of one loop.
//
// Several servers, one for each loop and thread, listen on one port (SO_REUSEPORT); the kernel spreads connections, and
// a connection never leaves its loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/exchange.h"
#include "http/limits.h"
#include "http/server_connection.h"
#include "util/async.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::http {

struct TlsFiles {
  std::string certificate_chain;  // PEM
  std::string private_key;        // PEM
};

struct ListenOptions {
  std::string host = "127.0.0.1";
  unsigned short port = 0;  // 0: any free port
  // Another server of this process listens there too, on its own loop. Without it, a port that is taken is an error.
  bool join = false;
  std::optional<TlsFiles> tls;
};

struct ServerOptions {
  Limits limits;
  // Told of faults that no client can be told of: a line, without newline.
  std::function<void(std::string_view line)> log;
  // Serves clients that choose HTTP/2; empty: only HTTP/1.1 is spoken.
  MakeConnection http2 = nullptr;
};

// All functions on the loop's thread, or before it runs.
class Server : Pinned {
 public:
  // `handler` outlives the server.
  Server(Loop& loop, ServerOptions options, Handler& handler);
  ~Server();

  // Starts listening; returns the port.
  Result<unsigned short> listen(const ListenOptions& options);

  // Stops accepting, closes idle connections, and lets requests finish that are open or on their way. `drained` is
  // called when none is left, at the latest when `grace` is over and the rest was closed. Not to be called from within
  // Handler::handle or a body's callback.
  void drain(std::chrono::milliseconds grace, std::function<void()> drained);

  std::size_t connections() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::http
