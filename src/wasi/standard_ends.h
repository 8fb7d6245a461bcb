// The standard files of this process as streams of WASI 0.3.
#pragma once

#include <functional>
#include <memory>

#include "bind/ends.h"
#include "wasi/standard_files.h"

namespace weft::wasi {

// How it ended: once. Null: well.
using WhenEnded = std::function<void(const StreamError* error)>;

// What `file` says, read as it is wanted.
bind::ByteSource::Ref read_from(std::shared_ptr<StandardInput> file, WhenEnded when_ended);
// What goes to `file`.
bind::ByteSink::Ref write_to(std::shared_ptr<StandardOutput> file, WhenEnded when_ended);

}  // namespace weft::wasi
