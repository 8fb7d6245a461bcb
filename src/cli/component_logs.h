// What components write to their standard output and error, in files: NAME_stdout.txt and NAME_stderr.txt, as Spin
// names them; lines are added at the end. Written by a thread of its own: a slow disk must not stop the loops that
// serve requests.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "util/file_descriptor.h"
#include "util/pinned.h"
#include "wasi/standard_output.h"

namespace weft::cli {

struct LogOptions {
  std::optional<std::string> folder = {};  // none: .spin/logs of the application; empty: nowhere
  bool truncate = false;                   // begin with empty files
  std::vector<std::string> follow = {};    // components whose lines are shown too; empty: all
};

// Thread-safe.
class ComponentLogs final : public wasi::OutputSink, Pinned {
 public:
  // Bytes waiting to be written. Guests may write faster than a disk; what is beyond is dropped and counted in the
  // file.
  static constexpr std::size_t max_waiting_bytes = 1 << 20;

  // The folder is made when there is something to write; empty: no files. `followed`, which may be null, shows lines
  // too. `warn` is told, once, why nothing can be written, on the writing thread.
  ComponentLogs(std::filesystem::path folder, const LogOptions& options, wasi::OutputSink* followed,
                std::function<void(std::string_view)> warn);
  // Writes what waits.
  ~ComponentLogs();

  void write_line(const host::RequestContext& context, wasi::StandardStream stream,
                  std::string_view line) noexcept override;

  // "hello_stdout.txt"
  static std::string file_name(std::string_view component, wasi::StandardStream stream);

 private:
  void run(const std::stop_token& stop);
  bool write(const std::string& name, std::string_view text);

  const std::filesystem::path folder_;
  const bool truncate_;
  const std::set<std::string, std::less<>> follow_;
  wasi::OutputSink* const followed_;
  const std::function<void(std::string_view)> warn_;
  std::map<std::string, FileDescriptor> files_;  // of the thread
  std::mutex mutex_;
  std::condition_variable_any more_;
  std::map<std::string, std::string> waiting_;  // by file name
  std::size_t waiting_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::jthread thread_;
};

}  // namespace weft::cli
