// A TCP server that says what a test tells it to say, well-formed or not.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "util/pinned.h"

namespace weft::http::testing {

// One accepted connection, on a thread of its own; its functions block. Closed when the script returns.
class Peer : Pinned {
 public:
  Peer(int socket, unsigned number) : number(number), socket_(socket) {}
  ~Peer();

  const unsigned number;  // 0 for the server's first connection

  // Up to and with the empty line; shorter when the client closes before.
  std::string read_head();
  // Exactly `count` bytes, or what came before the client closed.
  std::string read(std::size_t count);
  std::string read_to_end();
  // False: the client is gone.
  bool write(std::string_view bytes);
  // Closes with a reset in place of an end.
  void reset();

 private:
  bool receive();
  int socket_;
  std::string received_;
};

class RawServer : Pinned {
 public:
  using Script = std::function<void(Peer&)>;
  // Listens on a free port of 127.0.0.1; `script` runs for each connection.
  explicit RawServer(Script script);
  // Ends all connections.
  ~RawServer();

  unsigned short port() const { return port_; }
  unsigned connections() const { return connections_; }
  // Until the script of that connection has returned and its end is on the way.
  void wait_for_end(unsigned number);

 private:
  void accept();

  Script script_;
  unsigned short port_ = 0;  // set while listener_ is made
  int listener_;
  std::atomic<unsigned> connections_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  std::set<unsigned> ended_;
  std::list<int> sockets_;
  std::list<std::jthread> scripts_;
  std::jthread acceptor_;
};

// A port of 127.0.0.1 on which connecting neither succeeds nor fails: its queue is full and nobody accepts.
class UnansweredPort : Pinned {
 public:
  UnansweredPort();
  ~UnansweredPort();
  unsigned short port() const { return port_; }

 private:
  unsigned short port_ = 0;  // set while listener_ is made
  int listener_;
  std::list<int> fillers_;
};

// A port of 127.0.0.1 on which nobody listens.
unsigned short closed_port();

}  // namespace weft::http::testing
