// A Redis server of a test's own: on a Unix socket in its folder, started and ended at will.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "util/pinned.h"

namespace weft::provider::redis::testing {

class Server : Pinned {
 public:
  // `arguments` are added to redis-server's. Aborts the test program if there is no such program.
  explicit Server(std::vector<std::string> arguments = {});
  ~Server();
  // Returns once it accepts connections.
  void start();
  // Kills it: connections end at once, and so does what it had in memory.
  void stop();
  // It goes on, and does not answer until it is told to.
  void freeze();
  void thaw();
  std::string url() const { return "unix://" + (folder_ / "socket").string(); }

 private:
  std::filesystem::path folder_;
  std::vector<std::string> arguments_;
  pid_t process_ = -1;
};

}  // namespace weft::provider::redis::testing
