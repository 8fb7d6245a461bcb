// Files and directories as streams of WASI 0.3, over those of 0.2: the disk is never waited for, so that the next bytes
// are always there.
#pragma once

#include "bind/ends.h"
#include "bind/items.h"
#include "util/async.h"
#include "wasi/file_streams.h"
#include "wasi/p3_file_types.h"

namespace weft::wasi::p3 {

using Bytes = bind::Stream<std::uint8_t>;
using FileOutcome = FileResult<void>;

// `input`: or why there is none.
std::tuple<Bytes, bind::Future<FileOutcome>> read_file(wasi::FileResult<bind::Own<InputStream>> input);
// On `loop`, which has others to serve.
bind::Future<FileOutcome> write_file(Loop& loop, wasi::FileResult<bind::Own<OutputStream>> output, Bytes data);
std::tuple<bind::Stream<DirectoryEntry>, bind::Future<FileOutcome>> list_directory(
    wasi::FileResult<bind::Own<DirectoryEntryStream>> entries);

}  // namespace weft::wasi::p3
