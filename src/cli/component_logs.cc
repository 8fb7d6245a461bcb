#include "cli/component_logs.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "util/write_all.h"

namespace weft::cli {

ComponentLogs::ComponentLogs(std::filesystem::path folder, const LogOptions& options, wasi::OutputSink* followed,
                             std::function<void(std::string_view)> warn)
    : folder_(std::move(folder)),
      truncate_(options.truncate),
      follow_(options.follow.begin(), options.follow.end()),
      followed_(followed),
      warn_(std::move(warn)) {
  if (!folder_.empty()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

ComponentLogs::~ComponentLogs() = default;

std::string ComponentLogs::file_name(std::string_view component, wasi::StandardStream stream) {
  std::string name;
  for (const char c : component) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    name += plain ? c : '_';
  }
  return name + (stream == wasi::StandardStream::output ? "_stdout.txt" : "_stderr.txt");
}

void ComponentLogs::write_line(const host::RequestContext& context, wasi::StandardStream stream,
                               std::string_view line) noexcept try {
  if (followed_ != nullptr && (follow_.empty() || follow_.contains(context.component)))
    followed_->write_line(context, stream, line);
  if (folder_.empty()) return;
  const std::string name = file_name(context.component, stream);
  const std::lock_guard lock(mutex_);
  if (waiting_bytes_ + line.size() + 1 > max_waiting_bytes) {
    ++dropped_;
    return;
  }
  waiting_[name].append(line).append("\n");
  waiting_bytes_ += line.size() + 1;
  more_.notify_one();
} catch (...) {
  // No memory for a line: it is lost, nothing else is.
}

void ComponentLogs::run(const std::stop_token& stop) {
  bool writes = true;
  for (;;) {
    std::map<std::string, std::string> texts;
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, stop, [this] { return !waiting_.empty(); });
      if (waiting_.empty()) return;
      texts = std::exchange(waiting_, {});
      waiting_bytes_ = 0;
      if (dropped_ > 0) {
        texts.begin()->second += "(" + std::to_string(std::exchange(dropped_, 0)) +
                                 " lines of all components were dropped: they came faster than the disk takes them)\n";
      }
    }
    for (const auto& [name, text] : texts) {
      if (!writes || write(name, text)) continue;
      writes = false;
      warn_("component output is not kept in " + folder_.string() + ": " + std::strerror(errno) +
            "; name another folder with --log-dir");
    }
  }
}

// False, with errno, when it cannot.
bool ComponentLogs::write(const std::string& name, std::string_view text) {
  FileDescriptor& file = files_[name];
  if (!file) {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    const int mode = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (truncate_ ? O_TRUNC : 0);
    file = FileDescriptor(open((folder_ / name).c_str(), mode, 0666));
    if (!file) {
      if (error) errno = error.value();
      return false;
    }
  }
  return write_all(file.get(), std::as_bytes(std::span(text)));
}

}  // namespace weft::cli
