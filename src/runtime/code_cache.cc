#include "runtime/code_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>
#include <vector>

#include "util/write_all.h"

namespace weft::runtime {
namespace {

// Eviction goes this far below the bound, so that it is rare.
constexpr double evicted_share = 0.8;
// A file that is being written for longer than this belongs to a process that died. The compiler's own time is limited
// to less (compile_child.h).
constexpr std::time_t stale_seconds = 3600;
// The time of last use is written only when the old one is older than this.
constexpr std::time_t touch_seconds = 60;

std::time_t now() {
  return std::time(nullptr);
}

void mark_used(const FileDescriptor& file) {
  struct stat status;
  if (fstat(file.get(), &status) == 0 && status.st_mtime + touch_seconds < now()) futimens(file.get(), nullptr);
}

}  // namespace

Result<std::unique_ptr<CodeCache>> CodeCache::open(Options options) {
  if (options.folder.empty()) {
    return fail(
        Errc::not_found,
        "there is no folder for compiled code: neither XDG_CACHE_HOME nor HOME is set; name one with --cache-dir");
  }
  std::unique_ptr<CodeCache> cache(new CodeCache(std::move(options)));
  TRY(cache->folder_, CacheFolder::open(cache->options_.folder));
  return cache;
}

CodeCache::~CodeCache() {
  std::deque<Job> left;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    std::erase_if(jobs_, [](const Job& job) { return job.may_be_left_out; });
    left = std::exchange(jobs_, {});
  }
  changed_.notify_all();
  // Not by the worker: on a busy machine it hardly has a processor.
  for (Job& job : left) job.run();
  if (worker_.joinable()) worker_.join();
}

FileDescriptor CodeCache::open_file(const std::string& name) const {
  return FileDescriptor(openat(folder_->file(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
}

std::optional<FoundCode> CodeCache::find(const CodeKey& key) {
  FileDescriptor file = open_file(key.file_name());
  if (!file) {
    if (errno == ELOOP) discard(key, "it is a symbolic link");
    return std::nullopt;
  }
  auto trailer = check_code_file(file.get(), key, folder_->key());
  if (!trailer) {
    discard(key, trailer.error().message());
    return std::nullopt;
  }
  mark_used(file);
  enqueue({[this, trailer = *trailer, copy = FileDescriptor(fcntl(file.get(), F_DUPFD_CLOEXEC, 0))] {
             verify(copy, trailer);
           },
           true});
  return FoundCode{std::move(file), trailer->is_restorable};
}

bool CodeCache::contains(const CodeKey& key) const {
  const FileDescriptor file = open_file(key.file_name());
  return file && check_code_file(file.get(), key, folder_->key());
}

void CodeCache::discard(const std::string& name, const std::string& reason) {
  const bool removed = unlinkat(folder_->file(), name.c_str(), 0) == 0 || errno == ENOENT;
  options_.log((removed ? "removed " : "cannot use ") + folder() + "/" + name + ": " + reason + "; it is made again");
}

void CodeCache::complain(const Error& error) {
  if (!complained_.exchange(true)) options_.log(error.message() + "; compiled code is not kept");
}

Result<NewCode> CodeCache::create() {
  NewCode code{.file = {}, .name = CacheFolder::fresh_name()};
  code.file = FileDescriptor(openat(folder_->file(), code.name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (code.file) return code;
  Error error = Error::from_errno("cannot write to " + folder(), errno);
  complain(error);
  return std::unexpected(std::move(error));
}

void CodeCache::abandon(NewCode code) {
  if (!code.name.empty()) unlinkat(folder_->file(), code.name.c_str(), 0);
}

void CodeCache::seal(NewCode code, const CodeTrailer& trailer) {
  const auto bytes = encode_trailer(trailer, folder_->key());
  if (pwrite(code.file.get(), bytes.data(), bytes.size(), static_cast<off_t>(trailer.code_size)) !=
      static_cast<ssize_t>(bytes.size())) {
    complain(Error::from_errno("cannot write to " + folder(), errno));
    return abandon(std::move(code));
  }
  enqueue({[this, code = std::move(code), key = trailer.key] { publish_code(code, key); }});
}

std::optional<std::vector<std::byte>> CodeCache::find_plan(const PlanKey& key) {
  const FileDescriptor file = open_file(key.file_name());
  if (!file) {
    if (errno == ELOOP) discard(key, "it is a symbolic link");
    return std::nullopt;
  }
  auto planned = read_plan_file(file.get(), key, folder_->key());
  if (!planned) {
    discard(key, planned.error().message());
    return std::nullopt;
  }
  mark_used(file);
  return *std::move(planned);
}

void CodeCache::keep_plan(const PlanKey& key, std::vector<std::byte> planned) {
  enqueue({[this, key, planned = std::move(planned)] { publish_plan(key, planned); }});
}

// ---- in the background ----

void CodeCache::enqueue(Job job) {
  std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
  changed_.notify_all();
}

void CodeCache::settle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.empty() && !busy_; });
}

void CodeCache::work() {
  // Only when nobody else wants the processor: a start has better things to do.
  const sched_param none{};
  sched_setscheduler(0, SCHED_IDLE, &none);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    lock.unlock();
    job.run();
    job.run = nullptr;
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

bool CodeCache::publish(const FileDescriptor& file, const std::string& from, const std::string& to) {
  if (fsync(file.get()) == 0 && renameat(folder_->file(), from.c_str(), folder_->file(), to.c_str()) == 0) return true;
  complain(Error::from_errno("cannot write to " + folder(), errno));
  unlinkat(folder_->file(), from.c_str(), 0);
  return false;
}

void CodeCache::publish_code(const NewCode& code, const CodeKey& key) {
  if (!publish(code.file, code.name, key.file_name())) return;
  if (key.effort == wasm::Effort::full) {
    const CodeKey quick{key.engine, key.module, wasm::Effort::quick};
    unlinkat(folder_->file(), quick.file_name().c_str(), 0);
  }
  evict(key.file_name());
}

void CodeCache::publish_plan(const PlanKey& key, std::span<const std::byte> planned) {
  const auto content = encode_plan_file(key, planned, folder_->key());
  if (!content) return;
  auto made = create();
  if (!made) return;
  if (!write_all(made->file.get(), *content)) {
    complain(Error::from_errno("cannot write to " + folder(), errno));
    return abandon(*std::move(made));
  }
  if (publish(made->file, made->name, key.file_name())) evict(key.file_name());
}

void CodeCache::verify(const FileDescriptor& file, const CodeTrailer& trailer) {
  if (auto checked = check_code(file.get(), trailer, stopping_); !checked) {
    discard(trailer.key, checked.error().message() + ". This process runs from it: restart weft");
  }
}

void CodeCache::evict(const std::string& keep) {
  struct Entry {
    std::string name;
    std::uint64_t bytes;
    timespec used;
  };
  std::vector<Entry> entries;
  std::uint64_t total = 0;
  const int listed = openat(folder_->file(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* folder = listed < 0 ? nullptr : fdopendir(listed);
  if (folder == nullptr) return;
  while (const dirent* item = readdir(folder)) {
    const std::string_view name = item->d_name;
    struct stat status;
    if (fstatat(folder_->file(), item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (name.starts_with(CacheFolder::temporary_prefix)) {
      if (status.st_mtime + stale_seconds < now()) unlinkat(folder_->file(), item->d_name, 0);
    } else if (name.ends_with(code_file_suffix) || name.ends_with(plan_file_suffix)) {
      entries.push_back({std::string(name), static_cast<std::uint64_t>(status.st_size), status.st_mtim});
      total += entries.back().bytes;
    }
  }
  closedir(folder);
  if (total <= options_.max_bytes) return;
  const auto older = [](const Entry& a, const Entry& b) {
    return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
  };
  std::sort(entries.begin(), entries.end(), older);
  const auto goal = static_cast<std::uint64_t>(static_cast<double>(options_.max_bytes) * evicted_share);
  for (const Entry& entry : entries) {
    if (total <= goal) return;
    if (entry.name == keep) continue;
    // Another process may have been quicker.
    unlinkat(folder_->file(), entry.name.c_str(), 0);
    total -= entry.bytes;
  }
}

}  // namespace weft::runtime
