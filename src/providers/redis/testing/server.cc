#include "providers/redis/testing/server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>

extern char** environ;

namespace weft::provider::redis::testing {

Server::Server(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  char name[] = "/tmp/weft-redis-XXXXXX";
  if (mkdtemp(name) == nullptr) std::abort();
  folder_ = name;
  start();
}

Server::~Server() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Server::start() {
  std::vector<std::string> command{"redis-server",
                                   "--port",
                                   "0",
                                   "--unixsocket",
                                   (folder_ / "socket").string(),
                                   "--dir",
                                   folder_,
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--daemonize",
                                   "no"};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> pointers;
  for (std::string& part : command) pointers.push_back(part.data());
  pointers.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const int failed = posix_spawnp(&process_, "redis-server", &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    std::fputs("redis-server cannot be started: install the packages of the group test\n", stderr);
    std::abort();
  }
  // It says when it is ready.
  std::string said;
  char piece[1024];
  while (said.find("eady to accept connections") == std::string::npos) {
    const ssize_t got = read(ends[0], piece, sizeof piece);
    if (got <= 0) {
      std::fprintf(stderr, "redis-server ended:\n%s\n", said.c_str());
      std::abort();
    }
    said.append(piece, static_cast<std::size_t>(got));
  }
  close(ends[0]);
}

void Server::stop() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void Server::freeze() {
  kill(process_, SIGSTOP);
}

void Server::thaw() {
  kill(process_, SIGCONT);
}

}  // namespace weft::provider::redis::testing
