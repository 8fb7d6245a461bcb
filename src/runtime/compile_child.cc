#include "runtime/compile_child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/compile_protocol.h"
#include "util/write_all.h"

namespace weft::runtime {
namespace {

using Results = std::vector<std::optional<Result<Compiled>>>;
using Clock = std::chrono::steady_clock;

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

Result<FileDescriptor> write_job(std::span<const CompileJob> jobs, const CompileOptions& options) {
  FileDescriptor file(memfd_create("weft-compile", MFD_CLOEXEC));
  const JobHeader header{.address_space_bytes = options.limits.address_space_bytes,
                         .cpu_seconds = static_cast<std::uint64_t>(options.limits.cpu.count()),
                         .output_bytes = options.limits.output_bytes,
                         .parallel = options.parallel ? 1u : 0u,
                         .effort = static_cast<std::uint32_t>(options.effort),
                         .in_background = options.in_background ? 1u : 0u,
                         .modules = static_cast<std::uint32_t>(jobs.size())};
  bool written = file && write_all(file.get(), bytes_of(header));
  for (const CompileJob& job : jobs) {
    std::uint64_t size = 0;
    for (const auto piece : job.pieces) size += piece.size();
    written = written && write_all(file.get(), bytes_of(size));
  }
  for (const CompileJob& job : jobs) {
    for (const auto piece : job.pieces) written = written && write_all(file.get(), piece);
  }
  if (!written) return std::unexpected(Error::from_errno("passing modules to the compiler", errno));
  return file;
}

// The child's whole environment. A compiler allocates all the time and soon ends: it keeps what it has, and takes it in
// large pages, which saves it 5 % of its time. An unknown setting is ignored.
constexpr const char* allocator_settings =
    "GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.top_pad=16777216:glibc.malloc.trim_threshold=1073741824:"
    "glibc.malloc.mmap_threshold=67108864";

// Children that were killed and may take long to die: one in the background has hardly a processor on a busy machine.
class Leaving {
 public:
  void add(pid_t pid) {
    const std::lock_guard lock(mutex_);
    pids_.push_back(pid);
  }
  // Those that are gone vanish from the system's table too.
  void reap() {
    const std::lock_guard lock(mutex_);
    std::erase_if(pids_, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
  }

 private:
  std::mutex mutex_;
  std::vector<pid_t> pids_;
} leaving;

// A running child, killed and waited for with its owner.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    wait();
  }
  // The exit status (waitpid), once it has ended.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }
  // Kills it, and lets it die while this process goes on or ends.
  void leave() {
    kill(pid_, SIGKILL);
    leaving.add(std::exchange(pid_, -1));
  }

 private:
  pid_t pid_;
};

// Where the child's descriptors are put has to be free of descriptors that are still to be passed.
Result<FileDescriptor> out_of_the_way(int file, std::size_t jobs) {
  FileDescriptor copy(fcntl(file, F_DUPFD_CLOEXEC, first_output + static_cast<int>(jobs)));
  if (!copy) return std::unexpected(Error::from_errno("starting the compiler", errno));
  return copy;
}

Result<pid_t> spawn(std::span<const CompileJob> jobs, const CompileOptions& options, int job, int reports,
                    int messages) {
  std::vector<FileDescriptor> files;
  const int standard[] = {job, reports, messages};
  for (const int file : standard) {
    TRY(auto copy, out_of_the_way(file, jobs.size()));
    files.push_back(std::move(copy));
  }
  for (const CompileJob& one : jobs) {
    TRY(auto copy, out_of_the_way(one.output, jobs.size()));
    files.push_back(std::move(copy));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (std::size_t i = 0; i < files.size(); ++i)
    posix_spawn_file_actions_adddup2(&actions, files[i].get(), static_cast<int>(i));
  // What this process ignores or blocks is not for the child to inherit.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  sigset_t signals;
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  std::string name = "weft";
  std::string command = compile_worker_command;
  char* const arguments[] = {name.data(), command.data(), nullptr};
  std::string tunables = allocator_settings;
  char* const environment[] = {tunables.data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, options.program.c_str(), &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::unexpected(Error::from_errno("starting the compiler", error));
  return pid;
}

enum class Ended { closed, late, cancelled };

// Where reports come from, and what ends the waiting for them.
struct Source {
  int reports;
  int cancel;
  Clock::time_point deadline;
};

// Reads exactly `size` bytes.
std::optional<Ended> read_exactly(const Source& source, void* to, std::size_t size) {
  auto* at = static_cast<std::byte*>(to);
  while (size > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(source.deadline - Clock::now()).count();
    pollfd ready[] = {{.fd = source.reports, .events = POLLIN, .revents = 0},
                      {.fd = source.cancel, .events = POLLIN, .revents = 0}};
    const int polled = poll(ready, 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000)));
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) {
      if (left > 0) continue;
      return Ended::late;
    }
    if (ready[1].revents != 0) return Ended::cancelled;
    const ssize_t got = read(source.reports, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Ended::closed;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return std::nullopt;
}

// Takes reports until the child ends, is late or is no longer wanted.
Ended collect(const Source& source, Results& results) {
  while (true) {
    Report report;
    if (auto ended = read_exactly(source, &report, sizeof(report))) return *ended;
    if (report.module >= results.size() || report.text_size > max_report_text) return Ended::closed;
    std::string text(report.text_size, '\0');
    if (auto ended = read_exactly(source, text.data(), text.size())) return *ended;
    if (report.outcome == Outcome::compiled)
      results[report.module] = Compiled{report.code_size, report.code_hash, report.is_restorable != 0};
    else
      results[report.module] = fail(report.outcome == Outcome::refused ? Errc::invalid : Errc::io, std::move(text));
  }
}

// The last of what the child printed.
std::string last_words(int messages) {
  constexpr off_t most = 400;
  const off_t end = lseek(messages, 0, SEEK_END);
  std::string text(static_cast<std::size_t>(std::clamp<off_t>(end, 0, most)), '\0');
  const ssize_t got = pread(messages, text.data(), text.size(), std::max<off_t>(0, end - most));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

Error reason(Ended ended, int status, const std::string& words, const CompileLimits& limits) {
  if (ended == Ended::late) {
    return Error(Errc::limit, "compiling it takes longer than " + std::to_string(limits.wall.count()) + " s");
  }
  const std::string said = words.empty() ? "" : ": " + words;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    if (signal == SIGXCPU || signal == SIGKILL) {
      return Error(Errc::limit, "compiling it takes more than " + std::to_string(limits.cpu.count()) +
                                    " s of CPU time, or the system ended the compiler");
    }
    // The compiler aborts when memory is out.
    if (words.find("memory allocation") != std::string::npos) {
      return Error(Errc::limit, "compiling it takes more than " + std::to_string(limits.address_space_bytes >> 20) +
                                    " MiB of memory");
    }
    return Error(Errc::internal, std::string("the compiler ended by ") + strsignal(signal) + said);
  }
  return Error(Errc::internal, "the compiler ended with status " + std::to_string(WEXITSTATUS(status)) + said);
}

Result<void> run(std::span<const CompileJob> jobs, const CompileOptions& options, Results& results) {
  leaving.reap();
  TRY(auto job, write_job(jobs, options));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(Error::from_errno("starting the compiler", errno));
  FileDescriptor reports(ends[0]), child_end(ends[1]);
  FileDescriptor messages(memfd_create("weft-compile-messages", MFD_CLOEXEC));
  TRY(const pid_t pid, spawn(jobs, options, job.get(), child_end.get(), messages.get()));
  Child child(pid);
  child_end = FileDescriptor();
  const Ended ended = collect({reports.get(), options.cancel, Clock::now() + options.limits.wall}, results);
  if (ended == Ended::cancelled) {
    child.leave();
    return fail(Errc::cancelled, "compiling it was given up");
  }
  if (ended == Ended::late) kill(pid, SIGKILL);
  const int status = child.wait();
  const bool complete = std::ranges::all_of(results, [](const auto& result) { return result.has_value(); });
  if (complete) return {};
  return std::unexpected(reason(ended, status, last_words(messages.get()), options.limits));
}

}  // namespace

std::vector<Result<Compiled>> compile_in_child(std::span<const CompileJob> jobs, const CompileOptions& options) {
  std::vector<Result<Compiled>> out;
  while (!jobs.empty()) {
    const auto part = jobs.first(std::min<std::size_t>(jobs.size(), max_modules_per_child));
    jobs = jobs.subspan(part.size());
    Results results(part.size());
    auto ran = run(part, options, results);
    for (auto& result : results) {
      if (result)
        out.push_back(*std::move(result));
      else
        out.push_back(std::unexpected(ran.error()));
    }
  }
  return out;
}

}  // namespace weft::runtime
