// A client that sends and receives bytes on a blocking socket, as a test wants them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/file_descriptor.h"
#include "util/pinned.h"

namespace weft::http::testing {

// Every call gives up after a while that is long for one machine, however busy.
class RawClient : Pinned {
 public:
  RawClient();
  explicit RawClient(unsigned short port) : RawClient() { connect(port); }

  // Takes in about so much before it is read. Before connect().
  void set_receive_buffer(int bytes);
  void connect(unsigned short port);

  // False: the server has closed.
  bool send(std::string_view bytes);
  // The next bytes; empty at the end. None: the server has reset the connection.
  std::optional<std::string> receive();
  // Everything until the end; what came before a reset counts.
  std::string receive_all();
  // Until the text is there; all that came.
  std::string receive_until(std::string_view text);
  // One response with a Content-Length.
  std::string receive_response();
  void half_close();
  // So that the server sees a failure, not an end.
  void reset();
  void close() { socket_ = {}; }

 private:
  FileDescriptor socket_;
  std::string received_;  // beyond what was asked for
};

}  // namespace weft::http::testing
