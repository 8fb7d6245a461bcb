// Runs other programs: build commands, wasm-tools, this program itself.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "util/error.h"
#include "util/pinned.h"

namespace weft {

struct ProcessOptions {
  std::filesystem::path folder = {};          // where it runs; empty: where we do
  std::vector<std::string> environment = {};  // NAME=VALUE, besides ours and in place of what it has of that name
  // In a process group of its own: what a terminal's Ctrl-C does not reach, and end() ends with all it started.
  bool own_group = false;
};

// A program that runs, its standard output and error together in one pipe, its standard input empty.
class Process : Pinned {
 public:
  // `arguments` begins with the program: a path, or a name to look up in PATH.
  static Result<std::unique_ptr<Process>> start(const std::vector<std::string>& arguments,
                                                const ProcessOptions& options = {});
  // Ends it if it still runs.
  ~Process();
  // Kills it, with its group where it has its own. From any thread, before wait() returns.
  void end();

  // Where to read its output from.
  int output() const { return output_; }
  // Reads what there is; false at the end of the output.
  bool read_some(std::string& out);
  // Waits for its end. Returns its exit status, or 128 plus the signal that ended it.
  int wait();

 private:
  Process(pid_t id, int output, bool own_group) : id_(id), output_(output), own_group_(own_group) {}
  pid_t id_;
  int output_;
  bool own_group_;
};

struct Finished {
  int status = 0;  // see Process::wait
  std::string output;
};

// Runs a program to its end.
Result<Finished> run_program(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

// The path of a program that PATH has, or of `name` itself when it has a slash; empty when there is none to execute.
std::filesystem::path find_program(const std::string& name);

}  // namespace weft
