#include "wast/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

extern char** environ;

namespace weft::wast {

Result<std::unique_ptr<Process>> Process::start(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(Error::from_errno("pipe", errno));
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  pid_t id = 0;
  const int error = posix_spawnp(&id, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return std::unexpected(Error::from_errno("starting " + arguments[0], error));
  }
  return std::unique_ptr<Process>(new Process(id, ends[0]));
}

Process::~Process() {
  if (id_ != 0) {
    kill(id_, SIGKILL);
    wait();
  }
  close(output_);
}

bool Process::read_some(std::string& out) {
  char buffer[16384];
  ssize_t got;
  do {
    got = read(output_, buffer, sizeof buffer);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  out.append(buffer, static_cast<std::size_t>(got));
  return true;
}

int Process::wait() {
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<Finished> run_program(const std::vector<std::string>& arguments) {
  TRY(auto process, Process::start(arguments));
  Finished finished;
  while (process->read_some(finished.output)) {
  }
  finished.status = process->wait();
  return finished;
}

}  // namespace weft::wast
