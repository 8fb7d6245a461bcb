// Compiled core modules on disk, and the plans of the components they are parts of, shared by every weft of this user.
//
// Files (code_file.h, plan_file.h) are written under a name of their own, synced, and renamed; none is changed
// afterwards, since processes run from mappings of them. When the folder grows beyond its bound, those used longest ago
// go; a process that runs from one keeps it. Several processes may use one folder at once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/cache_folder.h"
#include "runtime/code_file.h"
#include "runtime/plan_file.h"
#include "util/error.h"
#include "util/file_descriptor.h"
#include "util/pinned.h"

namespace weft::runtime {

// A file for code that is about to be compiled.
struct NewCode {
  FileDescriptor file;
  std::string name;  // in the cache's folder; empty: it has none and vanishes with its last user
};

// Code that is ready for wasm::Module::open.
struct FoundCode {
  FileDescriptor file;
  bool is_restorable = false;
};

// Thread-safe. Nothing that is wrong with the folder or a file in it is an error of its users: it is logged, and what
// is damaged is removed. That the folder cannot be written is logged once.
class CodeCache : Pinned {
 public:
  struct Options {
    std::string folder = default_cache_folder();
    // Bytes all files may have. A language runtime compiles to 15 to 60 MB, and most applications share one.
    std::uint64_t max_bytes = std::uint64_t{2} << 30;
    std::function<void(std::string_view line)> log = [](std::string_view) {};
  };

  // Errors as CacheFolder::open.
  static Result<std::unique_ptr<CodeCache>> open(Options options);
  // Publishes what is to be published; leaves out verifications.
  ~CodeCache();

  // A file whose trailer is right; its content is verified later, in the background.
  std::optional<FoundCode> find(const CodeKey& key);
  // The same without using it.
  bool contains(const CodeKey& key) const;
  // Removes a file that the engine would not load.
  void discard(const CodeKey& key, const std::string& reason) { discard(key.file_name(), reason); }

  Result<NewCode> create();
  // Completes the file with its trailer; it may be mapped from now on. Its name is published in the background, unless
  // it cannot be written. Code of full effort takes the place of quick code.
  void seal(NewCode code, const CodeTrailer& trailer);
  // Removes a file that gets no code.
  void abandon(NewCode code);

  // What keep_plan() was given for the component; all of it is verified.
  std::optional<std::vector<std::byte>> find_plan(const PlanKey& key);
  // Written in the background.
  void keep_plan(const PlanKey& key, std::vector<std::byte> planned);
  // Removes a plan that could not be read.
  void discard(const PlanKey& key, const std::string& reason) { discard(key.file_name(), reason); }

  // Says, once, that the folder cannot be written.
  void complain(const Error& error);

  // Waits until what was sealed is published, and what was found is verified.
  void settle();

  const std::string& folder() const { return folder_->path(); }

 private:
  struct Job {
    std::move_only_function<void()> run;
    bool may_be_left_out = false;
  };

  explicit CodeCache(Options options) : options_(std::move(options)) {}
  FileDescriptor open_file(const std::string& name) const;
  void discard(const std::string& name, const std::string& reason);
  void enqueue(Job job);
  void work();
  // Errors in errno.
  bool publish(const FileDescriptor& file, const std::string& from, const std::string& to);
  void publish_code(const NewCode& code, const CodeKey& key);
  void publish_plan(const PlanKey& key, std::span<const std::byte> planned);
  void verify(const FileDescriptor& file, const CodeTrailer& trailer);
  void evict(const std::string& keep);

  Options options_;
  std::unique_ptr<CacheFolder> folder_;
  std::atomic<bool> complained_ = false;
  std::atomic<bool> stopping_ = false;  // changed under mutex_
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;  // guarded by mutex_, as all below
  bool busy_ = false;
  std::thread worker_;  // started with the first job
};

}  // namespace weft::runtime
