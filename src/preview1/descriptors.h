// What an instance has open: descriptors of WASI preview 1, by number.
//
// Rights are the interface's own bookkeeping, on top of what the host decides (wasi/descriptor.h): a descriptor begins
// with all that make sense for what it is, but for reading and writing, which path_open asks for; fd_fdstat_set_rights
// gives some up for good. Programs of today ask for rights carelessly, and Wasmtime grants them likewise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bind/thunk.h"
#include "preview1/errno.h"
#include "preview1/types.h"
#include "wasi/descriptor.h"
#include "wasi/streams.h"

namespace weft::preview1 {

// A listing of a directory under way, so that a directory of any size is read once.
struct Listing {
  std::unique_ptr<wasi::DirectoryEntryStream> stream;
  std::uint64_t next = 0;  // the cookie of the entry that comes next
  // That entry, if it was read already and did not fit.
  struct Entry {
    std::string name;
    std::uint64_t inode = 0;
    wasi::DescriptorType type = wasi::DescriptorType::unknown;
  };
  std::optional<Entry> ahead;
};

struct Open {
  // One of these three is there.
  std::unique_ptr<wasi::InputStream> input;    // standard input
  std::unique_ptr<wasi::OutputStream> output;  // standard output or error
  std::unique_ptr<wasi::Descriptor> file;      // a file or directory
  bool is_terminal = false;
  std::optional<std::string> preopened;  // where the program finds it
  std::uint64_t position = 0;            // of a file: in bytes
  std::uint32_t flags = 0;               // fdflag: append and nonblock may change
  Rights base = 0;
  Rights inheriting = 0;
  Listing listing;

  bool is_directory() const { return file != nullptr && file->type() == wasi::DescriptorType::directory; }
  Filetype filetype() const;
};

// Belongs to one instance: host.state<Descriptors>().
class Descriptors : Pinned {
 public:
  // Those of the instance; the standard streams and the preopened directories the first time.
  static Descriptors& of(bind::Host host);

  // badf: nothing is open there. notcapable: the right was given up.
  Outcome<Open*> get(Fd fd, Rights needed = right::none);
  // The same for a file that has a position and a size: isdir, and spipe for a stream.
  Outcome<Open*> file(Fd fd, Rights needed);
  // For a directory: notdir, and badf for a stream.
  Outcome<Open*> directory(Fd fd, Rights needed);

  // At the lowest free number.
  Fd add(std::unique_ptr<Open> open);
  // badf: nothing was open there.
  Outcome<void> close(Fd fd);
  // `to`, which must be open, is closed and becomes what `from` was.
  Outcome<void> renumber(Fd from, Fd to);

 private:
  void open_first(bind::Host host);

  bool opened_ = false;
  std::vector<std::unique_ptr<Open>> open_;  // by number; null: free
};

}  // namespace weft::preview1
