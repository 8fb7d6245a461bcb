// The one way an application's bytes come in: its components and its files, whatever holds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "util/error.h"
#include "util/file_descriptor.h"
#include "util/open_beneath.h"
#include "util/pinned.h"
#include "util/sha256.h"

namespace weft::content {

// Names one piece of content.
struct Ref {
  std::string path;  // as the store knows it; of a folder: absolute, or from the folder on
  // Set: what is read must have this digest, and a store that is ordered by digest finds it by this alone.
  std::optional<Sha256> digest = std::nullopt;
  // refuse: the path must be in the store's folder, and no symbolic link on the way. For what was looked for in the
  // folder and found: a link that has appeared since must not lead elsewhere.
  Links links = Links::follow;
};

// Content opened for reading, at its beginning. Always a regular file, so reading never waits for a peer.
struct Opened {
  FileDescriptor file;
  std::uint64_t size = 0;
  timespec modified = {};
};

// A source of content. Thread-safe. Its errors name the content and what to do.
class Store : Pinned {
 public:
  virtual ~Store() = default;
  // Errc::not_found, Errc::denied; Errc::invalid: not a file. The digest is for the caller to check, see read().
  virtual Result<Opened> open(const Ref& ref) const = 0;
};

using Bytes = std::shared_ptr<const std::vector<std::byte>>;

// Memory for content that is read again and again: what nobody has any more is read into again, which saves the
// system's work of making memory and emptying it. Thread-safe; may go before what it gave.
class Buffers : Pinned {
 public:
  // Bytes that are kept for the next time, at most.
  static constexpr std::size_t max_spare_bytes = std::size_t{256} << 20;

  // `size` bytes of any content.
  std::shared_ptr<std::vector<std::byte>> take(std::size_t size);

 private:
  struct Spare {
    std::mutex mutex;
    std::vector<std::vector<std::byte>> buffers;  // guarded by mutex, as is bytes
    std::size_t bytes = 0;
  };
  std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();
};

// All of it, in memory: that of `buffers`, if there are any. Errc::limit above `max_bytes`; Errc::invalid when the
// digest is another.
Result<Bytes> read(const Store& store, const Ref& ref, std::size_t max_bytes, Buffers* buffers = nullptr);

// Appends all of it to the empty file `to`, sharing the disk's blocks where the file system can. Returns the bytes;
// errors as read(). `to` must be readable when the digest is given.
Result<std::uint64_t> copy(const Store& store, const Ref& ref, int to, std::uint64_t max_bytes);

}  // namespace weft::content
